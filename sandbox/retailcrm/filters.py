"""The filters of lists. A filter that the API does not have is refused, so that a slip is seen."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sandbox.retailcrm.answers import refusal
from sandbox.retailcrm.state import Record, State
from sandbox.retailcrm.values import digits

Test = Callable[[Record, Any], bool]
"""(record, value of the filter) -> whether it fits."""


def choose(records: Iterable[Record], wanted: Mapping[str, Any], known: Mapping[str, Test]) -> list[Record]:
    """The records that pass every filter, newest first. 400 for an unknown one."""
    for name in wanted:
        if name not in known:
            raise refusal(
                400,
                "Errors in the input parameters",
                errors={"filter": f'This form should not contain extra fields: "{name}".'},
            )
    found = [record for record in records if all(known[n](record, v) for n, v in wanted.items() if v != "")]
    return sorted(found, key=lambda record: -int(record["id"]))


def one_of(name: str) -> Test:
    """`filter[x][]=a`: the record's value is among them."""
    return lambda record, wanted: str(record.get(name)) in [str(item) for item in wanted]


def is_equal(name: str) -> Test:
    return lambda record, wanted: str(record.get(name) or "").casefold() == str(wanted).casefold()


def contains(name: str) -> Test:
    return lambda record, wanted: str(wanted).casefold() in str(record.get(name) or "").casefold()


def day_from(name: str) -> Test:
    return lambda record, wanted: str(record.get(name) or "")[:10] >= str(wanted)


def day_to(name: str) -> Test:
    return lambda record, wanted: str(record.get(name) or "")[:10] <= str(wanted)


def in_source(name: str) -> Test:
    return lambda record, wanted: (record.get("source") or {}).get(name) == wanted


def _custom(record: Record, wanted: Any) -> bool:
    kept = record.get("customFields") or {}
    return all(str(kept.get(code)) == str(value) for code, value in dict(wanted).items())


def name_or_phone(record: Record, wanted: Any) -> bool:
    """A part of the name, or a part of a phone whatever its spelling."""
    names = " ".join(str(record.get(part) or "") for part in ("lastName", "firstName", "patronymic"))
    if str(wanted).casefold() in names.casefold():
        return True
    listed = [item.get("number") for item in record.get("phones") or ()]
    phones = [record.get("phone"), record.get("additionalPhone"), *listed]
    asked = digits(wanted)
    return len(asked) >= 4 and any(asked in digits(phone) for phone in phones)


def _of_customer(name: str) -> Test:
    return lambda record, wanted: str((record.get("customer") or {}).get(name)) == str(wanted)


def _tagged(record: Record, wanted: Any) -> bool:
    return {tag["name"] for tag in record.get("tags") or ()} >= set(wanted)


ORDERS: Mapping[str, Test] = {
    "ids": one_of("id"),
    "externalIds": one_of("externalId"),
    "numbers": one_of("number"),
    "customer": name_or_phone,
    "customerId": _of_customer("id"),
    "customerExternalId": _of_customer("externalId"),
    "email": is_equal("email"),
    "extendedStatus": one_of("status"),
    "managers": one_of("managerId"),
    "sites": one_of("site"),
    "orderMethods": one_of("orderMethod"),
    "createdAtFrom": day_from("createdAt"),
    "createdAtTo": day_to("createdAt"),
    "statusUpdatedAtFrom": day_from("statusUpdatedAt"),
    "statusUpdatedAtTo": day_to("statusUpdatedAt"),
    "customFields": _custom,
    "sourceName": in_source("source"),
    "mediumName": in_source("medium"),
    "campaignName": in_source("campaign"),
    "keywordName": in_source("keyword"),
    "adContentName": in_source("content"),
}
CUSTOMERS: Mapping[str, Test] = {
    "ids": one_of("id"),
    "externalIds": one_of("externalId"),
    "name": name_or_phone,
    "email": is_equal("email"),
    "sites": one_of("site"),
    "managers": one_of("managerId"),
    "dateFrom": day_from("createdAt"),
    "dateTo": day_to("createdAt"),
    "tags": _tagged,
    "customFields": _custom,
    "sourceName": in_source("source"),
}
NOTES: Mapping[str, Test] = {
    "ids": one_of("id"),
    "customerIds": lambda record, wanted: str(record["customer"]["id"]) in wanted,
    "customerExternalIds": lambda record, wanted: str(record["customer"].get("externalId")) in wanted,
    "managerIds": one_of("managerId"),
    "text": contains("text"),
    "createdAtFrom": day_from("createdAt"),
    "createdAtTo": day_to("createdAt"),
}
TASKS: Mapping[str, Test] = {
    "ids": one_of("id"),
    "orderNumber": lambda record, wanted: (record.get("order") or {}).get("number") == wanted,
    "customer": lambda record, wanted: name_or_phone(record.get("customer") or {}, wanted),
    "status": lambda record, wanted: (
        record["complete"] is {"performing": False, "completed": True}.get(wanted, not record["complete"])
    ),
    "text": contains("text"),
    "performers": one_of("performerId"),
    "creators": one_of("creator"),
    "dateFrom": day_from("datetime"),
    "dateTo": day_to("datetime"),
    "createdAtFrom": day_from("createdAt"),
    "createdAtTo": day_to("createdAt"),
}
USERS: Mapping[str, Test] = {
    "active": lambda record, wanted: record["active"] is (wanted == "1"),
    "isManager": lambda record, wanted: record["isManager"] is (wanted == "1"),
    "isAdmin": lambda record, wanted: record["isAdmin"] is (wanted == "1"),
    "email": is_equal("email"),
    "status": is_equal("status"),
    "online": lambda record, wanted: record["online"] is (wanted == "1"),
    "groups": lambda record, wanted: bool({group["code"] for group in record["groups"]} & set(wanted)),
}
FIELDS: Mapping[str, Test] = {
    "entity": is_equal("entity"),
    "name": contains("name"),
    "code": is_equal("code"),
    "type": is_equal("type"),
}


def of_key(records: Iterable[Record], sites: tuple[str, ...]) -> list[Record]:
    """Those of the shops that a key sees."""
    return [record for record in records if record.get("site") in sites]


def all_of(state: State, entity: str, sites: tuple[str, ...]) -> list[Record]:
    return of_key(state.table(entity).values(), sites)
