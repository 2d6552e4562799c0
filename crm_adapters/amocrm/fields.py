"""The fields of an account's leads and of the contacts and companies beside them; adding own ones."""

from collections.abc import Iterator, Mapping
from typing import Any

from crm_adapters.amocrm.api import AmoApi, Record, embedded
from crm_adapters.amocrm.catalogue import FIELDS_A_PAGE, Catalogue
from crm_adapters.amocrm.mapping import FIELD
from domain.crm import FieldType, RemoteField
from domain.errors import CrmUncertain

TYPES: Mapping[str, FieldType] = {
    "text": FieldType.TEXT,
    "textarea": FieldType.TEXT,
    "url": FieldType.TEXT,
    "streetaddress": FieldType.TEXT,
    "tracking_data": FieldType.TEXT,
    "numeric": FieldType.NUMBER,
    "price": FieldType.MONEY,
    "monetary": FieldType.MONEY,
    "date": FieldType.DATE,
    "date_time": FieldType.DATE,
    "birthday": FieldType.DATE,
    "checkbox": FieldType.YES_NO,
    "select": FieldType.CHOICE,
    "radiobutton": FieldType.CHOICE,
    "category": FieldType.CHOICE,
    "multiselect": FieldType.CHOICES,
}
MADE_AS = {
    FieldType.NUMBER: "numeric",
    FieldType.MONEY: "numeric",
    FieldType.DATE: "date_time",
    FieldType.YES_NO: "checkbox",
    FieldType.CHOICE: "select",
    FieldType.CHOICES: "multiselect",
}
ADDRESSES = {"PHONE": FieldType.PHONE, "EMAIL": FieldType.EMAIL}
TABLES = {"lead": "leads", "contact": "contacts"}
# The parts of a record that are no custom fields: (name, title, type, longest), by record.
BUILT_IN = {
    "lead": (
        ("name", "Name", FieldType.TEXT, 250),
        ("price", "Sale", FieldType.MONEY, 0),
        ("responsible_user_id", "Responsible user", FieldType.OTHER, 0),
        ("tags", "Tags", FieldType.TEXT, 0),
        ("source", "Source", FieldType.TEXT, 0),
        ("loss_reason_id", "Loss reason", FieldType.OTHER, 0),
    ),
    "contact": (
        ("first_name", "First name", FieldType.TEXT, 120),
        ("last_name", "Last name", FieldType.TEXT, 120),
        ("name", "Name", FieldType.TEXT, 250),
        ("responsible_user_id", "Responsible user", FieldType.OTHER, 0),
    ),
    "company": (("name", "Name", FieldType.TEXT, 250),),
}


async def lead_fields(api: AmoApi, catalogue: Catalogue) -> list[RemoteField]:
    """Built-in parts, then custom fields, of the lead, its contact and its company. A custom field is named
    by its code, else by its id; a mapping may also use its name."""
    stages = (await catalogue.pipelines()).listed()
    pipelines = {str(one.pipeline_id): one.pipeline for one in (await catalogue.pipelines()).stages}
    found = [
        RemoteField(
            "status",
            "Stage",
            FieldType.CHOICE,
            options=tuple((one.id, one.name) for one in stages),
            by_title=True,
        ),
        RemoteField(
            "pipeline_id", "Pipeline", FieldType.CHOICE, options=tuple(pipelines.items()), by_title=True
        ),
    ]
    for record, parts in BUILT_IN.items():
        found += [RemoteField(n, t, kind, record=record, longest=most) for n, t, kind, most in parts]
        if record in TABLES:
            path = f"{TABLES[record]}/custom_fields"
            rows = await api.pages(path, "custom_fields", size=FIELDS_A_PAGE)
            found += [_field(row, record) for row in rows]
    return found


def _field(row: Record, record: str) -> RemoteField:
    code, number, title = str(row.get("code") or ""), str(row["id"]), str(row.get("name") or "")
    kind = TYPES.get(str(row.get("type")), FieldType.OTHER)
    other = (name for name in (number, title) if name and name != code)
    return RemoteField(
        name=f"{FIELD}{code or number}",
        title=title,
        type=ADDRESSES.get(code, kind),
        custom=not row.get("is_predefined"),
        options=() if code in ADDRESSES else tuple(_options(row)),
        record=record,
        longest=256 if row.get("type") in ("text", "url", "tracking_data") else 0,
        also=tuple(f"{FIELD}{name}" for name in other),
        by_title=True,
    )


def _options(row: Record) -> Iterator[tuple[str, str]]:
    """Options are written by their words, which people can read; `find` takes their ids as well."""
    for one in row.get("enums") or ():
        if isinstance(one, dict) and one.get("id"):
            yield str(one.get("value") or one["id"]), str(one.get("value") or one["id"])


async def create_field(api: AmoApi, catalogue: Catalogue, field: RemoteField) -> RemoteField:
    """A custom field of leads, or of contacts where `field.record` says so, with the name as its code. Only
    an administrator's token may. A field that has the code already is the one."""
    record = field.record if field.record in TABLES else "lead"
    code = field.name.removeprefix(FIELD)
    before = await api.pages(f"{TABLES[record]}/custom_fields", "custom_fields", size=FIELDS_A_PAGE)
    same = next((row for row in before if str(row.get("code") or "").casefold() == code.casefold()), None)
    if same is not None:
        return _field(same, record)
    body: dict[str, Any] = {"name": field.title or code, "type": MADE_AS.get(field.type, "text")}
    if code.isascii() and code.replace("_", "").isalnum() and not code.isdigit():
        body["code"] = code.upper()
    if field.type in (FieldType.CHOICE, FieldType.CHOICES):
        options = enumerate(field.options, 1)
        body["enums"] = [{"value": title or value, "sort": at * 10} for at, (value, title) in options]
    made = embedded(await api.post(f"{TABLES[record]}/custom_fields", [body]), "custom_fields")
    catalogue.forget()
    if not made:
        raise CrmUncertain("answer without an id")
    return _field(made[0], record)
