"""What a lead becomes in one CRM and in another, side by side, for people who choose or move. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_type_hints

from crm_adapters import PROVIDERS, base, mapping, mapping_fit
from crm_adapters.base import Provider
from crm_adapters.mapping_rule import Rule
from domain.errors import BadInput
from domain.leads import DEFAULT_STAGES
from services.mapping.tree import enum_of
from services.mapping.view import RECORDS

FIELDS = (
    "name", "company", "phones", "emails", "inn", "amount", "note", "source", "stage", "assignee_external_id",
    "referral_code", "segment", "product", "region", "number", "our_id", "utm.source", "utm.medium",
    "utm.campaign", "utm.content", "utm.term", "custom.user_type", "custom.language",
    "custom.field_of_study", "custom.universities", "custom.scholarship",
)  # fmt: skip
"""Our fields in the order in which people read about them."""

CAPABILITIES: Mapping[str, type] = {
    "activities": base.Activities,
    "stages": base.Stages,
    "users": base.Users,
    "changes": base.Changes,
    "webhooks": base.Webhooks,
    "batches": base.LeadBatches,
    "fields": base.Fields,
    "field_maker": base.FieldMaker,
}


@dataclass(frozen=True, slots=True)
class Note:
    """Something that is lost or differs. `side` is where: left, right, or both. Codes: missing, own_field,
    shorter (longest), joined (with), rounded, merged (words), word_missing (words), other_words."""

    code: str
    side: str
    params: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class DiffRow:
    """Where one of our fields goes on either side (attributes of records), and what differs."""

    ours: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class WordRow:
    """One of our words (a stage's key, a source), and theirs; empty where there is none."""

    word: str
    left: str
    right: str


@dataclass(frozen=True, slots=True)
class MappingDiff:
    """`words` are tables by our field; `unable` what each side cannot do, by side."""

    left: str
    right: str
    rows: tuple[DiffRow, ...]
    words: Mapping[str, tuple[WordRow, ...]]
    unable: Mapping[str, tuple[str, ...]]

    @property
    def lost(self) -> int:
        """How many of our fields go to one side only."""
        return sum(any(note.code == "missing" for note in row.notes) for row in self.rows)


@dataclass(frozen=True, slots=True)
class _Side:
    name: str
    tree: Mapping[str, Any]

    def rules(self, source: str) -> list[tuple[str, Rule]]:
        records = [record for record in RECORDS if record != "deal" or "lead" not in self.tree]
        return [
            (record, rule)
            for record in records
            if record != "contact" or self.name != "bitrix24"
            for rule in mapping.rules(self.tree, record)
            if source in rule.sources
        ]

    def table(self, source: str) -> Mapping[str, str]:
        """Our words of this field and theirs."""
        for record, rule in self.rules(source):
            name = enum_of(self.tree, record, rule)
            words = self.tree.get("enums", {}).get(name, {})
            if words:
                return {str(word): str(value) for word, value in words.items()}
        return {}


def diff(
    left: str,
    right: str,
    overrides: Mapping[str, Mapping[str, Any]] | None = None,
) -> MappingDiff:
    """Compare two providers by name, each with the organization's own changes where `overrides` has them.

    Raises BadInput("provider", "unknown", value=, known=) and ("provider", "same").
    """
    for name in (left, right):
        if name not in PROVIDERS:
            raise BadInput("provider", "unknown", value=name[:40], known=", ".join(sorted(PROVIDERS)))
    if left == right:
        raise BadInput("provider", "same", value=left)
    sides = {}
    for side, name in (("left", left), ("right", right)):
        own = (overrides or {}).get(name, {})
        sides[side] = _Side(name, mapping.overlay(PROVIDERS[name].default_mapping, own))
    ours = [*FIELDS, *_more(sides.values())]
    words = {one: rows for one in ours if (rows := _words(one, sides["left"], sides["right"]))}
    return MappingDiff(
        left=PROVIDERS[left].manifest.title,
        right=PROVIDERS[right].manifest.title,
        rows=tuple(row for one in ours if (row := _row(one, sides)) is not None),
        words=words,
        unable={side: _unable(PROVIDERS[one.name]) for side, one in sides.items()},
    )


def _more(sides: Any) -> list[str]:
    """Fields that only an organization's own rules name."""
    found: dict[str, None] = {}
    for side in sides:
        for record in RECORDS:
            for rule in mapping.rules(side.tree, record):
                found |= dict.fromkeys(s for s in rule.sources if s not in FIELDS and "." in s)
    return list(found)


def _row(ours: str, sides: Mapping[str, _Side]) -> DiffRow | None:
    rules = {side: one.rules(ours) for side, one in sides.items()}
    if not any(rules.values()):
        return None
    notes: list[Note] = []
    for side, other in (("left", "right"), ("right", "left")):
        if not rules[side]:
            notes.append(Note("missing", side, {}))
            continue
        notes += _of_rules(side, rules[side], rules[other], ours)
        notes += _of_words(side, sides[side].table(ours), sides[other].table(ours))
    places = {side: tuple(mapping_fit.place(r, rule.attribute) for r, rule in rules[side]) for side in rules}
    return DiffRow(ours, places["left"], places["right"], tuple(notes))


def _of_rules(
    side: str, here: Sequence[tuple[str, Rule]], there: Sequence[tuple[str, Rule]], ours: str
) -> list[Note]:
    notes = []
    if all(rule.optional for _, rule in here):
        notes.append(Note("own_field", side, {}))
    single = [[rule.max for _, rule in rules if len(rule.sources) == 1] for rules in (here, there)]
    longest = [max(rooms, default=0) if all(rooms) else 0 for rooms in single]
    if longest[0] and (not longest[1] or longest[0] < longest[1]):
        notes.append(Note("shorter", side, {"longest": str(longest[0])}))
    alone = any(len(rule.sources) == 1 for _, rule in here)
    if not alone:
        others = sorted({s for _, rule in here for s in rule.sources if s != ours})
        notes.append(Note("joined", side, {"with": ",".join(others)}))
    if any(rule.shape == "whole" for _, rule in here):
        notes.append(Note("rounded", side, {}))
    return notes


def _of_words(side: str, here: Mapping[str, str], there: Mapping[str, str]) -> list[Note]:
    """Words that become one word here although they differ on the other side, and words unknown here."""
    notes = []
    by_option: dict[str, list[str]] = {}
    for word, option in here.items():
        by_option.setdefault(option, []).append(word)
    for words in by_option.values():
        if len(words) > 1 and len({there[word] for word in words if word in there}) > 1:
            notes.append(Note("merged", side, {"words": ",".join(words)}))
    unknown = [word for word in there if word not in here] if here else []
    if unknown:
        notes.append(Note("word_missing", side, {"words": ",".join(unknown)}))
    return notes


def _words(ours: str, left: _Side, right: _Side) -> tuple[WordRow, ...]:
    tables = left.table(ours), right.table(ours)
    if ours.startswith("custom.") or not any(tables):
        return ()
    first = [key for key, _, _ in DEFAULT_STAGES] if ours == "stage" else []
    words = dict.fromkeys([*first, *tables[0], *tables[1]])
    return tuple(WordRow(word, tables[0].get(word, ""), tables[1].get(word, "")) for word in words)


def _unable(provider: Provider) -> tuple[str, ...]:
    """What the provider's adapter does not offer in any way of connecting."""
    built = provider.build
    kind = built if isinstance(built, type) else get_type_hints(built).get("return", object)
    kinds = (kind, *kind.__subclasses__())
    return tuple(
        name
        for name, protocol in CAPABILITIES.items()
        if not any(all(hasattr(one, part) for part in _parts(protocol)) for one in kinds)
    )


def _parts(protocol: type) -> list[str]:
    return [name for name in vars(protocol) if not name.startswith("_")]
