"""The daily digest in words, with buttons that open the lists behind the numbers."""

from collections.abc import Awaitable, Callable

from babel.dates import format_date

from domain.figures import midnight
from domain.members import Member, Right
from domain.own_settings import digest_time
from handlers.buttons import ListButton, MenuButton
from handlers.menu import to_menu
from handlers.people.buttons import OwnButton
from handlers.planning.buttons import AgendaButton
from handlers.screens import Button, Screen, esc, grid
from handlers.teams.cards import take_button
from locales import _, current_language, known_language, speak
from services.clock import system_clock
from services.figures.digest import Day, WorkDay
from services.messages.notices import Delivery
from services.registry import Services


async def digest(services: Services, delivery: Delivery) -> Screen | None:
    """To a member, unless they have turned it off meanwhile; or to a group."""
    member = delivery.member
    if member is None:
        return await _to_team(services, delivery)
    if digest_time(member.settings) is None or not member.may(Right.LEAD_CREATE):
        return None
    return member_screen(member, await services.digests.of_member(member))


def member_screen(member: Member, day: Day) -> Screen:
    """What concerns the member, every number a button."""
    lines, doors = [_head(member.time_zone, member.organization_name)], list[Button]()
    if day.work is not None:
        lines += _work_lines(day.work)
        doors += _work_doors(day.work)
    if day.sent is not None:
        in_work, won, lost = day.sent
        lines.append(
            _("📨 Sent since yesterday: in work <b>{in_work}</b>, won {won}, not won {lost}").format(
                in_work=in_work, won=won, lost=lost
            )
        )
        doors.append(Button(_("📋 Sent by me"), ListButton(owner="sent")))
    if day.created is not None:
        lines.append(_yesterday(day))
        if day.failed:
            lines.append(_("🔌 The CRM needs an admin: {count}").format(count=day.failed))
        if member.may(Right.CRM_MANAGE):
            doors.append(Button(_("🔌 CRM: {count}").format(count=day.failed), MenuButton(place="crm")))
        doors.append(Button(_("📊 Figures"), MenuButton(place="stats")))
    off = Button(_("🔕 No more digests"), OwnButton(do="off", extra="digest"))
    return Screen("\n".join(lines), [*grid(doors, 2), [off, *to_menu()]])


def _work_lines(work: WorkDay) -> list[str]:
    return [
        _("📅 Planned for today: <b>{planned}</b>, overdue: <b>{overdue}</b>").format(
            planned=work.planned, overdue=work.overdue
        ),
        _("📋 Open with you: <b>{open}</b>, without a next step: {idle}; free: {free}").format(
            open=work.open, idle=work.idle, free=work.free
        ),
    ]


def _work_doors(work: WorkDay) -> list[Button]:
    return [
        Button(_("📅 Today: {count}").format(count=work.planned), AgendaButton(span="today")),
        Button(_("⏰ Overdue: {count}").format(count=work.overdue), AgendaButton(span="overdue")),
        Button(_("📋 Open: {count}").format(count=work.open), ListButton(owner="mine")),
        Button(_("🙋 Free: {count}").format(count=work.free), ListButton(owner="unassigned")),
        Button(_("❓ No next step: {count}").format(count=work.idle), AgendaButton(span="idle")),
    ]


def _head(zone: str, organization: str) -> str:
    today = format_date(midnight(system_clock(), zone), "EEEE, d MMMM", locale=current_language())
    return _("📰 <b>{day}</b> · {organization}").format(day=today, organization=esc(organization))


def _yesterday(day: Day) -> str:
    return _("🏢 Yesterday: new <b>{created}</b>, of these won {won}. Free now: <b>{free}</b>").format(
        created=day.created, won=day.won, free=day.free
    )


async def _to_team(services: Services, delivery: Delivery) -> Screen:
    """A group's, with the free leads that wait longest to be taken."""
    organization = await services.organizations.by_id(delivery.notice.organization_id)
    speak(known_language(organization.language))
    day, leads = await services.digests.of_team(delivery.notice, organization.time_zone)
    lines = [_head(organization.time_zone, organization.name), _yesterday(day)]
    return Screen("\n".join(lines), [[take_button(lead)] for lead in leads])


NOTICES: dict[str, Callable[[Services, Delivery], Awaitable[Screen | None]]] = {"digest": digest}
