"""How soon leads of a pipeline are to be answered, as admins set it."""

from dataclasses import replace
from datetime import time
from typing import Any
from uuid import UUID

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from domain.answer_times import AnswerTime
from domain.errors import BadInput
from domain.members import Member
from domain.own_settings import WEEK, WORKDAYS, Span, read_span
from domain.pipelines import Pipeline
from handlers.chat import Chat
from handlers.forms import forms
from handlers.forms.forms import Answers, Form, Question
from handlers.pipelines.setup import as_it_is
from handlers.pipelines.setup_screens import to_pipeline
from handlers.pipelines.words import pipeline_name
from handlers.screens import Button, Screen, esc, grid
from handlers.sharing.buttons import AnswerButton
from handlers.sharing.words import minutes_word, time_word
from handlers.span_words import day_word, span_word
from locales import _
from services.registry import Services

OFFERED = (5, 15, 30, 60, 240, 1440)
OFFICE = Span(time(9), time(18), WORKDAYS)


def _press(text: str, do: str, pipeline: Pipeline, extra: str = "") -> Button:
    return Button(text, AnswerButton(do=do, id=pipeline.id, extra=extra))


def answer_screen(pipeline: Pipeline) -> Screen:
    """The time, and the hours that count."""
    answer = pipeline.answer
    lines = [
        _("⏱ <b>Answer time</b> · {name}").format(name=esc(pipeline_name(pipeline))),
        _("Time to the first call, note or move: <b>{time}</b>").format(time=time_word(pipeline)),
    ]
    if answer is not None:
        counts = span_word(answer.hours, _("day and night"))
        lines.append(_("Hours that count: <b>{hours}</b>").format(hours=counts))
    lines += ["", _("Who is late is reminded, then the head is told, then anybody may take the lead.")]
    chosen = answer.minutes if answer is not None else 0
    buttons = [
        _press(("• " if one == chosen else "") + minutes_word(one), "set", pipeline, str(one))
        for one in OFFERED
    ]
    last = [_press(_("✏️ Another time"), "type", pipeline)]
    if answer is not None:
        last.append(_press(_("🚫 No clock"), "set", pipeline, "0"))
    return Screen(
        "\n".join(lines), [*grid(buttons, 3), last, *_hours(pipeline, answer), to_pipeline(pipeline)]
    )


def _hours(pipeline: Pipeline, answer: AnswerTime | None) -> list[list[Button]]:
    if answer is None:
        return []
    if answer.hours is None:
        return [[_press(_("🕘 Working hours only"), "hours_on", pipeline)]]
    days = [
        _press(("✅" if day in answer.hours.days else "▫️") + day_word(day), "day", pipeline, str(day))
        for day in range(7)
    ]
    ways = [
        _press(_("🕘 Set hours"), "hours", pipeline),
        _press(_("🌙 Day and night"), "hours_off", pipeline),
    ]
    return [ways, *grid(days, 4)]


def _changed(answer: AnswerTime | None, do: str, extra: str) -> AnswerTime | None:
    """The time as a press makes it. Raises BadInput."""
    if do == "set":
        if not extra.isdecimal() or len(extra) > 6:
            raise BadInput("minutes", "invalid")
        return AnswerTime(int(extra), answer.hours if answer else None) if int(extra) else None
    if answer is None or do == "hours_off":
        return replace(answer, hours=None) if answer is not None else None
    if do == "hours_on":
        return replace(answer, hours=OFFICE)
    hours, day = answer.hours or OFFICE, int(extra) if extra.isdecimal() else -1
    days = tuple(sorted(set(hours.days) ^ {day}))
    if day not in WEEK or not days:
        raise BadInput("day", "last" if day in WEEK else "invalid")
    return replace(answer, hours=replace(hours, days=days))


async def act(
    _query: CallbackQuery, callback_data: AnswerButton, chat: Chat, member: Member, services: Services
) -> None:
    """Show it, or change it by one press."""
    pipeline = await services.pipelines_setup.get(member, callback_data.id)
    if callback_data.do != "show":
        answer = _changed(pipeline.answer, callback_data.do, callback_data.extra)
        pipeline = await services.pipelines_setup.set_answer_time(member, pipeline.id, answer)
    chat.show(answer_screen(pipeline))


async def ask(
    _query: CallbackQuery,
    callback_data: AnswerButton,
    chat: Chat,
    member: Member,
    state: FSMContext,
    services: Services,
) -> None:
    pipeline = await services.pipelines_setup.get(member, callback_data.id)
    form = MINUTES if callback_data.do == "type" else HOURS
    await forms.start(form, chat, state, member, services, {"pipeline": str(pipeline.id)})


def _read_minutes(typed: str, _member: Member) -> str:
    if not typed.strip().isdecimal() or len(typed.strip()) > 6:
        raise BadInput("minutes", "invalid")
    return typed.strip()


def _read_hours(typed: str, _member: Member) -> str:
    read_span(typed)
    return typed


async def _finish(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    pipeline = await services.pipelines_setup.get(member, UUID(context["pipeline"]))
    answer = pipeline.answer
    if "minutes" in answers:
        answer = _changed(answer, "set", answers["minutes"])
    elif answer is not None:
        days = answer.hours.days if answer.hours else WORKDAYS
        answer = replace(answer, hours=replace(read_span(answers["hours"]), days=days))
    chat.show(answer_screen(await services.pipelines_setup.set_answer_time(member, pipeline.id, answer)))


MINUTES = Form(
    "answer_minutes",
    (Question("minutes", lambda _a: _("⏱ Within how many minutes? For example: 20"), _read_minutes),),
    _finish,
    cancelled=lambda: _("It stays as it was."),
)
HOURS = Form(
    "answer_hours",
    (Question("hours", lambda _a: _("🕘 Which hours count? Example: 9:00-18:00"), _read_hours),),
    _finish,
    cancelled=lambda: _("It stays as it was."),
)
FORMS: tuple[Form, ...] = (MINUTES, HOURS)


def routes() -> Router:
    router = Router(name="answer_times")
    router.callback_query.middleware(as_it_is)
    press = router.callback_query.register
    press(ask, AnswerButton.filter(F.do.in_({"type", "hours"})))
    press(act, AnswerButton.filter(F.do.in_({"show", "set", "hours_on", "hours_off", "day"})))
    return router
