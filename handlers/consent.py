"""The consent to the processing of personal data: its text, its version, and the whole of it on a screen."""

from aiogram import F, Router
from aiogram.types import CallbackQuery

from handlers.buttons import MenuButton
from handlers.chat import Chat
from handlers.screens import Screen, esc
from locales import N_, _

VERSION = "1.0"
TEXT = N_(
    "Consent to the processing of personal data\n\n"
    "1. I give the organization that runs this bot (the operator) my consent to process my personal data: "
    "my name, Telegram id and user name, phone number, e-mail, city, occupation, legal form, company, tax "
    "number and time zone, as far as I give them, and the messages I send to the bot.\n"
    "2. Purpose: to register me, to receive the leads I send, to tell me how they go, to get in touch with "
    "me and to settle accounts with me.\n"
    "3. Processing means collecting, recording, storing, updating, using, transferring to the operator's "
    "CRM, depersonalising, blocking and deleting, with and without automation.\n"
    "4. For a lead that I send I confirm that the person agreed to my passing on their contact.\n"
    "5. The consent holds until it is withdrawn. I can withdraw it at any time by writing to the operator; "
    "the data is then deleted unless the law demands to keep it."
)


def consent_text() -> str:
    """The whole text in the current language, as it is agreed to."""
    return _(TEXT)


def question() -> str:
    """The consent in short, as the registration asks for it."""
    text = _(
        "🔒 To work with you I need to keep your name, phone and what you write here, and pass leads on to "
        "the organization's CRM.\n\nDo you agree to the processing of your personal data?"
    )
    return text + "\n\n<i>" + _("Text of the consent, version {version}.").format(version=VERSION) + "</i>"


async def read(_query: CallbackQuery, chat: Chat) -> None:
    """The whole text as a message of its own: the question above stays."""
    version = _("Version {version}").format(version=VERSION)
    chat.say(Screen(f"{esc(consent_text())}\n\n<i>{version}</i>"))


def routes() -> Router:
    router = Router(name="consent")
    router.callback_query.register(read, MenuButton.filter(F.place == "consent"))
    return router
