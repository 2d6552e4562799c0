"""What a person is told when a use case refuses: in words, with the way on."""

from aiogram import Router
from aiogram.types import ErrorEvent

from domain.errors import SecondFactorNeeded, VoronkaError
from domain.members import Member
from handlers.buttons import MenuButton
from handlers.chat import Chat
from handlers.errors import in_words, is_foreseen
from handlers.screens import Button, Screen
from locales import _


async def foreseen(event: ErrorEvent) -> bool:
    """Faults of ours go on to the worker: it logs them and tells the person an id. A code that is needed is
    asked for in handlers/security/asking.py."""
    return is_foreseen(event.exception) and not isinstance(event.exception, SecondFactorNeeded)


async def explain(event: ErrorEvent, chat: Chat, member: Member | None = None) -> None:
    """A toast for a pressed button, a message for everything else."""
    assert isinstance(event.exception, VoronkaError)
    text = in_words(event.exception)
    if chat.callback_id is not None:
        chat.toast(text, alert=True)
        return
    chat.say(Screen(text, [[Button(_("☰ Menu"), MenuButton(place="main"))]]))


def routes() -> Router:
    router = Router(name="failures")
    router.errors.register(explain, foreseen)
    return router
