"""/today, /week, /overdue: what lies ahead, by day; leads without a next step; the calendar's address."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from domain.members import Member
from domain.plans import Plan, PlanPage, Span
from handlers.buttons import LeadButton, MenuButton
from handlers.cards import clip
from handlers.chat import Chat
from handlers.planning.buttons import ActivityButton, AgendaButton, CalendarButton
from handlers.planning.words import ICONS, day_name, line
from handlers.screens import Button, Screen, esc
from locales import N_, _
from services.registry import Services

IDLE = "idle"
IDLE_PAGE = 8
HEADS: dict[str, str] = {
    "today": N_("📅 <b>Today</b>"),
    "week": N_("🗓 <b>The next seven days</b>"),
    "overdue": N_("❗ <b>Overdue</b>"),
}
EMPTY: dict[str, str] = {
    "today": N_("Nothing is planned for today."),
    "week": N_("Nothing is planned for these days."),
    "overdue": N_("Nothing is overdue. Well done!"),
}
TABS: dict[str, str] = {
    "today": N_("Today"),
    "week": N_("Week"),
    "overdue": N_("Overdue"),
    IDLE: N_("No next step"),
}


async def command(
    _message: Message, command: CommandObject, chat: Chat, member: Member, services: Services
) -> None:
    chat.say(await agenda_screen(services, member, AgendaButton(span=command.command.lower())))


async def place(_query: CallbackQuery, chat: Chat, member: Member, services: Services) -> None:
    chat.show(await agenda_screen(services, member, AgendaButton(span="today")))


async def turn(
    _query: CallbackQuery, callback_data: AgendaButton, chat: Chat, member: Member, services: Services
) -> None:
    chat.show(await agenda_screen(services, member, callback_data))


async def agenda_screen(services: Services, member: Member, where: AgendaButton) -> Screen:
    """One page of what lies ahead; leads without a next step are a page of their own."""
    if where.span == IDLE:
        return await _idle_screen(services, member, where)
    span = Span(where.span) if where.span in set(Span) else Span.TODAY
    found = await services.agenda.page(member, span, where.page)
    overdue = found.total if span is Span.OVERDUE else await services.agenda.overdue(member)
    _ids, idle = await services.agenda.idle(member, 0, 1)
    now = services.plans.clock()
    lines = [_(HEADS[span.value]), *_days(found.plans, member, now)]
    if not found.plans:
        lines += ["", _(EMPTY[span.value])]
    if span is not Span.OVERDUE and overdue:
        lines += ["", _("❗ Overdue: {count}").format(count=overdue)]
    if idle:
        lines += ["", _("🕳 Leads without a next step: {count}").format(count=idle)]
    return Screen("\n".join(lines), _rows(found, span, member, overdue, idle))


def _days(plans: Sequence[Plan], member: Member, now: datetime) -> list[str]:
    zone = ZoneInfo(member.time_zone)
    today = now.astimezone(zone).date()
    lines = []
    for day, ones in groupby(plans, key=lambda one: one.at.astimezone(zone).date()):
        lines += ["", f"<b>{esc(day_name(day, today))}</b>"]
        for one in ones:
            title = f" — {clip(one.title, 60)}" if one.title else ""
            lines.append(f"{one.at.astimezone(zone):%H:%M} {ICONS[one.type]} {clip(one.of_title, 60)}{title}")
    return lines


def _rows(found: PlanPage, span: Span, member: Member, overdue: int, idle: int) -> list[list[Button]]:
    back = f"{span.value}.{found.page}"
    rows = [
        [Button(line(one, member), ActivityButton(do="show", id=one.id, extra=back))] for one in found.plans
    ]
    rows.append(_turning(span.value, found.page, found.pages))
    return [*rows, *_tabs(span.value, overdue, idle)]


def _turning(span: str, page: int, pages: int) -> list[Button]:
    row = [Button("⬅️", AgendaButton(span=span, page=page - 1))] if page else []
    return [*row, Button("➡️", AgendaButton(span=span, page=page + 1))] if page + 1 < pages else row


def _tabs(here: str, overdue: int = 0, idle: int = 0) -> list[list[Button]]:
    counts = {"overdue": overdue, IDLE: idle}
    tabs = [
        Button(
            ("• " if span == here else "") + _(text) + (f" {counts[span]}" if counts.get(span) else ""),
            AgendaButton(span=span),
        )
        for span, text in TABS.items()
    ]
    ways = [
        Button(_("📲 In my calendar"), CalendarButton(do="show")),
        Button(_("☰ Menu"), MenuButton(place="main")),
    ]
    return [tabs[:2], tabs[2:], ways]


async def _idle_screen(services: Services, member: Member, where: AgendaButton) -> Screen:
    found, total = await services.agenda.idle(member, where.page, IDLE_PAGE)
    pages = max(1, -(-total // IDLE_PAGE))
    if where.page >= pages:
        where = AgendaButton(span=IDLE, page=pages - 1)
        found, total = await services.agenda.idle(member, where.page, IDLE_PAGE)
    text = _("🕳 <b>Leads without a next step: {count}</b>").format(count=total)
    text += "\n" + (_("Choose one and plan what is next.") if total else _("Every lead of yours has one."))
    rows = [
        [Button(f"#{number} {title[:40]}", LeadButton(do="plan", lead=lead_id))]
        for lead_id, number, title in found
    ]
    return Screen(text, [*rows, _turning(IDLE, where.page, pages), *_tabs(IDLE, 0, total)])


async def calendar(
    _query: CallbackQuery, callback_data: CalendarButton, chat: Chat, member: Member, services: Services,
    public_url: str,
) -> None:  # fmt: skip
    """The feed's address: made, renewed (the old one dies) or taken back."""
    key = await services.calendars.key(member)
    if callback_data.do == "renew" and key:
        text = _("Make a new address? Calendars that use the old one will stop being brought up to date.")
        sure = [Button(_("🔁 Yes, a new one"), CalendarButton(do="really"))]
        chat.show(Screen(text, [sure, [Button(_("⬅️ Back"), CalendarButton(do="show"))]]))
        return
    if callback_data.do in ("renew", "really"):
        key = await services.calendars.renew(member)
        chat.toast(_("Here is the address."))
    elif callback_data.do == "revoke":
        await services.calendars.revoke(member)
        key = ""
        chat.toast(_("The address is dead."))
    chat.show(_calendar_screen(key, public_url))


def _calendar_screen(key: str, public_url: str) -> Screen:
    back = [Button(_("⬅️ Back"), AgendaButton(span="today")), Button(_("☰ Menu"), MenuButton(place="main"))]
    head = _("📲 <b>My plans in the calendar of my telephone</b>")
    if not key:
        text = _("I make a secret address. Your calendar asks it by itself and shows what you plan here.")
        return Screen(
            f"{head}\n\n{text}", [[Button(_("🔑 Make the address"), CalendarButton(do="renew"))], back]
        )
    address = esc(f"{public_url}/calendar/{key}.ics")
    how = _(
        "Google: Other calendars, “From URL”. "
        "iPhone: Settings, Calendar, Accounts, “Add Subscribed Calendar”."
    )
    keep = _("Whoever has it sees your plans: keep it to yourself.")
    rows = [
        [
            Button(_("🔁 A new address"), CalendarButton(do="renew")),
            Button(_("🗑 Take it back"), CalendarButton(do="revoke")),
        ],
        back,
    ]
    return Screen(f"{head}\n\n<code>{address}</code>\n\n{how}\n{keep}", rows)


def routes() -> Router:
    router = Router(name="agenda")
    router.message.register(command, Command("today", "week", "overdue"))
    router.callback_query.register(place, MenuButton.filter(F.place == "today"))
    router.callback_query.register(turn, AgendaButton.filter())
    router.callback_query.register(calendar, CalendarButton.filter())
    return router
