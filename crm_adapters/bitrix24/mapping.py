"""Our lead and activity -> Bitrix24's fields, and back. Pure; Bitrix24's dictionaries end here."""

from collections.abc import Mapping, Sequence
from dataclasses import fields as fields_of
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from crm_adapters import mapping as rules
from crm_adapters import reading
from crm_adapters.bitrix24.api import moment_text, read_moment
from domain.crm import CrmActivity, CrmLead, CrmStage, RemoteLead, RemoteRef
from domain.errors import BadInput
from domain.leads import Money

DEFAULT_MAPPING = rules.load(Path(__file__).with_name("mapping.toml"))
ORIGINATOR = "voronka"
"""Who we are among the sources of a portal: an id of ours is ours only together with it."""

LEAD_FIELDS = tuple(f.name for f in fields_of(CrmLead) if f.name not in ("utm", "custom"))
_OF_LEAD = (*LEAD_FIELDS, "utm.", "custom.")
_OF_ACTIVITY = ("our_id", "title", "text", "subject", "result", "direction", "at", "end", "when")
_WHEN = {"open": "future", "done": "past", "cancelled": "past"}
RECORDS = {
    **dict.fromkeys(("lead", "deal", "contact"), _OF_LEAD),
    **dict.fromkeys(("call", "meeting", "task", "note"), _OF_ACTIVITY),
}
ACTIVITIES = {"call": "call", "meeting": "meeting", "task": "task"}
_ONLY_NEW = frozenset({"title"})  # people rename records; a later change of ours must not undo it
_NOT_CLEARED = frozenset({"assignedById", "currencyId"})
_LONGEST_NAME = 50
_MEETING_LASTS = timedelta(hours=1)
_FM = "fm."


def for_entity(mapping: Mapping[str, Any], entity: str) -> Mapping[str, Any]:
    """The mapping with the stages of `entity` in force: deals have theirs in enums.deal_stage*."""
    enums = dict(mapping.get("enums", {}))
    if entity == "deal":
        enums |= {name: enums.get(f"deal_{name}", {}) for name in ("stage", "stage_kind")}
    return {**mapping, "enums": enums}


def check_mapping(mapping: Mapping[str, Any]) -> None:
    """Raise BadInput("mapping", ...) unless leads and activities can be built with it."""
    rules.check(mapping, RECORDS, _shapes(mapping))
    rules.stage_status(mapping, "", "open")
    for name in ("call", "meeting"):
        if rules.attribute_of(mapping, name, "subject") is None:
            raise BadInput("mapping", "no_value", at=f"{name}.SUBJECT")


def lead_to(
    lead: CrmLead, mapping: Mapping[str, Any], record: str, fields: frozenset[str] | None = None
) -> dict[str, Any]:
    """Fields of a new `record` (lead, deal, contact), or, with `fields` (names of CrmLead), those that an
    update must write. `fm` holds the phones and e-mails as a list; in an update, `fm` is {type: list}."""
    values: dict[str, Any] = {name: getattr(lead, name) for name in LEAD_FIELDS}
    values |= {f"utm.{key}": value for key, value in lead.utm.items()}
    values |= {f"custom.{key}": value for key, value in lead.custom.items()}
    made = rules.apply(mapping, record, values, _shapes(mapping), fields)
    kinds = {key.removeprefix(_FM): made.pop(key) for key in list(made) if key.startswith(_FM)}
    items = {kind: [{"typeId": kind, **item} for item in found] for kind, found in kinds.items()}
    if fields is None:
        return made | ({"fm": [item for found in items.values() for item in found]} if items else {})
    made = {key: _cleared(value) for key, value in made.items() if not _stays(key, value)}
    return made | ({"fm": items} if items else {})


def _stays(key: str, value: Any) -> bool:
    return key in _ONLY_NEW or (value is None and key in _NOT_CLEARED)


def _cleared(value: Any) -> Any:
    """An emptied value: PHP takes an empty text for nothing in fields of every type."""
    return "" if value is None else value


def changed_fm(
    stored: Sequence[Mapping[str, Any]], wanted: Mapping[str, Sequence[Mapping[str, Any]]]
) -> dict[str, Any]:
    """What to send so that the named types hold just the wanted values: new ones by n0, n1 ...; others
    emptied by their ids. Values that are there already stay as they are. Empty when nothing differs."""
    change: dict[str, Any] = {}
    for kind, items in wanted.items():
        missing = {str(item["value"]): item for item in items}
        for item in stored:
            if item.get("typeId") == kind and missing.pop(str(item.get("value")), None) is None:
                change[str(item.get("id"))] = {"typeId": kind, "value": ""}
        for item in missing.values():
            change[f"n{len(change)}"] = dict(item)
    return change


def lead_from(
    raw: Mapping[str, Any],
    mapping: Mapping[str, Any],
    record: str,
    ref: RemoteRef,
    person: Mapping[str, Any],
) -> RemoteLead:
    """A record as read -> ours. `person` has the name and `fm`: the lead itself, or a deal's contact."""
    status = rules.attribute_of(mapping, record, "stage") or "stageId"
    return RemoteLead(
        ref=ref,
        our_id=our_id_of(raw, mapping, record),
        status=_text(raw.get(status)),
        name=" ".join(filter(None, (_text(person.get(part)) for part in ("name", "lastName")))),
        phones=values_of(person, "PHONE"),
        emails=values_of(person, "EMAIL"),
        modified_at=read_moment(raw.get("updatedTime")),
        raw=dict(raw),
        values=told(raw, mapping, record, person),
    )


def told(
    raw: Mapping[str, Any], mapping: Mapping[str, Any], record: str, person: Mapping[str, Any]
) -> dict[str, Any]:
    """What of our lead a record tells, and a deal's contact: see RemoteLead.values."""
    parts = [(record, _getter(raw))] + ([("contact", _getter(person))] if record == "deal" and person else [])
    return reading.values(mapping, parts)


def _getter(raw: Mapping[str, Any]) -> reading.Get:
    def get(attribute: str) -> Any:
        if attribute.startswith(_FM):
            shown = isinstance(raw.get("fm"), list)
            return values_of(raw, attribute.removeprefix(_FM)) if shown else reading.MISSING
        return raw.get(attribute, reading.MISSING)

    return get


def kept(lead: CrmLead, mapping: Mapping[str, Any], record: str) -> dict[str, Any]:
    """What reading the record back would tell once the whole lead was written."""
    every = frozenset(LEAD_FIELDS)
    made = [lead_to(lead, mapping, part, every) for part in (record, "contact")]
    raw, person = ({**one, "fm": [i for items in one.get("fm", {}).values() for i in items]} for one in made)
    return told(raw, mapping, record, person)


def our_id_of(raw: Mapping[str, Any], mapping: Mapping[str, Any], record: str) -> str:
    """Our id in a record; empty where another source has put its own there."""
    attribute = rules.attribute_of(mapping, record, "our_id")
    owner = originator_of(mapping, record)
    if owner and raw.get(owner) != ORIGINATOR:
        return ""
    return _text(raw.get(attribute or ""))


def originator_of(mapping: Mapping[str, Any], record: str) -> str:
    """The field that says whose the id is, empty where it is not mapped."""
    return next((r.attribute for r in rules.rules(mapping, record) if r.shape == "originator"), "")


def values_of(person: Mapping[str, Any], kind: str) -> tuple[str, ...]:
    """Phones or e-mails of a record, in its order."""
    found = person.get("fm")
    items = found if isinstance(found, list) else []
    return tuple(str(i["value"]) for i in items if isinstance(i, dict) and i.get("typeId") == kind)


def activity_to(
    activity: CrmActivity, mapping: Mapping[str, Any], now: datetime
) -> tuple[str, dict[str, Any]]:
    """(call, meeting, task or note; fields without owner and assignee). `now` tells a coming meeting."""
    record = ACTIVITIES.get(activity.type, "note")
    return record, _activity_as(record, activity, mapping, now)


def note_of(activity: CrmActivity, mapping: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Any activity as a comment."""
    return _activity_as("note", activity, mapping, now)


def _activity_as(
    record: str, activity: CrmActivity, mapping: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    lasts = timedelta(seconds=activity.duration)
    if record == "meeting" and not lasts:
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
    }
    return rules.apply(mapping, record, values, _shapes(mapping))


def _shapes(mapping: Mapping[str, Any]) -> dict[str, rules.Shape]:
    def status(stage: CrmStage) -> str:
        return rules.stage_status(mapping, stage.key, stage.kind.value)

    return {
        "first_name": lambda name: _split(name)[0],
        "last_name": lambda name: _split(name)[1],
        "phones": lambda phones: _listed(phones),
        "emails": lambda emails: _listed(emails),
        "amount": _amount,
        "currency": lambda money: money.currency if money else None,
        "manual": lambda money: "Y" if money else None,
        "number": _number,
        "originator": lambda our_id: ORIGINATOR if our_id else None,
        "moment": lambda moment: moment_text(moment) if moment else None,
        "status": status,
    }


def _split(name: str) -> tuple[str, str]:
    """First word and the rest."""
    first, _, rest = " ".join(name.split()).partition(" ")
    return first[:_LONGEST_NAME], rest[:_LONGEST_NAME].rstrip()


def _listed(values: Sequence[str]) -> list[dict[str, Any]]:
    return [{"valueType": "WORK", "value": value} for value in dict.fromkeys(values)]


def _amount(money: Money | None) -> int | float | None:
    if money is None:
        return None
    whole = money.amount == money.amount.to_integral_value()
    return int(money.amount) if whole else float(money.amount)


def _number(value: Any) -> int | None:
    text = str(value or "")
    return int(text) if text.isascii() and text.isdigit() else None


def _text(value: Any) -> str:
    return "" if value in (None, False) else str(value)
