"""mapping.toml: which of our values becomes which attribute of a CRM, as data.

    [lead.status]              an attribute of the record `lead`
    from = "stage"             our field; a list of fields is joined; "=source" is the attribute source
    join = "\\n"                what stands between them (default: a space)
    as = "status"              a shape the adapter builds: a list of phones, a date, a status ...; text,
                               figure and key are known everywhere
    phone = "digits"           phones as e164 (+7916...), digits (7916...) or readable
    map = "source"             look the value up in [enums.source]
    default = "Other"          when there is no value, or [enums.source] lacks it
    format = "promo {value}"   put the value into a text
    max = 100                  cut longer texts
    constant = "Telegram"      instead of `from`: always this
    optional = true            leave it out without a word where the CRM has no such field

    [enums.source]             our word = theirs

An organization overlays it: tables are merged, anything else replaced, null takes an entry away.
"""

import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from crm_adapters.mapping_check import check
from crm_adapters.mapping_rule import OTHER, Rule, rule_of
from crm_adapters.mapping_values import EVERYWHERE, Shape, spelt
from domain.errors import BadInput
from domain.leads import StageKind

__all__ = [
    "Rule",
    "Shape",
    "apply",
    "attribute_of",
    "check",
    "enum_targets",
    "load",
    "overlay",
    "rules",
    "stage_status",
]


def load(path: Path) -> Mapping[str, Any]:
    """Read a mapping.toml. Raises OSError or tomllib.TOMLDecodeError: the file is part of the product."""
    with path.open("rb") as file:
        return tomllib.load(file)


def overlay(default: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """The organization's mapping over ours: tables merge, None removes, everything else replaces."""
    merged: dict[str, Any] = dict(default)
    for key, value in overrides.items():
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, Mapping):
            below = merged.get(key)
            merged[key] = overlay(below if isinstance(below, Mapping) else {}, value)
        else:
            merged[key] = value
    return merged


def rules(mapping: Mapping[str, Any], record: str) -> Sequence[Rule]:
    """The rules of one record, in the order of the file. Read once for a table, which nobody changes: every
    lead asks for them several times."""
    return _rules(_Table(mapping.get(record, {})))


class _Table:
    """A table that is equal to itself alone."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self.table = table

    def __hash__(self) -> int:
        return id(self.table)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Table) and self.table is other.table


@lru_cache(maxsize=512)
def _rules(of: _Table) -> Sequence[Rule]:
    return tuple(rule_of(attribute, raw) for attribute, raw in of.table.items())


def attribute_of(mapping: Mapping[str, Any], record: str, source: str) -> str | None:
    """The CRM's attribute that carries our field alone, or None when it is not mapped."""
    return next((rule.attribute for rule in rules(mapping, record) if rule.sources == (source,)), None)


def enum_targets(mapping: Mapping[str, Any], rule: Rule, *more: str) -> set[str]:
    """Every option that the rule can write: its enum's, those of further enums, and its default."""
    names = [name for name in (rule.enum, *more) if name]
    tables = [mapping.get("enums", {}).get(name, {}) for name in names]
    targets = {option for table in tables for option in table.values() if isinstance(option, str)}
    return targets | ({rule.default} if isinstance(rule.default, str) else set())


def stage_status(mapping: Mapping[str, Any], key: str, kind: str) -> str:
    """The CRM's status of our stage: by its key in [enums.stage], else by its kind in [enums.stage_kind]."""
    enums = mapping.get("enums", {})
    stages, kinds = enums.get("stage", {}), enums.get("stage_kind", {})
    status = stages.get(key) or kinds.get(kind) or kinds.get(StageKind.OPEN.value)
    if not status:
        raise BadInput("mapping", "unknown_enum", at="enums.stage_kind")
    return str(status)


def apply(
    mapping: Mapping[str, Any],
    record: str,
    values: Mapping[str, Any],
    shapes: Mapping[str, Shape],
    fields: frozenset[str] | None = None,
) -> dict[str, Any]:
    """Build the attributes. `fields` None: a new record, empty values are left out; otherwise only what
    these fields touch, and an emptied value is written as None so that the CRM clears it."""
    made: dict[str, Any] = {}
    every = {rule.attribute: rule for rule in rules(mapping, record)}
    for rule in every.values():
        if not _concerned(rule, fields, every):
            continue
        value = _value(rule, mapping, values, shapes, every)
        if not _empty(value):
            made[rule.attribute] = value
        elif fields is not None:
            made[rule.attribute] = [] if isinstance(value, list) else None
    return made


def _concerned(rule: Rule, fields: frozenset[str] | None, every: Mapping[str, Rule]) -> bool:
    return rule.concerns(fields) or any(_concerned(every[other], fields, every) for other in rule.others)


def _value(
    rule: Rule,
    mapping: Mapping[str, Any],
    values: Mapping[str, Any],
    shapes: Mapping[str, Shape],
    every: Mapping[str, Rule],
) -> Any:
    """The value of one rule; attributes it is made of are worked out first."""
    if rule.constant is not None:
        return rule.constant
    found = [
        _value(every[source.removeprefix(OTHER)], mapping, values, shapes, every)
        if source.startswith(OTHER)
        else values.get(source)
        for source in rule.sources
    ]
    if rule.phone:
        found = [spelt(value, rule.phone) for value in found]
    if rule.shape:
        shape = shapes.get(rule.shape) or EVERYWHERE[rule.shape]
        found = [shape(value) for value in found]
    value = found[0] if len(found) == 1 else rule.join.join(str(part) for part in found if not _empty(part))
    return _finished(rule, value, mapping)


def _finished(rule: Rule, value: Any, mapping: Mapping[str, Any]) -> Any:
    """The value after its enum, default, format and length."""
    if rule.enum and not _empty(value):
        table, word = mapping["enums"][rule.enum], str(value)
        value = table.get(word, table.get(word.casefold()))
    if _empty(value) and rule.default is not None:
        value = rule.default
    if not _empty(value) and rule.format:
        value = rule.format.replace("{value}", str(value))
    return value[: rule.max] if rule.max and isinstance(value, str) else value


def _empty(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, list | tuple | dict) and not value)
