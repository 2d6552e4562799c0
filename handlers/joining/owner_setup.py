"""The owner's first start: the organization's name, its language, a CRM or none, and links to invite by."""

from typing import Any

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from domain.errors import BadInput
from domain.fields import read_text
from domain.members import Member, MemberStatus, Right, Role
from handlers.buttons import InviteButton, MenuButton
from handlers.chat import Chat
from handlers.crm import connect as crm_connect
from handlers.forms import forms
from handlers.forms.forms import Answers, Asking, Form, Question
from handlers.joining.language import language_name
from handlers.menu import to_menu
from handlers.people.roles import role_label
from handlers.screens import Button, Screen, esc
from locales import LANGUAGES, _
from services.registry import Services

NO_CRM = "none"
INVITED_FIRST = (Role.MANAGER, Role.PARTNER)


def _read_language(typed: str, _member: Member) -> str:
    if typed not in LANGUAGES:
        raise BadInput("language", "invalid")
    return typed


def _ask_name(asking: Asking) -> str:
    text = _("🏢 What is your organization called? Partners and managers will see the name.")
    now = asking.context.get("name")
    return text + ("\n\n" + _("Now: <b>{value}</b>").format(value=esc(now)) if now else "")


def _crm_choices(asking: Asking) -> list[tuple[str, str]]:
    known: list[list[str]] = asking.context.get("providers", [])
    return [*((title, name) for name, title in known), (_("Without a CRM for now"), NO_CRM)]


async def finish(
    chat: Chat, state: FSMContext, member: Member, answers: Answers, _c: dict[str, Any], services: Services
) -> None:
    """Keep the answers; then connect the chosen CRM, or go straight to inviting people."""
    if answers.get("name"):
        await services.organizations.rename(member, answers["name"])
    if answers.get("language"):
        await services.organizations.set_language(member, answers["language"])
    await services.organizations.finish_set_up(member)
    chosen = answers.get("crm") or NO_CRM
    chat.show(ready_screen())
    await state.clear()
    if chosen != NO_CRM:
        chat.screen_id = None
        await crm_connect.begin(chosen, chat, state, member, services)


def ready_screen() -> Screen:
    """The end of the set-up: whom to bring in first."""
    text = _(
        "✅ <b>Your organization is set up.</b>\n\n"
        "Now bring your people in: a link makes whoever follows it a member at once."
    )
    rows = [[Button(role_label(role), InviteButton(role=role.value)) for role in INVITED_FIRST], to_menu()]
    return Screen(text, rows)


SETUP = Form(
    name="setup",
    questions=(
        Question("name", _ask_name, read=lambda typed, _member: read_text("name", typed, 100), optional=True),
        Question(
            "language",
            lambda _asking: _("🌐 Which language shall I speak with new people whose own I do not know?"),
            read=_read_language,
            choices=lambda _asking: [(language_name(code), code) for code in LANGUAGES],
            optional=True,
            typed=False,
        ),
        Question(
            "crm",
            lambda _asking: _("🔌 Which CRM do you keep leads in? You can connect it later as well."),
            choices=_crm_choices,
            typed=False,
            width=1,
            when=lambda asking: not asking.context.get("connected"),
        ),
    ),
    finish=finish,
    cancelled=lambda: _("⏸ The set-up waits: /start offers it again. Everything works meanwhile."),
    numbered=True,
)
FORMS = (SETUP,)


async def offer(chat: Chat, state: FSMContext, member: Member, services: Services) -> bool:
    """Offer the set-up, or go on with it, to whoever may do it while it is not done; False otherwise."""
    if member.status is not MemberStatus.ACTIVE or not member.may(Right.ORGANIZATION_EDIT):
        return False
    organization = await services.organizations.of(member)
    if organization.set_up:
        return False
    if await state.get_state() is not None and await forms.resume(SETUP, chat, state, member, services):
        return True
    text = _(
        "👋 <b>Hello, {name}!</b> I take leads from partners in this chat, give them to managers and "
        "carry them into your CRM.\n\nThree short questions, and “{organization}” is ready for work."
    ).format(name=esc(member.name), organization=esc(organization.name))
    later = Button(_("Later"), MenuButton(place="main"))
    chat.show(Screen(text, [[Button(_("▶️ Set up"), MenuButton(place="setup")), later]]))
    return True


async def begin(
    _query: CallbackQuery, chat: Chat, state: FSMContext, services: Services, member: Member | None = None
) -> None:
    """The set-up's first question."""
    if member is None or not member.may(Right.ORGANIZATION_EDIT):
        chat.toast(_("This is for the owner."), alert=True)
        return
    organization = await services.organizations.of(member)
    connected = await services.integrations.current(member)
    context = {
        "name": organization.name,
        "connected": connected.title if connected else "",
        "providers": [[one.name, one.title] for one in services.integrations.providers()],
    }
    await forms.start(SETUP, chat, state, member, services, context)


def routes() -> Router:
    router = Router(name="owner_setup")
    router.callback_query.register(begin, MenuButton.filter(F.place == "setup"))
    return router
