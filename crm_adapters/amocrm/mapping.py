"""Our lead and activity -> amoCRM's lead, contact, company, note or task, and back. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import fields as fields_of
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_UP
from pathlib import Path
from typing import Any

from crm_adapters import mapping as rules
from crm_adapters import reading
from crm_adapters.amocrm.catalogue import Fields, stage_id
from crm_adapters.amocrm.values import NoSuchValue, decoded, encoded
from domain.crm import CrmActivity, CrmLead, CrmStage, RemoteLead, RemoteRef
from domain.errors import BadInput
from domain.leads import Money

DEFAULT_MAPPING = rules.load(Path(__file__).with_name("mapping.toml"))

FIELD = "fields."
PARTS = ("lead", "contact", "company")
LEAD_FIELDS = tuple(f.name for f in fields_of(CrmLead) if f.name not in ("utm", "custom"))
ATTRIBUTES = {
    "lead": {
        "name",
        "price",
        "status",
        "pipeline_id",
        "responsible_user_id",
        "tags",
        "source",
        "loss_reason_id",
    },
    "contact": {"first_name", "last_name", "name", "responsible_user_id"},
    "company": {"name"},
    "call": {"call_result", "call_status", "source", "link"},
    "meeting": {"text", "result"},
    "task": {"text", "result"},
    "note": {"text"},
    "messenger_click": {"service", "text"},
}
_OF_ACTIVITY = ("our_id", "title", "text", "result", "direction", "at", "outcome")
RECORDS = {
    **dict.fromkeys(PARTS, (*LEAD_FIELDS, "title", "utm.", "custom.")),
    **{name: _OF_ACTIVITY for name in ATTRIBUTES if name not in PARTS},
}
NOTE_TYPES = {"note": "common", "email": "common", "messenger_click": "service_message"}
TASK_TYPES = {"task": 1, "meeting": 2}
MEETING_LASTS = timedelta(hours=1)
CALLS = ("call_in", "call_out")
_LONGEST_NAME = 120
_TAIL = 10


@dataclass(frozen=True, slots=True)
class Written:
    """What an activity becomes: a note or a task, without its place."""

    kind: str
    body: dict[str, Any]


def check_mapping(mapping: Mapping[str, Any]) -> None:
    """Raise BadInput("mapping", ...) unless leads and activities can be built with it."""
    rules.check(mapping, RECORDS, _SHAPES)
    rules.stage_status(mapping, "", "open")
    for name, known in ATTRIBUTES.items():
        for rule in rules.rules(mapping, name):
            custom = rule.attribute.startswith(FIELD) and name in ("lead", "contact")
            if rule.attribute not in known and not custom:
                raise BadInput("mapping", "unknown_attribute", at=f"{name}.{rule.attribute}")


def lead_to(
    lead: CrmLead, mapping: Mapping[str, Any], fields: frozenset[str] | None = None
) -> dict[str, dict[str, Any]]:
    """Attributes of the lead, its contact and its company; with `fields` those that an update must write.
    `status` is still a word of the mapping, custom fields still stand under their names."""
    values: dict[str, Any] = {name: getattr(lead, name) for name in LEAD_FIELDS}
    values |= {f"utm.{key}": value for key, value in lead.utm.items()}
    values |= {f"custom.{key}": value for key, value in lead.custom.items()}
    values["title"] = lead.name.strip() or lead.company.strip() or f"#{lead.number}"
    shapes = {**_SHAPES, "status": lambda stage: _status(mapping, stage)}
    return {part: rules.apply(mapping, part, values, shapes, fields) for part in PARTS}


def custom_values(attributes: Mapping[str, Any], known: Fields) -> tuple[list[dict[str, Any]], list[str]]:
    """(custom_fields_values, names of attributes that cannot be written: no such field, option, number)."""
    found: list[dict[str, Any]] = []
    lost: list[str] = []
    for attribute, value in attributes.items():
        if not attribute.startswith(FIELD):
            continue
        field = known.find(attribute.removeprefix(FIELD))
        try:
            if field is None:
                raise NoSuchValue
            found.append({"field_id": field.id, "values": encoded(field, value)})
        except NoSuchValue:
            lost.append(attribute)
    return found, lost


def lead_from(
    raw: Mapping[str, Any], contact: Mapping[str, Any] | None, mapping: Mapping[str, Any],
    of_lead: Fields, of_contact: Fields | None, page: str = "", company: str | None = None,
) -> RemoteLead:  # fmt: skip
    """A lead, its main contact and its company's name as read -> ours. Without the contact there are no
    phones or e-mails, and the name is left open: the lead's own is a title. Ids in `raw` are texts, as in
    webhooks."""

    def ours(name: str) -> str:
        attribute = rules.attribute_of(mapping, "lead", name) or ""
        values = decoded(raw, of_lead.find(attribute.removeprefix(FIELD))) if attribute else []
        return values[0] if values else ""

    values = told(raw, contact, mapping, of_lead, of_contact, company)
    contact, phones_and_emails = contact or {}, of_contact or Fields(())
    return RemoteLead(
        ref=RemoteRef(str(raw["id"]), page, ours("number")),
        our_id=ours("our_id"),
        status=stage_id(raw.get("pipeline_id"), raw.get("status_id")),
        name=_name(contact),
        phones=tuple(decoded(contact, phones_and_emails.find("PHONE"))),
        emails=tuple(decoded(contact, phones_and_emails.find("EMAIL"))),
        modified_at=moment_of(raw.get("updated_at")),
        raw={key: str(value) if key.endswith("_id") and value else value for key, value in raw.items()},
        values=values,
    )


def told(
    raw: Mapping[str, Any], contact: Mapping[str, Any] | None, mapping: Mapping[str, Any],
    of_lead: Fields, of_contact: Fields | None, company: str | None,
) -> dict[str, Any]:  # fmt: skip
    """What of our lead the three records tell: see RemoteLead.values."""
    parts = [("lead", _getter(raw, of_lead))]
    if contact:
        parts.append(("contact", _getter(contact, of_contact or Fields(()))))
    if company is not None:
        parts.append(("company", reading.getter({"name": company})))
    return reading.values(mapping, parts)


def _getter(raw: Mapping[str, Any], known: Fields) -> reading.Get:
    def get(attribute: str) -> Any:
        if not attribute.startswith(FIELD):
            return raw.get(attribute, reading.MISSING)
        field = known.find(attribute.removeprefix(FIELD))
        return reading.MISSING if field is None else decoded(raw, field)

    return get


def kept(lead: CrmLead, mapping: Mapping[str, Any]) -> dict[str, Any]:
    """What reading the records back would tell once the whole lead was written."""
    parts = lead_to(lead, mapping, frozenset(LEAD_FIELDS))
    return reading.values(mapping, [(name, reading.getter(made)) for name, made in parts.items()])


def main_contact(raw: Mapping[str, Any]) -> str:
    """The id of a lead's main contact, empty without one. The lead was read with=contacts."""
    contacts = [one for one in (raw.get("_embedded") or {}).get("contacts") or () if isinstance(one, Mapping)]
    contacts.sort(key=lambda one: not one.get("is_main"))
    return str(contacts[0]["id"]) if contacts else ""


def company_of(raw: Mapping[str, Any]) -> int:
    """The id of a lead's company, 0 without one."""
    companies = (raw.get("_embedded") or {}).get("companies") or ()
    return int(companies[0]["id"]) if companies else 0


def same_person(contact: Mapping[str, Any], known: Fields, lead: CrmLead) -> bool:
    """Whether a contact has one of the lead's phones (by the last ten digits) or e-mails (without case)."""
    phones = {tail(text) for text in decoded(contact, known.find("PHONE"))}
    emails = {text.strip().casefold() for text in decoded(contact, known.find("EMAIL"))}
    return bool(phones & {tail(text) for text in lead.phones}) or bool(
        emails & {text.casefold() for text in lead.emails}
    )


def missing_addresses(contact: Mapping[str, Any], known: Fields, lead: CrmLead) -> list[dict[str, Any]]:
    """custom_fields_values that add the lead's phones and e-mails to those that a contact has already; a
    field's list is replaced as a whole, so the old ones are named again. Empty when none is missing."""
    found = []
    for code, ours, key in (("PHONE", lead.phones, tail), ("EMAIL", lead.emails, str.casefold)):
        field = known.find(code)
        if field is None:
            continue
        theirs = decoded(contact, field)
        new = [text for text in ours if key(text) not in {key(one) for one in theirs}]
        if new:
            found.append({"field_id": field.id, "values": encoded(field, [*theirs, *new])})
    return found


def tail(phone: str) -> str:
    """What amoCRM itself compares: the last ten digits."""
    return re.sub(r"\D", "", phone)[-_TAIL:]


def moment_of(stamp: Any) -> datetime | None:
    """Unix seconds -> aware UTC; None for anything else."""
    try:
        return datetime.fromtimestamp(int(stamp), UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        return None


def activity_to(activity: CrmActivity, mapping: Mapping[str, Any], now: datetime) -> Written:
    """A call, note, e-mail or click is a note of the lead; a task or meeting is a task, a past meeting a
    completed one. Every note bears the moment of the activity."""
    stamp = int(activity.at.timestamp())
    kind = activity.type if activity.type in (*NOTE_TYPES, *TASK_TYPES, "call") else "note"
    title, text = activity.title.strip(), activity.text.strip()
    values = {"our_id": activity.our_id, "title": title, "text": text if text != title else "",
              "result": activity.result, "direction": "out" if activity.outgoing else "in",
              "at": activity.at, "outcome": activity.outcome}  # fmt: skip
    record = "note" if kind == "email" else kind
    made = rules.apply(mapping, record, values, _SHAPES)
    if kind in TASK_TYPES:
        seconds = activity.duration or (int(MEETING_LASTS.total_seconds()) if kind == "meeting" else 0)
        made |= {"task_type_id": TASK_TYPES[kind], "complete_till": stamp, "duration": seconds}
        made |= {"is_completed": True} if kind == "meeting" and activity.at <= now else {}
        return Written("task", {**made, **_ended(activity, made.pop("result", ""))})
    if kind == "call":
        if "call_status" in made:
            made["call_status"] = int(made["call_status"])
        made |= {"uniq": activity.our_id, "duration": activity.duration}
        return Written("call", _note(CALLS[activity.outgoing], made, stamp))
    return Written("note", _note(NOTE_TYPES[kind], made, stamp))


def _ended(activity: CrmActivity, said: str) -> dict[str, Any]:
    """Whether a task that is changed is completed, with a word on how it ended."""
    if not activity.outcome:
        return {}
    if activity.outcome == "open":
        return {"is_completed": False}
    return {"is_completed": True, **({"result": {"text": said}} if said else {})}


def _note(kind: str, params: Mapping[str, Any], stamp: int) -> dict[str, Any]:
    return {"note_type": kind, "params": dict(params), "created_at": stamp}


def _status(mapping: Mapping[str, Any], stage: CrmStage) -> str:
    return rules.stage_status(mapping, stage.key, stage.kind.value)


def _whole(money: Money | None) -> int | None:
    """amoCRM's budget is a whole number of the account's currency; decimals are refused."""
    return None if money is None else int(money.amount.to_integral_value(ROUND_HALF_UP))


def _split(name: str) -> tuple[str, str]:
    """First word and the rest; a single word is a first name."""
    words = name.split()
    first, rest = words[:1], words[1:]
    return " ".join(first)[:_LONGEST_NAME], " ".join(rest)[:_LONGEST_NAME].rstrip()


def _name(contact: Mapping[str, Any]) -> str:
    parts = [str(contact.get(part) or "") for part in ("first_name", "last_name")]
    return " ".join(filter(None, parts)) or str(contact.get("name") or "")


def _listed(values: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(values))


_SHAPES: Mapping[str, rules.Shape] = {
    "first_name": lambda name: _split(name)[0],
    "last_name": lambda name: _split(name)[1],
    "line": lambda text: " ".join(text.split()),
    "list": _listed,
    "whole": _whole,
    "status": lambda stage: stage,
    "id": lambda text: int(text) if text and str(text).isdecimal() else None,
}
