"""Choosing a moment by buttons: quick ones, a month, a grid of hours; or by words."""

from calendar import Calendar
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, get_day_names

from domain.errors import BadInput
from domain.local_time import local_moment
from domain.members import Member
from handlers.planning.buttons import MOVED, ActivityButton, PlanButton
from handlers.planning.words import day_name, kind_name, short_when
from handlers.screens import Button, Rows, Screen, esc, grid
from locales import _, current_language

FIRST_HOUR, LAST_HOUR = 9, 20
MONTHS_AHEAD = 24
DAY, MONTH, MOMENT = "%Y%m%d", "%Y%m", "%Y%m%d%H%M"
EMPTY = "·"


def when_screen(choice: PlanButton, title: str, member: Member, now: datetime, said: str = "") -> Screen:
    """The quick moments. `title` is HTML: what it is about; `said` goes above it, HTML too."""
    ask = _("When? Press, or write it: <i>tomorrow at 15</i>, <i>in 2 hours</i>, <i>Fri 10:30</i>")
    head = f"<b>{kind_name(choice.kind)}</b> · {title}"
    return Screen("\n\n".join(part for part in (said, head, ask) if part), when_rows(choice, member, now))


def when_rows(choice: PlanButton, member: Member, now: datetime) -> list[list[Button]]:
    zone = ZoneInfo(member.time_zone)
    here = now.astimezone(zone)
    tomorrow = here.date() + timedelta(days=1)
    quick = [Button(_("In 1 h"), choice.to("in", "60"))]
    if local_moment(here.date(), 18, 0, zone) > now:
        quick.append(Button(_("Today 18:00"), choice.to("at", f"{here:%Y%m%d}1800")))
    quick += [
        Button(_("Tomorrow 10:00"), choice.to("at", f"{tomorrow:%Y%m%d}1000")),
        Button(_("Tomorrow 15:00"), choice.to("at", f"{tomorrow:%Y%m%d}1500")),
    ]
    calendar = [Button(_("📅 Another day"), choice.to("month", here.strftime(MONTH)))]
    return [*grid(quick, 2), calendar, [leave(choice)]]


def leave(choice: PlanButton) -> Button:
    """The way out: back to the activity that moves, or nothing is planned."""
    if choice.of == MOVED:
        return Button(_("✖️ Leave it"), ActivityButton(do="show", id=choice.id))
    return Button(_("✖️ Cancel"), choice.to("drop"))


def month_screen(choice: PlanButton, member: Member, now: datetime) -> Screen:
    """A month with a button for each day that is still to come."""
    today = now.astimezone(ZoneInfo(member.time_zone)).date()
    first = max(read_stamp(choice.value, MONTH).date(), today.replace(day=1))
    names = get_day_names("narrow", "stand-alone", locale=current_language())
    head = [Button(names[weekday], choice.to("month", first.strftime(MONTH))) for weekday in range(7)]
    weeks = [
        [_day_button(choice, day, first, today) for day in week]
        for week in Calendar().monthdatescalendar(first.year, first.month)
        if week[-1] >= today
    ]
    text = "📅 <b>" + format_date(first, "LLLL y", locale=current_language()).capitalize() + "</b>"
    return Screen(text, [head, *weeks, _turning(choice, first, today), [leave(choice)]])


def _day_button(choice: PlanButton, day: date, first: date, today: date) -> Button:
    if day.month != first.month or day < today:
        return Button(EMPTY, choice.to("month", first.strftime(MONTH)))
    label = f"[{day.day}]" if day == today else str(day.day)
    return Button(label, choice.to("day", day.strftime(DAY)))


def _turning(choice: PlanButton, first: date, today: date) -> list[Button]:
    before, after = _month_on(first, -1), _month_on(first, 1)
    row = []
    if before >= today.replace(day=1):
        row.append(Button("⬅️", choice.to("month", before.strftime(MONTH))))
    if after <= _month_on(today.replace(day=1), MONTHS_AHEAD):
        row.append(Button("➡️", choice.to("month", after.strftime(MONTH))))
    return row


def _month_on(first: date, months: int) -> date:
    year, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return date(year, month + 1, 1)


def day_screen(choice: PlanButton, day: date, member: Member, now: datetime) -> Screen:
    """The hours of a day that are still to come."""
    zone = ZoneInfo(member.time_zone)
    halves = [(hour, minute) for hour in range(FIRST_HOUR, LAST_HOUR) for minute in (0, 30)]
    coming = [(h, m) for h, m in halves if local_moment(day, h, m, zone) > now]
    buttons = [Button(f"{h:02}:{m:02}", choice.to("at", f"{day:%Y%m%d}{h:02}{m:02}")) for h, m in coming]
    month = Button(_("📅 Another day"), choice.to("month", day.strftime(MONTH)))
    today = now.astimezone(zone).date()
    text = f"🕒 <b>{day_name(day, today)}</b>\n" + _("At what time? Another one can be written: <i>9:45</i>")
    if not coming:
        text = f"🕒 <b>{day_name(day, today)}</b>\n" + _("The usual hours of this day are over.")
    return Screen(text, [*grid(buttons, 4), [month], [leave(choice)]])


def choose_rows(choice: PlanButton, moments: Sequence[datetime], member: Member) -> Rows:
    """Moments that may have been meant."""
    zone = ZoneInfo(member.time_zone)
    buttons = [
        Button(short_when(one, member), choice.to("at", one.astimezone(zone).strftime(MOMENT)))
        for one in moments
    ]
    return grid(buttons, 1)


def day_rows(choice: PlanButton, days: Sequence[date], member: Member, now: datetime) -> Rows:
    """Days that may have been meant."""
    today = now.astimezone(ZoneInfo(member.time_zone)).date()
    return [[Button(day_name(day, today), choice.to("day", day.strftime(DAY)))] for day in days]


def read_stamp(value: str, pattern: str) -> datetime:
    """What a button carries, naive. Raises BadInput for a forged one."""
    try:
        read = datetime.strptime(value, pattern)
    except ValueError:
        raise BadInput("when", "unreadable") from None
    if read.strftime(pattern) != value:
        raise BadInput("when", "unreadable")
    return read


def pressed_moment(value: str, member: Member) -> datetime:
    """The moment of an `at` button, aware UTC."""
    read = read_stamp(value, MOMENT)
    return local_moment(read.date(), read.hour, read.minute, ZoneInfo(member.time_zone))


def quoted(text: str) -> str:
    """Words of the person, HTML."""
    return f"<i>{esc(text[:200])}</i>"
