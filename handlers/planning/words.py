"""Planned activities in words: what, when, how long, what came of it."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.units import format_unit

from domain.activities import ActivityType
from domain.date_pieces import Phrases
from domain.members import Member
from domain.plans import CANCELLED, Plan
from handlers.cards import CALL_RESULTS, clip
from handlers.screens import esc
from locales import N_, _, current_language, use_language
from locales.date_words import date_words

BUTTON_ROOM = 24
ICONS: dict[ActivityType, str] = {
    ActivityType.CALL: "📞",
    ActivityType.MEETING: "🤝",
    ActivityType.EMAIL: "✉️",
    ActivityType.TASK: "📌",
}
NAMES: dict[ActivityType, str] = {
    ActivityType.CALL: N_("Call"),
    ActivityType.MEETING: N_("Meeting"),
    ActivityType.EMAIL: N_("E-mail"),
    ActivityType.TASK: N_("Task"),
}
RESULT_WORDS: dict[str, str] = {
    **{code.value: text for code, text in CALL_RESULTS.items()},
    "held": N_("✅ It took place"),
    "not_held": N_("🚫 It did not take place"),
    "sent": N_("✅ Sent"),
    "not_sent": N_("🚫 Not needed"),
    "done": N_("✅ Done"),
    "not_done": N_("🚫 Not done"),
    CANCELLED: N_("🗑 Called off"),
}
HAPPENED: dict[str, str] = {
    "moved": N_("Moved to {at}: {what}"),
    "done": N_("{result}: {what}"),
    "cancelled": N_("Called off: {what}"),
    "reopened": N_("Open again, {at}: {what}"),
    "commented": N_("{what}: {more}"),
    "title": N_("{what}"),
}
"""What the CRM's people read about a plan of ours."""

ROOM = 200
PUNCTUAL = timedelta(minutes=5)
"""A reminder that comes at the minute itself must not call it overdue."""


def phrases() -> Phrases:
    """The words that name a moment, in all our languages at once."""
    return Phrases(date_words())


def kind_name(kind: ActivityType) -> str:
    """Icon and name."""
    return f"{ICONS[kind]} {_(NAMES[kind])}"


def result_word(code: str) -> str:
    return _(RESULT_WORDS[code]) if code in RESULT_WORDS else code


def what(plan: Plan) -> str:
    """Type and words, plain."""
    name = _(NAMES[plan.type])
    return f"{name}: {plan.title}" if plan.title else name


def day_name(day: date, today: date) -> str:
    """Today, tomorrow, yesterday, or the day with its weekday; with the year unless this one's."""
    near = {0: _("Today"), 1: _("Tomorrow"), -1: _("Yesterday")}.get((day - today).days)
    pattern = "EEE, d MMM" if day.year == today.year else "EEE, d MMM y"
    text = format_date(day, pattern, locale=current_language())
    return f"{near}, {format_date(day, 'd MMM', locale=current_language())}" if near else text


def when(at: datetime, member: Member, now: datetime | None = None) -> str:
    """The day and the hour in the member's zone."""
    zone = ZoneInfo(member.time_zone)
    here = at.astimezone(zone)
    today = (now or datetime.now(UTC)).astimezone(zone).date()
    return f"{day_name(here.date(), today)}, {here:%H:%M}"


def short_when(at: datetime, member: Member) -> str:
    """For a button: day and hour in few letters."""
    return format_datetime(
        at, "EEE d MMM, HH:mm", tzinfo=ZoneInfo(member.time_zone), locale=current_language()
    )


def lasting(seconds: int) -> str:
    """Hours and minutes."""
    counted = zip(divmod(seconds // 60, 60), ("duration-hour", "duration-minute"), strict=True)
    units = [
        format_unit(number, unit, length="short", locale=current_language())
        for number, unit in counted
        if number
    ]
    return " ".join(units)


def about(plan: Plan) -> str:
    """The lead or customer, safe inside HTML."""
    who = _("Customer") if plan.customer_id else _("Lead")
    return f"{who} #{plan.of_number} · {clip(plan.of_title, 200)}"


def plan_text(plan: Plan, member: Member, now: datetime) -> str:
    """The whole card of an activity."""
    lines = [f"<b>{kind_name(plan.type)}</b>" + (f" · {clip(plan.title, 400)}" if plan.title else "")]
    lines += [about(plan), f"🕒 {when(plan.at, member, now)}" + _overdue(plan, now)]
    if plan.duration:
        lines[-1] += f" · {lasting(plan.duration)}"
    if plan.remind_at is not None:
        lines.append(_("🔔 I remind: {at}").format(at=when(plan.remind_at, member, now)))
    own = plan.assignee_id == member.id
    who = _("You are responsible") if own else clip(plan.assignee_name, 100) or _("Nobody")
    lines.append(f"👤 {who}")
    if plan.completed_at is not None:
        ended = when(plan.completed_at, member, now)
        lines += ["", f"<b>{esc(result_word(plan.result))}</b>, {ended}"]
    if plan.text:
        lines.append(f"📝 {clip(plan.text, 1500)}")
    return "\n".join(lines)


def _overdue(plan: Plan, now: datetime) -> str:
    return " · " + _("❗ overdue") if plan.is_open and plan.at <= now - PUNCTUAL else ""


def line(plan: Plan, member: Member) -> str:
    """One on a button: hour, icon, whom, what; plain text."""
    here = plan.at.astimezone(ZoneInfo(member.time_zone))
    words = [f"{here:%H:%M} {ICONS[plan.type]} {_cut(plan.of_title)}"]
    return " · ".join([*words, _cut(plan.title)] if plan.title else words)


def _cut(text: str) -> str:
    """As much as a button has room for; plain text."""
    return text if len(text) <= BUTTON_ROOM else text[: BUTTON_ROOM - 1].rstrip() + "…"


def next_step_line(plan: Plan, member: Member) -> str:
    """For a lead's card, HTML: what is next."""
    title = f" · {clip(plan.title, 60)}" if plan.title else ""
    return f"🗓 {_(NAMES[plan.type])}{title}: {when(plan.at, member)}"


def crm_line(said: str, plan: Plan, more: str, language: str, time_zone: str) -> str:
    """What happened to a plan, for the CRM's people, in the organization's language and zone."""
    with use_language(language):
        at = format_datetime(plan.at, "d MMM y, HH:mm", tzinfo=ZoneInfo(time_zone), locale=language)
        text = _(HAPPENED[said])
        return text.format(at=at, what=what(plan), more=more, result=result_word(plan.result))


def calendar_entry(plan: Plan, language: str) -> tuple[str, str]:
    """Summary and description of an entry in somebody's calendar. No phone: calendars are shared."""
    with use_language(language):
        mark = "✅" if plan.completed_at else ICONS[plan.type]
        parts = [f"{mark} {plan.of_title}", plan.title]
        who = _("Customer") if plan.customer_id else _("Lead")
        ended = result_word(plan.result) if plan.completed_at else ""
        lines = [_(NAMES[plan.type]), f"{who} #{plan.of_number}", ended]
        return ": ".join(part for part in parts if part)[:ROOM], "\n".join(one for one in lines if one)


def calendar_name(organization: str, language: str) -> str:
    with use_language(language):
        return _("{organization}: my plans").format(organization=organization)
