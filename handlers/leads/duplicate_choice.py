"""What a sender does about a duplicate: attach, ask, go on or stop. The draft waits in the dialog."""

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from domain.errors import NotFound
from domain.members import Member
from handlers.buttons import DuplicateButton
from handlers.chat import Chat
from handlers.forms import forms
from handlers.leads.duplicate_verdict import STATE, ask, check, corrected, draft_in, further, verdict_screen
from handlers.leads.lead_edit import EDIT
from handlers.leads.new_lead import LEAD
from handlers.screens import Screen
from locales import _
from services.registry import Services

FORMS_OF = {form.name: form for form in (LEAD, EDIT)}
"""The forms that a verdict may interrupt."""


async def attach(
    _query: CallbackQuery, chat: Chat, member: Member, state: FSMContext, services: Services
) -> None:
    """Ask for the comment within the form, where Back and the draft are."""
    await _resume(chat, member, state, services, attach=True)


async def go_on(
    _query: CallbackQuery, chat: Chat, member: Member, state: FSMContext, services: Services
) -> None:
    """The old lead is free: the form goes on where it was. The use case checks once more at the end."""
    await _resume(chat, member, state, services, attach=False)


async def _resume(chat: Chat, member: Member, state: FSMContext, services: Services, *, attach: bool) -> None:
    data = await state.get_data()
    await state.update_data(context={**data["context"], "attach": attach})
    await forms.resume(FORMS_OF[data["form"]], chat, state, member, services)


async def ask_manager(
    _query: CallbackQuery, chat: Chat, member: Member, state: FSMContext, services: Services
) -> None:
    """The responsible manager gets a push with the asker's name and phone."""
    data = await state.get_data()
    draft, besides = draft_in(data), corrected(data)
    try:
        await services.leads.ask(member, draft, besides)
    except NotFound:
        # the lead in the way was withdrawn meanwhile
        await ask(chat, state, member, await check(services, member, draft, besides))
        return
    await state.clear()
    text = _("🙋 <b>I have asked.</b> They see your name and phone, and will get in touch with you.")
    chat.show(Screen(text, further()))


async def stop(_query: CallbackQuery, chat: Chat, state: FSMContext) -> None:
    form = FORMS_OF[(await state.get_data())["form"]]
    await state.clear()
    chat.show(Screen(form.cancelled(), further()))


async def answered(_query: CallbackQuery, chat: Chat) -> None:
    """A button of a choice that was made before."""
    chat.strip_buttons()
    chat.toast(_("This question is already answered. Please go on below."))


async def remind(
    _message: Message, chat: Chat, member: Member, state: FSMContext, services: Services
) -> None:
    """Anything but a button: the question stands, as it is by now."""
    data = await state.get_data()
    verdict = await check(services, member, draft_in(data), corrected(data))
    screen = verdict_screen(verdict, member)
    chat.say(Screen(_("Please press one of the buttons.") + "\n\n" + screen.text, screen.rows))


def routes() -> Router:
    router = Router(name="duplicate_choice")
    waiting = StateFilter(STATE)
    router.callback_query.register(attach, DuplicateButton.filter(F.do == "attach"), waiting)
    router.callback_query.register(go_on, DuplicateButton.filter(F.do == "go_on"), waiting)
    router.callback_query.register(ask_manager, DuplicateButton.filter(F.do == "ask"), waiting)
    router.callback_query.register(stop, DuplicateButton.filter(F.do == "stop"), waiting)
    router.callback_query.register(answered, DuplicateButton.filter())
    router.message.register(remind, ~F.text.startswith("/"), waiting)
    return router
