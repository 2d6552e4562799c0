"""The last to be asked: whatever nobody else took gets a kind answer that says what to do."""

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from domain.members import Member, Right
from handlers.buttons import MenuButton
from handlers.chat import Chat
from handlers.incoming_files import incoming_file
from handlers.joining.gate import next_step
from handlers.menu import to_menu
from handlers.screens import Button, Screen
from locales import N_, _

KINDS: tuple[tuple[str, str], ...] = (
    ("voice", N_("🎙 I cannot listen yet. Please write it in words.")),
    ("video_note", N_("🎥 I cannot watch video messages. Please write it in words.")),
    ("audio", N_("🎵 I cannot listen yet. Please write it in words.")),
    ("video", N_("🎥 I cannot watch videos. Please write it in words.")),
    ("animation", N_("😄 Nice one! But I only understand words and contacts.")),
    ("sticker", N_("😊 A fine sticker! But I only understand words and contacts.")),
    ("photo", N_("🖼 I cannot read pictures yet. Please type the name and the phone.")),
    ("document", N_("📎 I cannot read files here. Please type the name and the phone.")),
    ("location", N_("📍 I do not know what to do with a place. Please write in words.")),
    ("poll", N_("📊 I do not take part in polls. Please write in words.")),
    ("dice", N_("🎲 Good luck! But I only understand words and contacts.")),
    ("text", N_("🤔 I did not find a phone or an e-mail in this, so I cannot make a lead of it.")),
)
"""A message's content (attribute of Message) and the answer, the first that fits."""

ELSE = N_("🤔 I do not understand this kind of message. Please write in words.")
KEEPING = N_(
    "To keep it with a lead, send it as a reply to the lead's card, or open the lead and press Files."
)
UNKNOWN_COMMAND = N_("🤔 I do not know this command. Everything I can do is in the menu.")
EXAMPLE = N_(
    "A lead needs a phone or an e-mail, for example:\n<i>Ivan +7 999 123-45-67 mortgage 3 million</i>"
)


async def unknown(message: Message, chat: Chat, member: Member | None = None) -> None:
    """Any message that no conversation wanted."""
    if (message.text or "").startswith("/"):
        chat.say(Screen(_(UNKNOWN_COMMAND), [_ways(member)]))
        return
    text = next((text for kind, text in KINDS if getattr(message, kind, None)), ELSE)
    parts = [_(text)]
    if incoming_file(message) is not None and member is not None and member.may(Right.LEAD_CREATE):
        parts.append(_(KEEPING))
    if member is not None and member.may(Right.LEAD_CREATE):
        parts.append(_(EXAMPLE))
    chat.say(Screen("\n\n".join(parts), [_ways(member)]))


def _ways(member: Member | None) -> list[Button]:
    if member is not None and member.may(Right.LEAD_CREATE):
        return [Button(_("➕ New lead"), MenuButton(place="new_lead")), *to_menu()]
    return to_menu()


async def old_button(_query: CallbackQuery, chat: Chat, member: Member | None = None) -> None:
    """A button of an older version, or one that carries what we do not know."""
    chat.toast(_("This button is out of date. Here is what works now."))
    chat.say(next_step(member))


def routes() -> Router:
    router = Router(name="fallback")
    router.message.register(unknown, F.chat.type == "private")
    router.callback_query.register(old_button)
    return router
