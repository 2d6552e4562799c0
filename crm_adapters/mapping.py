"""mapping.toml: which of our values becomes which attribute of a CRM, as data.

    [lead.status]              an attribute of the record `lead`
    from = "stage"             our field; a list of fields is joined
    join = "\\n"                what stands between them (default: a space)
    as = "status"              a shape the adapter builds: a list of phones, a date, a status ...
    map = "source"             look the value up in [enums.source]
    default = "Other"          when there is no value, or [enums.source] lacks it
    format = "promo {value}"   put the value into a text
    max = 100                  cut longer texts
    constant = "Telegram"      instead of `from`: always this

    [enums.source]             our word = theirs

An organization overlays it: tables are merged, anything else replaced, null takes an entry away.
"""

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.errors import BadInput
from domain.leads import StageKind

Shape = Callable[[Any], Any]
"""One of our values -> what the vendor wants; None or an empty value where there is nothing."""

_RULE_KEYS = {
    "from": (str, list),
    "join": (str,),
    "as": (str,),
    "map": (str,),
    "default": (str, int, float, bool),
    "format": (str,),
    "max": (int,),
    "constant": (str, int, float, bool),
}


@dataclass(frozen=True, slots=True)
class Rule:
    """How one attribute is made. `sources` are names of our fields, such as note or utm.campaign."""

    attribute: str
    sources: tuple[str, ...]
    join: str = " "
    shape: str = ""
    enum: str = ""
    default: Any = None
    format: str = ""
    max: int = 0
    constant: Any = None

    def concerns(self, fields: frozenset[str] | None) -> bool:
        """Whether it must be written when only these of our fields changed (None: all of them)."""
        return fields is None or any(s in fields or s.partition(".")[0] in fields for s in self.sources)


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


def check(
    mapping: Mapping[str, Any], records: Mapping[str, Iterable[str]], shapes: Iterable[str] = ()
) -> None:
    """Raise BadInput("mapping", reason, at=...) unless every rule of every record can be followed.

    `records` names the fields each record may take values from; a field ending in a dot stands for a
    family (`utm.`). Reasons: unknown_record, unknown_key, wrong_type, unknown_field, unknown_shape,
    unknown_enum, bad_format, no_value.
    """
    known_shapes = frozenset(shapes)
    for name, table in mapping.items():
        if name == "enums":
            _check_enums(table)
            continue
        if name not in records:
            raise _bad("unknown_record", name)
        if not isinstance(table, Mapping):
            raise _bad("wrong_type", name)
        for attribute, raw in table.items():
            at = f"{name}.{attribute}"
            _check_keys(at, raw)
            _check_rule(at, _rule(attribute, raw), mapping, frozenset(records[name]), known_shapes)


def _bad(reason: str, at: str) -> BadInput:
    return BadInput("mapping", reason, at=at)


def _check_enums(enums: Any) -> None:
    if not isinstance(enums, Mapping):
        raise _bad("wrong_type", "enums")
    for name, table in enums.items():
        if not isinstance(table, Mapping) or not all(isinstance(v, str | bool) for v in table.values()):
            raise _bad("wrong_type", f"enums.{name}")


def _check_keys(at: str, raw: Any) -> None:
    if not isinstance(raw, Mapping):
        raise _bad("wrong_type", at)
    for key, value in raw.items():
        if key not in _RULE_KEYS:
            raise _bad("unknown_key", f"{at}.{key}")
        if not isinstance(value, _RULE_KEYS[key]):
            raise _bad("wrong_type", f"{at}.{key}")
    sources = raw.get("from", [])
    if isinstance(sources, list) and not all(isinstance(source, str) for source in sources):
        raise _bad("wrong_type", f"{at}.from")


def _check_rule(
    at: str, rule: Rule, mapping: Mapping[str, Any], fields: frozenset[str], shapes: frozenset[str]
) -> None:
    if bool(rule.sources) == (rule.constant is not None):
        raise _bad("no_value", at)
    for source in rule.sources:
        family, dot, key = source.partition(".")
        if family + dot not in fields or (dot and not key):
            raise _bad("unknown_field", at)
    if rule.shape and rule.shape not in shapes:
        raise _bad("unknown_shape", at)
    if rule.enum and rule.enum not in mapping.get("enums", {}):
        raise _bad("unknown_enum", at)
    try:
        _formatted(rule.format, "x")
    except ValueError:
        raise _bad("bad_format", at) from None


def rules(mapping: Mapping[str, Any], record: str) -> Sequence[Rule]:
    """The rules of one record, in the order of the file."""
    return [_rule(attribute, raw) for attribute, raw in mapping.get(record, {}).items()]


def _rule(attribute: str, raw: Mapping[str, Any]) -> Rule:
    sources = raw.get("from", ())
    return Rule(
        attribute=attribute,
        sources=(sources,) if isinstance(sources, str) else tuple(sources),
        join=raw.get("join", " "),
        shape=raw.get("as", ""),
        enum=raw.get("map", ""),
        default=raw.get("default"),
        format=raw.get("format", ""),
        max=raw.get("max", 0),
        constant=raw.get("constant"),
    )


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
        raise _bad("unknown_enum", "enums.stage_kind")
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
    for rule in rules(mapping, record):
        if not rule.concerns(fields):
            continue
        value = _value(rule, mapping, values, shapes)
        if not _empty(value):
            made[rule.attribute] = value
        elif fields is not None:
            made[rule.attribute] = [] if isinstance(value, list) else None
    return made


def _value(
    rule: Rule, mapping: Mapping[str, Any], values: Mapping[str, Any], shapes: Mapping[str, Shape]
) -> Any:
    if rule.constant is not None:
        return rule.constant
    found = [values.get(source) for source in rule.sources]
    if rule.shape:
        found = [shapes[rule.shape](value) for value in found]
    value = found[0] if len(found) == 1 else rule.join.join(str(part) for part in found if not _empty(part))
    if rule.enum and not _empty(value):
        table, word = mapping["enums"][rule.enum], str(value)
        value = table.get(word, table.get(word.casefold()))
    if _empty(value) and rule.default is not None:
        value = rule.default
    if not _empty(value) and rule.format:
        value = _formatted(rule.format, value)
    return value[: rule.max] if rule.max and isinstance(value, str) else value


def _formatted(template: str, value: Any) -> str:
    """Only `{value}` is a field: str.format would let a template reach into attributes."""
    if set("{}") & set(template.replace("{value}", "")):
        raise ValueError("stray brace")
    return template.replace("{value}", str(value))


def _empty(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, list | tuple | dict) and not value)
