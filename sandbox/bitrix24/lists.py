"""What a portal tells about itself: people, scopes, lists, own fields; and the search for duplicates."""

from functools import lru_cache, partial
from typing import Any

from sandbox.bitrix24 import fm, listing
from sandbox.bitrix24.answers import Json, Refusal, Result, missing, not_found
from sandbox.bitrix24.calls import Call, Method
from sandbox.bitrix24.params import flag, mapping, number
from sandbox.bitrix24.schema import COMPANY, CONTACT, DEAL, LEAD, TYPE_NAMES, Field
from sandbox.bitrix24.state import User

MOST_VALUES, MOST_FOUND = 20, 20
SEARCHED = (LEAD, CONTACT, COMPANY)
TYPES = ("string", "integer", "double", "boolean", "datetime", "date", "money", "url", "address",
         "enumeration", "file", "employee", "crm_status", "iblock_element",
         "iblock_section", "crm")  # fmt: skip


def profile(call: Call) -> Json:
    """profile: who the key acts for."""
    user = call.state.users[call.actor.user_id]
    return {"ID": str(user.id), "ADMIN": user.admin, "NAME": user.name, "LAST_NAME": user.last_name,
            "PERSONAL_GENDER": "", "TIME_ZONE": "Europe/Moscow"}  # fmt: skip


def users(call: Call) -> Result:
    """user.get: employees, fifty a page; no e-mail within user_brief."""
    wanted = {
        key.upper(): value
        for key, value in mapping(call.params.get("FILTER") or call.params.get("filter")).items()
    }
    if "ACTIVE" in wanted:
        wanted["ACTIVE"] = flag(wanted["ACTIVE"])
    rows = [_user(user, "user_brief" in call.actor.scopes) for user in call.state.users.values()]
    rows = [row for row in rows if all(str(row.get(k)) == str(v) for k, v in wanted.items() if k in row)]
    found, result = listing.select(rows, {"start": call.params.get("start", 0)}, lambda name: name, "ID")
    return Result(found, result.next, result.total)


def current_user(call: Call) -> Json:
    """user.current"""
    return _user(call.state.users[call.actor.user_id], False)


def _user(user: User, brief: bool) -> Json:
    row = {"ID": str(user.id), "ACTIVE": user.active, "NAME": user.name, "LAST_NAME": user.last_name,
           "WORK_POSITION": "", "UF_DEPARTMENT": [1], "PERSONAL_MOBILE": "", "USER_TYPE": "employee",
           "TIMESTAMP_X": {}}  # fmt: skip
    return row if brief else {**row, "EMAIL": user.email}


def app_info(call: Call) -> Json:
    """app.info"""
    assert call.actor.app is not None
    return {"ID": 1, "CODE": call.actor.app.client_id, "VERSION": 1, "STATUS": "L", "INSTALLED": True,
            "PAYMENT_EXPIRED": "N", "DAYS": None, "LANGUAGE_ID": "ru", "LICENSE": "ru_std"}  # fmt: skip


def statuses(call: Call) -> Result:
    """crm.status.list"""
    rows = [status.shown(_category(status.entity)) for status in call.state.statuses]
    params = {key.lower(): value for key, value in call.params.items()}
    rows = [row for row in rows if all(row.get(k) == v for k, v in mapping(params.get("filter")).items())]
    rows.sort(key=lambda row: int(row["SORT"]))
    return Result(rows, None, len(rows))


def _category(entity: str) -> str:
    tail = entity.removeprefix("DEAL_STAGE_")
    return tail if tail.isdigit() else "0"


def categories(call: Call) -> Result:
    """crm.category.list: leads have none."""
    if call.type_id() != DEAL:
        raise Refusal(400, "ENTITY_TYPE_NOT_SUPPORTED", "Entity type is not supported")
    rows = [
        {"id": key, "name": name, "sort": 100 * (index + 1), "entityTypeId": DEAL, "isDefault": "YN"[key > 0]}
        for index, (key, name) in enumerate(call.state.categories.items())
    ]
    return Result({"categories": rows}, None, len(rows))


def duplicates(call: Call) -> Any:
    """crm.duplicate.findbycomm: the twenty oldest of each type; nothing found is an empty list."""
    kind, given = call.needed("type"), list(mapping(call.needed("values")).values())
    if kind not in ("PHONE", "EMAIL"):
        raise Refusal(400, "", "Communication type is not supported in current context")
    if len(given) > MOST_VALUES:
        raise Refusal(400, "", "Max values count exceeded")
    key = fm.digits if kind == "PHONE" else str.casefold
    wanted = {key(str(value).strip()) for value in given} - {""}
    only = call.params.get("entity_type")
    found = {}
    for type_id in SEARCHED:
        name = TYPE_NAMES[type_id].upper()
        if only and only != name:
            continue
        ids = [r["id"] for r in call.state.all(type_id) if _has_any(r, kind, wanted)]
        if ids:
            found[name] = ids[:MOST_FOUND]
    return found or []


def _has_any(record: Json, kind: str, wanted: set[str]) -> bool:
    key = _digits if kind == "PHONE" else str.casefold
    return any(item["typeId"] == kind and key(item["value"]) in wanted for item in record["fm"])


@lru_cache(maxsize=65_536)
def _digits(value: str) -> str:
    return fm.digits(value)


def userfield_table() -> dict[str, Method]:
    """crm.lead.userfield.* and the same of the other types."""
    made: dict[str, Method] = {}
    for type_id, name in TYPE_NAMES.items():
        made |= {
            f"crm.{name}.userfield.list": Method(partial(userfields, type_id)),
            f"crm.{name}.userfield.add": Method(partial(userfield_add, type_id), writes=True),
            f"crm.{name}.userfield.delete": Method(partial(userfield_delete, type_id), writes=True),
        }
    return made


def userfields(type_id: int, call: Call) -> Result:
    rows = [_userfield(type_id, f) for f in call.state.fields_of(type_id).values() if f.custom]
    wanted = mapping(call.params.get("filter"))
    rows = [row for row in rows if all(row.get(key) == value for key, value in wanted.items())]
    return Result(rows, None, len(rows))


def _userfield(type_id: int, field: Field) -> Json:
    row: Json = {
        "ID": str(field.number), "ENTITY_ID": f"CRM_{TYPE_NAMES[type_id].upper()}", "FIELD_NAME": field.upper,
        "USER_TYPE_ID": field.type, "XML_ID": None, "SORT": "100", "MULTIPLE": "NY"[field.multiple],
        "MANDATORY": "NY"[field.required], "SHOW_FILTER": "E", "EDIT_IN_LIST": "Y", "SETTINGS": {},
    }  # fmt: skip
    if field.type == "enumeration":
        row["LIST"] = [
            {"ID": option, "SORT": str(10 * (index + 1)), "VALUE": text, "DEF": "N", "XML_ID": f"x{option}"}
            for index, (option, text) in enumerate(field.options)
        ]
    return row


def userfield_add(type_id: int, call: Call) -> int:
    """crm.*.userfield.add: an administrator's; the name gets its prefix."""
    if not call.state.users[call.actor.user_id].admin:
        raise Refusal(400, "", "Access denied.")
    given = call.fields()
    name, kind = str(given.get("FIELD_NAME", "")).upper(), str(given.get("USER_TYPE_ID", ""))
    if not name:
        raise missing("FIELD_NAME")
    if kind not in TYPES:
        raise Refusal(400, "", "The 'USER_TYPE_ID' field is not found")
    upper = name if name.startswith("UF_CRM_") else f"UF_CRM_{name}"
    if upper in call.state.fields[type_id]:
        raise Refusal(400, "", f"Field {upper} already exists")
    options = tuple(
        (str(call.state.number("option")), str(item.get("VALUE", "")))
        for item in mapping(given.get("LIST")).values()
        if isinstance(item, dict)
    )
    title = str(given.get("EDIT_FORM_LABEL") or given.get("LABEL") or upper)
    new = Field(upper, kind, title, upper, required=flag(given.get("MANDATORY", "N")),
                multiple=flag(given.get("MULTIPLE", "N")), options=options)  # fmt: skip
    return call.state.add_field(type_id, new).number


def userfield_delete(type_id: int, call: Call) -> bool:
    wanted = number(call.needed("id", "ID"))
    for name, field in call.state.fields[type_id].items():
        if field.custom and field.number == wanted:
            del call.state.fields[type_id][name]
            return True
    raise not_found("Userfield not found")
