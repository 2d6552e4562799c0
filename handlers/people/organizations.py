"""/new_organization: an owner makes one more."""

from typing import Any

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from domain.errors import BadInput
from domain.fields import read_text
from domain.members import Member, Role
from handlers.chat import Chat
from handlers.commands import show_commands
from handlers.forms import forms
from handlers.forms.forms import Answers, Form, Question
from handlers.joining import owner_setup
from handlers.joining.gate import next_step
from handlers.people.buttons import OrganizationButton
from handlers.screens import esc
from locales import _
from services.registry import Services


async def _ask_name(chat: Chat, state: FSMContext, member: Member, services: Services) -> None:
    if member.role is not Role.OWNER:
        raise BadInput("organization", "owner_only")
    await forms.start(NEW, chat, state, member, services)


async def new_command(
    _message: Message, chat: Chat, state: FSMContext, member: Member, services: Services
) -> None:
    await _ask_name(chat, state, member, services)


async def new_press(
    _query: CallbackQuery, chat: Chat, state: FSMContext, member: Member, services: Services
) -> None:
    await _ask_name(chat, state, member, services)


async def _create(
    chat: Chat, state: FSMContext, member: Member, answers: Answers, _c: dict[str, Any], services: Services
) -> None:
    made = await services.belongings.create(member, answers["organization"])
    await state.clear()
    show_commands(chat, made)
    chat.say(_("🏢 <b>{name}</b> is there, and you own it.").format(name=esc(made.organization_name)))
    chat.screen_id = None
    if not await owner_setup.offer(chat, state, made, services):
        chat.show(next_step(made))


NEW = Form(
    name="new_organization",
    questions=(
        Question(
            "organization",
            lambda _asking: _("🏢 What is the new organization called?"),
            read=lambda typed, _member: read_text("organization", typed, 100),
        ),
    ),
    finish=_create,
    cancelled=lambda: _("No organization was made."),
)
FORMS = (NEW,)


def routes() -> Router:
    router = Router(name="organizations")
    router.message.register(new_command, Command("new_organization"))
    router.callback_query.register(new_press, OrganizationButton.filter(F.do == "new"))
    return router
