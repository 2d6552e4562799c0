"""The fields of a portal's leads (or deals and their contacts), and own fields added to them."""

from collections.abc import Iterator, Mapping
from typing import Any

from crm_adapters.bitrix24.api import BitrixApi, Command, branch, listed
from crm_adapters.bitrix24.connection_test import stage_list
from crm_adapters.bitrix24.records import TYPE_IDS
from domain.crm import FieldType, RemoteField
from domain.errors import CrmError, CrmRejected

TYPES: Mapping[str, FieldType] = {
    "string": FieldType.TEXT,
    "text": FieldType.TEXT,
    "char": FieldType.TEXT,
    "url": FieldType.TEXT,
    "address": FieldType.TEXT,
    "integer": FieldType.NUMBER,
    "double": FieldType.NUMBER,
    "money": FieldType.MONEY,
    "date": FieldType.DATE,
    "datetime": FieldType.DATE,
    "boolean": FieldType.YES_NO,
    "enumeration": FieldType.CHOICE,
    "crm_status": FieldType.CHOICE,
    "crm_currency": FieldType.TEXT,
}
MADE_AS = {
    FieldType.NUMBER: "double",
    FieldType.MONEY: "money",
    FieldType.DATE: "datetime",
    FieldType.YES_NO: "boolean",
    FieldType.CHOICE: "enumeration",
    FieldType.CHOICES: "enumeration",
}
PREFIX = "UF_CRM_"
LONGEST_NAME = 50
ADDRESSES = {"fm.PHONE": FieldType.PHONE, "fm.EMAIL": FieldType.EMAIL}
PEOPLE = frozenset({"lead", "contact"})
_NAMES = {"useOriginalUfNames": "Y"}


def records_of(entity: str) -> tuple[str, ...]:
    """The records that our lead becomes: a deal leaves the person to its contact."""
    return (entity,) if entity == "lead" else (entity, "contact")


async def lead_fields(api: BitrixApi, entity: str, mapping: Mapping[str, Any]) -> list[RemoteField]:
    """One request for all of it. Raises the error of whatever could not be read."""
    commands = {"lists": Command("crm.status.list", {"order": {"SORT": "ASC"}})}
    for record in records_of(entity):
        commands |= {
            record: Command("crm.item.fields", {"entityTypeId": TYPE_IDS[record], **_NAMES}),
            f"own_{record}": Command(f"crm.{record}.userfield.list", {"order": {"SORT": "ASC"}}),
        }
    answers = await api.batch(commands)
    for answer in answers.values():
        if isinstance(answer, CrmError):
            raise answer
    lists: dict[str, list[tuple[str, str]]] = {}
    for row in listed(answers["lists"]):
        words = (str(row.get("STATUS_ID")), str(row.get("NAME") or row.get("STATUS_ID")))
        lists.setdefault(str(row.get("ENTITY_ID")), []).append(words)
    found: list[RemoteField] = []
    for record in records_of(entity):
        own = {str(row.get("FIELD_NAME")): row for row in listed(answers[f"own_{record}"])}
        stages = stage_list(mapping, entity) if record == entity else ""
        found += _fields(branch(answers[record], "fields"), own, lists, record, stages)
    return found


def _fields(
    known: Any,
    own: Mapping[str, Mapping[str, Any]],
    lists: Mapping[str, list[tuple[str, str]]],
    record: str,
    stages: str,
) -> Iterator[RemoteField]:
    if record in PEOPLE:
        for name, kind in ADDRESSES.items():
            yield RemoteField(name, name.removeprefix("fm."), kind, record=record)
    for name, one in (known if isinstance(known, dict) else {}).items():
        if not isinstance(one, dict) or name in ("fm", "id"):
            continue
        listing = stages if name == "stageId" and stages else str(one.get("statusType") or "")
        options = _own_options(own.get(name, {})) or tuple(lists.get(listing, ()))
        yield _field(name, one, own.get(name, {}), options, record)


def _own_options(row: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """The value that is stored is the ID of the list's item, not its text."""
    return tuple((str(item.get("ID")), str(item.get("VALUE") or "")) for item in listed(row.get("LIST")))


def _field(
    name: str,
    one: Mapping[str, Any],
    row: Mapping[str, Any],
    options: tuple[tuple[str, str], ...],
    record: str,
) -> RemoteField:
    kind = TYPES.get(str(one.get("type")), FieldType.OTHER)
    if kind is FieldType.CHOICE and one.get("isMultiple"):
        kind = FieldType.CHOICES
    return RemoteField(
        name=name,
        title=str(row.get("EDIT_FORM_LABEL") or one.get("title") or name),
        type=kind,
        required=bool(one.get("isRequired")),
        custom=str(one.get("upperName") or name).startswith("UF_"),
        writable=not one.get("isReadOnly"),
        options=options,
        record=record,
        also=tuple({str(one.get("upperName") or name)} - {name}),
    )


async def create_field(
    api: BitrixApi, entity: str, mapping: Mapping[str, Any], field: RemoteField
) -> RemoteField:
    """An own field of the lead, or of the deal or contact that `field.record` names. Only a portal's
    administrator may. A field that stands already under the name is the one."""
    record = field.record if field.record in records_of(entity) else entity
    name = field.name.upper() if field.name.upper().startswith(PREFIX) else PREFIX + field.name.upper()
    name = name[:LONGEST_NAME]
    body: dict[str, Any] = {
        "FIELD_NAME": name.removeprefix(PREFIX),
        "USER_TYPE_ID": MADE_AS.get(field.type, "string"),
        "EDIT_FORM_LABEL": field.title,
        "LIST_COLUMN_LABEL": field.title,
        "MULTIPLE": "Y" if field.type is FieldType.CHOICES else "N",
    }
    if field.type in (FieldType.CHOICE, FieldType.CHOICES):
        body["LIST"] = [{"VALUE": title or value} for value, title in field.options]
    try:
        await api.write(f"crm.{record}.userfield.add", {"fields": body})
    except CrmRejected:
        made = await _named(api, entity, mapping, record, name)
        if made is None:
            raise
        return made
    made = await _named(api, entity, mapping, record, name)
    if made is None:
        raise CrmRejected("the field was not made", name)
    return made


async def _named(
    api: BitrixApi, entity: str, mapping: Mapping[str, Any], record: str, name: str
) -> RemoteField | None:
    found = await lead_fields(api, entity, mapping)
    return next((one for one in found if one.record == record and name in (one.name, *one.also)), None)
