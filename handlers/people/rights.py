"""/roles: what each role may do, and one member besides; every right is a button that turns it."""

from uuid import UUID

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from domain.errors import BadInput, NotFound
from domain.members import Member, Right, Role
from domain.rights import EDITABLE_ROLES, SECTIONS
from handlers.buttons import MenuButton
from handlers.chat import Chat
from handlers.menu import to_menu
from handlers.people.buttons import RightsButton, StaffButton
from handlers.people.right_words import right_word, section_word
from handlers.people.roles import role_label, role_name
from handlers.screens import Button, Screen, esc, grid
from locales import _
from services.people.rights import RightsOf
from services.registry import Services


def roles_screen() -> Screen:
    """The roles to choose from."""
    text = _(
        "🔐 <b>Roles and rights</b>\n\nChoose a role to see and change what it may do. "
        "An owner may always do everything. For one person alone: /people, their card, Rights."
    )
    buttons = [Button(role_label(role), RightsButton(do="show", who=role.value)) for role in EDITABLE_ROLES]
    return Screen(text, [*grid(buttons, 2), to_menu()])


def rights_screen(found: RightsOf, who: str) -> Screen:
    """The rights by section: ✅ held, ▫️ not held; + and − where it differs from what is usual."""
    member = found.member
    if member is not None:
        title = _("🔐 <b>{name}</b>, {role}").format(name=esc(member.name), role=role_name(member.role))
        note = _("+ and − mark what differs from the role.")
    else:
        title = _("🔐 <b>{role}</b>").format(role=role_label(Role(who)))
        note = _("+ and − mark what differs from the usual.")
    lines = [title]
    for section, rights in SECTIONS.items():
        lines += ["", f"<b>{section_word(section)}</b>", *(_line(right, found) for right in rights)]
    lines += ["", f"<i>{_('Press a right to give or to take it.')} {note}</i>"]
    buttons = [_button(right, found, who) for rights in SECTIONS.values() for right in rights]
    rows = grid(buttons, 2)
    if found.held != found.usual:
        rows.append([Button(_("↩️ As usual"), RightsButton(do="reset", who=who))])
    back = (
        Button(_("⬅️ To the card"), StaffButton(do="show", member=member.id))
        if member is not None
        else Button(_("⬅️ Roles"), RightsButton(do="roles"))
    )
    return Screen("\n".join(lines), [*rows, [back, *to_menu()]])


def _line(right: Right, found: RightsOf) -> str:
    mark = "✅" if right in found.held else "▫️"
    differs = right in found.held ^ found.usual
    sign = (" +" if right in found.held else " −") if differs else ""
    return f"{mark} {esc(right_word(right))}{sign}"


def _button(right: Right, found: RightsOf, who: str) -> Button:
    held = right in found.held
    label = ("✅ " if held else "▫️ ") + right_word(right)
    return Button(label, RightsButton(do="off" if held else "on", who=who, right=right.value))


async def command(_message: Message, chat: Chat, member: Member, services: Services) -> None:
    await services.rights.roles(member)
    chat.say(roles_screen())


async def place(_query: CallbackQuery, chat: Chat, member: Member, services: Services) -> None:
    await services.rights.roles(member)
    chat.show(roles_screen())


async def show(
    _query: CallbackQuery, callback_data: RightsButton, chat: Chat, member: Member, services: Services
) -> None:
    role, member_id = _whose(callback_data.who)
    found = (
        await services.rights.role(member, role)
        if role is not None
        else await services.rights.member(member, member_id)
    )
    chat.show(rights_screen(found, callback_data.who))


async def turn(
    _query: CallbackQuery, callback_data: RightsButton, chat: Chat, member: Member, services: Services
) -> None:
    """Give or take; the button says which, so that a second tap does nothing else."""
    right = next((one for one in Right if one.value == callback_data.right), None)
    if right is None:
        raise BadInput("rights", "unknown")
    on = callback_data.do == "on"
    role, member_id = _whose(callback_data.who)
    found = (
        await services.rights.turn_role(member, role, right, on)
        if role is not None
        else await services.rights.turn_member(member, member_id, right, on)
    )
    chat.toast((_("✅ Given: {right}") if on else _("▫️ Taken: {right}")).format(right=right_word(right)))
    chat.show(rights_screen(found, callback_data.who))


async def reset(
    _query: CallbackQuery, callback_data: RightsButton, chat: Chat, member: Member, services: Services
) -> None:
    role, member_id = _whose(callback_data.who)
    found = (
        await services.rights.reset_role(member, role)
        if role is not None
        else await services.rights.reset_member(member, member_id)
    )
    chat.toast(_("↩️ As usual again."))
    chat.show(rights_screen(found, callback_data.who))


def _whose(who: str) -> tuple[Role | None, UUID]:
    role = next((one for one in Role if one.value == who), None)
    if role is not None:
        return role, UUID(int=0)
    try:
        return None, UUID(who)
    except ValueError:
        raise NotFound(what="member") from None


def routes() -> Router:
    router = Router(name="rights")
    router.message.register(command, Command("roles"))
    router.callback_query.register(place, MenuButton.filter(F.place == "roles"))
    router.callback_query.register(place, RightsButton.filter(F.do == "roles"))
    router.callback_query.register(turn, RightsButton.filter(F.do.in_({"on", "off"})))
    router.callback_query.register(reset, RightsButton.filter(F.do == "reset"))
    router.callback_query.register(show, RightsButton.filter())
    return router
