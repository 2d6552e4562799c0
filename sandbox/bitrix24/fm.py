"""Phones, e-mails and messengers of a record: the multiple field `fm`."""

import re
from typing import Any

from sandbox.bitrix24.answers import Json, invalid
from sandbox.bitrix24.schema import VALUE_TYPES

_EMAIL = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>.]+")
TITLES = {"PHONE": "Phone", "EMAIL": "E-mail", "IM": "Messenger", "WEB": "Website", "LINK": "Link"}


def merged(stored: list[Json], given: Any, new_id: Any) -> list[Json]:
    """The stored values with what was given: a list adds; in an object `n0` adds, a number changes the value
    of that id, or deletes it when the text is empty. What has no typeId is ignored without a word.

    `new_id` is called for the id of a new value. Raises Refusal for an unknown type and a bad e-mail.
    """
    found = {item["id"]: dict(item) for item in stored}
    pairs = (
        given.items() if isinstance(given, dict) else ((f"n{n}", one) for n, one in enumerate(given or ()))
    )
    for key, item in pairs:
        if not isinstance(item, dict) or not item.get("typeId"):
            continue
        value = _checked(item)
        number = int(key) if str(key).isdigit() else None
        if number is not None and number in found:
            if value:
                found[number] |= {
                    "value": value,
                    "valueType": item.get("valueType", found[number]["valueType"]),
                }
            else:
                del found[number]
        elif value:
            made = {"id": new_id(), "typeId": item["typeId"], "valueType": item.get("valueType") or "WORK"}
            found[made["id"]] = {**made, "value": value}
    return list(found.values())


def _checked(item: Json) -> str:
    kind, value = str(item["typeId"]), str(item.get("value") or "").strip()
    if kind not in VALUE_TYPES or item.get("valueType", "OTHER") not in VALUE_TYPES[kind]:
        raise invalid(TITLES.get(kind, kind))
    if kind == "EMAIL" and value and not _EMAIL.fullmatch(value):
        raise invalid(TITLES[kind])
    return value


def has(items: list[Json], kind: str) -> str:
    """hasPhone, hasEmail: Y or N."""
    return "Y" if any(item["typeId"] == kind for item in items) else "N"


def legacy_in(fields: Json) -> list[Json] | Json | None:
    """PHONE, EMAIL ... of the older methods -> fm; None when the fields have none."""
    if not any(kind in fields for kind in VALUE_TYPES):
        return None
    made: Json = {}
    for kind in VALUE_TYPES:
        for index, item in enumerate(fields.get(kind) or ()):
            if isinstance(item, dict):
                text = "" if item.get("DELETE") == "Y" else item.get("VALUE", "")
                one = {"typeId": kind, "valueType": item.get("VALUE_TYPE", "WORK"), "value": text}
                made[str(item.get("ID") or f"n{kind}{index}")] = one
    return made


def legacy_out(items: list[Json]) -> Json:
    """fm -> PHONE, EMAIL ... of the older methods."""
    shown: Json = {}
    for item in items:
        one = {"ID": str(item["id"]), "VALUE_TYPE": item["valueType"], "VALUE": item["value"],
               "TYPE_ID": item["typeId"]}  # fmt: skip
        shown.setdefault(item["typeId"], []).append(one)
    return shown


def digits(phone: str) -> str:
    """What the duplicate index keeps of a phone: digits without the extension, 8... as 7..."""
    number = re.sub(r"\D", "", re.split(r"доб|ext|,|;|#", phone, maxsplit=1)[0])
    return "7" + number[1:] if len(number) == 11 and number.startswith("8") else number
