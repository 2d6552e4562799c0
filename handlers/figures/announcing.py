"""/announce: to whom, the text, a look at it with the count; then a card that follows the delivery."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from domain.errors import BadInput, NotAllowed
from domain.members import Member, Right, Role
from handlers.buttons import MenuButton
from handlers.chat import Chat
from handlers.figures.buttons import AnnounceButton
from handlers.forms import forms
from handlers.forms.forms import Answers, Asking, Form, Question
from handlers.menu import to_menu
from handlers.people.roles import role_label
from handlers.screens import Button, Screen, esc
from locales import _, ngettext
from services.messages.notices import Delivery
from services.people.announcements import LIMIT, Progress, card_slot
from services.registry import Services

EVERYBODY = "#all"


def _read_roles(typed: str, _member: Member) -> str:
    if typed != EVERYBODY and typed not in set(Role):
        raise BadInput("role", "invalid")
    return typed


def _read_text(typed: str, _member: Member) -> str:
    text = typed.strip()
    if not text:
        raise BadInput("announcement", "required")
    if len(text) > LIMIT:
        raise BadInput("announcement", "too_long", length=len(text), limit=LIMIT)
    return text


def _roles(_asking: Asking) -> list[tuple[str, str]]:
    return [(_("👥 Everybody"), EVERYBODY), *((role_label(role), role.value) for role in Role)]


async def _finish(
    chat: Chat, _s: FSMContext, member: Member, answers: Answers, _c: dict[str, Any], services: Services
) -> None:
    roles = [] if answers["roles"] == EVERYBODY else [Role(answers["roles"])]
    chat.show(preview_screen(await services.announcements.draft(member, roles, answers["announcement"])))


FORM = Form(
    name="announce",
    questions=(
        Question(
            "roles", lambda _asking: _("📣 To whom shall the announcement go?"), read=_read_roles,
            choices=_roles, typed=False,
        ),
        Question("announcement", lambda _asking: _("📝 What shall it say?"), read=_read_text),
    ),
    finish=_finish,
    cancelled=lambda: _("Nothing was sent."),
)  # fmt: skip
FORMS = (FORM,)


def _whom(found: Progress) -> str:
    roles = found.announcement.roles
    return ", ".join(role_label(role) for role in roles) if roles else _("👥 Everybody")


def preview_screen(found: Progress) -> Screen:
    """The text as people will see it, and how many they are."""
    count = ngettext("{count} person gets it.", "{count} people get it.", found.total)
    lines = [
        _("👀 <b>This is how it will look</b>"),
        f"{_whom(found)}: {count.format(count=found.total)}",
    ]
    if found.blocked:
        lines.append(_("🔇 Not reached, as the bot is blocked: {count}").format(count=found.blocked))
    lines += ["", "—" * 10, "", _body(found.announcement.text)]
    one = found.announcement.id
    send = Button(_("📣 Send to {count}").format(count=found.total), AnnounceButton(do="send", id=one))
    drop = Button(_("✖️ Do not send"), AnnounceButton(do="drop", id=one))
    return Screen("\n".join(lines), [[send], [drop]])


def _body(text: str) -> str:
    return f"📣 {esc(text)}"


def progress_screen(found: Progress) -> Screen:
    """How far the delivery has got."""
    lines = [
        _("📣 <b>Announcement</b> · {whom}").format(whom=_whom(found)),
        "",
        _("✅ Delivered: {sent} of {total}").format(sent=found.sent, total=found.total),
        _("⏳ Waiting: {count}").format(count=found.waiting),
        _("🔇 Not reached: {count}").format(count=found.blocked),
        "",
        f"<blockquote expandable>{esc(found.announcement.text[:600])}</blockquote>",
    ]
    one = found.announcement.id
    refresh = [Button(_("🔄 Refresh"), AnnounceButton(do="refresh", id=one))] if found.waiting else []
    again = Button(_("📣 Another one"), MenuButton(place="announce"))
    return Screen("\n".join(lines), [refresh, [again, *to_menu()]], slot=card_slot(one))


async def _begin(chat: Chat, state: FSMContext, member: Member, services: Services) -> None:
    if not member.may(Right.ANNOUNCE):
        raise NotAllowed(right=Right.ANNOUNCE.value)
    await forms.start(FORM, chat, state, member, services)


async def command(
    _message: Message, chat: Chat, state: FSMContext, member: Member, services: Services
) -> None:
    await _begin(chat, state, member, services)


async def place(
    _query: CallbackQuery, chat: Chat, state: FSMContext, member: Member, services: Services
) -> None:
    await _begin(chat, state, member, services)


async def send(
    _query: CallbackQuery, callback_data: AnnounceButton, chat: Chat, member: Member, services: Services
) -> None:
    chat.show(progress_screen(await services.announcements.send(member, callback_data.id)))


async def drop(
    _query: CallbackQuery, callback_data: AnnounceButton, chat: Chat, member: Member, services: Services
) -> None:
    await services.announcements.drop(member, callback_data.id)
    chat.show(Screen(_("Nothing was sent."), [to_menu()]))


async def refresh(
    _query: CallbackQuery, callback_data: AnnounceButton, chat: Chat, member: Member, services: Services
) -> None:
    chat.show(progress_screen(await services.announcements.progress(member, callback_data.id)))
    chat.toast(_("This is the newest state."))


async def announced(services: Services, delivery: Delivery) -> Screen | None:
    """The announcement itself."""
    one = UUID(delivery.notice.params["announcement"])
    text = await services.announcements.text_of(delivery.notice.organization_id, one)
    if text is None or delivery.member is None:
        return None
    return Screen(_body(text), [to_menu()])


async def card(services: Services, delivery: Delivery) -> Screen | None:
    """The author's card."""
    notice = delivery.notice
    found = await services.announcements.for_notice(
        notice.organization_id, UUID(notice.params["announcement"])
    )
    return progress_screen(found) if found is not None else None


NOTICES: dict[str, Callable[[Services, Delivery], Awaitable[Screen | None]]] = {
    "announcement": announced,
    "announcement.card": card,
}


def routes() -> Router:
    router = Router(name="announcing")
    router.message.register(command, Command("announce"))
    router.callback_query.register(place, MenuButton.filter(F.place == "announce"))
    router.callback_query.register(send, AnnounceButton.filter(F.do == "send"))
    router.callback_query.register(drop, AnnounceButton.filter(F.do == "drop"))
    router.callback_query.register(refresh, AnnounceButton.filter())
    return router
