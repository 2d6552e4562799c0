"""The way back: what of our lead a record tells, by the very rules that made it.

A rule leads back when it takes one field of ours, writes it under a shape known here, and loses nothing
on the way but what `kept` loses too. A field that no rule leads back, or that was not read, is missing
from the answer: nothing is ever concluded from its absence.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from crm_adapters import mapping as rules
from domain.leads import Money

MISSING: Final = object()
"""What a record does not have, or what was not read."""

Get = Callable[[str], Any]
"""The name of an attribute -> its value in a record, or MISSING."""

Pieces = Mapping[str, Any]
"""What the rules of one field read, by their shapes."""

TEXTS = ("name", "company", "inn", "note", "source")
_PLAIN = ("", "plain", "line")
_LISTS = ("phones", "emails", "list")
_IDS = ("", "number", "id")
_INSIDE = ("value", "number", "phoneNumber", "emailAddress")


def getter(raw: Mapping[str, Any]) -> Get:
    """The attributes of a plain record."""
    return lambda attribute: raw.get(attribute, MISSING)


def values(mapping: Mapping[str, Any], parts: Sequence[tuple[str, Get]]) -> dict[str, Any]:
    """Fields of CrmLead, in its own types, that the records tell. `parts` are (record of the mapping, its
    attributes); a field that several of them bear is taken from the first. An amount's currency is empty
    where the record does not tell it."""
    found: dict[str, Any] = {}
    for record, get in parts:
        for field, pieces in _pieces(mapping, record, get).items():
            value = _READ[field](pieces)
            if value is not MISSING:
                found.setdefault(field, value)
    return found


def _pieces(mapping: Mapping[str, Any], record: str, get: Get) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for rule in rules.rules(mapping, record):
        if not _leads_back(rule):
            continue
        value = get(rule.attribute)
        if value is not MISSING:
            found.setdefault(rule.sources[0], {}).setdefault(rule.shape, _meant(rule, mapping, value))
    return found


def _leads_back(rule: rules.Rule) -> bool:
    single = len(rule.sources) == 1 and rule.constant is None and not rule.format
    return single and rule.sources[0] in _READ


def _meant(rule: rules.Rule, mapping: Mapping[str, Any], value: Any) -> Any:
    """The value before default and enum; MISSING where several of our words become the same option."""
    if rule.enum:
        words = [ours for ours, theirs in mapping["enums"][rule.enum].items() if theirs == value]
        return words[0] if len(words) == 1 else MISSING
    return None if rule.default is not None and value == rule.default else value


def _text(value: Any) -> str:
    if isinstance(value, list | tuple):
        value = value[0] if value else None
    return "" if value is None or value is False else str(value).replace("\r\n", "\n").strip()


def _plain(pieces: Pieces) -> Any:
    found = [pieces[shape] for shape in _PLAIN if shape in pieces]
    return _text(found[0]) if found and found[0] is not MISSING else MISSING


def _name(pieces: Pieces) -> Any:
    parts = [pieces.get(shape, MISSING) for shape in ("first_name", "last_name")]
    if MISSING in parts:
        return _plain(pieces)
    return " ".join(filter(None, map(_text, parts)))


def _list(pieces: Pieces) -> Any:
    for shape in _LISTS:
        if shape in pieces:
            return tuple(filter(None, map(_item, pieces[shape] or ())))
    if "first" not in pieces:
        return MISSING
    both = (pieces["first"], pieces.get("second"))
    return tuple(filter(None, map(_text, both)))


def _item(item: Any) -> str:
    if isinstance(item, Mapping):
        item = next((item[key] for key in _INSIDE if item.get(key)), "")
    return _text(item)


def _money(pieces: Pieces) -> Any:
    found = [pieces[shape] for shape in ("amount", "whole", "") if shape in pieces]
    if not found:
        return MISSING
    try:
        amount = Decimal(_text(found[0]) or "0").quantize(Decimal("0.01"))
    except InvalidOperation:
        return MISSING
    return Money(amount, _text(pieces.get("currency"))) if amount else None


def _id(pieces: Pieces) -> Any:
    found = [pieces[shape] for shape in _IDS if shape in pieces]
    if not found:
        return MISSING
    text = _text(found[0])
    return text if text not in ("", "0") else None


_READ: Mapping[str, Callable[[Pieces], Any]] = {
    **dict.fromkeys(TEXTS, _plain),
    "name": _name,
    "phones": _list,
    "emails": _list,
    "amount": _money,
    "assignee_external_id": _id,
}
