"""Forms of contacts: a new one by a line or a contact card, and one field anew."""

from typing import Any
from uuid import UUID

from aiogram.fsm.context import FSMContext
from aiogram.types import Contact as SharedContact

from domain.contacts import POSITION_LIMIT, ContactDraft
from domain.errors import BadInput, DuplicateLead, NotFound, TooLate
from domain.fields import NAME_LIMIT, find_email, read_email, read_text
from domain.leads import LeadDraft
from domain.members import Member
from domain.phones import find_phones, read_phone
from domain.vcards import Card
from handlers.chat import Chat
from handlers.contacts.contact_cards import read_contact
from handlers.contacts.contact_screens import contact_screen, in_the_way, refusal
from handlers.forms.forms import Answers, Asking, Form, Question
from handlers.leads.lead_screens import default_ways, to_card
from handlers.screens import Screen, esc
from locales import N_, _
from services.registry import Services

EDITED: dict[str, str] = {
    "name": N_("👤 What is the right name?"),
    "position": N_("💼 What is the position?"),
    "phone": N_("📞 What is the right phone? Type it or send a contact card."),
    "email": N_("✉️ What is the right e-mail?"),
}


def draft_of_line(typed: str, region: str) -> ContactDraft:
    """A contact in one line: "Anna, director, +7 999 123-45-67, anna@example.com". What stands before and
    between is the name and, after a comma, the position."""
    phones = find_phones(typed, region)
    rest = typed
    if phones:
        rest = rest[: phones[0][1]] + "," + rest[phones[0][2] :]
    email = find_email(rest)
    if email:
        rest = rest[: email.start()] + "," + rest[email.end() :]
    parts = [
        part for part in (" ".join(piece.split()) for piece in rest.replace("\n", ",").split(",")) if part
    ]
    return ContactDraft(
        name=parts[0][:NAME_LIMIT] if parts else "",
        position=", ".join(parts[1:])[:POSITION_LIMIT],
        phone=phones[0][0] if phones else "",
        email=email.group() if email else "",
    )


def draft_of_card(card: Card, region: str) -> ContactDraft | None:
    """A contact of a vCard; None when there is nothing to reach the person by, and no name."""
    draft = ContactDraft(
        name=card.name[:NAME_LIMIT],
        position=card.position[:POSITION_LIMIT],
        phone=next((one for one in card.phones if _reads(read_phone, one, region)), ""),
        email=next((one for one in card.emails if _reads(read_email, one)), ""),
    )
    return draft if draft.name or draft.phone or draft.email else None


def _reads(read: Any, *given: str) -> bool:
    try:
        return bool(read(*given))
    except BadInput:
        return False


def _read_first(typed: str, member: Member) -> str:
    """A phone, or a whole line with a phone or an e-mail in it."""
    draft = draft_of_line(typed, member.region)
    if not draft.phone and not draft.email:
        read_phone(typed, member.region)
    return typed.strip()


async def _spread(
    _chat: Chat, state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    _services: Services,
) -> None:  # fmt: skip
    """Everything of a line finds its place; only what is missing is asked."""
    if answers["phone"]:
        draft = draft_of_line(answers["phone"], member.region)
        found = {"name": draft.name, "position": draft.position}
        answers |= {key: value for key, value in found.items() if value}
        context.update(phone=draft.phone, email=draft.email or context.get("email", ""))
    await state.update_data(answers=answers, context=context)


def _from_contact(shared: SharedContact, member: Member) -> tuple[Answers, dict[str, Any]]:
    """A contact card: nothing is left to ask but the position."""
    draft: LeadDraft = read_contact(shared, member.region)
    return {"name": draft.name}, {"email": draft.emails[0] if draft.emails else ""}


async def _finish_add(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    draft = ContactDraft(
        name=answers.get("name", ""),
        position=answers.get("position", ""),
        phone=context.get("phone", ""),
        email=context.get("email", ""),
    )
    lead_id = UUID(context["lead"])
    try:
        contact = await services.contacts.add(member, lead_id, draft)
    except (DuplicateLead, TooLate, NotFound) as error:
        _refused(chat, context, error)
        return
    lead = await services.leads.get(member, lead_id)
    shown = contact_screen(contact, lead)
    chat.show(Screen(_("✅ Added.") + f"\n\n{shown.text}", shown.rows))


async def _finish_edit(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    name = context["field"]
    contact_id = UUID(context["contact"])
    try:
        await services.contacts.change(member, contact_id, {name: answers[name]})
        contact, lead = await services.contacts.get(member, contact_id)
    except (DuplicateLead, TooLate, NotFound) as error:
        _refused(chat, context, error)
        return
    shown = contact_screen(contact, lead)
    chat.show(Screen(_("✏️ Corrected.") + f"\n\n{shown.text}", shown.rows))


def _refused(chat: Chat, context: dict[str, Any], error: DuplicateLead | TooLate | NotFound) -> None:
    chat.screen_id = None
    lead_id = UUID(context["lead"])
    if isinstance(error, DuplicateLead):
        shown = in_the_way(error)
        chat.say(Screen(shown.text, [*shown.rows, to_card(lead_id)]))
        return
    chat.say(Screen(refusal(error), [to_card(lead_id), default_ways()]))


def _ask_first(asking: Asking) -> str:
    return f"<b>{asking.context['title']}</b>\n" + _(
        "👥 Who? Send a contact card (📎 → Contact) or a vCard file, or type it in one line:\n"
        "<i>Anna Petrova, director, +7 999 123-45-67</i>"
    )


def _ask_field(asking: Asking) -> str:
    text = f"<b>{asking.context['title']}</b>\n" + _(EDITED[asking.context["field"]])
    now = asking.context.get("now")
    return text + ("\n" + _("Now: {value}").format(value=esc(now)) if now else "")


def _is(name: str) -> Any:
    return lambda asking: asking.context["field"] == name


_READ: dict[str, Any] = {
    "name": lambda typed, _m: read_text("contact_name", typed, NAME_LIMIT, required=False),
    "position": lambda typed, _m: read_text("position", typed, POSITION_LIMIT, required=False),
    "phone": lambda typed, m: read_phone(typed, m.region) if typed else "",
    "email": lambda typed, _m: read_email(typed) if typed else "",
}


def _unchanged() -> str:
    return _("Left as it was.")


ADD = Form(
    name="contact",
    questions=(
        Question("phone", _ask_first, _read_first, optional=True),
        Question("name", lambda _a: _("👤 What is the name?"), _READ["name"], optional=True),
        Question("position", lambda _a: _("💼 What is the position? For example: director"),
                 _READ["position"], optional=True),
    ),
    finish=_finish_add,
    cancelled=_unchanged,
    after={"phone": _spread},
    from_contact=_from_contact,
    about={"contact_name": "phone", "contact_phone": "phone", "contact_email": "phone"},
)  # fmt: skip
EDIT = Form(
    name="person",
    questions=tuple(
        Question(name, _ask_field, _READ[name], optional=True, when=_is(name)) for name in EDITED
    ),
    finish=_finish_edit,
    cancelled=_unchanged,
)
