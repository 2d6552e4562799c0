"""The profile: a card with every field, and forms that fill it in at once or field by field."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from domain.errors import BadInput
from domain.members import Member, MemberStatus
from domain.phones import show_phone
from handlers.buttons import MenuButton, ProfileButton
from handlers.chat import Chat
from handlers.forms import forms
from handlers.forms.forms import Answers, Asking, Form, Question
from handlers.joining.time_zones import COMMON, read_zone, zone_city, zone_label
from handlers.menu import to_menu
from handlers.people.roles import role_name
from handlers.screens import Button, Screen, esc, grid
from locales import N_, _
from services.people.profiles import EMPTIABLE, PROFILE_FIELDS, read_profile
from services.registry import Services

LABELS = {
    "name": N_("Name"),
    "phone": N_("Phone"),
    "city": N_("City"),
    "niche": N_("Niche"),
    "legal_form": N_("Legal form"),
    "company": N_("Company"),
    "inn": N_("INN"),
    "email": N_("E-mail"),
    "time_zone": N_("Time zone"),
}
QUESTIONS = {
    "name": N_("👤 What is your name?"),
    "phone": N_("📱 Your phone: press “Share my phone” below, or type it: +7 999 123-45-67"),
    "city": N_("🏙 Which city do you work in?"),
    "niche": N_("🎯 What do you deal in? For example: mortgages, repairs, insurance."),
    "legal_form": N_("📄 How do you work?"),
    "company": N_("🏢 What is your company called?"),
    "inn": N_("🔢 Your INN: 10 digits for a company, 12 for a person."),
    "email": N_("✉️ Your e-mail?"),
    "time_zone": N_("🕒 Your time zone: choose, or type your city."),
}
LEGAL_FORMS = {
    "self_employed": N_("Self-employed"),
    "sole_trader": N_("Sole trader"),
    "company": N_("Company (legal entity)"),
    "person": N_("Private person"),
}
AT_ONCE = ("city", "niche", "legal_form", "company", "inn", "email", "time_zone")
"""What is asked when everything is filled in at once: name and phone are known by then."""

ALL = "all"
EMPTY = "#empty"
"""In the place of a typed value: the field is to hold nothing."""


def shown(field: str, member: Member) -> str:
    """A field's value as people read it, plain text; empty when it is not filled in."""
    if field == "phone":
        return show_phone(member.phone) if member.phone else ""
    if field == "name":
        return member.name
    if field == "time_zone":
        return zone_city(member.time_zone)
    value = member.profile.get(field, "")
    return _(LEGAL_FORMS.get(value, value)) if field == "legal_form" and value else value


def profile_lines(member: Member, *, filled_only: bool = False) -> list[str]:
    """The profile's fields as HTML lines; for others without name and phone, which they have shown."""
    filled = [field for field in AT_ONCE if member.profile.get(field)]
    fields = filled if filled_only else PROFILE_FIELDS
    return [f"{_(LABELS[field])}: <b>{esc(shown(field, member)) or '—'}</b>" for field in fields]


def profile_screen(member: Member) -> Screen:
    """The card with an edit button for each field."""
    lines = [_("👤 <b>My profile</b>")]
    if member.status is MemberStatus.ACTIVE:
        lines.append(_("Role: {role}").format(role=role_name(member.role)))
    lines += ["", *profile_lines(member), "", _("Press a field to change it.")]
    edit = [Button("✏️ " + _(LABELS[field]), ProfileButton(field=field)) for field in PROFILE_FIELDS]
    fill = Button(_("📝 Fill in everything at once"), ProfileButton(field=ALL))
    return Screen("\n".join(lines), [[fill], *grid(edit, 3), _settings_row(member), to_menu()])


def _settings_row(member: Member) -> list[Button]:
    is_in = member.status is MemberStatus.ACTIVE
    return [Button(_("⚙️ My settings"), MenuButton(place="settings"))] if is_in else []


def _reader(field: str) -> Callable[[str, Member], str]:
    read = _reader_of_some(field)
    return lambda typed, member: EMPTY if typed == EMPTY and field in EMPTIABLE else read(typed, member)


def _reader_of_some(field: str) -> Callable[[str, Member], str]:
    if field == "time_zone":
        return lambda typed, _member: read_zone(typed)
    if field == "legal_form":
        return _read_legal_form
    return lambda typed, member: read_profile(field, typed, member.region)


def _read_legal_form(typed: str, member: Member) -> str:
    """By button, or typed as the button says."""
    wanted = typed.strip().casefold()
    by_label = {_(label).casefold(): form for form, label in LEGAL_FORMS.items()}
    return read_profile("legal_form", by_label.get(wanted, wanted), member.region)


def _choices(field: str) -> Callable[[Asking], list[tuple[str, str]]]:
    known: dict[str, Callable[[], list[tuple[str, str]]]] = {
        "legal_form": lambda: [(_(label), form) for form, label in LEGAL_FORMS.items()],
        "time_zone": lambda: [(zone_label(zone, datetime.now(UTC)), zone) for zone in COMMON],
    }
    offered = known.get(field, list)

    def choices(asking: Asking) -> list[tuple[str, str]]:
        may_empty = field in EMPTIABLE and bool(asking.member.profile.get(field))
        return [*offered(), *([(_("🗑 Leave it empty"), EMPTY)] if may_empty else [])]

    return choices


def _text(field: str) -> Callable[[Asking], str]:
    def ask(asking: Asking) -> str:
        now = shown(field, asking.member)
        text = _(QUESTIONS[field])
        return text + ("\n\n" + _("Now: <b>{value}</b>").format(value=esc(now)) if now else "")

    return ask


def _question(field: str, *, optional: bool) -> Question:
    phone = field == "phone"
    return Question(
        field,
        _text(field),
        read=_reader(field),
        choices=_choices(field),
        optional=optional,
        contact=phone,
        own_contact=phone,
        when=lambda asking: field in asking.context["fields"],
    )


async def finish(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, _c: dict[str, Any], services: Services
) -> None:
    """Keep what was answered; what was skipped stays as it is."""
    changes = {field: "" if value == EMPTY else value for field, value in answers.items() if value}
    changed = await services.members.edit_profile(member, changes) if changes else member
    chat.toast(_("✅ Saved.") if changes else _("Nothing has changed."))
    chat.show(profile_screen(changed))


FILL = Form(
    name="profile",
    questions=tuple(_question(field, optional=True) for field in AT_ONCE),
    finish=finish,
    cancelled=lambda: _("The profile stays as it was."),
    numbered=True,
)
EDIT = Form(
    name="field",
    questions=tuple(_question(field, optional=False) for field in PROFILE_FIELDS),
    finish=finish,
    cancelled=lambda: _("The profile stays as it was."),
)
FORMS = (FILL, EDIT)


async def command(_message: Message, chat: Chat, member: Member) -> None:
    chat.say(profile_screen(member))


async def press(_query: CallbackQuery, chat: Chat, member: Member) -> None:
    chat.show(profile_screen(member))


async def edit(
    _query: CallbackQuery,
    callback_data: ProfileButton,
    chat: Chat,
    state: FSMContext,
    member: Member,
    services: Services,
) -> None:
    """Ask for one field, or for all of them one after another."""
    if callback_data.field == ALL:
        await forms.start(FILL, chat, state, member, services, {"fields": list(AT_ONCE)})
        return
    if callback_data.field not in PROFILE_FIELDS:
        raise BadInput(callback_data.field, "unknown")
    await forms.start(EDIT, chat, state, member, services, {"fields": [callback_data.field]})


def routes() -> Router:
    router = Router(name="profile")
    router.message.register(command, Command("profile"))
    router.callback_query.register(press, MenuButton.filter(F.place == "profile"))
    router.callback_query.register(edit, ProfileButton.filter())
    return router
