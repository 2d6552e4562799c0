"""Reminders: one push with what may be said at once; putting it off edits the same message."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from aiogram import F, Router
from aiogram.types import CallbackQuery

from domain.activities import ActivityType
from domain.local_time import local_moment
from domain.members import Member, Right
from domain.plans import MISSED, RESULTS, Plan
from handlers.chat import Chat
from handlers.planning.activity import button, plan_card
from handlers.planning.buttons import ActivityButton
from handlers.planning.next_step import with_nudge
from handlers.planning.standing import plan_stands_now
from handlers.planning.subjects import way_to
from handlers.planning.words import plan_text, result_word, when
from handlers.screens import Screen, esc
from locales import N_, _
from services.messages.notices import Delivery
from services.registry import Services

MISSED_WORDS: dict[ActivityType, str] = {
    ActivityType.CALL: N_("🔇 Not reached"),
    ActivityType.MEETING: N_("🚫 Did not take place"),
}


async def due(services: Services, delivery: Delivery) -> Screen | None:
    """It is time; nothing when it was done, moved or handed on before the push went out."""
    plan, member = await _about(services, delivery)
    if plan is None or member is None or plan.assignee_id != member.id or not plan.is_open:
        return None
    if delivery.notice.params.get("at") not in (None, plan.at.isoformat()):
        return None
    return reminder_screen(plan, member, services.plans.clock())


async def given(services: Services, delivery: Delivery) -> Screen | None:
    """Somebody has handed an activity to the member."""
    plan, member = await _about(services, delivery)
    if plan is None or member is None or plan.assignee_id != member.id or not plan.is_open:
        return None
    giver = await services.members.for_notice(
        delivery.notice.organization_id, UUID(delivery.notice.params["from"])
    )
    who = esc(giver.name) if giver is not None else ""
    shown = plan_card(plan, member, services.plans.clock())
    return replace(shown, text=_("👤 From {name} to you:").format(name=who) + f"\n\n{shown.text}")


async def _about(services: Services, delivery: Delivery) -> tuple[Plan | None, Member | None]:
    member = delivery.member
    if member is None or not member.may(Right.LEAD_WORK):
        return None, None
    plan_id = UUID(delivery.notice.params["activity"])
    return await services.plans.for_notice(delivery.notice.organization_id, plan_id), member


def reminder_screen(plan: Plan, member: Member, now: datetime) -> Screen:
    """The activity with the answers of one press."""
    first = [button(_("✅ Done"), "due_done", plan)]
    if plan.type in MISSED:
        first.append(button(_(MISSED_WORDS[plan.type]), "due_missed", plan))
    later = [button(_("⏰ +1 h"), "due_in", plan, "60"), button(_("🌅 Tomorrow"), "due_day", plan)]
    ways = [button(_("✏️ More"), "show", plan)]
    of = plan.subject
    if of is not None:
        ways.insert(0, way_to(of))
    return Screen("🔔 " + plan_text(plan, member, now), [first, later, ways])


async def end(
    _query: CallbackQuery, callback_data: ActivityButton, chat: Chat, member: Member, services: Services
) -> None:
    """Done, or it came to nothing."""
    plan = await services.plans.get(member, callback_data.id)
    code = RESULTS[plan.type][0] if callback_data.do == "due_done" else MISSED.get(plan.type, "")
    ended = await services.plans.complete(member, plan.id, code)
    chat.toast(result_word(code))
    chat.show(await with_nudge(services, member, ended, plan_card(ended, member, services.plans.clock())))


async def put_off(
    _query: CallbackQuery, callback_data: ActivityButton, chat: Chat, member: Member, services: Services
) -> None:
    """In an hour from now, or tomorrow at the same time; the same message says so."""
    plan = await services.plans.get(member, callback_data.id)
    now = services.plans.clock()
    if callback_data.do == "due_in":
        moment = (now + timedelta(hours=1)).replace(second=0, microsecond=0)
    else:
        zone = ZoneInfo(member.time_zone)
        here, planned = now.astimezone(zone), plan.at.astimezone(zone)
        moment = local_moment(here.date() + timedelta(days=1), planned.hour, planned.minute, zone)
    moved = await services.plans.move(member, plan.id, moment)
    chat.toast(_("Put off: {at}").format(at=when(moment, member, now)))
    shown = plan_card(moved, member, now)
    chat.show(replace(shown, text=_("⏰ Put off.") + f"\n\n{shown.text}"))


NOTICES: dict[str, Callable[[Services, Delivery], Awaitable[Screen | None]]] = {
    "plan.due": due,
    "plan.given": given,
}


def routes() -> Router:
    router = Router(name="reminders")
    router.callback_query.middleware(plan_stands_now)
    press = router.callback_query.register
    press(end, ActivityButton.filter(F.do.in_({"due_done", "due_missed"})))
    press(put_off, ActivityButton.filter(F.do.in_({"due_in", "due_day"})))
    return router
