"""What leads are looked for: words, and conditions that all have to hold. As JSON it is kept in views."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from domain.errors import BadInput
from domain.fields import find_email
from domain.leads import Lead
from domain.phones import calling_code, find_phones
from domain.words import FROM_THE_END, PHONE, words_in

TEXT_LIMIT = 100
MOST_WORDS = 6
MOST_FOUND = 200
"""Leads that words find at most: whoever has more adds a word."""

FILLED = "*"
"""In the place of a custom field's value: any."""

OWNERS = ("all", "mine", "unassigned", "sent")

MADE, GIVEN = "made", "given"


@dataclass(frozen=True, slots=True)
class Span:
    """Leads that were MADE, or that whoever asks was GIVEN, between two moments, both included."""

    of: str
    first: datetime
    last: datetime

    def __str__(self) -> str:
        return f"{self.of} {self.first.isoformat()} {self.last.isoformat()}"


def _span(kept: str) -> Span:
    of, first, last = kept.split(" ")
    if of not in (MADE, GIVEN):
        raise ValueError(of)
    return Span(of, datetime.fromisoformat(first), datetime.fromisoformat(last))


@dataclass(frozen=True, slots=True)
class LeadQuery:
    """`owner` is one of OWNERS. `since` and `until` are the asker's days of creation, both included; `days`
    instead goes so many back, today included. Amounts include both ends. Texts of exact
    fields are as stored; `custom` holds a value, or FILLED, by the field's key. Leads that were told of
    together are those of `ids` and those of `spans`. Empty conditions are none.
    """

    text: str = ""
    owner: str = "all"
    stage: UUID | None = None
    pipeline: UUID | None = None
    assignee: UUID | None = None
    sender: UUID | None = None
    source: str = ""
    segment: str = ""
    product: str = ""
    region: str = ""
    tags: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    days: int = 0
    least: Decimal | None = None
    most: Decimal | None = None
    no_next_step: bool = False
    custom: Mapping[str, str] = field(default_factory=dict)
    ids: tuple[UUID, ...] = ()
    spans: tuple[Span, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether nothing but the owner is chosen."""
        return self == LeadQuery(owner=self.owner)

    def as_json(self) -> dict[str, Any]:
        """Only what is chosen, in one spelling: equal queries are equal JSON."""
        found = {one.name: getattr(self, one.name) for one in fields(self)}
        return {
            name: _plain(value) for name, value in found.items() if value not in (None, "", (), {}, False, 0)
        }

    def without(self, *names: str) -> LeadQuery:
        """The query with conditions taken back."""
        empty = LeadQuery()
        return replace(self, **{name: getattr(empty, name) for name in names})


def _plain(value: Any) -> Any:
    if isinstance(value, (UUID, Decimal, date)):
        return str(value)
    if isinstance(value, tuple):
        return sorted(map(str, value))
    return dict(sorted(value.items())) if isinstance(value, Mapping) else value


def query_of(kept: Mapping[str, Any]) -> LeadQuery:
    """A query out of its JSON. What cannot be read, or is not known any more, is no condition."""
    found: dict[str, Any] = {}
    for name, read in _READ.items():
        try:
            found[name] = read(kept[name])
        except (KeyError, ValueError, TypeError, AttributeError, InvalidOperation):
            continue
    return LeadQuery(**found)


def told_by(params: Mapping[str, Any]) -> LeadQuery:
    """The leads that a push with these params tells of; plain where it is about none."""
    told = params.get("leads")
    ids = told if isinstance(told, list) else [params["lead"]] if "lead" in params else []
    return query_of({"ids": ids, "spans": params.get("spans", [])})


def _owner(value: Any) -> str:
    if value not in OWNERS:
        raise ValueError(value)
    return str(value)


_READ: Mapping[str, Any] = {
    "owner": _owner,
    **dict.fromkeys(("text", "source", "segment", "product", "region"), str),
    **dict.fromkeys(("stage", "pipeline", "assignee", "sender"), UUID),
    **dict.fromkeys(("since", "until"), date.fromisoformat),
    **dict.fromkeys(("least", "most"), Decimal),
    "tags": lambda value: tuple(str(one) for one in value),
    "ids": lambda value: tuple(UUID(one) for one in value),
    "spans": lambda value: tuple(_span(one) for one in value),
    "days": int,
    "no_next_step": bool,
    "custom": lambda value: {str(key): str(one) for key, one in value.items()},
}


@dataclass(frozen=True, slots=True)
class Sought:
    """A text that was read. Every word, phone (E.164) and e-mail must be found; but where nothing else than
    `digits` was typed, they are a lead's number (and that alone after "#": no `beginnings` then), or the
    beginning or the end of a phone or of a word."""

    words: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    digits: str = ""
    beginnings: tuple[str, ...] = ()

    @property
    def number(self) -> int | None:
        return int(self.digits) if self.digits and len(self.digits) <= 12 else None


def read_text(text: str, region: str) -> Sought:
    """Raises BadInput("find", ...) with reason required or too_long."""
    typed = " ".join(text.split())
    if len(typed) > TEXT_LIMIT:
        raise BadInput("find", "too_long", limit=TEXT_LIMIT, length=len(typed))
    phones = find_phones(typed, region)
    if re.fullmatch(r"[#+\d\s().-]+", typed) and (digits := re.sub(r"\D", "", typed)).isascii() and digits:
        if typed.startswith("#"):
            return Sought(digits=digits[:12])
        return _digits(digits, tuple(phone for phone, _, _ in phones), region)
    rest = typed
    for _, start, end in reversed(phones):
        rest = f"{rest[:start]} {rest[end:]}"
    email = find_email(rest)
    if email:
        rest = f"{rest[: email.start()]} {rest[email.end() :]}"
    words = words_in(rest)[:MOST_WORDS]
    if not words and not phones and not email:
        raise BadInput("find", "required")
    emails = (email.group().lower(),) if email else ()
    return Sought(tuple(words), tuple(dict.fromkeys(phone for phone, _, _ in phones)), emails)


def _digits(digits: str, phones: tuple[str, ...], region: str) -> Sought:
    digits = digits[:20]
    code = calling_code(region)
    beginnings = [digits]
    if len(digits) >= 4:
        beginnings += [PHONE + digits, PHONE + code + digits, FROM_THE_END + digits[::-1]]
        # the national prefix that people dial instead of the country's code
        beginnings += [PHONE + code + digits[1:]] if digits.startswith("8") else []
    return Sought(phones=phones, digits=digits, beginnings=tuple(dict.fromkeys(beginnings)))


@dataclass(frozen=True, slots=True)
class FoundPage:
    """A page of what was found; `more`: there are more than `total`. `one_off`: nothing fits as it was typed,
    these do with one letter changed."""

    leads: tuple[Lead, ...]
    total: int
    page: int
    pages: int
    more: bool = False
    one_off: bool = False
