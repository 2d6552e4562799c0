"""/as: lists and cards as a role or a member sees them. Nothing can be touched, and Leave is always there."""

from collections.abc import Callable
from typing import Any

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from domain.leads import Lead
from domain.members import Member
from domain.rights import EDITABLE_ROLES, SECTIONS
from handlers.cards import lead_line
from handlers.chat import Chat
from handlers.leads.lead_screens import card
from handlers.menu import menu_rows, menu_screen
from handlers.people.buttons import AsButton
from handlers.people.right_words import right_word
from handlers.people.roles import role_label, role_name
from handlers.screens import TEXT_LIMIT, Button, Screen, esc, grid
from locales import _
from services.people.preview import Preview
from services.people.roster import Roster
from services.registry import Services


def pick_screen(found: Roster) -> Screen:
    """Whose eyes to look through."""
    text = _(
        "👁 <b>See as</b>\n\nLists and cards exactly as a role or a person sees them. Nothing can be changed "
        "there. Every look is written down, and the person is told."
    )
    roles = [Button(role_label(role), AsButton(do="begin", who=role.value)) for role in EDITABLE_ROLES]
    rows = grid(roles, 3)
    rows += [
        [Button(f"{one.name or '—'} · {role_name(one.role)}"[:60], AsButton(do="begin", who=one.id.hex))]
        for one in found.members
    ]
    turn = [
        Button(arrow, AsButton(do="pick", page=found.page + step))
        for arrow, step in (("⬅️", -1), ("➡️", 1))
        if 0 <= found.page + step < found.pages
    ]
    return Screen(text, [*rows, turn, [_leave()]])


def _leave() -> Button:
    return Button(_("✖️ Leave the preview"), AsButton(do="leave"))


def _banner(preview: Preview) -> str:
    role = role_name(preview.seen.role)
    if not preview.is_person:
        return _("👁 <b>You see what the role “{role}” sees.</b>").format(role=role)
    name = esc(preview.seen.name)
    return _("👁 <b>You see what {name} ({role}) sees.</b>").format(name=name, role=role)


def begin_screen(preview: Preview) -> Screen:
    """Their menu in words, what they may, and the way to their leads."""
    seen = preview.seen
    places = [button.text for row in menu_rows(seen) for button in row]
    rights = [right_word(right) for rights in SECTIONS.values() for right in rights if right in seen.rights]
    lines = [
        _banner(preview),
        "",
        _("Their menu: {places}").format(places=esc(" · ".join(places))),
        "",
        _("They may: {rights}").format(rights=esc(", ".join(rights)) or "—"),
    ]
    leads = Button(_("📋 Their leads"), AsButton(do="list", who=_who(preview)))
    other = Button(_("👥 Somebody else"), AsButton(do="pick"))
    return Screen("\n".join(lines), [[leads], [other], [_leave()]])


def _who(preview: Preview) -> str:
    return preview.seen.id.hex if preview.is_person else preview.seen.role.value


async def command(_message: Message, chat: Chat, member: Member, services: Services) -> None:
    chat.say(pick_screen(await services.people.to_preview(member)))


async def pick(
    _query: CallbackQuery, callback_data: AsButton, chat: Chat, member: Member, services: Services
) -> None:
    chat.show(pick_screen(await services.people.to_preview(member, callback_data.page)))


async def begin(
    _query: CallbackQuery, callback_data: AsButton, chat: Chat, member: Member, services: Services
) -> None:
    chat.show(begin_screen(await services.previews.begin(member, callback_data.who)))


async def show_list(
    _query: CallbackQuery, callback_data: AsButton, chat: Chat, member: Member, services: Services
) -> None:
    """A page of the leads they see."""
    who, page = callback_data.who, max(callback_data.page, 0)
    preview, found = await services.previews.page(member, who, page)
    text = _("📋 Leads they see: {count}").format(count=found.total)
    rows = [
        [Button(lead_line(lead), AsButton(do="lead", who=who, page=page, number=lead.number))]
        for lead in found.leads
    ]
    turn = [
        Button(arrow, AsButton(do="list", who=who, page=page + step))
        for arrow, step in (("⬅️", -1), ("➡️", 1))
        if 0 <= page + step < found.pages
    ]
    about = Button(_("ℹ️ What they may"), AsButton(do="about", who=who))
    chat.show(Screen(f"{_banner(preview)}\n\n{text}", [*rows, turn, [about], [_leave()]]))


async def about(
    _query: CallbackQuery, callback_data: AsButton, chat: Chat, member: Member, services: Services
) -> None:
    preview, _found = await services.previews.page(member, callback_data.who, 0)
    chat.show(begin_screen(preview))


async def show_lead(
    _query: CallbackQuery, callback_data: AsButton, chat: Chat, member: Member, services: Services
) -> None:
    """The card as they see it; its buttons are named in words, as none of them may be pressed."""
    who = callback_data.who
    preview, lead = await services.previews.lead(member, who, callback_data.number)
    text = await _card_text(services, preview, lead)
    back = Button(_("⬅️ Their leads"), AsButton(do="list", who=who, page=callback_data.page))
    chat.show(Screen(text, [[back], [_leave()]]))


async def _card_text(services: Services, preview: Preview, lead: Lead) -> str:
    shown = await card(services, preview.seen, lead)
    labels = [button.text for row in shown.rows for button in row]
    foot = "\n\n" + _("Their buttons: {buttons}").format(buttons=esc(" · ".join(labels)))
    text = f"{_banner(preview)}\n\n{shown.text}"
    return text + foot if len(text) + len(foot) <= TEXT_LIMIT else text


async def leave(_query: CallbackQuery, chat: Chat, member: Member) -> None:
    chat.toast(_("You see with your own eyes again."))
    chat.show(menu_screen(member))


def routes() -> Router:
    router = Router(name="see_as")
    router.message.register(command, Command("as"))
    acts: dict[str, Callable[..., Any]] = {
        "pick": pick, "begin": begin, "list": show_list, "about": about, "lead": show_lead, "leave": leave,
    }  # fmt: skip
    for do, act in acts.items():
        router.callback_query.register(act, AsButton.filter(F.do == do))
    return router
