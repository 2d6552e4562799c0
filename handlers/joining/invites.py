"""Invites: links that make people members, and every partner's own referral link."""

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from domain.errors import BadInput
from domain.members import Member, Right, Role
from handlers.buttons import InviteButton, MenuButton
from handlers.chat import Chat
from handlers.deep_links import deep_link, share_url
from handlers.menu import to_menu
from handlers.people.buttons import LinkButton
from handlers.people.links import NONE, link_screen
from handlers.people.roles import role_label
from handlers.screens import Button, Screen, esc, grid
from locales import _
from services.registry import Services

INVITABLE = (Role.PARTNER, Role.FRANCHISEE, Role.MANAGER, Role.ADMIN)


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
        rows.append([Button(_("📃 Links that are out"), LinkButton(do="list", invite=NONE))])
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
    services: Services,
    bot_username: str,
) -> None:
    """A new invite link for the role, as text to copy and with a button to share; below, what to change."""
    role = next((one for one in INVITABLE if one.value == callback_data.role), None)
    if role is None:
        raise BadInput("role", "invalid")
    invite = await services.members.invite(member, role)
    chat.say(link_screen(await services.links.get(member, invite.id), bot_username))


def routes() -> Router:
    router = Router(name="invites")
    router.message.register(command, Command("invite"))
    router.callback_query.register(press, MenuButton.filter(F.place == "invite"))
    router.callback_query.register(make, InviteButton.filter())
    return router
