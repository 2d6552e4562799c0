"""Our lead and activity -> RetailCRM's order, customer, task and note, and back. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields as fields_of
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import Any

from crm_adapters import mapping as rules
from crm_adapters import reading
from crm_adapters.retailcrm.account import read_moment
from domain.crm import CrmActivity, CrmLead, CrmStage, RemoteLead, RemoteRef
from domain.leads import Money

DEFAULT_MAPPING = rules.load(Path(__file__).with_name("mapping.toml"))

LEAD_FIELDS = tuple(f.name for f in fields_of(CrmLead) if f.name not in ("utm", "custom"))
_OF_LEAD = (*LEAD_FIELDS, "utm.", "custom.")
_OF_ACTIVITY = ("title", "text", "subject", "head", "order", "result", "direction", "at")
RECORDS = {"lead": _OF_LEAD, "customer": _OF_LEAD, "task": _OF_ACTIVITY, "note": _OF_ACTIVITY}

LONGEST = 255
CUSTOM = "customFields"
_TASK_MOMENT = "%Y-%m-%d %H:%M"
_WORDS = re.compile(r"\W+")


def check_mapping(mapping: Mapping[str, Any]) -> None:
    """Raise BadInput("mapping", ...) unless leads and activities can be built with it."""
    rules.check(mapping, RECORDS, _shapes(mapping, None))
    rules.stage_status(mapping, "", "open")


def lead_to(
    lead: CrmLead, mapping: Mapping[str, Any], fields: frozenset[str] | None = None, record: str = "lead"
) -> dict[str, Any]:
    """Attributes of a new order (or `customer`), or, with `fields` (names of CrmLead), those that an
    update must write. A dot in an attribute's name leads into a map: customFields.code, source.medium."""
    values: dict[str, Any] = {name: getattr(lead, name) for name in LEAD_FIELDS}
    values |= {f"utm.{key}": value for key, value in lead.utm.items()}
    values |= {f"custom.{key}": value for key, value in lead.custom.items()}
    return _nested(rules.apply(mapping, record, values, _shapes(mapping, None), fields))


def _nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for attribute, value in flat.items():
        head, _, rest = attribute.partition(".")
        if rest:
            made.setdefault(head, {})[rest] = value
        else:
            made[head] = value
    return made


def lead_from(raw: Mapping[str, Any], mapping: Mapping[str, Any], page: str, zone: tzinfo) -> RemoteLead:
    """An order as read (or listed) -> ours. `page` is the address a person opens. An order bears no moment
    of its last change: the latest it tells is that of its status."""
    status = rules.attribute_of(mapping, "lead", "stage") or "status"
    told = (raw.get("statusUpdatedAt"), raw.get("createdAt"))
    return RemoteLead(
        ref=RemoteRef(str(raw["id"]), page, text_of(raw.get("number"))),
        our_id=text_of(raw.get("externalId")),
        status=text_of(raw.get(status)),
        name=" ".join(filter(None, (text_of(raw.get(part)) for part in ("firstName", "lastName")))),
        phones=tuple(filter(None, (text_of(raw.get(part)) for part in ("phone", "additionalPhone")))),
        emails=tuple(filter(None, (text_of(raw.get("email")),))),
        modified_at=next(filter(None, (read_moment(moment, zone) for moment in told)), None),
        raw=dict(raw),
        values=values_of(raw, mapping),
        dated=False,
    )


def values_of(raw: Mapping[str, Any], mapping: Mapping[str, Any]) -> dict[str, Any]:
    """What of our lead an order tells, written or read: see RemoteLead.values. Of the order's own attributes
    the empty ones are left out; of custom fields also those that the account does not have."""

    def get(attribute: str) -> Any:
        head, dot, rest = attribute.partition(".")
        if not dot:
            return raw.get(attribute)
        inside = raw.get(head)
        return inside.get(rest, reading.MISSING) if isinstance(inside, dict) else reading.MISSING

    return reading.values(mapping, [("lead", get)])


def kept(lead: CrmLead, mapping: Mapping[str, Any]) -> dict[str, Any]:
    """What reading the order back would tell once the whole lead was written."""
    return values_of(lead_to(lead, mapping, frozenset(LEAD_FIELDS)), mapping)


def activity_to(
    activity: CrmActivity, record: str, number: str, mapping: Mapping[str, Any], zone: tzinfo
) -> dict[str, Any]:
    """Attributes of a task or a note, without the records they hang on. `number` is the order's."""
    title, text = activity.title.strip(), activity.text.strip()
    values = {
        "title": title,
        "text": text if text != title else "",
        "subject": title or text.partition("\n")[0],
        "head": _head(activity, mapping),
        "order": f"№ {number}" if number else "",
        "result": activity.result,
        "direction": "out" if activity.outgoing else "in",
        "at": activity.at,
    }
    return _nested(rules.apply(mapping, record, values, _shapes(mapping, zone)))


def _head(activity: CrmActivity, mapping: Mapping[str, Any]) -> str:
    """What kind of activity a note tells of: its sign, direction and length, then its title."""
    sign = mapping.get("enums", {}).get("sign", {}).get(activity.type, "")
    arrow = ("→" if activity.outgoing else "←") if activity.type == "call" else ""
    minutes, seconds = divmod(activity.duration, 60)
    length = f"{minutes}:{seconds:02}" if activity.duration and activity.type == "call" else ""
    return " ".join(filter(None, (str(sign), arrow, length, activity.title.strip())))


def same_words(one: object, other: object) -> bool:
    """Whether two texts say the same, whatever became of signs and line breaks on the way."""
    left, right = (_WORDS.sub(" ", text_of(text)).strip().casefold() for text in (one, other))
    return left == right


def fitted(
    values: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]
) -> tuple[dict[str, Any], list[str]]:
    """(custom fields as the account takes them, codes that it does not have or whose value does not fit).

    A dictionary takes the code of an element: names are looked up too. Unknown ones would be a 400.
    """
    kept: dict[str, Any] = {}
    dropped = []
    for code, value in values.items():
        fits, made = _fit(known[code], value) if code in known else (False, None)
        if fits:
            kept[code] = made
        else:
            dropped.append(code)
    return kept, sorted(dropped)


def _fit(field: Mapping[str, Any], value: Any) -> tuple[bool, Any]:
    kind = str(field.get("type"))
    if value is None:
        return True, None
    if "dictionary" in kind:
        element = field.get("elements", {}).get(text_of(value).casefold())
        return element is not None, [element] if kind.startswith("multiselect") else element
    if kind in ("integer", "numeric"):
        return isinstance(value, int | float) or _is_number(text_of(value)), value
    if kind == "boolean":
        return isinstance(value, bool), value
    return True, text_of(value)[:LONGEST] if kind == "string" else text_of(value)


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", text) is not None


def _shapes(mapping: Mapping[str, Any], zone: tzinfo | None) -> dict[str, rules.Shape]:
    def status(stage: CrmStage) -> str:
        return rules.stage_status(mapping, stage.key, stage.kind.value)

    return {
        "first_name": lambda name: _split(name)[0],
        "last_name": lambda name: _split(name)[1],
        "first": lambda values: values[0] if values else None,
        "second": lambda values: values[1] if len(values) > 1 else None,
        "phones": lambda phones: [{"number": phone} for phone in dict.fromkeys(phones)],
        "list": lambda value: [value] if value else [],
        "id": lambda value: int(value) if value and str(value).isdigit() else None,
        "amount": _amount,
        "currency": lambda money: money.currency if money else None,
        "number": lambda number: number,
        "moment": lambda moment: moment.astimezone(zone).strftime(_TASK_MOMENT) if moment else None,
        "status": status,
    }


def _split(name: str) -> tuple[str, str]:
    """First word and the rest."""
    first, _, rest = " ".join(name.split()).partition(" ")
    return first[:LONGEST], rest[:LONGEST].rstrip()


def _amount(money: Money | None) -> int | float | None:
    if money is None:
        return None
    whole = money.amount == money.amount.to_integral_value()
    return int(money.amount) if whole else float(Decimal(money.amount))


def text_of(value: Any) -> str:
    return "" if value is None else str(value)


def phone_digits(number: object) -> str:
    """A number's digits, a Russian 8 as 7, so that spellings compare."""
    digits = re.sub(r"\D", "", text_of(number))
    return "7" + digits[1:] if len(digits) == 11 and digits[0] == "8" else digits


def contacts_of(raw: Mapping[str, Any]) -> tuple[set[str], set[str]]:
    """(digits of the phones, folded e-mails) of an order or a customer."""
    listed = [item.get("number") for item in raw.get("phones") or () if isinstance(item, dict)]
    numbers: Sequence[Any] = (raw.get("phone"), raw.get("additionalPhone"), *listed)
    phones = {phone_digits(number) for number in numbers} - {""}
    return phones, {text_of(raw.get("email")).casefold()} - {""}


def lasting(moment: datetime) -> datetime:
    """The earliest moment that a record of an activity at `moment` can bear: clocks differ."""
    return moment - timedelta(minutes=1)
