"""A cell as what its column means; nothing is asked of the database."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.custom_fields import PREFIX, CustomField
from domain.custom_values import read_value
from domain.errors import BadInput
from domain.fields import MAX_AMOUNT, NAME_LIMIT, read_amount, read_email, read_inn
from domain.phone_columns import PhoneColumn
from domain.words import fold
from services.importing.moments import read_moment
from services.importing.vocabulary import Vocabulary

TAG_LIMIT, TAGS_LIMIT = 32, 20
LIMITS = {"name": NAME_LIMIT, "company": 200, "source": 32, "segment": 64, "product": 64, "region": 64,
          "referral_code": 64, "utm": 200}  # fmt: skip
NAMES = ("name", "last_name", "first_name", "middle_name")
_GROUPED = re.compile(r"\d{1,3}(?:[ \u00a0\u202f]\d{3})+")
_GROUPS = re.compile(r"[ \u00a0\u202f]")
_PLAIN_AMOUNT = re.compile(r"\d{1,12}(?:\.\d{1,2})?")
_SEVERAL = re.compile(r"[;,\n|]|\s/\s")
_FLOAT = re.compile(r"(\d{7,15})\.0+")
_POWER = re.compile(r"(\d)(?:[.,](\d+))?[eE]\+?(\d{1,2})")
_TAGS = re.compile(r"[;,\n|]")


NOTHING = {"amount": None, "assignee": None, "created_at": None, "pipeline": None, "tags": ()}
Reader = Callable[[str], Any]
REMEMBERED = 4096
"""Values of a column that are not read twice: most columns hold the same few again and again."""

_KEPT_APART = frozenset({"phone", "email"})
"""Columns whose every value is another one."""


@dataclass(frozen=True, slots=True)
class Known:
    """What values of an organization's may stand in a table: names, folded, by what they mean. A name that
    means several things means None."""

    pipelines: Mapping[str, UUID | None] = field(default_factory=dict)
    stages: Mapping[str, UUID | None] = field(default_factory=dict)
    stages_of: Mapping[UUID, Mapping[str, UUID]] = field(default_factory=dict)
    first_of: Mapping[UUID, UUID] = field(default_factory=dict)
    people: Mapping[str, UUID | None] = field(default_factory=dict)
    custom: Mapping[str, CustomField] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Slip:
    """A cell that cannot be read."""

    field: str
    reason: str


class CellReader:
    """Reads cells of one import. Moments without a zone are of `zone`; none may be after `now`."""

    def __init__(
        self, region: str, known: Known, vocabulary: Vocabulary, zone: ZoneInfo, now: datetime
    ) -> None:
        self.known, self.vocabulary, self.zone, self.now = known, vocabulary, zone, now
        self.region, self.phones = region, PhoneColumn(region)

    def column(self, name: str) -> "Memory":
        """A reader of the column that is this field."""
        return Memory(self._reader(name), NOTHING.get(name, ""), name not in _KEPT_APART)

    def _reader(self, name: str) -> Reader:
        if name.startswith(PREFIX):
            return self._custom(self.known.custom.get(name.removeprefix(PREFIX)))
        if name.startswith("utm."):
            return lambda text: _limited("utm", text, LIMITS["utm"])
        if name in NAMES:
            return _one_line
        if name == "note":
            return _as_is
        if name in LIMITS:
            return lambda text: _limited(name, " ".join(text.split()), LIMITS[name])
        reader: Reader = getattr(self, f"_read_{name}")
        return reader

    def _read_phone(self, text: str) -> dict[str, str]:
        if "e" in text or "E" in text or (text.endswith("0") and "." in text):
            text = _as_typed(text)
        phone = self.phones.plain(text)
        if phone:
            return {phone: text}
        found: dict[str, str] = {}
        for one in _phones_in(text) if _SEVERAL.search(text) else (text,):
            found.setdefault(self.phones.read(one), one)
        return found

    def _read_email(self, text: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for one in _SEVERAL.split(text) if _SEVERAL.search(text) else (text,):
            if one.strip():
                found.setdefault(read_email(one.removeprefix("mailto:")), one.strip())
        return found

    def _read_tags(self, text: str) -> tuple[str, ...]:
        tags = [" ".join(one.split()).lstrip("#") for one in _TAGS.split(text)]
        return tuple(_limited("tags", one, TAG_LIMIT) for one in tags if one)

    def _read_inn(self, text: str) -> str:
        digits = text.removesuffix(".0")
        # a spreadsheet that takes it for a number drops the zero in front
        return read_inn("0" + digits if digits.isdigit() and len(digits) in (9, 11) else digits)

    def _read_amount(self, text: str) -> Decimal | None:
        plain = _GROUPS.sub("", text) if _GROUPED.fullmatch(text) else text
        if _PLAIN_AMOUNT.fullmatch(plain):
            amount = Decimal(plain)
            if amount > MAX_AMOUNT:
                raise BadInput("amount", "out_of_range")
            return amount or None
        if not text.strip("0.,- "):
            return None
        words = self.vocabulary.values.amounts
        return read_amount(text, words.multipliers, words.currencies)

    def _read_pipeline(self, text: str) -> UUID:
        found = self.known.pipelines.get(fold(" ".join(text.split())))
        if found is None:
            raise BadInput("pipeline", "unknown")
        return found

    def _read_stage(self, text: str) -> str:
        return fold(" ".join(text.split()))

    def _read_assignee(self, text: str) -> UUID:
        who = fold(" ".join(text.split())).lstrip("@")
        if who not in self.known.people:
            raise BadInput("assignee", "unknown")
        found = self.known.people[who]
        if found is None:
            raise BadInput("assignee", "several")
        return found

    def _read_created_at(self, text: str) -> datetime:
        moment = read_moment(text, self.zone)
        if moment is None:
            raise BadInput("created_at", "invalid")
        if moment > self.now:
            raise BadInput("created_at", "future")
        return moment.astimezone(UTC)

    def _custom(self, one: CustomField | None) -> Reader:
        if one is None:
            return lambda _text: ""
        return lambda text: read_value(one, text, self.region, self.vocabulary.values)


class Memory:
    """The cells of one column, read; most values are read once."""

    def __init__(self, reader: Reader, nothing: Any, remembers: bool) -> None:
        self._reader, self._nothing = reader, nothing
        self._most = REMEMBERED if remembers else 0
        self._known: dict[str, Any] = {"": nothing}
        self.slipped = False
        """Whether a cell could not be read so far."""

    def read(self, cells: Sequence[str]) -> list[Any]:
        """The values, a Slip for what cannot be read."""
        known, fresh = self._known, self._fresh
        return [known[text] if text in known else fresh(text) for text in map(str.strip, cells)]

    def _fresh(self, text: str) -> Any:
        # an apostrophe in front only says that this is no formula
        plain = text.lstrip("'") if text[0] == "'" else text
        try:
            value = self._reader(plain) if plain else self._nothing
        except BadInput as error:
            value = Slip(error.field, error.reason)
            self.slipped = True
        if len(self._known) <= self._most:
            self._known[text] = value
        return value


def _as_is(text: str) -> str:
    return text


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _limited(name: str, text: str, limit: int) -> str:
    if len(text) > limit:
        raise BadInput(name, "too_long")
    return text


def _phones_in(text: str) -> list[str]:
    """Numbers of one cell; what is too short for one, such as an extension, stays with the number before."""
    found: list[str] = []
    for piece in _SEVERAL.split(text):
        if found and sum(one.isdigit() for one in piece) < 7:
            found[-1] += f", {piece.strip()}" if piece.strip() else ""
        elif piece.strip():
            found.append(piece.strip())
    return found


def _as_typed(text: str) -> str:
    """A number that a spreadsheet took for a quantity: "79161234567.0", "7.9161234567E+10"."""
    whole = _FLOAT.fullmatch(text)
    if whole:
        return whole[1]
    power = _POWER.fullmatch(text)
    if power is None:
        return text
    digits = power[1] + (power[2] or "")
    if len(digits) - 1 < int(power[3]) and len(digits) < 10:
        # the last digits are gone: zeros in their place would be another number
        raise BadInput("phone", "rounded")
    return digits.ljust(int(power[3]) + 1, "0")
