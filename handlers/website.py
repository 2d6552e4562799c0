"""/website: where the form on an organization's site sends its leads."""

import json

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from domain.members import Member
from handlers.buttons import MenuButton
from handlers.chat import Chat
from handlers.menu import to_menu
from handlers.screens import Screen, esc
from locales import N_, _
from services.website_form import REQUIRED, WebsiteForm

SAMPLE = {
    "name": N_("Anna Lebedeva"),
    "phone": "+7 916 123-45-67",
    "email": "anna@example.com",
    "referral_code": "site",
    "utm_source": "vk",
}


def _sample() -> str:
    """What the site sends, with a name of the reader's language."""
    return json.dumps({**SAMPLE, "name": _(SAMPLE["name"])}, indent=1, ensure_ascii=False)


async def _screen(member: Member, website_form: WebsiteForm, public_url: str) -> Screen:
    key = await website_form.key(member)
    address = f"{public_url or 'https://…'}/hooks/website/{key}"
    lines = [
        _("🌍 <b>Your website's form</b> sends its fields here, as JSON or as a plain form:"),
        f"<code>{esc(address)}</code>",
        "",
        _("It must have: {fields}. For example:").format(fields=", ".join(REQUIRED)),
        f"<pre>{esc(_sample())}</pre>",
        _("A lead from the site reaches your managers and the CRM like any other."),
    ]
    if not public_url:
        lines += ["", _("⚠️ Ask your operator to set PUBLIC_URL: without it the site cannot reach me.")]
    return Screen("\n".join(lines), [to_menu()])


async def command(
    _message: Message, chat: Chat, member: Member, website_form: WebsiteForm, public_url: str
) -> None:
    chat.say(await _screen(member, website_form, public_url))


async def press(
    _query: CallbackQuery, chat: Chat, member: Member, website_form: WebsiteForm, public_url: str
) -> None:
    chat.show(await _screen(member, website_form, public_url))


def routes() -> Router:
    router = Router(name="website")
    router.message.register(command, Command("website"))
    router.callback_query.register(press, MenuButton.filter(F.place == "website"))
    return router
