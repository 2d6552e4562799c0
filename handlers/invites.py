"""Invites: links that make people members, and every partner's own referral link."""

from urllib.parse import quote

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message
from babel.dates import format_date

from domain.errors import BadInput
from domain.members import Member, Right, Role
from handlers.buttons import InviteButton, MenuButton
from handlers.chat import Chat
from handlers.menu import to_menu
from handlers.roles import role_label, role_name
from handlers.screens import Button, Screen, esc, grid
from locales import _, current_language
from services.members import INVITE_USES, Members

INVITABLE = (Role.PARTNER, Role.FRANCHISEE, Role.MANAGER, Role.ADMIN)
SHARE = "https://t.me/share/url?url={url}&text={text}"


def deep_link(bot_username: str, code: str) -> str:
    """A link that opens the bot and starts it with the code."""
    return f"https://t.me/{bot_username}?start={code}"


def share_url(link: str, text: str) -> str:
    """Telegram's own page that sends the link on to a chat of one's choice."""
    return SHARE.format(url=quote(link, safe=""), text=quote(text, safe=""))


def invite_screen(member: Member, bot_username: str) -> Screen:
    """The roles to invite for, where the member may; and their referral link."""
    link = deep_link(bot_username, f"ref_{member.referral_code}")
    lines = [_("🔗 <b>Your referral link</b>"), f"<code>{esc(link)}</code>"]
    lines += [_("Whoever comes by it is remembered as recommended by you; an admin approves them.")]
    share = Button(_("📤 Share my link"), url=share_url(link, _("Join us and send leads right in Telegram")))
    rows = [[share]]
    if member.may(Right.MEMBER_INVITE):
        lines += ["", _("<b>Invite without approval.</b> Whom shall the link be for?")]
        rows += grid([Button(role_label(role), InviteButton(role=role.value)) for role in INVITABLE], 2)
    return Screen("\n".join(lines), [*rows, to_menu()])


async def command(_message: Message, chat: Chat, member: Member, bot_username: str) -> None:
    chat.say(invite_screen(member, bot_username))


async def press(_query: CallbackQuery, chat: Chat, member: Member, bot_username: str) -> None:
    chat.show(invite_screen(member, bot_username))


async def make(
    _query: CallbackQuery,
    callback_data: InviteButton,
    chat: Chat,
    member: Member,
    members: Members,
    bot_username: str,
) -> None:
    """A new invite link for the role, as text to copy and with a button to share."""
    role = next((one for one in INVITABLE if one.value == callback_data.role), None)
    if role is None:
        raise BadInput("role", "invalid")
    invite = await members.invite(member, role)
    link = deep_link(bot_username, invite.code)
    until = format_date(invite.expires_at, format="long", locale=current_language())
    text = _(
        "🔗 <b>Invite: {role}</b>\n<code>{link}</code>\n\n"
        "Send it to those you wait for. Whoever follows it is in at once. "
        "Good until {date}, for up to {uses} people."
    ).format(role=role_name(role), link=esc(link), date=until, uses=INVITE_USES)
    share = Button(_("📤 Share"), url=share_url(link, _("Your invite to our bot")))
    again = Button(_("⬅️ Back"), MenuButton(place="invite"))
    chat.say(Screen(text, [[share], [again, *to_menu()]]))


def routes() -> Router:
    router = Router(name="invites")
    router.message.register(command, Command("invite"))
    router.callback_query.register(press, MenuButton.filter(F.place == "invite"))
    router.callback_query.register(make, InviteButton.filter())
    return router
