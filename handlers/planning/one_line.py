"""Planning in one line, "call tomorrow at 15 about the rate", for the lead or customer that is open."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from aiogram import Router
from aiogram.fsm.context import FSMContext
from aiogram.types import Message

from domain.activities import ActivityType
from domain.errors import BadInput
from domain.free_dates import Reading, read_plan
from domain.free_text import read_lead
from domain.leads import LeadFilter
from domain.members import Member, Right
from handlers.buttons import MenuButton
from handlers.cards import clip
from handlers.chat import Chat
from handlers.planning import picker
from handlers.planning.buttons import MARK_OF, PlanButton, plans_of
from handlers.planning.plan import refused, title_of, to_choose, wait
from handlers.planning.words import kind_name, phrases
from handlers.screens import Button, Screen
from handlers.words import known_words
from locales import _
from services.registry import Services

LEADS_OFFERED = 6


async def reads_plan(
    message: Message, member: Member | None = None, raw_state: str | None = None
) -> bool | dict[str, Any]:
    """Whether somebody who works leads writes what is to be done and when, outside of any question."""
    text = message.text or ""
    if member is None or raw_state or not member.may(Right.LEAD_WORK) or message.forward_origin:
        return False
    if text.startswith("/") or read_lead(text, member.region, known_words()) is not None:
        return False
    return {"wish": text} if len(text) <= 400 and _plan_in(text, member) is not None else False


def _plan_in(text: str, member: Member) -> tuple[str, Reading | BadInput] | None:
    try:
        return read_plan(text, datetime.now(UTC), ZoneInfo(member.time_zone), phrases())
    except BadInput as error:
        return "task", error


async def line(
    message: Message, chat: Chat, member: Member, state: FSMContext, services: Services, wish: str
) -> None:
    """ "Call tomorrow at 15": for the lead or customer open last, or replied to. Asked before it is made."""
    answered = message.reply_to_message.message_id if message.reply_to_message else None
    of = await services.agenda.in_focus(member, chat.id, answered)
    now = services.plans.clock()
    begun = ("task", Reading())
    failed: BadInput | None = None
    try:
        begun = read_plan(wish, now, ZoneInfo(member.time_zone), phrases()) or begun
    except BadInput as error:
        failed = error
    mark = MARK_OF[ActivityType(begun[0])]
    if of is None:
        await _ask_lead(chat, member, services, mark, begun[1])
        return
    choice = plans_of(of).model_copy(update={"do": "when", "extra": mark})
    title = await title_of(services, member, choice)
    await wait(state, choice, begun[1].rest)
    if failed is not None:
        chat.say(refused(choice, title, failed, member, now))
    elif begun[1].moments:
        chat.say(_confirm(choice, title, begun[1], member))
    else:
        chat.say(to_choose(choice, title, begun[1], member, now))


def _confirm(choice: PlanButton, title: str, reading: Reading, member: Member) -> Screen:
    words = f" · {clip(reading.rest, 200)}" if reading.rest else ""
    text = f"<b>{kind_name(choice.kind)}</b>{words}\n{title}\n\n" + (
        _("Shall I plan it?") if len(reading.moments) == 1 else _("Which one do you mean?")
    )
    rows = picker.choose_rows(choice, reading.moments, member)
    rows = [[replace(one, text=f"✅ {one.text}") for one in row] for row in rows]
    other = Button(_("🕒 Another time"), choice.to("when"))
    return Screen(text, [*rows, [other, picker.leave(choice)]])


async def _ask_lead(chat: Chat, member: Member, services: Services, mark: str, reading: Reading) -> None:
    """No lead is open: the newest of one's own are offered."""
    found = await services.leads.browse(member, LeadFilter(owner="mine"))
    stamp = reading.moments[0].astimezone(ZoneInfo(member.time_zone)) if len(reading.moments) == 1 else None
    do, extra = ("at", f"{mark}.{stamp:{picker.MOMENT}}") if stamp else ("when", mark)
    rows = [
        [Button(f"#{lead.number} {lead.title[:40]}", PlanButton(do=do, of="l", id=lead.id, extra=extra))]
        for lead in found.leads[:LEADS_OFFERED]
    ]
    ways = [Button(_("📋 List"), MenuButton(place="leads")), Button(_("☰ Menu"), MenuButton(place="main"))]
    ask = _("🗓 For which lead? Next time open its card first, or reply to it.")
    chat.say(Screen(ask if rows else _("🗓 Take a lead first, then plan what is next."), [*rows, ways]))


def routes() -> Router:
    router = Router(name="plan_one_line")
    router.message.register(line, reads_plan)
    return router
