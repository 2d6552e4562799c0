"""Our lead and activity -> EspoCRM's attributes, and back. Pure; EspoCRM's dictionaries end here."""

from collections.abc import Mapping, Sequence
from dataclasses import fields as fields_of
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from crm_adapters import mapping as rules
from crm_adapters import reading
from crm_adapters.espocrm.api import moment_text, read_moment
from domain.crm import CrmActivity, CrmLead, CrmStage, RemoteLead, RemoteRef
from domain.leads import Money

DEFAULT_MAPPING = rules.load(Path(__file__).with_name("mapping.toml"))

ENTITIES = {
    "call": "Call",
    "meeting": "Meeting",
    "task": "Task",
    "email": "Note",
    "note": "Note",
    "messenger_click": "Note",
}
LEAD_FIELDS = tuple(f.name for f in fields_of(CrmLead) if f.name not in ("utm", "custom"))
RECORDS = {
    "lead": (*LEAD_FIELDS, "utm.", "custom."),
    **dict.fromkeys(
        ("call", "meeting", "task", "note"),
        ("our_id", "title", "text", "subject", "result", "direction", "at", "end", "when", "outcome"),
    ),
}
_LONGEST_NAME = 100
_MEETING_LASTS = timedelta(hours=1)
_WHEN = {"open": "future", "done": "past", "cancelled": "off"}
# The pattern $noBadCharacters of EspoCRM's name fields: a 400 otherwise.
_BAD_IN_NAMES = str.maketrans("<>=\0", "    ")


def check_mapping(mapping: Mapping[str, Any]) -> None:
    """Raise BadInput("mapping", ...) unless leads and activities can be built with it."""
    rules.check(mapping, RECORDS, _shapes(mapping))
    rules.stage_status(mapping, "", "open")


def lead_to(
    lead: CrmLead, mapping: Mapping[str, Any], fields: frozenset[str] | None = None
) -> dict[str, Any]:
    """Attributes of a new Lead, or, with `fields` (names of CrmLead), those that an update must write."""
    values: dict[str, Any] = {name: getattr(lead, name) for name in LEAD_FIELDS}
    values |= {f"utm.{key}": value for key, value in lead.utm.items()}
    values |= {f"custom.{key}": value for key, value in lead.custom.items()}
    return rules.apply(mapping, "lead", values, _shapes(mapping), fields)


def values_of(raw: Mapping[str, Any], mapping: Mapping[str, Any]) -> dict[str, Any]:
    """What of our lead the attributes of a Lead tell, written or read: see RemoteLead.values."""
    return reading.values(mapping, [("lead", reading.getter(raw))])


def lead_from(raw: Mapping[str, Any], mapping: Mapping[str, Any], page: str = "") -> RemoteLead:
    """A Lead as read (or listed) -> ours. `page` is the address a person opens."""
    our_id = rules.attribute_of(mapping, "lead", "our_id")
    status = rules.attribute_of(mapping, "lead", "stage") or "status"
    number = rules.attribute_of(mapping, "lead", "number")
    return RemoteLead(
        ref=RemoteRef(str(raw["id"]), page, _text(raw.get(number or ""))),
        our_id=_text(raw.get(our_id or "")),
        status=_text(raw.get(status)),
        name=_name(raw),
        phones=_addresses(raw, "phoneNumber"),
        emails=_addresses(raw, "emailAddress"),
        modified_at=read_moment(raw.get("modifiedAt")),
        raw=dict(raw),
        values=values_of(raw, mapping),
    )


def activity_to(
    activity: CrmActivity, mapping: Mapping[str, Any], now: datetime
) -> tuple[str, dict[str, Any]]:
    """(entity, attributes without parent and assignee). `now` tells a coming meeting from a past one."""
    entity = ENTITIES.get(activity.type, "Note")
    lasts = timedelta(seconds=activity.duration)
    if entity == "Meeting" and not lasts:
        lasts = _MEETING_LASTS
    title, text = activity.title.strip(), activity.text.strip()
    values = {
        "our_id": activity.our_id,
        "title": title,
        "text": text if text != title else "",
        "subject": title or text.partition("\n")[0],
        "result": activity.result,
        "direction": "out" if activity.outgoing else "in",
        "at": activity.at,
        "end": activity.at + lasts,
        "when": _WHEN.get(activity.outcome, "future" if activity.at > now else "past"),
        "outcome": activity.outcome,
    }
    return entity, rules.apply(mapping, entity.lower(), values, _shapes(mapping))


def dropped(sent: Mapping[str, Any], answer: Mapping[str, Any]) -> tuple[str, ...]:
    """Attributes that EspoCRM took without a word and did not keep: unknown or forbidden ones."""
    return tuple(name for name, value in sent.items() if not _same(value, answer.get(name)))


def _shapes(mapping: Mapping[str, Any]) -> dict[str, rules.Shape]:
    def status(stage: CrmStage) -> str:
        return rules.stage_status(mapping, stage.key, stage.kind.value)

    return {
        "first_name": lambda name: _split(name)[0],
        "last_name": lambda name: _split(name)[1],
        "plain": lambda text: " ".join(text.translate(_BAD_IN_NAMES).split()),
        "phones": lambda phones: _listed("phoneNumber", phones),
        "emails": lambda emails: _listed("emailAddress", emails),
        "amount": _amount,
        "currency": lambda money: money.currency if money else None,
        "number": lambda number: number,
        "moment": lambda moment: moment_text(moment) if moment else None,
        "status": status,
    }


def _split(name: str) -> tuple[str, str]:
    """First word and the rest; a single word is a last name, as EspoCRM shows it alone."""
    words = name.translate(_BAD_IN_NAMES).split()
    first, rest = (words[0], words[1:]) if len(words) > 1 else ("", words)
    return first[:_LONGEST_NAME], " ".join(rest)[:_LONGEST_NAME].rstrip()


def _listed(attribute: str, values: Sequence[str]) -> list[dict[str, Any]]:
    return [{attribute: value, "primary": index == 0} for index, value in enumerate(dict.fromkeys(values))]


def _amount(money: Money | None) -> int | float | None:
    """A JSON number: EspoCRM keeps a float by default, so nothing is lost that it could hold."""
    if money is None:
        return None
    whole = money.amount == money.amount.to_integral_value()
    return int(money.amount) if whole else float(money.amount)


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _name(raw: Mapping[str, Any]) -> str:
    """`name` of an answer shows a phone or the company where there is no first name: trust the parts."""
    parts = [_text(raw.get(part)) for part in ("firstName", "lastName")]
    return " ".join(filter(None, parts)) or _text(raw.get("name"))


def _addresses(raw: Mapping[str, Any], attribute: str) -> tuple[str, ...]:
    """All numbers or addresses, primary first; lists carry the primary one only."""
    listed = [item for item in raw.get(f"{attribute}Data") or () if isinstance(item, dict)]
    listed.sort(key=lambda item: not item.get("primary"))
    found = [item.get(attribute) for item in listed] or [raw.get(attribute)]
    return tuple(str(value) for value in found if value)


def _same(sent: Any, kept: Any) -> bool:
    if isinstance(sent, list):
        return _keys(sent) == _keys(kept)
    if sent is None or kept is None:
        return sent in (None, "") and kept in (None, "")
    if isinstance(sent, int | float) and not isinstance(sent, bool):
        try:
            return Decimal(str(sent)) == Decimal(str(kept))
        except InvalidOperation:
            return False
    return _text(sent).strip() == _text(kept).strip()


def _keys(items: Any) -> set[str]:
    """Phones or e-mails of a list, without case: an address shows the spelling stored first."""
    found = [item for item in items or () if isinstance(item, dict)]
    return {_text(item.get("phoneNumber") or item.get("emailAddress")).casefold() for item in found}
