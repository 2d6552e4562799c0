"""/away: until when, and what becomes of one's open leads meanwhile."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from domain.errors import BadInput, NotAllowed, NotFound
from domain.free_dates import read_moment
from domain.local_time import local_moment
from domain.members import Member, Right
from handlers.buttons import MenuButton, short
from handlers.cards import moment
from handlers.chat import Chat
from handlers.forms import forms
from handlers.forms.forms import Answers, Form, Question
from handlers.menu import to_menu
from handlers.planning.words import phrases
from handlers.screens import Button, Screen, grid
from handlers.sharing.buttons import AwayButton
from locales import _, ngettext
from services.registry import Services
from services.sharing.absence import KEEP, POOL

STAMP = "%y%m%d%H%M"
OFFERED = 10
NAME_ROOM = 32


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime(STAMP)


def _moment(stamp: str) -> datetime:
    try:
        return datetime.strptime(stamp, STAMP).replace(tzinfo=UTC)
    except ValueError:
        raise BadInput("when", "unreadable") from None


def is_away(member: Member, now: datetime) -> bool:
    return member.away_until is not None and member.away_until > now


def away_screen(member: Member, now: datetime) -> Screen:
    """Whether the member is away, and until when they could be."""
    back = [Button(_("⚙️ My settings"), MenuButton(place="settings")), *to_menu()]
    if is_away(member, now) and member.away_until is not None:
        text = _("🏖 <b>You are away until {at}.</b>\nThe rules give you no new leads meanwhile.")
        rows = [[Button(_("👋 I am back"), AwayButton(do="back"))], *_choices(member, now), back]
        return Screen(text.format(at=moment(member.away_until, member)), rows)
    text = _(
        "🏖 <b>I am away until…</b>\nThe rules will give you no new leads. What becomes of the open ones?"
    )
    return Screen(text + " " + _("I ask next."), [*_choices(member, now), back])


def _choices(member: Member, now: datetime) -> list[list[Button]]:
    zone = ZoneInfo(member.time_zone)
    today = now.astimezone(zone).date()
    monday = today + timedelta(days=7 - today.weekday())
    offered = {
        _("The end of the day"): local_moment(today, 24, 0, zone),
        _("Tomorrow, the end of the day"): local_moment(today + timedelta(days=1), 24, 0, zone),
        _("Monday morning"): local_moment(monday, 0, 0, zone),
        _("A week"): local_moment(today + timedelta(days=7), 24, 0, zone),
        _("Two weeks"): local_moment(today + timedelta(days=14), 24, 0, zone),
    }
    buttons = [Button(label, AwayButton(do="until", extra=_stamp(at))) for label, at in offered.items()]
    return grid([*buttons, Button(_("✏️ Another day"), AwayButton(do="type"))], 2)


async def command(_message: Message, chat: Chat, member: Member, services: Services) -> None:
    _demand_worker(member)
    chat.say(away_screen(member, services.absences.clock()))


async def show(_query: CallbackQuery, chat: Chat, member: Member, services: Services) -> None:
    _demand_worker(member)
    chat.show(away_screen(member, services.absences.clock()))


def _demand_worker(member: Member) -> None:
    if not member.may(Right.LEAD_WORK):
        raise NotAllowed(right=Right.LEAD_WORK.value)


async def until(
    _query: CallbackQuery, callback_data: AwayButton, chat: Chat, member: Member, services: Services
) -> None:
    await _ask_leads(chat, member, services, _moment(callback_data.extra))


async def _ask_leads(chat: Chat, member: Member, services: Services, at: datetime) -> None:
    """What becomes of open leads; without any there is nothing to ask."""
    count = await services.absences.open_leads(member)
    if not count:
        await _leave(chat, member, services, at, KEEP)
        return
    text = ngettext(
        "🏖 Away until {at}. You have {count} open lead. What shall become of it?",
        "🏖 Away until {at}. You have {count} open leads. What shall become of them?",
        count,
    )

    def button(label: str, leads: str) -> Button:
        return Button(label, AwayButton(do="leads", extra=f"{_stamp(at)}.{leads}"))

    others = await services.absences.stand_ins(member)
    rows = [
        [button(_("📌 They stay with me"), KEEP)],
        [button(_("🆓 To others by the rules, or to the pool"), POOL)],
        *grid([button(f"🤝 {one.name[:NAME_ROOM]}", short(one.id)) for one in others[:OFFERED]], 2),
        [Button(_("⬅️ Back"), AwayButton(do="show"))],
    ]
    chat.show(Screen(text.format(at=moment(at, member), count=count), rows))


async def leads(
    _query: CallbackQuery, callback_data: AwayButton, chat: Chat, member: Member, services: Services
) -> None:
    stamp, _dot, choice = callback_data.extra.partition(".")
    if choice not in (KEEP, POOL):
        others = await services.absences.stand_ins(member)
        found = next((one for one in others if short(one.id) == choice), None)
        if found is None:
            raise NotFound(what="member")
        choice = str(found.id)
    await _leave(chat, member, services, _moment(stamp), choice)


async def _leave(chat: Chat, member: Member, services: Services, at: datetime, choice: str) -> None:
    gone, moved = await services.absences.leave(member, at, choice)
    said = _("✅ Have a good time!")
    if moved:
        more = ngettext("{count} lead has new hands.", "{count} leads have new hands.", moved)
        said += " " + more.format(count=moved)
    shown = away_screen(gone, services.absences.clock())
    chat.show(Screen(f"{said}\n\n{shown.text}", shown.rows))


async def back(_query: CallbackQuery, chat: Chat, member: Member, services: Services) -> None:
    here = await services.absences.come_back(member)
    chat.toast(_("👋 Welcome back!"))
    chat.show(away_screen(here, services.absences.clock()))


async def ask(
    _query: CallbackQuery, chat: Chat, member: Member, state: FSMContext, services: Services
) -> None:
    await forms.start(UNTIL, chat, state, member, services)


def _read(typed: str, member: Member) -> str:
    """A day alone is away until its end."""
    now, zone = datetime.now(UTC), ZoneInfo(member.time_zone)
    found = read_moment(typed, now, zone, phrases())
    if found.moments:
        return _stamp(found.moments[0])
    return _stamp(local_moment(found.days[0], 24, 0, zone))


async def _finish(
    chat: Chat, state: FSMContext, member: Member, answers: Answers, _context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    await state.clear()
    await _ask_leads(chat, member, services, _moment(answers["away"]))


UNTIL = Form(
    "away",
    (Question("away", lambda _a: _("🏖 Until when? For example: Friday, 12 January, tomorrow at 15"), _read),),
    _finish,
    cancelled=lambda: _("It stays as it was."),
)
FORMS: tuple[Form, ...] = (UNTIL,)


def routes() -> Router:
    router = Router(name="away")
    router.message.register(command, Command("away"))
    press = router.callback_query.register
    press(show, MenuButton.filter(F.place == "away"))
    press(show, AwayButton.filter(F.do == "show"))
    press(until, AwayButton.filter(F.do == "until"))
    press(ask, AwayButton.filter(F.do == "type"))
    press(leads, AwayButton.filter(F.do == "leads"))
    press(back, AwayButton.filter(F.do == "back"))
    return router
