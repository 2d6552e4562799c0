"""/stats: figures in a caption under a small picture, by period, with buttons to the lists behind them."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message
from babel.dates import format_date

from domain.errors import NotAllowed
from domain.figures import Period, TeamFigures, share
from domain.members import Member, Right
from handlers.buttons import ListButton, MenuButton
from handlers.cards import SOURCES, stage_word
from handlers.chat import Chat
from handlers.figures.buttons import StatsButton
from handlers.figures.picture import Bar, Part, drawn
from handlers.figures.words import percent, span
from handlers.menu import to_menu
from handlers.planning.buttons import AgendaButton
from handlers.screens import Button, esc, grid
from locales import N_, _, current_language
from services.registry import Services

PERIODS: dict[Period, str] = {
    Period.WEEK: N_("Week"),
    Period.MONTH: N_("Month"),
    Period.QUARTER: N_("Quarter"),
    Period.YEAR: N_("Year"),
    Period.ALL: N_("All time"),
}
WHOSE: dict[str, tuple[Right, str]] = {
    "team": (Right.STATS_ALL, N_("🏢 Everybody")),
    "worker": (Right.LEAD_WORK, N_("💼 My figures")),
    "sender": (Right.LEAD_CREATE, N_("📨 Sent by me")),
}
"""Views in the order of how much they show; the first that the member may see is theirs by default."""

PACE_SHOWN = 4


@dataclass(frozen=True, slots=True)
class View:
    """Lines of the caption, the picture's title and parts, and buttons to the lists behind."""

    lines: Sequence[str]
    title: str
    parts: Sequence[Part]
    doors: Sequence[Button]


async def of_sender(services: Services, member: Member, period: Period) -> View:
    """What was sent and what became of it, by month."""
    found = await services.stats.of_sender(member, period)
    lines = [
        _("📨 <b>Sent by me</b>"),
        _("Sent: <b>{sent}</b>, in work: {in_work}").format(sent=found.sent, in_work=found.in_work),
        _("Won: <b>{won}</b>, not won: {lost}").format(won=found.won, lost=found.lost),
        _("Conversion: <b>{share}</b>").format(share=percent(share(found.won, found.sent))),
    ]
    bars = tuple(
        Bar(
            str(format_date(month.begins, "LLLL", locale=current_language())),
            month.sent,
            month.won,
            f"{month.won}/{month.sent}",
        )
        for month in found.months
    )
    parts = [Part(_("By month: won of sent"), bars)]
    return View(lines, _("Sent by me"), parts, [Button(_("📋 Sent by me"), ListButton(owner="sent"))])


async def of_worker(services: Services, member: Member, period: Period) -> View:
    """What is in hand now, and what was done."""
    found = await services.stats.of_worker(member, period)
    lines = [
        _("💼 <b>My figures</b>"),
        _("Now: open <b>{open}</b>, overdue <b>{overdue}</b>").format(open=found.open, overdue=found.overdue),
        _("Taken: <b>{taken}</b>, calls: {calls}").format(taken=found.taken, calls=found.calls),
        _("Won: <b>{won}</b>, not won: {lost}").format(won=found.won, lost=found.lost),
        _("Conversion: <b>{share}</b>").format(share=percent(share(found.won, found.taken))),
        _("First answer after: <b>{time}</b>").format(time=span(found.answer)),
    ]
    bars = (
        Bar(_("Taken"), found.taken),
        Bar(_("Calls"), found.calls),
        Bar(_("Won"), found.won, found.won),
        Bar(_("Not won"), found.lost),
    )
    doors = [
        Button(_("📋 Open: {count}").format(count=found.open), ListButton(owner="mine")),
        Button(_("⏰ Overdue: {count}").format(count=found.overdue), AgendaButton(span="overdue")),
    ]
    return View(lines, _("My figures"), [Part(_("In the period"), bars)], doors)


def _team_lines(member: Member, found: TeamFigures) -> list[str]:
    a_day = f"{found.created / found.days:.1f}".rstrip("0").rstrip(".")
    a_week = f"{found.qualified * 7 / found.days:.1f}".rstrip("0").rstrip(".")
    lines = [
        f"🏢 <b>{esc(member.organization_name)}</b>",
        _("Leads: <b>{created}</b> ({day} a day, {outside} from outside the chat)").format(
            created=found.created, day=a_day, outside=percent(share(found.outside, found.created))
        ),
        _("Won: <b>{won}</b>, not won: {lost}, conversion: <b>{share}</b>").format(
            won=found.won, lost=found.lost, share=percent(share(found.won, found.created))
        ),
        _("Qualified: {week} a week, after {time}").format(week=a_week, time=span(found.to_qualify)),
        _("Active people: {count}; plans carried out: {share}").format(
            count=found.active, share=percent(share(found.completed, found.planned))
        ),
        _("CRM: {waiting} on the way, {failed} need an admin").format(
            waiting=found.waiting, failed=found.failed
        ),
    ]
    if found.pace:
        slow = sorted(found.pace, key=lambda one: one.stays, reverse=True)[:PACE_SHOWN]
        stays = ", ".join(f"{esc(stage_word(one.stage))} {span(one.stays)}" for one in slow)
        lines.append(_("Leads stand at: {stays}").format(stays=stays))
    return lines


async def of_team(services: Services, member: Member, period: Period) -> View:
    """The funnel, where leads come from, who works how, the CRM's health, how the product is used."""
    found = await services.stats.of_team(member, period)
    lines = _team_lines(member, found)
    funnel = tuple(Bar(stage_word(one.stage), one.count) for one in found.funnel)
    sources = tuple(
        Bar(_(SOURCES[name]) if name in SOURCES else name or "—", count) for name, count in found.sources
    )
    people = tuple(Bar(one.name or "—", one.taken, one.won, f"{one.won}/{one.taken}") for one in found.people)
    parts = [
        Part(_("Funnel"), funnel),
        Part(_("Sources"), sources),
        Part(_("People: won of taken"), people),
    ]
    doors = [
        Button(_("📋 Free: {count}").format(count=found.free), ListButton(owner="unassigned")),
        Button(_("📋 All leads"), ListButton(owner="all")),
    ]
    if member.may(Right.CRM_MANAGE):
        doors.append(Button(_("🔌 CRM"), MenuButton(place="crm")))
    return View(lines, _("Figures"), [part for part in parts if part.bars], doors)


VIEWS: dict[str, Callable[[Services, Member, Period], Awaitable[View]]] = {
    "sender": of_sender,
    "worker": of_worker,
    "team": of_team,
}


def allowed(member: Member) -> list[str]:
    """The views that the member may see, the widest first."""
    return [whose for whose, (right, _label) in WHOSE.items() if member.may(right)]


async def _show(chat: Chat, member: Member, services: Services, where: StatsButton) -> None:
    """Count now, draw after the transaction: the picture keeps nobody waiting."""
    views = allowed(member)
    if not views:
        raise NotAllowed(right=Right.LEAD_CREATE.value)
    whose = where.whose if where.whose in views else views[0]
    period = Period(where.period) if where.period in set(Period) else Period.MONTH
    view = await VIEWS[whose](services, member, period)
    rows = _rows(whose, period, views, view)
    caption = "\n".join([*view.lines, "", _("Period: {period}").format(period=_(PERIODS[period]).lower())])
    title = f"{view.title} · {_(PERIODS[period]).lower()}"

    async def send(later: Chat) -> None:
        later.picture(await drawn(title, view.parts), caption, rows)

    chat.then(send)


def _rows(whose: str, period: Period, views: Sequence[str], view: View) -> list[list[Button]]:
    periods = [
        Button(("• " if one is period else "") + _(label), StatsButton(whose=whose, period=one.value))
        for one, label in PERIODS.items()
    ]
    others = [
        Button(_(WHOSE[one][1]), StatsButton(whose=one, period=period.value)) for one in views if one != whose
    ]
    return [*grid(periods, 3), *grid(view.doors, 2), others, to_menu()]


async def command(_message: Message, chat: Chat, member: Member, services: Services) -> None:
    await _show(chat, member, services, StatsButton(whose=""))


async def place(_query: CallbackQuery, chat: Chat, member: Member, services: Services) -> None:
    await _show(chat, member, services, StatsButton(whose=""))


async def press(
    _query: CallbackQuery, callback_data: StatsButton, chat: Chat, member: Member, services: Services
) -> None:
    await _show(chat, member, services, callback_data)


def routes() -> Router:
    router = Router(name="stats")
    router.message.register(command, Command("stats"))
    router.callback_query.register(place, MenuButton.filter(F.place == "stats"))
    router.callback_query.register(press, StatsButton.filter())
    return router
