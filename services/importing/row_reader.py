"""A row's cells as a lead, by what the columns mean; nothing is asked of the database."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.custom_fields import PREFIX, CustomField
from domain.custom_values import read_value
from domain.errors import BadInput
from domain.fields import MAX_AMOUNT, NAME_LIMIT, NOTE_LIMIT, read_amount, read_email, read_inn
from domain.importing import IGNORE, BadRow, RowLead
from domain.phone_columns import PhoneColumn
from domain.words import fold
from services.importing.moments import read_moment
from services.importing.vocabulary import Vocabulary

TAG_LIMIT, TAGS_LIMIT = 32, 20
LIMITS = {"name": NAME_LIMIT, "company": 200, "source": 32, "segment": 64, "product": 64, "region": 64,
          "referral_code": 64, "utm": 200}  # fmt: skip
_NAMES = ("name", "last_name", "first_name", "middle_name")
_PLAIN_AMOUNT = re.compile(r"\d{1,12}(?:\.\d{1,2})?")
_SEVERAL = re.compile(r"[;,\n|]|\s/\s")
_FLOAT = re.compile(r"(\d{7,15})\.0+")
_POWER = re.compile(r"(\d)(?:[.,](\d+))?[eE]\+?(\d{1,2})")
_TAGS = re.compile(r"[;,\n|]")


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


Setter = Callable[[RowLead, str], None]


class RowReader:
    """Reads rows of one import. Moments without a zone are of `zone`; none may be after `now`."""

    def __init__(
        self, columns: Sequence[str], header: Sequence[str], region: str, known: Known,
        vocabulary: Vocabulary, zone: ZoneInfo, now: datetime,
    ) -> None:  # fmt: skip
        self.known, self.vocabulary, self.zone, self.now = known, vocabulary, zone, now
        self.header, self.region, self.phones = header, region, PhoneColumn(region)
        self._names: dict[str, list[str]] = {}
        self._pipeline: UUID | None = None
        self._stage = ""
        self._columns = [
            (place, self._setter(name, place)) for place, name in enumerate(columns) if name != IGNORE
        ]
        self._places = {name: place for place, name in enumerate(columns)}

    def read(self, row: int, cells: Sequence[str]) -> RowLead | BadRow:
        """The lead of the row, or why there is none."""
        lead, width, place = RowLead(row), len(cells), -1
        self._names, self._pipeline, self._stage = {}, None, ""
        try:
            for place, set_ in self._columns:
                if place < width and (text := cells[place].strip()):
                    # an apostrophe in front only says that this is no formula
                    set_(lead, text.lstrip("'") if text[0] == "'" else text)
            return self._whole(lead)
        except BadInput as error:
            column = self._places.get(error.field, place if error.field not in ("row", "stage") else -1)
            return BadRow(row, f"{error.field}.{error.reason}", column)

    def _whole(self, lead: RowLead) -> RowLead | BadRow:
        if self._names:
            parts = [one for name in _NAMES for one in self._names.get(name, ())]
            lead.name = _limited("name", " ".join(" ".join(parts).split()), NAME_LIMIT)
        if not lead.name and not lead.company:
            return BadRow(lead.row, "name.required")
        if not lead.phones and not lead.emails:
            return BadRow(lead.row, "contact.required")
        if self._stage or self._pipeline is not None:
            lead.stage = self._place()
        return lead

    def _place(self) -> UUID:
        known, pipeline = self.known, self._pipeline
        if not self._stage:
            assert pipeline is not None
            return known.first_of[pipeline]
        names: Mapping[str, UUID | None] = known.stages if pipeline is None else known.stages_of[pipeline]
        if self._stage not in names:
            raise BadInput("stage", "unknown")
        stage = names[self._stage]
        if stage is None:
            raise BadInput("stage", "several")
        return stage

    def _setter(self, name: str, place: int) -> Setter:
        if name in _NAMES:
            return lambda _lead, text: self._names.setdefault(name, []).append(text)
        if name.startswith(PREFIX):
            return self._custom(self.known.custom.get(name.removeprefix(PREFIX)))
        if name.startswith("utm."):
            return lambda lead, text: lead.utm.update({name[4:]: _limited("utm", text, LIMITS["utm"])})
        if name == "note":
            title = self.header[place] if place < len(self.header) else ""
            return lambda lead, text: self._note(lead, text, title)
        if name in LIMITS:
            limit = LIMITS[name]
            return lambda lead, text: setattr(lead, name, _limited(name, " ".join(text.split()), limit))
        setter: Setter = getattr(self, f"_set_{name}")
        return setter

    def _set_phone(self, lead: RowLead, text: str) -> None:
        read = self.phones.read
        if "e" in text or "E" in text or text.endswith("0"):
            text = _as_typed(text)
        for one in _phones_in(text) if _SEVERAL.search(text) else (text,):
            lead.phones.setdefault(read(one), one)

    def _set_email(self, lead: RowLead, text: str) -> None:
        for one in _SEVERAL.split(text) if _SEVERAL.search(text) else (text,):
            if one.strip():
                lead.emails.setdefault(read_email(one.removeprefix("mailto:")), one.strip())

    def _set_inn(self, lead: RowLead, text: str) -> None:
        digits = text.removesuffix(".0")
        # a spreadsheet that takes it for a number drops the zero in front
        lead.inn = read_inn("0" + digits if digits.isdigit() and len(digits) in (9, 11) else digits)

    def _set_amount(self, lead: RowLead, text: str) -> None:
        if _PLAIN_AMOUNT.fullmatch(text):
            amount = Decimal(text)
            if amount > MAX_AMOUNT:
                raise BadInput("amount", "out_of_range")
            lead.amount = amount or None
            return
        if not text.strip("0.,- "):
            return
        words = self.vocabulary.values.amounts
        lead.amount = read_amount(text, words.multipliers, words.currencies)

    def _note(self, lead: RowLead, text: str, title: str) -> None:
        """Several columns make one note, each with its name."""
        lead.note = f"{lead.note}\n{title}: {text}".strip() if lead.note else text
        _limited("note", lead.note, NOTE_LIMIT)

    def _set_tags(self, lead: RowLead, text: str) -> None:
        tags = [" ".join(one.split()).lstrip("#") for one in _TAGS.split(text)]
        found = tuple(dict.fromkeys((*lead.tags, *(_limited("tags", one, TAG_LIMIT) for one in tags if one))))
        if len(found) > TAGS_LIMIT:
            raise BadInput("tags", "too_many")
        lead.tags = found

    def _set_pipeline(self, _lead: RowLead, text: str) -> None:
        found = self.known.pipelines.get(fold(" ".join(text.split())))
        if found is None:
            raise BadInput("pipeline", "unknown")
        self._pipeline = found

    def _set_stage(self, _lead: RowLead, text: str) -> None:
        self._stage = fold(" ".join(text.split()))

    def _set_assignee(self, lead: RowLead, text: str) -> None:
        who = fold(" ".join(text.split())).lstrip("@")
        if who not in self.known.people:
            raise BadInput("assignee", "unknown")
        lead.assignee = self.known.people[who]
        if lead.assignee is None:
            raise BadInput("assignee", "several")

    def _set_created_at(self, lead: RowLead, text: str) -> None:
        moment = read_moment(text, self.zone)
        if moment is None:
            raise BadInput("created_at", "invalid")
        if moment > self.now:
            raise BadInput("created_at", "future")
        lead.created_at = moment.astimezone(UTC)

    def _custom(self, one: CustomField | None) -> Setter:
        def put(lead: RowLead, text: str) -> None:
            if one is not None and (value := read_value(one, text, self.region, self.vocabulary.values)):
                lead.custom[one.key] = value

        return put


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
