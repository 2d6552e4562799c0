"""The card of a planned activity and what may be done with it."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from domain.activities import ActivityType
from domain.errors import BadInput, NotFound, TooLate
from domain.fields import read_note
from domain.members import Member, Right
from domain.plans import DURATIONS, REMINDERS, RESULTS, Plan
from handlers.buttons import MenuButton, short
from handlers.chat import Chat
from handlers.errors import in_words
from handlers.forms import forms
from handlers.forms.forms import Answers, Form, Question
from handlers.planning.buttons import MARK_OF, MOVED, ActivityButton, AgendaButton, PlanButton
from handlers.planning.next_step import with_nudge
from handlers.planning.standing import plan_stands_now
from handlers.planning.subjects import slot_of, way_to
from handlers.planning.words import about, kind_name, lasting, plan_text, result_word
from handlers.screens import Button, Screen, grid
from locales import N_, _, current_language
from services.registry import Services

REMINDER_WORDS: dict[str, str] = {
    "at": N_("At the time"),
    "15": N_("15 min before"),
    "60": N_("1 h before"),
    "day": N_("A day before"),
    "no": N_("No reminder"),
}
ENDS_AT_ONCE = frozenset({ActivityType.TASK, ActivityType.EMAIL})
"""Of what Done says everything; of the others the result is asked."""

PLACES = ("today", "week", "overdue")


def button(text: str, do: str, plan: Plan, extra: str = "") -> Button:
    return Button(text, ActivityButton(do=do, id=plan.id, extra=extra))


def plan_card(plan: Plan, member: Member, now: datetime, back: str = "") -> Screen:
    """The activity as it stands, with what this member may do; `back` is a page of the agenda."""
    rows = [*_open_rows(plan, member), _ways(plan, back)] if plan.is_open else _ended_rows(plan, back)
    return Screen(plan_text(plan, member, now), rows, slot=slot_of(plan.subject))


def _may(plan: Plan, member: Member) -> bool:
    own = member.id in (plan.assignee_id, plan.author_id) or plan.assignee_id is None
    return own or member.may(Right.LEAD_ASSIGN)


def _open_rows(plan: Plan, member: Member) -> list[list[Button]]:
    file = [button(_("📅 Calendar file"), "file", plan)]
    if not _may(plan, member):
        return [file]
    mark = MARK_OF[plan.type]
    move = Button(_("🕒 Move"), PlanButton(do="when", of=MOVED, id=plan.id, extra=mark))
    whom = [button(_("👤 Whom"), "whom", plan)] if member.may(Right.LEAD_ASSIGN) else []
    return [
        [button(_("✅ Done"), "done", plan), move],
        [button(_("✏️ Words"), "title", plan), button(_("⏱ How long"), "lasts", plan)],
        [button(_("🔔 Reminder"), "remind", plan), *whom],
        [*file, button(_("🗑 Call off"), "cancel", plan)],
    ]


def _ended_rows(plan: Plan, back: str) -> list[list[Button]]:
    again = [button(_("↩️ Open again"), "reopen", plan), button(_("💬 Comment"), "comment", plan)]
    return [again, _ways(plan, back)]


def _ways(plan: Plan, back: str) -> list[Button]:
    span, _dot, page = back.partition(".")
    ways = []
    if span in PLACES and page.isdigit():
        ways.append(Button(_("⬅️ Back"), AgendaButton(span=span, page=int(page))))
    of = plan.subject
    if of is not None:
        ways.append(way_to(of))
    return [*ways, Button(_("☰ Menu"), MenuButton(place="main"))]


async def show(
    _query: CallbackQuery, callback_data: ActivityButton, chat: Chat, member: Member, services: Services
) -> None:
    plan = await services.plans.get(member, callback_data.id)
    chat.show(plan_card(plan, member, services.plans.clock(), callback_data.extra))


async def done(
    _query: CallbackQuery, callback_data: ActivityButton, chat: Chat, member: Member, services: Services
) -> None:
    """A task and a letter are done at once; of a call or meeting it is asked how it went."""
    plan = await services.plans.get(member, callback_data.id)
    if not plan.is_open:
        raise TooLate("plan_done")
    if plan.type in ENDS_AT_ONCE:
        await _end(chat, member, services, plan, RESULTS[plan.type][0])
        return
    text = f"<b>{kind_name(plan.type)}</b>\n{about(plan)}\n\n" + _("How did it go?")
    choices = [button(result_word(code), "result", plan, code) for code in RESULTS[plan.type]]
    chat.show(Screen(text, [*grid(choices, 2), [button(_("⬅️ Back"), "show", plan)]]))


async def result(
    _query: CallbackQuery, callback_data: ActivityButton, chat: Chat, member: Member, services: Services
) -> None:
    plan = await services.plans.get(member, callback_data.id)
    await _end(chat, member, services, plan, callback_data.extra)


async def _end(chat: Chat, member: Member, services: Services, plan: Plan, code: str) -> None:
    ended = await services.plans.complete(member, plan.id, code)
    chat.toast(result_word(code))
    chat.show(await with_nudge(services, member, ended, plan_card(ended, member, services.plans.clock())))


async def reopen(
    _query: CallbackQuery, callback_data: ActivityButton, chat: Chat, member: Member, services: Services
) -> None:
    plan = await services.plans.reopen(member, callback_data.id)
    chat.toast(_("It is open again."))
    chat.show(plan_card(plan, member, services.plans.clock()))


async def cancel(
    _query: CallbackQuery, callback_data: ActivityButton, chat: Chat, member: Member, services: Services
) -> None:
    """Asked once more; then it is off, and can be opened again."""
    plan = await services.plans.get(member, callback_data.id)
    if callback_data.do == "cancel":
        if not plan.is_open:
            raise TooLate("plan_done")
        text = _("🗑 Call it off?") + "\n\n" + plan_text(plan, member, services.plans.clock())
        chat.show(
            Screen(text, [[button(_("🗑 Yes, call it off"), "really", plan), button(_("⬅️ No"), "show", plan)]])
        )
        return
    off = await services.plans.cancel(member, plan.id)
    chat.show(await with_nudge(services, member, off, plan_card(off, member, services.plans.clock())))


async def lasts(
    _query: CallbackQuery, callback_data: ActivityButton, chat: Chat, member: Member, services: Services
) -> None:
    """Durations to choose from."""
    plan = await services.plans.get(member, callback_data.id)
    choices = [button(lasting(one * 60), "long", plan, str(one)) for one in DURATIONS]
    never = [button(_("Not said"), "long", plan, "0"), button(_("⬅️ Back"), "show", plan)]
    text = plan_text(plan, member, services.plans.clock()) + "\n\n" + _("⏱ How long will it take?")
    chat.show(Screen(text, [*grid(choices, 3), never]))


async def long(
    _query: CallbackQuery, callback_data: ActivityButton, chat: Chat, member: Member, services: Services
) -> None:
    minutes = int(callback_data.extra) if callback_data.extra.isdecimal() else -1
    plan = await services.plans.set_duration(member, callback_data.id, minutes)
    chat.show(plan_card(plan, member, services.plans.clock()))


async def remind(
    _query: CallbackQuery, callback_data: ActivityButton, chat: Chat, member: Member, services: Services
) -> None:
    """When to remind."""
    plan = await services.plans.get(member, callback_data.id)
    choices = [button(_(REMINDER_WORDS[code]), "bell", plan, code) for code in REMINDERS]
    text = plan_text(plan, member, services.plans.clock()) + "\n\n" + _("🔔 When shall I remind?")
    chat.show(Screen(text, [*grid(choices, 2), [button(_("⬅️ Back"), "show", plan)]]))


async def bell(
    _query: CallbackQuery, callback_data: ActivityButton, chat: Chat, member: Member, services: Services
) -> None:
    plan = await services.plans.set_reminder(member, callback_data.id, callback_data.extra)
    chat.show(plan_card(plan, member, services.plans.clock()))


async def whom(
    _query: CallbackQuery, callback_data: ActivityButton, chat: Chat, member: Member, services: Services
) -> None:
    """Who may do it instead."""
    plan = await services.plans.get(member, callback_data.id)
    people = [one for one in await services.plans.people(member) if one.id != plan.assignee_id]
    choices = [button(one.name[:30], "give", plan, short(one.id)) for one in people[:40]]
    text = plan_text(plan, member, services.plans.clock()) + "\n\n" + _("👤 Who shall do it?")
    chat.show(Screen(text, [*grid(choices, 2), [button(_("⬅️ Back"), "show", plan)]]))


async def give(
    _query: CallbackQuery, callback_data: ActivityButton, chat: Chat, member: Member, services: Services
) -> None:
    people = await services.plans.people(member)
    to = next((one for one in people if short(one.id) == callback_data.extra), None)
    if to is None:
        raise NotFound(what="member")
    plan = await services.plans.give(member, callback_data.id, to.id)
    chat.toast(_("Handed to {name}.").format(name=to.name))
    chat.show(plan_card(plan, member, services.plans.clock()))


async def file(
    _query: CallbackQuery, callback_data: ActivityButton, chat: Chat, member: Member, services: Services
) -> None:
    """The .ics file: a tap puts it into the telephone's calendar."""
    plan = await services.plans.get(member, callback_data.id)
    content = services.calendars.file(plan, current_language())
    chat.document(
        f"{plan.type.value}-{plan.of_number}.ics", content, _("📅 Open it to add this to a calendar.")
    )


async def ask_words(
    _query: CallbackQuery, callback_data: ActivityButton, chat: Chat, member: Member, state: FSMContext,
    services: Services,
) -> None:  # fmt: skip
    """What it is about, or what came of it, in words."""
    plan = await services.plans.get(member, callback_data.id)
    if callback_data.do == "title" and not plan.is_open:
        raise TooLate("plan_done")
    form = TITLE if callback_data.do == "title" else COMMENT
    context = {"id": str(plan.id), "head": f"<b>{kind_name(plan.type)}</b>\n{about(plan)}"}
    await forms.start(form, chat, state, member, services, context)


async def _finish(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    plan_id = UUID(context["id"])
    try:
        if "title" in answers:
            plan = await services.plans.describe(member, plan_id, answers["title"])
        else:
            plan = await services.plans.comment(member, plan_id, answers["note"])
    except (TooLate, NotFound) as error:
        chat.screen_id = None
        chat.say(Screen(in_words(error), [[Button(_("☰ Menu"), MenuButton(place="main"))]]))
        return
    shown = plan_card(plan, member, services.plans.clock())
    chat.show(replace(shown, text=_("✏️ Kept.") + f"\n\n{shown.text}"))


def _read_words(typed: str, _member: Member) -> str:
    text = read_note(typed)
    if not text:
        raise BadInput("note", "required")
    return text


def _ask(text: str) -> Any:
    return lambda asking: f"{asking.context['head']}\n\n{_(text)}"


def _unchanged() -> str:
    return _("Left as it was.")


TITLE = Form(
    name="plan_title",
    questions=(
        Question("title", _ask(N_("✏️ What is it about? A few words, or Skip to have none.")), optional=True),
    ),
    finish=_finish,
    cancelled=_unchanged,
)
COMMENT = Form(
    name="plan_note",
    questions=(Question("note", _ask(N_("💬 What was said, what came of it?")), _read_words),),
    finish=_finish,
    cancelled=_unchanged,
)
FORMS: tuple[Form, ...] = (TITLE, COMMENT)


def routes() -> Router:
    router = Router(name="activity")
    router.callback_query.middleware(plan_stands_now)
    press = router.callback_query.register
    press(show, ActivityButton.filter(F.do == "show"))
    press(done, ActivityButton.filter(F.do == "done"))
    press(result, ActivityButton.filter(F.do == "result"))
    press(reopen, ActivityButton.filter(F.do == "reopen"))
    press(cancel, ActivityButton.filter(F.do.in_({"cancel", "really"})))
    press(lasts, ActivityButton.filter(F.do == "lasts"))
    press(long, ActivityButton.filter(F.do == "long"))
    press(remind, ActivityButton.filter(F.do == "remind"))
    press(bell, ActivityButton.filter(F.do == "bell"))
    press(whom, ActivityButton.filter(F.do == "whom"))
    press(give, ActivityButton.filter(F.do == "give"))
    press(file, ActivityButton.filter(F.do == "file"))
    press(ask_words, ActivityButton.filter(F.do.in_({"title", "comment"})))
    return router
