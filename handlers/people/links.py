"""Invite links that are out: the list, how long each holds and for how many, and taking one back."""

from datetime import UTC, datetime
from uuid import UUID

from aiogram import F, Router
from aiogram.types import CallbackQuery
from babel.dates import format_date

from domain.members import Member
from domain.people import Link
from handlers.buttons import MenuButton
from handlers.chat import Chat
from handlers.deep_links import deep_link, share_url
from handlers.menu import to_menu
from handlers.people.buttons import LinkButton
from handlers.people.roles import role_name
from handlers.screens import Button, Screen, esc
from locales import _, current_language, ngettext
from services.people.links import DAYS, USES
from services.registry import Services

NONE = UUID(int=0)
"""In the place of an invite where none is meant."""


def link_screen(link: Link, bot_username: str) -> Screen:
    """A link that works, with buttons to change what it is good for; or what it was good for."""
    address = deep_link(bot_username, link.code)
    lines = [_("🔗 <b>Invite: {role}</b>").format(role=role_name(link.role))]
    came = ngettext("{count} person has come by it.", "{count} people have come by it.", link.used)
    back = [Button(_("⬅️ Links"), LinkButton(do="list", invite=NONE)), *to_menu()]
    if link.uses_left <= 0 or link.expires_at <= datetime.now(UTC):
        lines += ["", _("🚫 It opens nothing any more."), came.format(count=link.used)]
        return Screen("\n".join(lines), [back])
    until = format_date(link.expires_at, format="long", locale=current_language())
    lines += [
        f"<code>{esc(address)}</code>",
        "",
        _(
            "Send it to those you wait for. Whoever follows it is in at once. "
            "Good until {date}, for up to {uses} people."
        ).format(date=until, uses=link.uses_left),
    ]
    if link.used:
        lines.append(came.format(count=link.used))
    share = Button(_("📤 Share"), url=share_url(address, _("Your invite to our bot")))
    revoke = Button(_("🚫 Take back"), LinkButton(do="revoke", invite=link.id))
    return Screen("\n".join(lines), [[share], _days(link), _uses(link), [revoke], back])


def _days(link: Link) -> list[Button]:
    def button(days: int) -> Button:
        label = ngettext("{count} day", "{count} days", days).format(count=days)
        return Button("🕒 " + label, LinkButton(do="days", invite=link.id, extra=days))

    return [button(days) for days in DAYS]


def _uses(link: Link) -> list[Button]:
    return [
        Button(
            ("• " if uses == link.uses_left else "") + f"👥 {uses}",
            LinkButton(do="uses", invite=link.id, extra=uses),
        )
        for uses in USES
    ]


async def show_list(
    _query: CallbackQuery, callback_data: LinkButton, chat: Chat, member: Member, services: Services
) -> None:
    """Links that still open the door."""
    page = max(callback_data.extra, 0)
    found, pages = await services.links.browse(member, page)
    if page and not found:
        page = pages - 1
        found, pages = await services.links.browse(member, page)
    text = _("📃 <b>Links that are out</b>") + "\n"
    text += _("Press one to change or to take it back.") if found else _("None: all are used up or over.")
    rows = [[Button(_label(link), LinkButton(do="show", invite=link.id))] for link in found]
    turn = [
        Button(arrow, LinkButton(do="list", invite=NONE, extra=page + step))
        for arrow, step in (("⬅️", -1), ("➡️", 1))
        if 0 <= page + step < pages
    ]
    new = Button(_("🔗 New link"), MenuButton(place="invite"))
    chat.show(Screen(text, [*rows, turn, [new, *to_menu()]]))


def _label(link: Link) -> str:
    until = format_date(link.expires_at, "d MMM", locale=current_language())
    return _("{role} · until {date} · {used} came, {left} may").format(
        role=role_name(link.role), date=until, used=link.used, left=link.uses_left
    )


async def show(
    _query: CallbackQuery,
    callback_data: LinkButton,
    chat: Chat,
    member: Member,
    services: Services,
    bot_username: str,
) -> None:
    link = await services.links.get(member, callback_data.invite)
    chat.show(link_screen(link, bot_username))


async def change(
    _query: CallbackQuery,
    callback_data: LinkButton,
    chat: Chat,
    member: Member,
    services: Services,
    bot_username: str,
) -> None:
    """Another time or another number of people."""
    use_case = services.links.hold_for if callback_data.do == "days" else services.links.limit_to
    link = await use_case(member, callback_data.invite, callback_data.extra)
    chat.toast(_("✅ Saved."))
    chat.show(link_screen(link, bot_username))


async def ask(
    _query: CallbackQuery, callback_data: LinkButton, chat: Chat, member: Member, services: Services
) -> None:
    link = await services.links.get(member, callback_data.invite)
    text = _("🚫 <b>Take the link back?</b>\n\nIt opens nothing any more; whoever came by it stays.")
    sure = Button(_("🚫 Take back"), LinkButton(do="really_revoke", invite=link.id))
    back = Button(_("⬅️ No, back"), LinkButton(do="show", invite=link.id))
    chat.show(Screen(text, [[sure], [back]]))


async def revoke(
    _query: CallbackQuery,
    callback_data: LinkButton,
    chat: Chat,
    member: Member,
    services: Services,
    bot_username: str,
) -> None:
    link = await services.links.revoke(member, callback_data.invite)
    chat.show(link_screen(link, bot_username))


def routes() -> Router:
    router = Router(name="links")
    router.callback_query.register(show_list, LinkButton.filter(F.do == "list"))
    router.callback_query.register(change, LinkButton.filter(F.do.in_({"days", "uses"})))
    router.callback_query.register(ask, LinkButton.filter(F.do == "revoke"))
    router.callback_query.register(revoke, LinkButton.filter(F.do == "really_revoke"))
    router.callback_query.register(show, LinkButton.filter())
    return router
