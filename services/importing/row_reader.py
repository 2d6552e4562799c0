"""Rows as leads, by what the columns mean; nothing is asked of the database."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import repeat, zip_longest
from types import MappingProxyType
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.custom_fields import PREFIX
from domain.fields import NAME_LIMIT, NOTE_LIMIT
from domain.importing import IGNORE, BadRow, RowLead
from services.importing.cells import NAMES, NOTHING, TAGS_LIMIT, CellReader, Known, Slip
from services.importing.vocabulary import Vocabulary

Values = Sequence[Any]
Found = Mapping[str, Sequence[tuple[int, Values]]]
"""(place, values) of the columns that are a field."""

EMPTY: Mapping[str, Any] = MappingProxyType({})
_SINGLE = ("company", "inn", "amount", "source", "segment", "product", "region", "referral_code", "assignee",
           "created_at")  # fmt: skip


class RowReader:
    """Reads rows of one import, a page at a time and column by column. Moments without a zone are of `zone`;
    none may be after `now`."""

    def __init__(
        self, columns: Sequence[str], header: Sequence[str], region: str, known: Known,
        vocabulary: Vocabulary, zone: ZoneInfo, now: datetime,
    ) -> None:  # fmt: skip
        self.known, self.header = known, header
        cells = CellReader(region, known, vocabulary, zone, now)
        self._columns = [
            (place, name, cells.column(name)) for place, name in enumerate(columns) if name != IGNORE
        ]
        self._places = {name: place for place, name in enumerate(columns)}

    def read(self, rows: Sequence[int], cells: Sequence[Sequence[str]]) -> list[RowLead | BadRow]:
        """The lead of each row, or why there is none."""
        table = list(zip_longest(*cells, fillvalue=""))
        empty = ("",) * len(rows)
        bad: dict[int, BadRow] = {}
        found: dict[str, list[tuple[int, Values]]] = {}
        for place, name, memory in self._columns:
            values = memory.read(table[place] if place < len(table) else empty)
            if memory.slipped:
                self._note_slips(rows, place, values, bad)
            found.setdefault(name, []).append((place, values))
        leads = self._leads(rows, found, bad)
        for at, lead in enumerate(leads):
            if at not in bad and (reason := _lacks(lead)):
                bad[at] = BadRow(lead.row, reason)
        self._set_stages(leads, found, bad)
        return [bad.get(at) or lead for at, lead in enumerate(leads)]

    def _note_slips(self, rows: Sequence[int], place: int, values: Values, bad: dict[int, BadRow]) -> None:
        for at, value in enumerate(values):
            if value.__class__ is Slip and at not in bad:
                bad[at] = BadRow(
                    rows[at], f"{value.field}.{value.reason}", self._places.get(value.field, place)
                )

    def _leads(self, rows: Sequence[int], found: Found, bad: dict[int, BadRow]) -> list[RowLead]:
        single = {
            name: found[name][0][1] if name in found else repeat(NOTHING.get(name, "")) for name in _SINGLE
        }
        return list(map(
            RowLead, rows, self._names(rows, found, bad), single["company"], _merged(found.get("phone")),
            _merged(found.get("email")), single["inn"], single["amount"], self._notes(rows, found, bad),
            single["source"], single["segment"], single["product"], single["region"],
            single["referral_code"], _named(found, "utm."), _named(found, PREFIX),
            self._tags(rows, found, bad), repeat(None), single["assignee"], single["created_at"],
        ))  # fmt: skip

    def _names(self, rows: Sequence[int], found: Found, bad: dict[int, BadRow]) -> Iterable[str]:
        columns = [values for name in NAMES for _, values in found.get(name, ())]
        if len(columns) < 2:
            names = columns[0] if columns else [""] * len(rows)
        else:
            names = [" ".join(" ".join(map(str, parts)).split()) for parts in zip(*columns, strict=True)]
        return self._within("name", NAME_LIMIT, rows, names, bad)

    def _notes(self, rows: Sequence[int], found: Found, bad: dict[int, BadRow]) -> Iterable[str]:
        """Several columns make one note, each with its name."""
        columns = found.get("note", ())
        if not columns:
            return repeat("")
        notes = columns[0][1]
        for place, values in columns[1:]:
            title = self.header[place] if place < len(self.header) else ""
            notes = [
                f"{one}\n{title}: {more}".strip() if one and more else more or one
                for one, more in zip(notes, values, strict=True)
            ]
        return self._within("note", NOTE_LIMIT, rows, notes, bad)

    def _within(
        self, name: str, limit: int, rows: Sequence[int], texts: Values, bad: dict[int, BadRow]
    ) -> Values:
        if max(map(len, texts), default=0) > limit:
            for at, text in enumerate(texts):
                if len(text) > limit:
                    bad.setdefault(at, BadRow(rows[at], f"{name}.too_long", self._places.get(name, -1)))
        return texts

    def _tags(self, rows: Sequence[int], found: Found, bad: dict[int, BadRow]) -> Iterable[tuple[str, ...]]:
        columns = [values for _, values in found.get("tags", ())]
        if not columns:
            return repeat(())
        tags = [
            tuple(dict.fromkeys(tag for one in several if one.__class__ is tuple for tag in one))
            for several in zip(*columns, strict=True)
        ]
        return self._within("tags", TAGS_LIMIT, rows, tags, bad)

    def _set_stages(self, leads: Sequence[RowLead], found: Found, bad: dict[int, BadRow]) -> None:
        stages = found["stage"][0][1] if "stage" in found else None
        pipelines = found["pipeline"][0][1] if "pipeline" in found else None
        if stages is None and pipelines is None:
            return
        for at, lead in enumerate(leads):
            stage, pipeline = stages[at] if stages else "", pipelines[at] if pipelines else None
            if at not in bad and (stage or pipeline is not None):
                placed = self._place(stage, pipeline)
                if isinstance(placed, Slip):
                    bad[at] = BadRow(lead.row, f"stage.{placed.reason}", self._places["stage"])
                else:
                    lead.stage = placed

    def _place(self, stage: str, pipeline: UUID | None) -> UUID | Slip:
        known = self.known
        if not stage:
            assert pipeline is not None
            return known.first_of[pipeline]
        names: Mapping[str, UUID | None] = known.stages if pipeline is None else known.stages_of[pipeline]
        if stage not in names:
            return Slip("stage", "unknown")
        return names[stage] or Slip("stage", "several")


def _lacks(lead: RowLead) -> str:
    if not lead.name and not lead.company:
        return "name.required"
    return "" if lead.phones or lead.emails else "contact.required"


def _merged(columns: Sequence[tuple[int, Values]] | None) -> Iterable[Mapping[str, str]]:
    """Contacts of several columns, the first one's first."""
    if not columns:
        return repeat(EMPTY)
    if len(columns) == 1:
        return [one or EMPTY for one in columns[0][1]]
    return [_together(several) for several in zip(*(values for _, values in columns), strict=True)]


def _together(several: Sequence[Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for one in several:
        if one.__class__ is dict:
            for value, typed in one.items():
                found.setdefault(value, typed)
    return found


def _named(found: Found, prefix: str) -> Iterable[Mapping[str, str]]:
    """Values by what comes after the prefix in their columns' names."""
    names = [name for name in found if name.startswith(prefix)]
    if not names:
        return repeat(EMPTY)
    keys = [name.removeprefix(prefix) for name in names]
    return [
        {key: value for key, value in zip(keys, values, strict=True) if value}
        for values in zip(*(found[name][0][1] for name in names), strict=True)
    ]
