"""The fields of opportunities and of the people and companies behind them, out of the metadata."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from crm_adapters.twenty.api import DENIED, Record, TwentyApi, inner
from crm_adapters.twenty.model import OBJECTS, Model, column_of
from domain.crm import FieldType, RemoteField
from domain.errors import CrmAccessLost, CrmRejected

TYPES: Mapping[str, FieldType] = {
    "TEXT": FieldType.TEXT,
    "NUMBER": FieldType.NUMBER,
    "NUMERIC": FieldType.NUMBER,
    "BOOLEAN": FieldType.YES_NO,
    "DATE": FieldType.DATE,
    "DATE_TIME": FieldType.DATE,
    "SELECT": FieldType.CHOICE,
    "MULTI_SELECT": FieldType.CHOICES,
    "PHONES": FieldType.PHONE,
    "EMAILS": FieldType.EMAIL,
}
MADE_AS = {
    FieldType.NUMBER: "NUMBER",
    FieldType.MONEY: "NUMBER",
    FieldType.DATE: "DATE_TIME",
    FieldType.YES_NO: "BOOLEAN",
    FieldType.CHOICE: "SELECT",
    FieldType.CHOICES: "MULTI_SELECT",
}
# Composite fields of which a mapping writes the parts: (part, its title, its type).
WRITTEN_IN_PARTS: Mapping[str, tuple[tuple[str, str, FieldType], ...]] = {
    "FULL_NAME": (("firstName", "first", FieldType.TEXT), ("lastName", "last", FieldType.TEXT)),
    "CURRENCY": (
        ("amountMicros", "amount", FieldType.MONEY),
        ("currencyCode", "currency", FieldType.TEXT),
    ),
    "LINKS": (("primaryLinkUrl", "address", FieldType.TEXT),),
}
SYSTEM = frozenset({"id", "createdAt", "updatedAt", "deletedAt", "createdBy", "updatedBy", "position"})
_COLOURS = ("blue", "green", "orange", "purple", "red", "yellow", "turquoise", "pink", "sky", "gray")


async def lead_fields(model: Model) -> list[RemoteField]:
    """Of the opportunity first, then of the person and the company. Raises CrmAccessLost when the key's role
    may not see the data model."""
    made: list[RemoteField] = []
    for record, singular in OBJECTS.items():
        found = await model.fields(singular)
        if found is None:
            raise CrmAccessLost(DENIED)
        for one in found:
            made += _fields(record, one)
    return made


def _fields(record: str, one: Record) -> Iterator[RemoteField]:
    column, kind = column_of(one), str(one.get("type"))
    if not column:
        return
    name, title = str(one.get("name")), str(one.get("label") or one.get("name"))
    custom = bool(one.get("isCustom"))
    if kind in WRITTEN_IN_PARTS:
        for part, told, type_ in WRITTEN_IN_PARTS[kind]:
            yield RemoteField(f"{column}.{part}", f"{title}: {told}", type_, custom=custom, record=record)
        return
    options = one.get("options") if kind in ("SELECT", "MULTI_SELECT") else ()
    yield RemoteField(
        name=column,
        title=title,
        type=TYPES.get(kind, FieldType.OTHER),
        # Twenty fills what is missing by itself: nothing is required of a body.
        custom=custom,
        writable=name not in SYSTEM and not one.get("isSystem") and kind not in ("TS_VECTOR", "POSITION"),
        options=tuple((str(o["value"]), str(o.get("label") or o["value"])) for o in options or ()),
        record=record,
        also=(name,) if name != column else (),
    )


async def create_field(api: TwentyApi, model: Model, field: RemoteField) -> RemoteField:
    """A custom field of the opportunity, or of the person or company where `field.record` says so. The key's
    role needs the right to the data model. A field of that name is the one."""
    record = field.record if field.record in OBJECTS else "lead"
    name = name_of(field.name)
    model.forget()
    standing = await _named(model, record, name)
    if standing is not None:
        return standing
    about = (await model.objects() or {}).get(OBJECTS[record], {})
    body: Record = {
        "objectMetadataId": about.get("id"),
        "type": MADE_AS.get(field.type, "TEXT"),
        "name": name,
        "label": field.title or name,
        "description": "",
        "isNullable": True,
        "isLabelSyncedWithName": False,
    }
    if field.type in (FieldType.CHOICE, FieldType.CHOICES):
        body["options"] = _options(field)
    inner(await api.create("metadata/fields", body))
    model.forget()
    made = await _named(model, record, name)
    if made is None:
        raise CrmRejected("the field was not made", name)
    return made


async def _named(model: Model, record: str, name: str) -> RemoteField | None:
    found = await lead_fields(model)
    return next((one for one in found if one.record == record and one.name == name), None)


def name_of(word: str) -> str:
    """A name as Twenty takes them: camelCase and Latin. Raises CrmRejected for a word without any letter of
    those."""
    parts = re.findall(r"[A-Za-z0-9]+", word)
    name = "".join(part if at == 0 else part[:1].upper() + part[1:] for at, part in enumerate(parts))
    first = parts[0] if parts else ""
    name = first.lower() + name[len(first) :] if first.isupper() else name[:1].lower() + name[1:]
    if not name[:1].isalpha():
        raise CrmRejected("field name must be Latin", "name")
    return name[:63]


def _options(field: RemoteField) -> list[dict[str, Any]]:
    """Values are UPPER_CASE; one that has no Latin letters is numbered."""
    made = []
    for position, (value, title) in enumerate(field.options):
        word = re.sub(r"[^A-Z0-9]+", "_", value.upper()).strip("_")
        word = word if word[:1].isalpha() else f"OPTION_{position + 1}"
        colour = _COLOURS[position % len(_COLOURS)]
        made.append({"value": word, "label": title or value, "color": colour, "position": position})
    return made
