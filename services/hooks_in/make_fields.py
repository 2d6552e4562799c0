"""What Make.com's scenario sends: the fields of a lead, of its contact and of a meeting, flat or nested."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from domain.contacts import ContactDraft
from domain.errors import BadInput
from domain.json_paths import flat
from domain.leads import LeadDraft
from services.hooks_in.form_fields import read_form

SOURCE = "make"
PATHS: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "full_name"),
    "company": ("company_name", "company"),
    "inn": ("inn",),
    "email": ("email",),
    "phone": ("phones", "phone"),
    "first_phone": ("primary_phone",),
    "segment": ("segment",),
    "note": ("notes", "note", "comment", "message"),
    "stage": ("stage_name", "stage"),
    "source": ("source",),
    "referral_code": ("referral_code",),
    "contact_name": ("contact_name", "contact_full_name", "contact.full_name", "contact.name"),
    "contact_position": ("contact_position", "contact.position"),
    "contact_phone": ("contact_phone", "contact.phone"),
    "contact_email": ("contact_email", "contact.email"),
    "meeting_at": ("meeting_scheduled_at", "meeting.scheduled_at", "meeting_at"),
    "meeting_title": ("meeting_title", "meeting.title"),
    "meeting_notes": ("meeting_notes", "meeting.notes"),
    "meeting_minutes": ("meeting_duration_minutes", "meeting.duration_minutes"),
}
"""Our names, and where each may stand."""

CUSTOM = "custom_fields."
_DAY_FIRST = ("%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y")
_LONGEST = 24 * 60
ROOM = 200
SHORT_ROOM = 64


@dataclass(frozen=True, slots=True)
class Meeting:
    at: datetime
    title: str
    text: str
    minutes: int


@dataclass(frozen=True, slots=True)
class MakeLead:
    """A lead as it came; `contact` None where nobody is named."""

    draft: LeadDraft
    contact: ContactDraft | None
    meeting: Meeting | None
    stage: str
    segment: str


def read_make(body: Any, region: str, time_zone: str, own_fields: frozenset[str]) -> MakeLead:
    """Raises BadInput with `fields` = {field: reason}. A moment without a zone is one of `time_zone`. Of
    `custom_fields` those stay that the organization has."""
    found = flat(body)
    given = {name: _first(found, paths) for name, paths in PATHS.items()}
    _demand_short(given)
    contact = ContactDraft(
        given["contact_name"] or given["name"], given["contact_position"],
        given["contact_phone"], given["contact_email"],
    )  # fmt: skip
    meeting = _meeting(given, time_zone)
    notes = [given["note"], *([given["meeting_title"], given["meeting_notes"]] if meeting is None else ())]
    fields = {
        "name": given["name"] or ("" if given["company"] else given["contact_name"]),
        "company": given["company"],
        "phone": ",".join(one for one in (given["first_phone"], given["phone"]) if one)
        or given["contact_phone"],
        "email": given["email"] or given["contact_email"],
        "inn": given["inn"],
        "note": "\n".join(one for one in notes if one),
        "referral_code": given["referral_code"],
        **{name: text for name, text in found.items() if name.startswith("utm_")},
    }
    draft = read_form(fields, (), region, given["source"][:32] or SOURCE)
    draft.custom.update(
        {
            path.removeprefix(CUSTOM): text[:500]
            for path, text in found.items()
            if path.startswith(CUSTOM) and path.removeprefix(CUSTOM) in own_fields
        }
    )
    somebody = contact if contact.name or contact.phone or contact.email else None
    return MakeLead(draft, somebody, meeting, given["stage"], given["segment"])


def _first(found: Mapping[str, str], paths: tuple[str, ...]) -> str:
    return next((found[path].replace("\0", "").strip() for path in paths if path in found), "")


def _demand_short(given: Mapping[str, str]) -> None:
    room = {"segment": SHORT_ROOM, "stage": SHORT_ROOM, "meeting_title": ROOM, "meeting_notes": 3000}
    wrong = {name: "too_long" for name, most in room.items() if len(given[name]) > most}
    if wrong:
        raise BadInput(next(iter(wrong)), "too_long", fields=wrong)


def _meeting(given: Mapping[str, str], time_zone: str) -> Meeting | None:
    if not given["meeting_at"]:
        return None
    at = read_moment(given["meeting_at"], time_zone)
    minutes = given["meeting_minutes"]
    if minutes and not (re.fullmatch(r"[0-9]{1,4}", minutes) and int(minutes) <= _LONGEST):
        raise BadInput("meeting_duration_minutes", "invalid")
    return Meeting(at, given["meeting_title"], given["meeting_notes"], int(minutes or 0))


def read_moment(text: str, time_zone: str) -> datetime:
    """ISO 8601, or the day first as mails write it: 24.12.2026 15:30. Raises BadInput."""
    at = _iso(text) or next((read for one in _DAY_FIRST if (read := _in_form(text, one))), None)
    if at is None or not 1990 <= at.year <= 2100:
        raise BadInput("meeting_scheduled_at", "invalid")
    return (at if at.tzinfo is not None else at.replace(tzinfo=ZoneInfo(time_zone))).astimezone(UTC)


def _iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _in_form(text: str, pattern: str) -> datetime | None:
    try:
        return datetime.strptime(text, pattern)
    except ValueError:
        return None
