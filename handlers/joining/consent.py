"""The consent to the processing of personal data: its text, its version, and the whole of it on a screen."""

from datetime import datetime
from zoneinfo import ZoneInfo

from aiogram import F, Router
from aiogram.types import CallbackQuery
from babel.dates import format_datetime

from domain.errors import NotFound
from domain.members import Member
from handlers.buttons import MenuButton
from handlers.chat import Chat
from handlers.screens import Screen, esc
from locales import N_, _, current_language
from services.registry import Services

VERSION = "1.0"
TEXT = N_(
    "Consent to the processing of personal data\n\n"
    "By pressing “I agree” I freely, of my own will and in my own interest give “{operator}”, the "
    "organization on whose behalf this bot works (the operator), my consent to process my personal data.\n\n"
    "1. Data: my name, Telegram id and user name, phone number, e-mail, city, occupation, legal form, "
    "company, tax number and time zone, as far as I give them, and the messages I send to the bot.\n"
    "2. Purpose: to register me, to receive the leads I send and work on them, to tell me how they go, to "
    "get in touch with me and to settle accounts with me.\n"
    "3. Actions: collecting, recording, systematising, storing, updating, retrieving, using, passing on as "
    "said in 4, depersonalising, blocking, deleting and destroying, with and without automation.\n"
    "4. Recipients: the operator's CRM, and those who run the CRM and this bot on the operator's behalf. "
    "Messages travel through Telegram, under its own rules.\n"
    "5. Other people's data: by sending a lead I confirm that the person agreed to my passing on their "
    "contact to the operator.\n"
    "6. Term: from the moment it is given until the purposes are reached or until it is withdrawn.\n"
    "7. Withdrawal: I can withdraw the consent at any time by writing to an admin of “{operator}”. The "
    "operator then stops the processing and destroys the data within 30 days, unless the law demands to "
    "keep it."
)


def consent_text(operator: str) -> str:
    """The whole text in the current language, as it is agreed to; `operator` is the organization's name."""
    return _(TEXT).format(operator=operator)


def question() -> str:
    """The consent in short, as the registration asks for it."""
    text = _(
        "🔒 To work with you I need to keep your name, phone and what you write here, and pass leads on to "
        "the organization's CRM.\n\nDo you agree to the processing of your personal data?"
    )
    return text + "\n\n<i>" + _("Text of the consent, version {version}.").format(version=VERSION) + "</i>"


def given_on(member: Member) -> str:
    """What stays under the question once it is agreed to: when, with the year and the zone."""
    now = datetime.now(ZoneInfo(member.time_zone))
    at = format_datetime(now, "d MMMM y, HH:mm z", tzinfo=now.tzinfo, locale=current_language())
    return _("✅ Consent given on {at}").format(at=at)


async def read(_query: CallbackQuery, chat: Chat, services: Services, member: Member | None = None) -> None:
    """The whole text as a message of its own: the question above stays."""
    if member is None:
        raise NotFound(what="member")
    organization = await services.organizations.of(member)
    version = _("Version {version}").format(version=VERSION)
    chat.say(Screen(f"{esc(consent_text(organization.name))}\n\n<i>{version}</i>"))


def routes() -> Router:
    router = Router(name="consent")
    router.callback_query.register(read, MenuButton.filter(F.place == "consent"))
    return router
