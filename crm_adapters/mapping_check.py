"""Whether a mapping can be followed: every word of it is known, and no rule goes in circles. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from crm_adapters.mapping_rule import KEYS, OTHER, Rule, rule_of
from crm_adapters.mapping_values import EVERYWHERE, PHONES
from domain.errors import BadInput

LONGEST_NAME = 200
MOST_SOURCES, DEEPEST = 20, 3
"""How many parts a value may have, and how many attributes may build on one another."""


def check(
    mapping: Mapping[str, Any], records: Mapping[str, Iterable[str]], shapes: Iterable[str] = ()
) -> None:
    """Raise BadInput("mapping", reason, at=...) unless every rule of every record can be followed.

    `records` names the fields each record may take values from; a field ending in a dot stands for a
    family (`utm.`). Reasons: unknown_record, unknown_key, wrong_type, bad_name, unknown_field,
    unknown_shape, unknown_enum, unknown_spelling, bad_format, no_value, too_many, cycle and too_deep (with
    `path`). What was written instead stands in `value`, what would do in `known`.
    """
    known_shapes = frozenset(shapes) | set(EVERYWHERE)
    for name, table in mapping.items():
        if name == "enums":
            _check_enums(table)
        elif name not in records:
            raise _bad("unknown_record", name, known=_listed(records))
        elif not isinstance(table, Mapping):
            raise _bad("wrong_type", name)
        else:
            _check_record(name, table, mapping, frozenset(records[name]), known_shapes)


def _bad(reason: str, at: str, **more: str) -> BadInput:
    return BadInput("mapping", reason, at=at, **more)


def _listed(words: Iterable[str]) -> str:
    return ", ".join(sorted(words))


def _check_record(
    name: str,
    table: Mapping[str, Any],
    mapping: Mapping[str, Any],
    fields: frozenset[str],
    shapes: frozenset[str],
) -> None:
    rules: dict[str, Rule] = {}
    for attribute, raw in table.items():
        at = f"{name}.{attribute}"
        if not attribute or len(attribute) > LONGEST_NAME or not attribute.isprintable():
            raise _bad("bad_name", at[:LONGEST_NAME])
        _check_keys(at, raw)
        rules[attribute] = rule_of(attribute, raw)
    for attribute, rule in rules.items():
        _check_rule(f"{name}.{attribute}", rule, mapping, fields, shapes, rules)
    _check_cycles(name, rules)


def _check_enums(enums: Any) -> None:
    if not isinstance(enums, Mapping):
        raise _bad("wrong_type", "enums")
    for name, table in enums.items():
        if not isinstance(table, Mapping):
            raise _bad("wrong_type", f"enums.{name}")
        for word, value in table.items():
            if not isinstance(value, str | bool):
                # the table is blamed where the file shows only one word of it wrong
                raise _bad("wrong_type", f"enums.{name}", value=str(word))


def _check_keys(at: str, raw: Any) -> None:
    if not isinstance(raw, Mapping):
        raise _bad("wrong_type", at)
    for key, value in raw.items():
        if key not in KEYS:
            raise _bad("unknown_key", f"{at}.{key}", known=_listed(KEYS))
        if not isinstance(value, KEYS[key]) or (KEYS[key] == (int,) and isinstance(value, bool)):
            raise _bad("wrong_type", f"{at}.{key}")
    sources = raw.get("from", [])
    if isinstance(sources, list) and not all(isinstance(source, str) for source in sources):
        raise _bad("wrong_type", f"{at}.from")


def _check_rule(
    at: str,
    rule: Rule,
    mapping: Mapping[str, Any],
    fields: frozenset[str],
    shapes: frozenset[str],
    rules: Mapping[str, Rule],
) -> None:
    if bool(rule.sources) == (rule.constant is not None):
        raise _bad("no_value", at)
    if len(rule.sources) > MOST_SOURCES:
        raise _bad("too_many", at, value=str(len(rule.sources)), known=str(MOST_SOURCES))
    for source in rule.sources:
        _check_source(at, source, fields, rules)
    if rule.shape and rule.shape not in shapes:
        raise _bad("unknown_shape", at, value=rule.shape, known=_listed(shapes))
    if rule.phone and rule.phone not in PHONES:
        raise _bad("unknown_spelling", at, value=rule.phone, known=_listed(PHONES))
    if rule.enum and rule.enum not in mapping.get("enums", {}):
        raise _bad("unknown_enum", at, value=rule.enum, known=_listed(mapping.get("enums", {})))
    if set("{}") & set(rule.format.replace("{value}", "")):
        raise _bad("bad_format", at, value=rule.format)


def _check_source(at: str, source: str, fields: frozenset[str], rules: Mapping[str, Rule]) -> None:
    if source.startswith(OTHER):
        if source.removeprefix(OTHER) not in rules:
            raise _bad("unknown_field", at, value=source, known=_listed(OTHER + name for name in rules))
        return
    family, dot, key = source.partition(".")
    if family + dot not in fields or (dot and not key):
        raise _bad("unknown_field", at, value=source, known=_listed(fields))


def _check_cycles(name: str, rules: Mapping[str, Rule]) -> None:
    """No attribute is made of itself, and none stands on too long a chain of others."""
    for start in rules:
        _walk(name, start, rules, [])


def _walk(name: str, attribute: str, rules: Mapping[str, Rule], way: list[str]) -> None:
    if attribute in way:
        circle = [*way[way.index(attribute) :], attribute]
        raise _bad("cycle", f"{name}.{attribute}", path=" → ".join(circle))
    if len(way) > DEEPEST:
        raise _bad("too_deep", f"{name}.{way[0]}", path=" → ".join(way), known=str(DEEPEST))
    for other in dict.fromkeys(rules[attribute].others):
        _walk(name, other, rules, [*way, attribute])
