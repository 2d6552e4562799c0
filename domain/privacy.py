"""Personal data of somebody: by what they are known, and what in a text is theirs."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus
from uuid import UUID

from domain.errors import BadInput
from domain.fields import read_email
from domain.phones import read_phone

ERASED = "—"
"""Stands where a name was: the same in every language, and a name still."""

DIGITS = 10
"""The last digits of a phone, by which it is known however it was written."""

_SPLIT = re.compile(r"\\u[0-9a-fA-F]{4}|[^0-9\s().+\-\u2010-\u2015]")
_RUN = re.compile(r"\+?\d(?:[\s().\-\u2010-\u2015]{0,3}\d){9,17}")
_NO_DIGIT = re.compile(r"\D")


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody, by a phone (E.164) or an e-mail in lower case; the other is empty."""

    phone: str = ""
    email: str = ""

    @property
    def value(self) -> str:
        return self.phone or self.email

    @property
    def kind(self) -> str:
        return "phone" if self.phone else "email"


def read_subject(typed: str, region: str) -> Subject:
    """What was typed as a phone or an e-mail. Raises BadInput for the phone or the e-mail."""
    if "@" in typed:
        return Subject(email=read_email(typed))
    if not typed.strip():
        raise BadInput("phone", "required")
    return Subject(phone=read_phone(typed, region))


@dataclass(frozen=True, slots=True)
class Marks:
    """By what texts are found to speak of somebody: phones by their last digits, and e-mails."""

    phones: frozenset[str]
    emails: frozenset[str]

    @classmethod
    def of(cls, phones: Sequence[str], emails: Sequence[str]) -> "Marks":
        digits = (_NO_DIGIT.sub("", phone) for phone in phones)
        return cls(
            frozenset(one[-DIGITS:] for one in digits if len(one) >= DIGITS),
            frozenset(email.casefold() for email in emails if email),
        )

    def are_in(self, text: str) -> bool:
        """Whether the text holds one of them, written in whatever way, in JSON or in a form's encoding."""
        return self._plainly(text) or ("%" in text and self._plainly(unquote_plus(text)))

    def redacted(self, value: Any) -> Any:
        """The value without them: texts keep what stands around, JSON keeps its shape."""
        if isinstance(value, str):
            return self._without(value)
        if isinstance(value, dict):
            return {name: self.redacted(one) for name, one in value.items()}
        return [self.redacted(one) for one in value] if isinstance(value, list) else value

    def _without(self, text: str) -> str:
        for email in self.emails:
            text = re.sub(re.escape(email), ERASED, text, flags=re.IGNORECASE)
        return _RUN.sub(lambda run: ERASED if self._plainly(run[0]) else run[0], text)

    def _plainly(self, text: str) -> bool:
        folded = text.casefold()
        if any(email in folded for email in self.emails):
            return True
        if not self.phones:
            return False
        runs = (_NO_DIGIT.sub("", run) for run in _SPLIT.split(text))
        return any(phone in run for run in runs if len(run) >= DIGITS for phone in self.phones)


@dataclass(frozen=True, slots=True)
class Abroad:
    """A record at a CRM. `told`: the CRM is sent the lead without what was erased; otherwise a person has to
    erase it there."""

    provider: str
    name: str
    external_id: str
    url: str
    told: bool = False


@dataclass(frozen=True, slots=True)
class Holding:
    """What is held on somebody: counts by kind for a screen, the leads' numbers, records at CRMs; `confirm`
    stands for exactly this, and is given back to erase it. `file` is everything, as JSON values."""

    subject: Subject
    counts: Mapping[str, int]
    numbers: tuple[int, ...] = ()
    abroad: tuple[Abroad, ...] = ()
    confirm: str = ""
    file: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not any(self.counts.values())


@dataclass(frozen=True, slots=True)
class Traces:
    """Rows that are somebody's. `leads` are theirs; `contacts` are they themselves behind a lead or a
    customer of somebody else; purchases are known by the `phones`."""

    leads: tuple[UUID, ...] = ()
    customers: tuple[UUID, ...] = ()
    contacts: tuple[UUID, ...] = ()
    phones: tuple[str, ...] = ()
    marks: Marks = field(default_factory=lambda: Marks(frozenset(), frozenset()))


@dataclass(frozen=True, slots=True)
class Erasure:
    """What an erasure did: rows by kind, and the CRMs' records that a person has to look after."""

    counts: Mapping[str, int]
    abroad: tuple[Abroad, ...] = ()
