"""/people: the list with a search and a choice of roles, and the card of each with what may be done."""

from collections.abc import Callable
from typing import Any

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from domain.errors import BadInput
from domain.members import Member, MemberStatus, Right, Role
from handlers.buttons import MemberButton, MenuButton
from handlers.chat import Chat
from handlers.forms import forms
from handlers.forms.forms import Answers, Asking, Form, Question
from handlers.menu import to_menu
from handlers.people.buttons import PeopleButton, StaffButton, fitting
from handlers.people.card import card_screen, sure_screen
from handlers.people.roles import role_label, role_name
from handlers.screens import Button, Screen, esc, grid
from locales import N_, _, ngettext
from services.people.roster import Roster
from services.registry import Services

PAUSED = N_("paused")


def list_screen(found: Roster, member: Member, where: PeopleButton) -> Screen:
    """Who is in, by name; on top who asks to join."""
    lines = [_("👥 <b>People</b>")]
    if found.waiting:
        lines.append(_("🙋 Requests to join: {count}").format(count=found.waiting))
    if where.words:
        lines.append(_("🔎 <i>{words}</i>: {count} found").format(words=esc(where.words), count=found.total))
    elif found.members:
        count = ngettext("{count} person.", "{count} people.", found.total).format(count=found.total)
        page = _("Page {page} of {pages}.").format(page=found.page + 1, pages=found.pages)
        lines.append(f"{count} {page}" if found.pages > 1 else count)
    if not found.members:
        lines += ["", _("Nobody here. Choose another role, or search with fewer words.")]
    return Screen("\n".join(lines), _rows(found, member, where))


def _rows(found: Roster, member: Member, where: PeopleButton) -> list[list[Button]]:
    here = where.model_copy(update={"do": "list", "page": found.page})
    rows = []
    if found.waiting:
        rows += [
            [Button(f"🙋 {one.name or '—'} · {role_name(one.wished_role)}"[:60], _request(one))]
            for one in found.first
        ]
        if found.waiting > len(found.first):
            rows.append([Button(_("🙋 All who ask to join"), MenuButton(place="requests"))])
    rows += [[Button(_line(one), StaffButton(do="show", member=one.id))] for one in found.members]
    turn = []
    if found.page:
        turn.append(Button("⬅️", here.model_copy(update={"page": found.page - 1})))
    if found.page + 1 < found.pages:
        turn.append(Button("➡️", here.model_copy(update={"page": found.page + 1})))
    rows.append(turn)
    rows += grid(_role_buttons(here), 4)
    search = [Button(_("🔎 Search"), PeopleButton(do="find", role=where.role))]
    if where.words:
        search.append(Button(_("✖️ All"), PeopleButton(do="list", role=where.role)))
    if member.may(Right.MEMBER_INVITE):
        search.append(Button(_("🔗 Invite"), MenuButton(place="invite")))
    return [*rows, search, to_menu()]


def _request(one: Member) -> MemberButton:
    return MemberButton(do="show", member=one.id)


def _role_buttons(here: PeopleButton) -> list[Button]:
    def button(text: str, role: str) -> Button:
        mark = "• " if here.role == role else ""
        return Button(mark + text, here.model_copy(update={"role": role, "page": 0}))

    return [button(_("All"), ""), *(button(role_name(role), role.value) for role in Role)]


def _line(one: Member) -> str:
    paused = f" · {_(PAUSED)}" if one.status is MemberStatus.SUSPENDED else ""
    return f"{one.name or '—'}"[:40] + f" · {role_name(one.role)}{paused}"


async def show_list(chat: Chat, member: Member, services: Services, where: PeopleButton) -> None:
    role = next((one for one in Role if one.value == where.role), None)
    found = await services.people.browse(member, role, where.words, where.page)
    chat.show(list_screen(found, member, where))


async def command(_message: Message, chat: Chat, member: Member, services: Services) -> None:
    await show_list(chat, member, services, PeopleButton(do="list"))


async def place(_query: CallbackQuery, chat: Chat, member: Member, services: Services) -> None:
    await show_list(chat, member, services, PeopleButton(do="list"))


async def turn(
    _query: CallbackQuery, callback_data: PeopleButton, chat: Chat, member: Member, services: Services
) -> None:
    await show_list(chat, member, services, callback_data)


async def find(
    _query: CallbackQuery,
    callback_data: PeopleButton,
    chat: Chat,
    member: Member,
    state: FSMContext,
    services: Services,
) -> None:
    await forms.start(FIND, chat, state, member, services, {"role": callback_data.role})


def _read_words(typed: str, _member: Member) -> str:
    words = fitting(typed)
    if not words:
        raise BadInput("words", "required")
    return words


async def _found(
    chat: Chat, _s: FSMContext, member: Member, answers: Answers, context: dict[str, Any], services: Services
) -> None:
    where = PeopleButton(do="list", role=context["role"], words=answers["words"])
    await show_list(chat, member, services, where)


def _ask_words(_asking: Asking) -> str:
    return _("🔎 Whom do you look for? A part of the name, the @username or the phone.")


FIND = Form(
    name="people_find",
    questions=(Question("words", _ask_words, read=_read_words),),
    finish=_found,
    cancelled=lambda: _("Stopped. /people shows everybody."),
)
FORMS = (FIND,)


async def show(
    _query: CallbackQuery, callback_data: StaffButton, chat: Chat, member: Member, services: Services
) -> None:
    """The card. Somebody who still waits for a decision has the card of a request."""
    found = await services.people.card(member, callback_data.member)
    if found.member.status is MemberStatus.PENDING:
        wish = Button(_("🙋 Open the request"), MemberButton(do="show", member=found.member.id))
        chat.show(Screen(_("This person waits for a decision."), [[wish], to_menu()]))
        return
    chat.show(card_screen(found, member))


async def roles(
    _query: CallbackQuery, callback_data: StaffButton, chat: Chat, member: Member, services: Services
) -> None:
    """The roles to choose from."""
    found = await services.people.card(member, callback_data.member)
    offered = [role for role in Role if role is not Role.OWNER or member.role is Role.OWNER]
    buttons = [
        Button(
            ("• " if role is found.member.role else "") + role_label(role),
            StaffButton(do="role", member=found.member.id, extra=role.value),
        )
        for role in offered
    ]
    text = _("🎭 <b>{name}</b> is {role} now. Which role instead?").format(
        name=esc(found.member.name), role=role_name(found.member.role)
    )
    back = [Button(_("⬅️ Back"), StaffButton(do="show", member=found.member.id))]
    chat.show(Screen(text, [*grid(buttons, 2), back]))


async def set_role(
    _query: CallbackQuery, callback_data: StaffButton, chat: Chat, member: Member, services: Services
) -> None:
    role = next((one for one in Role if one.value == callback_data.extra), None)
    if role is None:
        raise BadInput("role", "invalid")
    other = await services.standing.set_role(member, callback_data.member, role)
    chat.toast(_("{name} is {role} now.").format(name=other.name, role=role_name(other.role)))
    await _again(chat, member, services, callback_data)


async def ask(
    _query: CallbackQuery, callback_data: StaffButton, chat: Chat, member: Member, services: Services
) -> None:
    """Once more before somebody is paused or removed."""
    found = await services.people.card(member, callback_data.member)
    chat.show(sure_screen(found, callback_data.do))


async def suspend(
    _query: CallbackQuery, callback_data: StaffButton, chat: Chat, member: Member, services: Services
) -> None:
    other, moved = await services.standing.suspend(member, callback_data.member)
    chat.toast(_gone(_("⏸ {name} is paused.").format(name=other.name), moved))
    await _again(chat, member, services, callback_data)


async def restore(
    _query: CallbackQuery, callback_data: StaffButton, chat: Chat, member: Member, services: Services
) -> None:
    other = await services.standing.restore(member, callback_data.member)
    chat.toast(_("▶️ {name} is back.").format(name=other.name))
    await _again(chat, member, services, callback_data)


async def remove(
    _query: CallbackQuery, callback_data: StaffButton, chat: Chat, member: Member, services: Services
) -> None:
    other, moved = await services.standing.remove(member, callback_data.member)
    chat.toast(_gone(_("{name} is out.").format(name=other.name), moved))
    await show_list(chat, member, services, PeopleButton(do="list"))


async def reset_factor(
    _query: CallbackQuery, callback_data: StaffButton, chat: Chat, member: Member, services: Services
) -> None:
    await services.second_factor.reset(member, callback_data.member)
    chat.toast(_("🔓 It is off."))
    await _again(chat, member, services, callback_data)


def _gone(text: str, moved: int) -> str:
    if not moved:
        return text
    more = ngettext("{count} lead has new hands.", "{count} leads have new hands.", moved)
    return f"{text} {more.format(count=moved)}"


async def _again(chat: Chat, member: Member, services: Services, where: StaffButton) -> None:
    if where.member == member.id and member.role is Role.OWNER:
        # the card is of the person who pressed: their rights may be others by now
        member = await services.members.current(member.telegram_id) or member
    if not member.may(Right.MEMBER_APPROVE):
        chat.show(Screen(_("✅ Done."), [to_menu()]))
        return
    chat.show(card_screen(await services.people.card(member, where.member), member))


def routes() -> Router:
    router = Router(name="people")
    router.message.register(command, Command("people"))
    router.callback_query.register(place, MenuButton.filter(F.place == "people"))
    router.callback_query.register(find, PeopleButton.filter(F.do == "find"))
    router.callback_query.register(turn, PeopleButton.filter())
    acts: dict[str, Callable[..., Any]] = {
        "show": show, "roles": roles, "role": set_role, "suspend": ask, "remove": ask, "restore": restore,
        "really_suspend": suspend, "really_remove": remove, "factor": ask, "really_factor": reset_factor,
    }  # fmt: skip
    for do, act in acts.items():
        router.callback_query.register(act, StaffButton.filter(F.do == do))
    return router
