"""The fields that come in by forms and other systems: their names, their limits, and the draft in them."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

from domain.errors import BadInput
from domain.fields import read_email
from domain.leads import LeadDraft
from domain.phones import read_phone

UTM = ("source", "medium", "campaign", "content", "term")
CUSTOM = ("user_type", "language", "field_of_study", "universities", "scholarship")
TEXTS = {"name": 100, "company": 200, "phone": 400, "email": 254, "note": 3000, "referral_code": 64}
LIMITS = {
    **TEXTS,
    "inn": 20,
    **{f"utm_{name}": 200 for name in UTM},
    **dict.fromkeys(CUSTOM, 500),
}
"""Every field a form may have, and the most characters it takes. Other fields stay in the raw delivery."""

ALIASES = {
    "comment": "note",
    "comments": "note",
    "message": "note",
    "notes": "note",
    "ref": "referral_code",
    "tel": "phone",
    "phones": "phone",
    "primary_phone": "phone",
    "telephone": "phone",
    "mail": "email",
    "e-mail": "email",
    "company_name": "company",
    "full_name": "name",
}
SESSIONS = ("session_id", "session")
SESSION_ROOM = 64
NOT_TICKED = frozenset({"", "0", "false", "no", "off", "n", "-", "null", "\u043d\u0435\u0442"})
"""What pages send for a box that was left empty; the last one is Russian."""
MOST_PHONES = 10


def read_form(fields: Mapping[str, str], required: tuple[str, ...], region: str, source: str) -> LeadDraft:
    """The draft in a submission. Raises BadInput with `fields` = {field: reason} for all that is wrong."""
    given = {name: text.strip() for name, text in named(fields).items() if name in LIMITS and text.strip()}
    wrong = {name: "required" for name in required if name not in given}
    wrong |= {name: "too_long" for name, text in given.items() if len(text) > LIMITS[name]}
    for name, reason in _unreadable(given, region).items():
        wrong.setdefault(name, reason)
    if wrong:
        first = next(iter(wrong))
        raise BadInput(first, wrong[first], fields=wrong)
    return LeadDraft(
        name=given.get("name", ""),
        company=given.get("company", ""),
        phones=split_phones(given.get("phone", "")),
        emails=(given["email"],) if "email" in given else (),
        inn=given.get("inn", ""),
        note=given.get("note", ""),
        source=source,
        referral_code=given.get("referral_code", ""),
        utm={name: given[f"utm_{name}"] for name in UTM if f"utm_{name}" in given},
        custom={name: given[name] for name in CUSTOM if name in given},
    )


def named(fields: Mapping[str, str]) -> dict[str, str]:
    """Fields by our names: any case, known aliases, first and last name put together."""
    known: dict[str, str] = {}
    for name, text in fields.items():
        lower = name.strip().lower()
        known.setdefault(ALIASES.get(lower, lower), text.replace("\0", ""))
    parts = [known.get("first_name", ""), known.get("last_name", "")]
    known.setdefault("name", " ".join(part for part in parts if part))
    return known


@dataclass(frozen=True, slots=True)
class FormConsent:
    """What a visitor agreed to: the version of the text and a digest of it, as the page sent them."""

    version: str = ""
    text_hash: str = ""


def consent_in(fields: Mapping[str, str]) -> FormConsent | None:
    """The consent that was ticked; None where it was not asked for, or not given."""
    given = named(fields)
    if given.get("consent", "").strip().casefold() in NOT_TICKED:
        return None
    text = given.get("consent_text", "").strip()
    digest = hashlib.sha256(text.encode()).hexdigest() if text else ""
    return FormConsent(given.get("consent_version", "").strip()[:32], digest)


def session_in(fields: Mapping[str, str]) -> str:
    """The visitor's session, where the page tells it."""
    return next((fields[name].strip()[:SESSION_ROOM] for name in SESSIONS if fields.get(name)), "")


def split_phones(text: str) -> tuple[str, ...]:
    """Phones with commas or semicolons between. Raises BadInput for too many of them."""
    phones = tuple(dict.fromkeys(one.strip() for one in re.split(r"[,;\n]", text) if one.strip()))
    if len(phones) > MOST_PHONES:
        raise BadInput("phone", "too_many")
    return phones


def _unreadable(given: Mapping[str, str], region: str) -> dict[str, str]:
    wrong = {}
    try:
        for phone in split_phones(given.get("phone", "")):
            read_phone(phone, region)
    except BadInput as error:
        wrong["phone"] = error.reason
    try:
        if "email" in given:
            read_email(given["email"])
    except BadInput as error:
        wrong["email"] = error.reason
    return wrong
