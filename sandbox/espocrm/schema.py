"""The entities of the stand-in and their fields, in the shape of EspoCRM's metadata.

Names, types, options and limits are those of a fresh installation with the Crm module. The order of the
fields is the order in which a request is validated.
"""

from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any

FieldDef = dict[str, Any]

NO_BAD = "$noBadCharacters"
PARENTS = ["Account", "Lead", "Contact", "Opportunity", "Case"]

ATTRIBUTE_SHAPES: dict[str, tuple[str, ...]] = {
    "link": ("{}Id", "{}Name"),
    "linkParent": ("{}Id", "{}Type", "{}Name"),
    "linkMultiple": ("{}Ids", "{}Names"),
    "currency": ("{}", "{}Currency"),
    "datetimeOptional": ("{}", "{}Date"),
    "phone": ("{}", "{}IsOptedOut", "{}IsInvalid", "{}Data"),
    "email": ("{}", "{}IsOptedOut", "{}IsInvalid", "{}Data"),
    "address": (),
}
COMPUTED_SUFFIXES = ("Name", "Names", "Columns", "IsOptedOut", "IsInvalid")


@dataclass(frozen=True, slots=True)
class Entity:
    """One entity type: its fields and what the platform does with its records."""

    name: str
    fields: dict[str, FieldDef]
    order_by: str = "createdAt"
    order: str = "desc"
    stream: bool = False
    is_object: bool = True
    versioned: bool = False
    duplicate_fields: tuple[str, ...] = ()
    check_duplicates_on_update: bool = False
    is_custom: bool = False
    children: dict[str, tuple[str, str]] = field(default_factory=dict)


def attributes_of(name: str, definition: FieldDef) -> tuple[str, ...]:
    """The attributes under which a field shows in JSON."""
    shapes = ATTRIBUTE_SHAPES.get(definition["type"], ("{}",))
    found = tuple(shape.format(name) for shape in shapes)
    return (*found, f"{name}Columns") if "columns" in definition else found


def attribute_fields(entity: Entity) -> dict[str, str]:
    """Attribute -> field for every attribute of the entity."""
    return {
        attribute: name
        for name, definition in entity.fields.items()
        for attribute in attributes_of(name, definition)
    }


def writable(entity: Entity) -> dict[str, str]:
    """Attribute -> field for what a client may set; the rest is dropped without a word."""
    result = {}
    for attribute, name in attribute_fields(entity).items():
        definition = entity.fields[name]
        linked = definition["type"] in ("link", "linkParent", "linkMultiple", "phone", "email")
        computed = attribute != name and attribute.endswith(COMPUTED_SUFFIXES) and linked
        if not (definition.get("readOnly") or definition["type"] == "personName" or computed):
            result[attribute] = name
    return result


def varchar(length: int = 100, **more: Any) -> FieldDef:
    return {"type": "varchar", "maxLength": length, **more}


def named(length: int = 100, **more: Any) -> FieldDef:
    return varchar(length, pattern=NO_BAD, **more)


def enum(*options: str, **more: Any) -> FieldDef:
    return {"type": "enum", "options": list(options), **more}


def link(entity: str, **more: Any) -> FieldDef:
    return {"type": "link", "entity": entity, **more}


def links(entity: str, **more: Any) -> FieldDef:
    return {"type": "linkMultiple", "entity": entity, **more}


def kind(name: str, **more: Any) -> FieldDef:
    return {"type": name, **more}


SALUTATION = enum("", "Mr.", "Ms.", "Mrs.", "Dr.")
INDUSTRIES = (
    "",
    "Agriculture",
    "Banking",
    "Construction",
    "Consulting",
    "Education",
    "Finance",
    "Healthcare",
)
SOURCES = ("", "Call", "Email", "Existing Customer", "Partner", "Public Relations", "Web Site")
PHONE = kind(
    "phone",
    typeList=["Mobile", "Office", "Home", "Fax", "Other"],
    defaultType="Mobile",
    isPersonalData=True,
)
EMAIL = kind("email", isPersonalData=True)


def address(name: str) -> dict[str, FieldDef]:
    return {
        name: kind("address", isPersonalData=True),
        f"{name}Street": kind("text", maxLength=255, dbType="varchar"),
        f"{name}City": named(),
        f"{name}State": named(),
        f"{name}Country": named(),
        f"{name}PostalCode": named(40),
    }


def stamps(**assigned: Any) -> dict[str, FieldDef]:
    """The closing fields of every record; keywords are added to the definition of assignedUser."""
    return {
        "createdAt": kind("datetime", readOnly=True),
        "modifiedAt": kind("datetime", readOnly=True),
        "createdBy": link("User", readOnly=True),
        "modifiedBy": link("User", readOnly=True),
        "assignedUser": link("User", **assigned),
        "teams": links("Team"),
    }


def person(dependees: list[str]) -> dict[str, FieldDef]:
    return {
        "name": kind("personName", isPersonalData=True, required=True, dependeeAttributeList=dependees),
        "salutationName": deepcopy(SALUTATION),
        "firstName": named(),
        "lastName": named(),
        "middleName": named(),
        "title": named(),
    }


def catalogue(tables: list[Entity]) -> dict[str, Entity]:
    """A private copy of the definitions: an admin changes them while the stand-in runs."""
    return {entity.name: replace(entity, fields=deepcopy(entity.fields)) for entity in tables}
