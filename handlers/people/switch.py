"""/switch: the organizations of a person, and working in another one. Open to people outside as well."""

from uuid import UUID

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from domain.errors import NotFound
from domain.members import Member, MemberStatus, Role
from domain.people import Belonging
from handlers.buttons import MenuButton
from handlers.chat import Chat
from handlers.commands import show_commands
from handlers.joining.gate import next_step
from handlers.menu import to_menu
from handlers.people.buttons import OrganizationButton
from handlers.people.roles import role_name
from handlers.screens import Button, Screen, esc
from locales import N_, _
from services.registry import Services

NONE = UUID(int=0)
STATUSES: dict[MemberStatus, str] = {
    MemberStatus.REGISTERING: N_("registration not finished"),
    MemberStatus.PENDING: N_("waits for an admin"),
    MemberStatus.DECLINED: N_("declined"),
    MemberStatus.SUSPENDED: N_("paused"),
    MemberStatus.LEFT: N_("left"),
    MemberStatus.REMOVED: N_("removed"),
}


async def organizations_screen(services: Services, member: Member) -> Screen:
    """Every organization of the person, the one they work in marked."""
    found = await services.belongings.of(member.telegram_id)
    lines = [_("🏢 <b>Your organizations</b>")]
    lines.append(
        _("You work in <b>{name}</b>. Press another one to change over.").format(
            name=esc(member.organization_name)
        )
        if len(found) > 1
        else _("One so far: <b>{name}</b>. An invite link of another one brings you there.").format(
            name=esc(member.organization_name)
        )
    )
    rows = [[_button(one, member)] for one in found]
    if any(one.role is Role.OWNER and one.status is MemberStatus.ACTIVE for one in found):
        rows.append([Button(_("➕ New organization"), OrganizationButton(do="new", id=NONE))])
    return Screen("\n".join(lines), [*rows, to_menu()])


def _button(one: Belonging, member: Member) -> Button:
    here = "✅ " if one.organization_id == member.organization_id else ""
    place = _(STATUSES[one.status]) if one.status in STATUSES else role_name(one.role)
    return Button(f"{here}{one.name[:40]} · {place}", OrganizationButton(do="switch", id=one.organization_id))


async def command(_message: Message, chat: Chat, services: Services, member: Member | None = None) -> None:
    chat.say(await organizations_screen(services, _known(member)))


async def place(_query: CallbackQuery, chat: Chat, services: Services, member: Member | None = None) -> None:
    chat.show(await organizations_screen(services, _known(member)))


def _known(member: Member | None) -> Member:
    if member is None:
        raise NotFound(what="member")
    return member


async def switch(
    query: CallbackQuery,
    callback_data: OrganizationButton,
    chat: Chat,
    state: FSMContext,
    services: Services,
) -> None:
    """Work there from now on. A question that is open belongs to the other one: it is left."""
    member = await services.belongings.switch(query.from_user.id, callback_data.id)
    await state.clear()
    show_commands(chat, member)
    chat.toast(_("🏢 {name}").format(name=member.organization_name))
    chat.show(next_step(member))


def routes() -> Router:
    router = Router(name="switch")
    router.message.register(command, Command("switch"), F.chat.type == "private")
    router.callback_query.register(place, MenuButton.filter(F.place == "switch"))
    router.callback_query.register(switch, OrganizationButton.filter(F.do == "switch"))
    return router
