"""/help by role, and /cancel where no form is open."""

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from domain.members import Member, Right
from handlers.buttons import MenuButton
from handlers.chat import Chat
from handlers.joining.gate import is_outside, next_step
from handlers.menu import to_menu
from handlers.screens import NO_KEYBOARD, Screen
from locales import N_, _

OUTSIDE = N_(
    "❓ <b>How it works</b>\n\n"
    "Here partners send leads, managers work them, and the CRM gets every one of them.\n"
    "First register (/start): language, consent, phone, role. Then an admin lets you in, or you come by "
    "an invite link and are in at once."
)
PARTS: tuple[tuple[Right, str], ...] = (
    (
        Right.LEAD_CREATE,
        N_(
            "➕ <b>Send a lead</b>: write it in one line, forward a message, share a contact from your "
            "phone book, or press “New lead” (/new). I check at once whether somebody has it already."
        ),
    ),
    (
        Right.LEAD_SEE_OWN,
        N_(
            "📋 <b>Your leads</b>: /leads. I tell you of every step; until a lead is taken you can change it."
        ),
    ),
    (
        Right.LEAD_WORK,
        N_(
            "💼 <b>Work leads</b>: press “Take” under a new lead; then call, note, move it along the stages. "
            "Everything goes to the CRM by itself."
        ),
    ),
    (
        Right.MEMBER_APPROVE,
        N_(
            "👥 <b>People</b>: /people shows everybody and who asks to join, /invite makes links that need "
            "no approval, /roles says who may do what, /as shows what others see."
        ),
    ),
    (
        Right.CRM_MANAGE,
        N_("🔌 <b>CRM</b>: /crm connects it and shows its health. If it is down, leads wait here safely."),
    ),
)
ALWAYS = N_(
    "📊 /stats, 👤 /profile, 🏢 /switch, 🌐 /language, ☰ /menu\n"
    "/cancel leaves any question. Buttons of old messages keep working, or say why not."
)


def help_screen(member: Member | None) -> Screen:
    """What the person can do, by their rights."""
    if member is None or is_outside(member):
        return Screen(_(OUTSIDE), next_step(member).rows)
    parts = [_(text) for right, text in PARTS if member.may(right)]
    return Screen("\n\n".join([_("❓ <b>How it works</b>"), *parts, _(ALWAYS)]), [to_menu()])


async def command(_message: Message, chat: Chat, member: Member | None = None) -> None:
    chat.say(help_screen(member))


async def press(_query: CallbackQuery, chat: Chat, member: Member | None = None) -> None:
    chat.show(help_screen(member))


async def cancel(_message: Message, chat: Chat, state: FSMContext, member: Member | None = None) -> None:
    """Outside of a form: leave whatever else the dialog waits for."""
    waited = await state.get_state() is not None
    await state.clear()
    text = _("Stopped. What was sent before stays sent.") if waited else _("There is nothing to cancel.")
    chat.say(Screen(text, reply_keyboard=NO_KEYBOARD))
    chat.say(next_step(member))


def routes() -> Router:
    router = Router(name="help")
    router.message.register(command, Command("help"))
    router.message.register(cancel, Command("cancel"))
    router.callback_query.register(press, MenuButton.filter(F.place == "help"))
    return router
