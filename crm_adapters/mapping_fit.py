"""How a mapping fits the fields of a CRM: what is missing, read-only, too short, of another type. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from crm_adapters import mapping as rules
from crm_adapters.mapping_rule import Rule
from domain.crm import FieldType, Problem, RemoteField

STATUS = "status"
"""The shape of a stage: its words stand in enums of their own."""

OUR_ID = ("our_id",)
LONGEST: Mapping[str, int] = {"note": 3000, "name": 100, "company": 255, "inn": 12, "our_id": 36, "number": 9}
"""The most characters of our fields; 255 of those that are not named here."""

_ELSE_LONGEST = 255
_NO_TEXT = frozenset({"phones", "emails", "amount", "stage"})
_FLAGS = frozenset({"y", "n", "1", "0", "true", "false"})
STOPS = frozenset({"missing_field", "read_only", "enum_option_missing", "wrong_type"})
"""Problems that keep a value from being written at all."""


def place(record: str, attribute: str) -> str:
    """A rule's name in problems and in what is remembered: lead.cChannel."""
    return f"{record}.{attribute}"


def found(fields: Sequence[RemoteField], record: str, attribute: str) -> RemoteField | None:
    """The field that an attribute of a record is written to."""
    of_record = [one for one in fields if one.record == record]
    exact = next((one for one in of_record if one.name == attribute), None)
    wanted = attribute.casefold()
    named = (one for one in of_record if wanted in (other.casefold() for other in (one.name, *one.also)))
    return exact or next(named, None)


def records_of(fields: Sequence[RemoteField]) -> list[str]:
    """The records that a lead becomes, in the order of the fields."""
    return list(dict.fromkeys(one.record for one in fields))


def problems(mapping: Mapping[str, Any], fields: Sequence[RemoteField]) -> list[Problem]:
    """Everything that does not fit. Codes: missing_field, read_only, wrong_type, enum_option_missing,
    too_short, required_unwritten. Parameters: record, field, and option, type, or needed and longest;
    `optional` is set where the rule is left out without a word."""
    made: list[Problem] = []
    for record in records_of(fields):
        table = rules.rules(mapping, record)
        for rule in table:
            made += _of_rule(record, rule, mapping, found(fields, record, rule.attribute))
        made += _unwritten(record, table, fields)
    return made


def stopping(
    mapping: Mapping[str, Any], fields: Sequence[RemoteField], seen: Collection[str]
) -> list[Problem]:
    """Those problems that keep back what the organization counts on: of rules that are not optional, or whose
    field was there before (`seen` holds their places). Our id has other ways to be recognised."""
    return [
        problem
        for problem in problems(mapping, fields)
        if problem.code in STOPS
        and problem.params.get("ours") != "our_id"
        and (not problem.params.get("optional") or place_of(problem) in seen)
    ]


def place_of(problem: Problem) -> str:
    return place(problem.params["record"], problem.params["field"])


def present(mapping: Mapping[str, Any], fields: Sequence[RemoteField]) -> list[str]:
    """The places of all rules whose fields are there."""
    return [
        place(record, rule.attribute)
        for record in records_of(fields)
        for rule in rules.rules(mapping, record)
        if found(fields, record, rule.attribute) is not None
    ]


def stage_enums(mapping: Mapping[str, Any], record: str) -> tuple[str, str]:
    """The tables of a record's stages: those of its own where it has them, as deals do."""
    own = f"{record}_stage"
    first = own if own in mapping.get("enums", {}) else "stage"
    return first, f"{first}_kind"


def _of_rule(
    record: str, rule: Rule, mapping: Mapping[str, Any], field: RemoteField | None
) -> Iterator[Problem]:
    params = {"record": record, "field": rule.attribute}
    params |= {"optional": "1"} if rule.optional else {}
    params |= {"ours": "our_id"} if rule.sources == OUR_ID else {}
    if field is None:
        yield Problem("missing_field", params=params)
        return
    if not field.writable:
        yield Problem("read_only", params=params)
    if not _suits(rule, mapping, field):
        yield Problem("wrong_type", params={**params, "type": field.type.value})
    for option in missing_options(record, rule, mapping, field):
        yield Problem("enum_option_missing", params={**params, "option": option})
    needed = _longest(rule)
    if field.longest and needed > field.longest:
        room = {"needed": str(needed), "longest": str(field.longest)}
        yield Problem("too_short", params={**params, **room})


def missing_options(record: str, rule: Rule, mapping: Mapping[str, Any], field: RemoteField) -> list[str]:
    """Words that the rule may write and the field does not offer."""
    if field.type not in (FieldType.CHOICE, FieldType.CHOICES) or not field.options:
        return []
    more = stage_enums(mapping, record) if rule.shape == STATUS else ()
    wanted = rules.enum_targets(mapping, rule, *more)
    known = {value for value, _ in field.options}
    if field.by_title:
        titles = {word.casefold() for pair in field.options for word in pair}
        # "#2" is a place among the stages, "Pipeline/Stage" a name: the connection's test knows them
        wanted = {w for w in wanted if w.casefold() not in titles and "#" not in w and "/" not in w}
    return sorted(wanted - known)


def _suits(rule: Rule, mapping: Mapping[str, Any], field: RemoteField) -> bool:
    if rule.constant is not None or rule.others or (rule.shape and rule.shape != "text"):
        return True
    if not rule.shape and _NO_TEXT & set(rule.sources):
        return False
    if field.type is FieldType.YES_NO:
        words = {str(word).casefold() for word in mapping.get("enums", {}).get(rule.enum, {}).values()}
        return bool(rule.enum) and words <= _FLAGS
    return field.type is not FieldType.CHOICE or bool(rule.enum)


def _longest(rule: Rule) -> int:
    """The most characters that the rule can write; 0 where its shape decides."""
    if rule.constant is not None or rule.enum or (rule.shape and not rule.max):
        return 0
    parts = [LONGEST.get(source, _ELSE_LONGEST) for source in rule.sources]
    whole = sum(parts) + len(rule.join) * (len(parts) - 1) + len(rule.format.replace("{value}", ""))
    return min(whole, rule.max) if rule.max else whole


def _unwritten(record: str, table: Sequence[Rule], fields: Sequence[RemoteField]) -> Iterator[Problem]:
    written = {one.name for rule in table if (one := found(fields, record, rule.attribute)) is not None}
    for field in fields:
        if field.record == record and field.required and field.writable and field.name not in written:
            yield Problem("required_unwritten", params={"record": record, "field": field.name})
