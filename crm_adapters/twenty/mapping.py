"""Our lead and activity -> Twenty's opportunity, person, company, note and task, and back. Pure."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import fields as fields_of
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from crm_adapters import mapping as rules
from crm_adapters import reading
from crm_adapters.twenty import phones
from domain.crm import CrmActivity, CrmLead, CrmStage, RemoteLead, RemoteRef
from domain.leads import Money

DEFAULT_MAPPING = rules.load(Path(__file__).with_name("mapping.toml"))

LEAD_FIELDS = tuple(f.name for f in fields_of(CrmLead) if f.name not in ("utm", "custom"))
_OF_LEAD = (*LEAD_FIELDS, "utm.", "custom.")
_OF_ACTIVITY = (
    "title",
    "text",
    "subject",
    "head",
    "result",
    "direction",
    "at",
    "assignee_external_id",
    "outcome",
)
PARTS = ("lead", "person", "company")
RECORDS = {**dict.fromkeys(PARTS, _OF_LEAD), "task": _OF_ACTIVITY, "note": _OF_ACTIVITY}
MICROS = Decimal(1_000_000)
# Ids that we choose are of version 5: some versions of Twenty refuse 7.
_OURS = uuid.UUID("6f0f3a53-43c5-5c1c-9d9a-6d4c1b7f2a11")
_CLEARED: Mapping[str, Any] = {
    "emails": {"primaryEmail": "", "additionalEmails": []},
    "phones": {
        "primaryPhoneNumber": "",
        "primaryPhoneCallingCode": "",
        "primaryPhoneCountryCode": "",
        "additionalPhones": [],
    },
}


def own_id(kind: str, our_id: str) -> str:
    """The id that a record of ours has there: whoever writes it again is refused as a duplicate."""
    return str(uuid.uuid5(_OURS, f"{kind}:{our_id}"))


def check_mapping(mapping: Mapping[str, Any]) -> None:
    """Raise BadInput("mapping", ...) unless leads and activities can be built with it."""
    rules.check(mapping, RECORDS, _shapes(mapping))
    rules.stage_status(mapping, "", "open")


def record_of(
    lead: CrmLead, mapping: Mapping[str, Any], record: str, fields: frozenset[str] | None = None
) -> dict[str, Any]:
    """Attributes of a new opportunity (`lead`), `person` or `company`, or, with `fields` (names of CrmLead),
    those that an update must write."""
    values: dict[str, Any] = {name: getattr(lead, name) for name in LEAD_FIELDS}
    values |= {f"utm.{key}": value for key, value in lead.utm.items()}
    values |= {f"custom.{key}": value for key, value in lead.custom.items()}
    return _nested(rules.apply(mapping, record, values, _shapes(mapping), fields))


def _nested(flat: Mapping[str, Any]) -> dict[str, Any]:
    """Dots into maps. An emptied composite is written part by part: it is never null itself."""
    made: dict[str, Any] = {}
    for attribute, value in flat.items():
        head, _, rest = attribute.partition(".")
        if rest:
            made.setdefault(head, {})[rest] = "" if value is None and head == "name" else value
        else:
            made[head] = _CLEARED[head] if not value and head in _CLEARED else value
    return made


def lead_from(raw: Mapping[str, Any], mapping: Mapping[str, Any], page: str) -> RemoteLead:
    """An opportunity with the records it names (depth 1) -> ours. It has changed when its person has."""
    person = _branch(raw, "pointOfContact")
    our_id, number = (rules.attribute_of(mapping, "lead", name) for name in ("our_id", "number"))
    status = rules.attribute_of(mapping, "lead", "stage") or "stage"
    moments = [read_moment(one.get("updatedAt")) for one in (raw, person or {})]
    values = values_of(raw, mapping)
    return RemoteLead(
        ref=RemoteRef(str(raw["id"]), page, text_of(raw.get(number or ""))),
        our_id=text_of(raw.get(our_id or "")),
        status=text_of(raw.get(status)),
        name=full_name(person) if person else text_of(raw.get("name")),
        phones=phones.read((person or {}).get("phones")),
        emails=emails_of(person or {}),
        modified_at=max(filter(None, moments), default=None),
        raw=dict(raw),
        values=values,
    )


def values_of(raw: Mapping[str, Any], mapping: Mapping[str, Any]) -> dict[str, Any]:
    """What of our lead the records tell: see RemoteLead.values. A person or a company that is not there is
    empty; one that was not read is not known."""
    parts: list[tuple[str, reading.Get]] = [("lead", _getter(raw))]
    for record, field in (("person", "pointOfContact"), ("company", "company")):
        if field in raw:
            parts.append((record, _getter(raw[field] or {}, absent=None)))
    return reading.values(mapping, parts)


def kept(lead: CrmLead, mapping: Mapping[str, Any]) -> dict[str, Any]:
    """What reading the record back would tell once the whole lead was written."""
    made = {record: record_of(lead, mapping, record) for record in PARTS}
    absent = {rule.attribute.partition(".")[0]: None for rule in rules.rules(mapping, "lead")}
    named = {"pointOfContact": made["person"], "company": made["company"]}
    return values_of({**absent, **made["lead"], **named}, mapping)


def _getter(raw: Mapping[str, Any], absent: Any = reading.MISSING) -> reading.Get:
    """Attributes as the rules name them: a dot leads into a composite, micros come as money."""

    def get(attribute: str) -> Any:
        head, _, rest = attribute.partition(".")
        value = raw.get(head, absent)
        if head == "emails":
            return emails_of(raw) if head in raw else absent
        if head == "phones":
            return phones.read(value) if head in raw else absent
        if rest and value is not reading.MISSING:
            value = value.get(rest) if isinstance(value, Mapping) else None
        return Decimal(str(value)) / MICROS if rest == "amountMicros" and value else value

    return get


def _branch(raw: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    found = raw.get(name)
    return found if isinstance(found, Mapping) else None


def activity_to(activity: CrmActivity, mapping: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """(`task` or `note`, its attributes without the opportunity)."""
    record = "task" if activity.type == "task" else "note"
    title, text = activity.title.strip(), activity.text.strip()
    values = {
        "title": title,
        "text": text if text != title else "",
        "subject": title or text.partition("\n")[0],
        "head": _head(activity, mapping),
        "result": activity.result,
        "direction": "out" if activity.outgoing else "in",
        "at": activity.at,
        "assignee_external_id": activity.assignee_external_id,
        "outcome": activity.outcome,
    }
    made = _nested(rules.apply(mapping, record, values, _shapes(mapping)))
    return record, {"id": own_id(record, activity.our_id), **made}


def _head(activity: CrmActivity, mapping: Mapping[str, Any]) -> str:
    """What kind of activity a note tells of: its sign, direction and length, then its title."""
    sign = mapping.get("enums", {}).get("sign", {}).get(activity.type, "")
    arrow = ("→" if activity.outgoing else "←") if activity.type == "call" else ""
    minutes, seconds = divmod(activity.duration, 60)
    length = f"{minutes}:{seconds:02}" if activity.duration and activity.type == "call" else ""
    title = activity.title.strip() or activity.text.strip().partition("\n")[0]
    return " ".join(filter(None, (str(sign), arrow, length, title)))


def added(person: Mapping[str, Any], lead: CrmLead) -> dict[str, Any]:
    """What a person who is known already lacks of the lead's phones and e-mails, and a name where they have
    none. Nothing of theirs is replaced."""
    body: dict[str, Any] = {}
    known_phones, known_emails = phones.read(person.get("phones")), emails_of(person)
    if set(lead.phones) - set(known_phones):
        body["phones"] = phones.composed((*known_phones, *lead.phones))
    folded = {email.casefold() for email in known_emails}
    new_emails = [email for email in lead.emails if email.casefold() not in folded]
    if new_emails:
        body["emails"] = _emails((*known_emails, *new_emails))
    if lead.name and not full_name(person):
        body["name"] = {"firstName": _split(lead.name)[0], "lastName": _split(lead.name)[1]}
    return body


def shares_contact(person: Mapping[str, Any], lead: CrmLead) -> bool:
    """Whether a phone or an e-mail is the same."""
    emails = {email.casefold() for email in emails_of(person)} & {email.casefold() for email in lead.emails}
    return bool(emails or set(phones.read(person.get("phones"))) & set(lead.phones))


def full_name(record: Mapping[str, Any]) -> str:
    """The name of a person or a member."""
    name = record.get("name")
    parts = (name.get("firstName"), name.get("lastName")) if isinstance(name, Mapping) else (name,)
    return " ".join(filter(None, map(text_of, parts)))


def emails_of(person: Mapping[str, Any]) -> tuple[str, ...]:
    """All e-mails, primary first."""
    field = person.get("emails")
    if not isinstance(field, Mapping):
        return ()
    found = (field.get("primaryEmail"), *(field.get("additionalEmails") or ()))
    return tuple(str(email) for email in found if email)


def _shapes(mapping: Mapping[str, Any]) -> dict[str, rules.Shape]:
    def status(stage: CrmStage) -> str:
        return rules.stage_status(mapping, stage.key, stage.kind.value)

    return {
        "first_name": lambda name: _split(name)[0],
        "last_name": lambda name: _split(name)[1],
        "emails": _emails,
        "phones": phones.composed,
        "amount": _micros,
        "currency": lambda money: money.currency if money else None,
        "number": lambda number: number,
        "moment": lambda moment: moment.astimezone(UTC).isoformat() if moment else None,
        "status": status,
    }


def _split(name: str) -> tuple[str, str]:
    """First word and the rest."""
    first, _, rest = " ".join(name.split()).partition(" ")
    return first, rest


def _emails(emails: Sequence[str]) -> dict[str, Any] | None:
    if not emails:
        return None
    unique = list({email.casefold(): email for email in reversed(emails)}.values())[::-1]
    return {"primaryEmail": unique[0], "additionalEmails": unique[1:]}


def _micros(money: Money | None) -> int | None:
    return int((money.amount * MICROS).to_integral_value()) if money else None


def text_of(value: Any) -> str:
    return "" if value is None else str(value)


def read_moment(text: object) -> datetime | None:
    """Twenty's moment, ISO with a Z -> aware UTC; else None."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
