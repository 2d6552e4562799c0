"""The field that a rule would need in the CRM, so that it can be made there by a button. Pure."""

from collections.abc import Mapping
from typing import Any

from crm_adapters import mapping
from crm_adapters.mapping_rule import Rule
from domain.crm import FieldType, RemoteField
from domain.errors import NotFound

_FLAGS = frozenset({"y", "n", "true", "false", "1", "0"})
_BY_SHAPE = {"number": FieldType.NUMBER, "figure": FieldType.NUMBER, "amount": FieldType.MONEY,
             "whole": FieldType.MONEY, "moment": FieldType.DATE}  # fmt: skip
_BY_SOURCE = {"number": FieldType.NUMBER}
TITLES = {
    "our_id": "Voronka: id",
    "number": "Voronka: number",
    "inn": "INN",
    "referral_code": "Referral code",
    "segment": "Segment",
    "product": "Product",
    "region": "Region",
    "note": "Note",
    "source": "Source",
    "company": "Company",
    "amount": "Amount",
}
"""What people of the CRM read over a field that was made for one of ours."""


def asked_field(tree: Mapping[str, Any], record: str, attribute: str) -> RemoteField:
    """The field that suits the rule of this attribute. Raises NotFound without such a rule."""
    rule = next((one for one in mapping.rules(tree, record) if one.attribute == attribute), None)
    if rule is None:
        raise NotFound(record="rule")
    words = tree.get("enums", {}).get(rule.enum, {}).values() if rule.enum else ()
    kind = _kind(rule, [str(word) for word in words])
    options = tuple(dict.fromkeys(str(word) for word in words)) if kind is FieldType.CHOICE else ()
    return RemoteField(
        name=attribute,
        title=_title(rule),
        type=kind,
        custom=True,
        options=tuple((word, word) for word in options),
        record=record,
    )


def _kind(rule: Rule, words: list[str]) -> FieldType:
    if rule.enum:
        flags = {word.casefold() for word in words} <= _FLAGS
        return FieldType.YES_NO if words and flags else FieldType.CHOICE
    if rule.shape in _BY_SHAPE:
        return _BY_SHAPE[rule.shape]
    source = rule.sources[0] if len(rule.sources) == 1 else ""
    return _BY_SOURCE.get(source, FieldType.TEXT)


def _title(rule: Rule) -> str:
    source = rule.sources[0] if rule.sources else rule.attribute
    return TITLES.get(source) or source.rpartition(".")[2].replace("_", " ").capitalize()
