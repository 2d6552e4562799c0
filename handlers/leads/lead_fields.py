"""The fields of a lead that people correct: what each is called, asked by, read by, and picked from."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from domain.errors import BadInput
from domain.fields import NAME_LIMIT, read_email, read_inn, read_note, read_text
from domain.history import LIST
from domain.leads import Lead
from domain.members import Member
from domain.phones import read_phone, show_phone
from handlers.cards import SOURCES, clip, money
from handlers.forms.forms import Asking
from handlers.leads.new_lead import read_amount_typed
from locales import N_, _
from services.leads.lead_care import PICKED
from services.leads.lead_changes import EMPTIABLE, LIMITS, read_tags

EMPTY, PICK = "=-", "="
"""What a button gives in the place of a typed answer: nothing, or the place of an offered value."""

FIELDS: dict[str, str] = {
    "name": N_("👤 Name"),
    "phone": N_("📞 Phone"),
    "email": N_("✉️ E-mail"),
    "company": N_("🏢 Company"),
    "inn": N_("🔢 INN"),
    "amount": N_("💰 Amount"),
    "note": N_("📝 Note"),
    "tags": N_("🏷 Tags"),
    "segment": N_("🧩 Segment"),
    "product": N_("📦 Product"),
    "region": N_("📍 Region"),
    "source": N_("📨 Source"),
}
TEAMS_OWN = frozenset(PICKED)
"""Fields that only those who work on leads see and correct."""

ASKED: dict[str, str] = {
    "name": N_("👤 What is the right name?"),
    "phone": N_("📞 What is the right phone? Type it or send a contact card."),
    "email": N_("✉️ What is the right e-mail?"),
    "company": N_("🏢 What is the company called?"),
    "inn": N_("🔢 What is the INN? 10 digits for a company, 12 for a person."),
    "amount": N_("💰 What is the right amount? For example: 3 million"),
    "note": N_("📝 Write the note anew: it replaces the one there is."),
    "tags": N_("🏷 Press a tag to add it or to take it off, or type all of them with commas between."),
    "segment": N_("🧩 Which segment? Choose or type it."),
    "product": N_("📦 Which product? Choose or type it."),
    "region": N_("📍 Which region? Choose or type it."),
    "source": N_("📨 Where did it come from? Choose or type it."),
}


def _some_note(typed: str) -> str:
    text = read_note(typed)
    if not text:
        raise BadInput("note", "required")
    return text


def _line(field: str) -> Callable[[str, Member], str]:
    return lambda typed, _member: read_text(field, typed, LIMITS.get(field, 200))


_TYPED: dict[str, Callable[[str, Member], str]] = {
    "name": lambda typed, _m: read_text("name", typed, NAME_LIMIT),
    "phone": lambda typed, member: read_phone(typed, member.region),
    "email": lambda typed, _m: read_email(typed),
    "company": _line("company"),
    "inn": lambda typed, _m: read_inn(typed),
    "amount": read_amount_typed,
    "note": lambda typed, _m: _some_note(typed),
    "tags": lambda typed, _m: LIST.join(read_tags(typed)),
    **{name: _line(name) for name in ("segment", "product", "region", "source")},
}


def reader(field: str) -> Callable[[str, Member], str]:
    """Reads what was typed; what a button gave stays as it is."""
    read = _TYPED[field]
    return lambda typed, member: typed if _is_button(typed) else read(typed, member)


def _is_button(typed: str) -> bool:
    return typed == EMPTY or (typed.startswith(PICK) and typed[1:].isdigit())


def shown(lead: Lead, field: str, tags: Sequence[str] = ()) -> str:
    """A field as it is, for the eye; safe inside HTML."""
    if field == "phone":
        return show_phone(lead.phones[0]) if lead.phones else ""
    if field == "email":
        return clip(lead.emails[0], 254) if lead.emails else ""
    if field == "amount":
        return money(lead.amount) if lead.amount else ""
    if field == "tags":
        return clip(LIST.join(tags), 400)
    if field == "source":
        return _(SOURCES[lead.source]) if lead.source in SOURCES else clip(lead.source, 64)
    return clip(str(getattr(lead, field)), 1000)


def choices(asking: Asking) -> list[tuple[str, str]]:
    """The values in use as buttons, and a button that empties the field where it may be empty."""
    context = asking.context
    given = set(context.get("seen", "").split(LIST)) if context.get("field") == "tags" else set()
    labels = [
        (("✅ " if value in given else "") + _word(context["field"], value)[:40], f"{PICK}{place}")
        for place, value in enumerate(context.get("offers", ()))
    ]
    if context.get("seen") and context["field"] in EMPTIABLE:
        labels.append((_("🧹 Leave it empty"), EMPTY))
    return labels


def _word(field: str, value: str) -> str:
    return _(SOURCES[value]) if field == "source" and value in SOURCES else value


def answered(answer: str, context: dict[str, Any]) -> str | Decimal:
    """The new value of the form's field out of the answer: typed, picked, or emptied."""
    field, seen = context["field"], context.get("seen", "")
    if answer == EMPTY:
        return ""
    if answer.startswith(PICK) and answer[1:].isdigit():
        picked = str(context["offers"][int(answer[1:])])
        return _toggled(seen, picked) if field == "tags" else picked
    return Decimal(answer) if field == "amount" else answer


def _toggled(seen: str, tag: str) -> str:
    tags = [one for one in seen.split(LIST) if one]
    return LIST.join([one for one in tags if one != tag] if tag in tags else [*tags, tag])
