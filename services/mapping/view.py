"""A mapping as admins see it: rules, tables, earlier versions. What the edge may know of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from crm_adapters import PROVIDERS, mapping
from crm_adapters.mapping_rule import Rule
from domain.crm import Problem, RemoteField
from domain.leads import Stage
from services.mapping.tree import ENUMS, enum_of, mark_of
from storage.delivery.integrations import Integration
from storage.delivery.mappings import Stored

RECORDS = ("lead", "deal", "contact", "company", "customer")
"""Tables of a mapping that a lead goes through, in the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class RuleView:
    """One rule. `mark` names it in buttons; `own` says that the organization changed it; `enum` is the table
    of words that it uses, empty for none."""

    mark: str
    record: str
    attribute: str
    rule: Rule
    own: bool
    enum: str


@dataclass(frozen=True, slots=True)
class MappingView:
    """The mapping in force of one integration. `enums` are its tables; `versions` how many earlier ones can
    be brought back; `changed` whether anything differs from the shipped one."""

    integration_id: UUID
    provider: str
    title: str
    rules: tuple[RuleView, ...]
    enums: Mapping[str, Mapping[str, Any]]
    stages: tuple[Stage, ...]
    versions: int
    changed: bool

    def rule(self, mark: str) -> RuleView | None:
        return next((one for one in self.rules if one.mark == mark), None)


@dataclass(frozen=True, slots=True)
class CheckView:
    """What a look at the CRM's fields found. `stopping` are those problems that hold leads back;
    `makeable` are the places of missing fields that can be made by a button."""

    title: str
    problems: tuple[Problem, ...]
    stopping: tuple[Problem, ...]
    makeable: frozenset[str]


@dataclass(frozen=True, slots=True)
class FieldPage:
    """Fields of the CRM that a rule can be given for; those with a rule bear its view."""

    fields: tuple[tuple[RemoteField, RuleView | None], ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What an import or an undo changed, as places (lead.source, enums.source)."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    removed: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.removed)


def view_of(
    row: Integration, stored: Stored, tree: Mapping[str, Any], stages: Sequence[Stage]
) -> MappingView:
    """The view of an integration's mapping `tree`, which is the one in force."""
    shown = [
        RuleView(
            mark=mark_of(record, rule.attribute),
            record=record,
            attribute=rule.attribute,
            rule=rule,
            own=rule.attribute in (stored.overrides.get(record) or {}),
            enum=enum_of(tree, record, rule),
        )
        for record in RECORDS
        for rule in mapping.rules(tree, record)
    ]
    return MappingView(
        integration_id=row.id,
        provider=row.provider,
        title=PROVIDERS[row.provider].manifest.title,
        rules=tuple(_of_entity(shown, row)),
        enums=tree.get(ENUMS, {}),
        stages=tuple(stages),
        versions=len(stored.versions),
        changed=bool(stored.overrides),
    )


def _of_entity(shown: Sequence[RuleView], row: Integration) -> list[RuleView]:
    """Without the tables that this connection does not use: a lead there is either a lead or a deal."""
    if not any(one.record == "deal" for one in shown):
        return list(shown)
    deals = row.settings.get("entity", "").strip().casefold() == "deal"
    unused = {"lead"} if deals else {"deal", "contact"}
    return [one for one in shown if one.record not in unused]


def status_of(view: MappingView, stage: Stage) -> str:
    """The CRM's status of one of our stages: by its own word, else by its kind."""
    return mapping.stage_status({ENUMS: view.enums}, stage.key or str(stage.id), stage.kind.value)


def changes_between(before: Mapping[str, Any], after: Mapping[str, Any]) -> Changes:
    """Every rule and every table of words that differs."""
    old, new = _leaves(before), _leaves(after)
    return Changes(
        added=tuple(sorted(new.keys() - old.keys())),
        changed=tuple(sorted(key for key in new.keys() & old.keys() if new[key] != old[key])),
        removed=tuple(sorted(old.keys() - new.keys())),
    )


def _leaves(tree: Mapping[str, Any]) -> dict[str, Any]:
    return {
        f"{table}.{name}": value
        for table, inner in tree.items()
        if isinstance(inner, Mapping)
        for name, value in inner.items()
    }


def place_of(problem: Problem) -> str:
    """The rule that a problem is about: lead.cChannel."""
    return f"{problem.params.get('record', '')}.{problem.params.get('field', '')}"
