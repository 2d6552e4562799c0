"""Requests to join: who waits, and an admin's decision by button."""

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from domain.errors import BadInput
from domain.members import Member, MemberStatus, Role
from domain.phones import show_phone
from handlers.buttons import MemberButton, MenuButton
from handlers.chat import Chat
from handlers.menu import to_menu
from handlers.people.profile import profile_lines
from handlers.people.roles import APPROVABLE, role_label, role_name
from handlers.screens import Button, Screen, esc, grid
from locales import _
from services.people.members import Members

SHOW, OTHER_ROLES, DECLINE = "show", "roles", "decline"


def candidate_screen(candidate: Member, decider: str, *, roles: bool = False) -> Screen:
    """A request with its buttons; or, once decided, by whom. `roles` offers every role."""
    lines = [_("🙋 <b>Request to join</b>"), f"<b>{esc(candidate.name)}</b>"]
    if candidate.username:
        lines.append(f"@{esc(candidate.username)}")
    if candidate.phone:
        lines.append("📱 " + esc(show_phone(candidate.phone)))
    lines.append(_("Wishes to be: <b>{role}</b>").format(role=role_name(candidate.wished_role)))
    lines += profile_lines(candidate, filled_only=True)
    if candidate.status is MemberStatus.PENDING:
        return Screen("\n".join(lines), _buttons(candidate, roles))
    return Screen("\n".join([*lines, "", _decision(candidate, decider)]), [to_menu()])


def _buttons(candidate: Member, roles: bool) -> list[list[Button]]:
    def button(text: str, do: str) -> Button:
        return Button(text, MemberButton(do=do, member=candidate.id))

    if roles:
        chosen = [button(role_label(role), role.value) for role in APPROVABLE]
        return [*grid(chosen, 2), [button(_("⬅️ Back"), SHOW)]]
    wished = candidate.wished_role if candidate.wished_role in APPROVABLE else Role.PARTNER
    approve = _("✅ Approve as {role}").format(role=role_name(wished))
    return [
        [button(approve, wished.value)],
        [button(_("🎭 Other role"), OTHER_ROLES), button(_("❌ Decline"), DECLINE)],
    ]


def _decision(candidate: Member, decider: str) -> str:
    by = esc(decider)
    if candidate.status is MemberStatus.DECLINED:
        return _("❌ Declined by {by}").format(by=by) if by else _("❌ Declined")
    role = role_name(candidate.role)
    if by:
        return _("✅ Approved as {role} by {by}").format(role=role, by=by)
    return _("✅ In as {role}").format(role=role)


async def _list(member: Member, members: Members) -> Screen:
    found = await members.candidates(member)
    if not found:
        return Screen(_("🙋 Nobody waits for a decision now. To bring people in, invite them."), _no_one())
    rows = [
        [
            Button(
                f"{one.name or '—'} · {role_name(one.wished_role)}"[:60],
                MemberButton(do=SHOW, member=one.id),
            )
        ]
        for one in found
    ]
    return Screen(_("🙋 <b>Requests to join</b>, the longest waiting first:"), [*rows, to_menu()])


def _no_one() -> list[list[Button]]:
    return [[Button(_("🔗 Invite"), MenuButton(place="invite")), *to_menu()]]


async def command(_message: Message, chat: Chat, member: Member, members: Members) -> None:
    chat.say(await _list(member, members))


async def press(_query: CallbackQuery, chat: Chat, member: Member, members: Members) -> None:
    chat.show(await _list(member, members))


async def show(
    _query: CallbackQuery, callback_data: MemberButton, chat: Chat, member: Member, members: Members
) -> None:
    """One request, or the roles to choose from."""
    candidate = await members.get(member, callback_data.member)
    decider = await members.decider(member.organization_id, candidate.id)
    chat.show(candidate_screen(candidate, decider, roles=callback_data.do == OTHER_ROLES))


async def decide(
    _query: CallbackQuery, callback_data: MemberButton, chat: Chat, member: Member, members: Members
) -> None:
    """Approve with the button's role, or decline; whoever comes second sees who was first."""
    candidate = await members.get(member, callback_data.member)
    if candidate.status is MemberStatus.PENDING:
        candidate = await members.decide(member, candidate.id, _role(callback_data.do))
        chat.toast(_("Done. I have written to {name}.").format(name=candidate.name))
    else:
        chat.toast(_("This has been decided already."))
    decider = await members.decider(member.organization_id, candidate.id)
    chat.show(candidate_screen(candidate, decider))


def _role(do: str) -> Role | None:
    if do == DECLINE:
        return None
    role = next((one for one in APPROVABLE if one.value == do), None)
    if role is None:
        raise BadInput("role", "invalid")
    return role


def routes() -> Router:
    router = Router(name="approvals")
    router.message.register(command, Command("requests"))
    router.callback_query.register(press, MenuButton.filter(F.place == "requests"))
    router.callback_query.register(show, MemberButton.filter(F.do.in_({SHOW, OTHER_ROLES})))
    router.callback_query.register(decide, MemberButton.filter())
    return router
