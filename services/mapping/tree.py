"""Changing a mapping: what an organization wants, what of it differs from the shipped one, rules made to
measure. Pure."""

import hashlib
import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from crm_adapters.mapping import overlay
from crm_adapters.mapping_fit import place, stage_enums
from crm_adapters.mapping_rule import Rule
from domain.crm import FieldType, RemoteField

Tree = Mapping[str, Any]

ENUMS = "enums"
_PLURAL = frozenset({"phones", "emails"})
_CHOICES = frozenset({FieldType.CHOICE, FieldType.CHOICES})
_FIGURES = frozenset({FieldType.NUMBER, FieldType.MONEY})


def difference(default: Tree, wanted: Tree) -> dict[str, Any]:
    """The overrides that make `wanted` of `default` when they are laid over it; null takes away."""
    made: dict[str, Any] = {key: None for key in default if key not in wanted}
    for key, value in wanted.items():
        below = default.get(key)
        if isinstance(value, Mapping):
            inner = difference(below if isinstance(below, Mapping) else {}, value)
            if inner or key not in default or not isinstance(below, Mapping):
                made[key] = inner
        elif key not in default or type(below) is not type(value) or below != value:
            made[key] = value
    return made


def mark_of(record: str, attribute: str) -> str:
    """A short name of a rule, for buttons."""
    return hashlib.sha256(place(record, attribute).encode()).hexdigest()[:10]


def with_rule(tree: Tree, record: str, attribute: str, rule: Tree | None) -> dict[str, Any]:
    """The tree with another rule there, or without one."""
    made = deepcopy(dict(tree))
    table = made.setdefault(record, {})
    if rule is None:
        table.pop(attribute, None)
    else:
        table[attribute] = dict(rule)
        if rule.get("map"):
            made.setdefault(ENUMS, {}).setdefault(rule["map"], {})
    return made


def with_option(tree: Tree, enum: str, word: str, option: str | bool | None) -> dict[str, Any]:
    """The tree with another meaning of our word in that table, or without one."""
    made = deepcopy(dict(tree))
    table = made.setdefault(ENUMS, {}).setdefault(enum, {})
    if option is None:
        table.pop(word, None)
    else:
        table[word] = option
    return made


def rule_for(default: Tree, field: RemoteField, source: str) -> dict[str, Any]:
    """A rule that writes our `source` into `field`, as the shipped mapping would; never optional: whoever
    sets it counts on it."""
    shipped = default.get(field.record, {}).get(field.name, {})
    if shipped.get("from") == source:
        return {key: value for key, value in shipped.items() if key != "optional"}
    rule: dict[str, Any] = {"from": source}
    shape = _shape(default, field, source)
    if shape:
        rule["as"] = shape
    if field.type in _CHOICES and shape != "status":
        rule["map"] = source if source in default.get(ENUMS, {}) else _table_name(field.name)
    elif field.type is FieldType.YES_NO:
        rule["map"] = "yes_no"
    elif field.longest and shape in ("", "text"):
        rule["max"] = field.longest
    return rule


def _shape(default: Tree, field: RemoteField, source: str) -> str:
    if source in _PLURAL and field.type in (FieldType.PHONE, FieldType.EMAIL):
        table = default.get(field.record, {})
        same = (rule.get("as", "") for rule in table.values() if rule.get("from") == source)
        return next(same, "text")
    if source == "stage":
        return "key" if field.type in _CHOICES else "text"
    if source == "amount":
        return "figure" if field.type in _FIGURES else "text"
    if source == "number":
        return "figure" if field.type in _FIGURES else "text"
    return "text" if source in _PLURAL else ""


def _table_name(name: str) -> str:
    return re.sub(r"\W+", "_", name.casefold()).strip("_") or "options"


def enum_of(tree: Tree, record: str, rule: Rule) -> str:
    """The table that the rule looks its words up in; empty where it has none."""
    return stage_enums(tree, record)[0] if rule.shape == "status" else rule.enum


def overlaid(default: Tree, overrides: Tree) -> dict[str, Any]:
    """The mapping in force."""
    return overlay(default, overrides)


def renamed(tree: Tree, record: str, attribute: str, name: str) -> dict[str, Any]:
    """The tree with a rule under another attribute's name."""
    rule = tree.get(record, {}).get(attribute)
    return with_rule(with_rule(tree, record, attribute, None), record, name, rule)
