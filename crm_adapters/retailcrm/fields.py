"""The fields of orders and of the customers behind them: those that every account has, and its own."""

import re
from collections.abc import Mapping
from typing import Any

from crm_adapters.retailcrm.account import Account, keyed
from crm_adapters.retailcrm.api import Record, RetailApi
from crm_adapters.retailcrm.mapping import CUSTOM, LONGEST
from domain.crm import FieldType, RemoteField
from domain.errors import CrmRejected

TYPES: Mapping[str, FieldType] = {
    "string": FieldType.TEXT,
    "text": FieldType.TEXT,
    "email": FieldType.TEXT,
    "integer": FieldType.NUMBER,
    "numeric": FieldType.NUMBER,
    "date": FieldType.DATE,
    "datetime": FieldType.DATE,
    "boolean": FieldType.YES_NO,
    "dictionary": FieldType.CHOICE,
    "multiselect_dictionary": FieldType.CHOICES,
}
MADE_AS = {
    FieldType.NUMBER: "numeric",
    FieldType.MONEY: "numeric",
    FieldType.DATE: "datetime",
    FieldType.YES_NO: "boolean",
    FieldType.CHOICE: "dictionary",
    FieldType.CHOICES: "multiselect_dictionary",
}
ENTITIES = {"lead": "order", "customer": "customer"}
_PERSON = (
    ("firstName", "First name", FieldType.TEXT, LONGEST),
    ("lastName", "Last name", FieldType.TEXT, LONGEST),
    ("patronymic", "Patronymic", FieldType.TEXT, LONGEST),
)
_SOURCE = tuple(
    (f"source.{part}", f"Source: {part}", FieldType.TEXT, LONGEST)
    for part in ("source", "medium", "campaign", "keyword", "content")
)
# (name, title, type, longest) of what every account has. Official clients: models of order and customer.
BUILT_IN = {
    "lead": (
        ("externalId", "External id", FieldType.TEXT, LONGEST),
        *_PERSON,
        ("phone", "Phone", FieldType.PHONE, LONGEST),
        ("additionalPhone", "Additional phone", FieldType.PHONE, LONGEST),
        ("email", "E-mail", FieldType.EMAIL, LONGEST),
        ("customerComment", "Customer's comment", FieldType.TEXT, 0),
        ("managerComment", "Operator's comment", FieldType.TEXT, 0),
        ("statusComment", "Comment on the status", FieldType.TEXT, 0),
        ("managerId", "Manager", FieldType.OTHER, 0),
        ("call", "Call wanted", FieldType.YES_NO, 0),
        ("expired", "Overdue", FieldType.YES_NO, 0),
        ("number", "Number", FieldType.TEXT, LONGEST),
        ("countryIso", "Country", FieldType.TEXT, 2),
        ("site", "Shop", FieldType.TEXT, 0),
        ("clientId", "Visitor's id", FieldType.TEXT, LONGEST),
        *_SOURCE,
    ),
    "customer": (
        ("externalId", "External id", FieldType.TEXT, LONGEST),
        *_PERSON,
        ("phones", "Phones", FieldType.PHONE, 0),
        ("email", "E-mail", FieldType.EMAIL, LONGEST),
        ("managerId", "Manager", FieldType.OTHER, 0),
        ("addTags", "Tags", FieldType.TEXT, 0),
        *_SOURCE,
    ),
}
_MOST = 1000
_CODE = re.compile(r"[^a-z0-9_-]+")


async def lead_fields(api: RetailApi, account: Account) -> list[RemoteField]:
    """Of the order first, then of the customer. Options are codes."""
    statuses = [one for one in (await account.statuses()).values() if one.get("active", True)]
    methods = keyed((await api.get("reference/order-methods")).get("orderMethods"))
    kinds = keyed((await api.get("reference/order-types")).get("orderTypes"))
    found = [
        RemoteField("status", "Status", FieldType.CHOICE, options=_coded(statuses)),
        RemoteField("orderMethod", "Order method", FieldType.CHOICE, options=_coded(methods.values())),
        RemoteField("orderType", "Order type", FieldType.CHOICE, options=_coded(kinds.values())),
    ]
    lists = await api.search("custom-fields/dictionaries", "customDictionaries", limit=_MOST)
    elements = {str(one.get("code")): _coded(one.get("elements") or ()) for one in lists}
    for record, entity in ENTITIES.items():
        found += [RemoteField(n, t, kind, record=record, longest=m) for n, t, kind, m in BUILT_IN[record]]
        only = (("filter[entity]", entity),)
        rows = await api.search("custom-fields", "customFields", only, _MOST)
        found += [_field(row, record, elements) for row in rows]
    return found


def _coded(items: Any) -> tuple[tuple[str, str], ...]:
    found = (one for one in items if isinstance(one, dict) and one.get("code"))
    return tuple((str(one["code"]), str(one.get("name") or one["code"])) for one in found)


def _field(row: Record, record: str, elements: Mapping[str, Any]) -> RemoteField:
    kind = str(row.get("type"))
    return RemoteField(
        name=f"{CUSTOM}.{row.get('code')}",
        title=str(row.get("name") or row.get("code")),
        type=TYPES.get(kind, FieldType.OTHER),
        required=bool(row.get("required")),
        custom=True,
        writable=row.get("viewMode") != "not_editable",
        options=elements.get(str(row.get("dictionary")), ()) if "dictionary" in kind else (),
        record=record,
        longest=LONGEST if kind in ("string", "email") else 0,
        by_title=True,
    )


async def create_field(api: RetailApi, account: Account, field: RemoteField) -> RemoteField:
    """A custom field of orders, or of customers where `field.record` says so; a choice gets a dictionary of
    its own. The key needs the right to write custom fields. A field of that code is the one."""
    record = field.record if field.record in ENTITIES else "lead"
    code = code_of(field.name.removeprefix(f"{CUSTOM}."))
    made = {"code": code, "name": field.title or code, "type": MADE_AS.get(field.type, "string")}
    if field.type in (FieldType.CHOICE, FieldType.CHOICES):
        made["dictionary"] = await _dictionary(api, code, field)
    try:
        await api.post(f"custom-fields/{ENTITIES[record]}/create", {"customField": made})
    except CrmRejected:
        existing = await _named(api, account, record, code)
        if existing is None:
            raise
        return existing
    account.forget_fields()
    found = await _named(api, account, record, code)
    if found is None:
        raise CrmRejected("the field was not made", code)
    return found


async def _dictionary(api: RetailApi, code: str, field: RemoteField) -> str:
    """The dictionary of the field's options, made unless it stands already."""
    known = await api.search("custom-fields/dictionaries", "customDictionaries", limit=_MOST)
    if not any(one.get("code") == code for one in known):
        elements = [
            {"name": title or value, "code": code_of(value), "ordering": 10 * at}
            for at, (value, title) in enumerate(field.options, 1)
        ]
        body = {"name": field.title or code, "code": code, "elements": elements}
        await api.post("custom-fields/dictionaries/create", {"customDictionary": body})
    return code


async def _named(api: RetailApi, account: Account, record: str, code: str) -> RemoteField | None:
    name = f"{CUSTOM}.{code}"
    found = await lead_fields(api, account)
    return next((one for one in found if one.record == record and one.name == name), None)


def code_of(word: str) -> str:
    """A code as RetailCRM takes them: small Latin letters, digits, _ and -, a letter first."""
    code = _CODE.sub("_", word.strip().casefold()).strip("_-")
    return code if code[:1].isalpha() else f"f_{code}".rstrip("_")
