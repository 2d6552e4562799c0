"""Moving a lead: forward, to any stage or pipeline, with the short dialog that a stage may ask for."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from domain.errors import NotFound, StageNeeds, TooLate
from domain.leads import Lead, Stage, StageKind
from domain.members import Member
from domain.pipelines import Pipeline, next_stage
from handlers.buttons import LeadButton, short
from handlers.cards import lead_title
from handlers.chat import Chat
from handlers.forms import forms
from handlers.forms.forms import Answers, Form
from handlers.leads.lead_screens import (
    act,
    after_form,
    beside,
    card,
    pack_ways,
    stands_now,
    to_card,
    ways_of,
)
from handlers.pipelines.gate_answers import keep, too_late
from handlers.pipelines.gate_questions import REASON, chosen_reason, gate, questions
from handlers.pipelines.words import pipeline_name, place_name, stage_name
from handlers.planning.next_step import ask_next_step
from handlers.screens import Button, Screen, esc, grid
from locales import _
from services.registry import Services

OTHERS = "others"
"""In the place of a pipeline: choose one."""

SEEN = 6
"""Digits of the stage that a button showed."""


async def advance(
    query: CallbackQuery,
    callback_data: LeadButton,
    chat: Chat,
    member: Member,
    state: FSMContext,
    services: Services,
) -> None:
    """One stage forward; a button that showed another stage moves nothing."""
    known = await services.pipeline.stages(member)
    lead = await services.leads.get(member, callback_data.lead)
    if short(lead.stage.id) != callback_data.extra:
        raise TooLate("moved")
    following = next_stage(known, lead.stage)
    if following is None:
        raise TooLate("last_stage")
    await _enter(query, chat, state, member, services, lead, following)


async def stages(
    query: CallbackQuery, callback_data: LeadButton, chat: Chat, member: Member, services: Services
) -> None:
    """The other stages to choose from: of the lead's own pipeline, or of the one whose mark is `extra`."""
    lead = await services.leads.get(member, callback_data.lead)
    _demand_active(lead)
    pipelines = await services.pipeline.pipelines(member)
    ways = beside(query, chat)
    if callback_data.extra == OTHERS:
        text, rows = _choose_pipeline(lead, pipelines)
    else:
        marked = next((one for one in pipelines if short(one.id) == callback_data.extra), None)
        own = next((one for one in pipelines if one.id == lead.stage.pipeline_id), pipelines[0])
        text, rows = _choose_stage(lead, marked or own, pipelines)
    chat.show(Screen(text, [*rows, to_card(lead.id), ways]))


def _choose_stage(
    lead: Lead, pipeline: Pipeline, pipelines: tuple[Pipeline, ...]
) -> tuple[str, list[list[Button]]]:
    others = [one for one in pipeline.stages if one.id != lead.stage.id]
    seen = short(lead.stage.id)[-SEEN:]
    rows = grid([act(stage_name(one), "stage", lead, f"{short(one.id)}.{seen}") for one in others], 2)
    if len(pipelines) > 1:
        rows.append([act(_("🔀 Another pipeline"), "stages", lead, OTHERS)])
    text = _("🗂 <b>{lead}</b>\nNow: {stage}. Which stage is next?").format(
        lead=lead_title(lead), stage=esc(place_name(lead.stage, pipelines))
    )
    if pipeline.id != lead.stage.pipeline_id:
        text += "\n" + _("Stages of “{pipeline}”:").format(pipeline=esc(pipeline_name(pipeline)))
    return text, rows


def _choose_pipeline(lead: Lead, pipelines: tuple[Pipeline, ...]) -> tuple[str, list[list[Button]]]:
    others = [one for one in pipelines if one.id != lead.stage.pipeline_id]
    rows = grid([act(pipeline_name(one), "stages", lead, short(one.id)) for one in others], 2)
    text = _("🔀 <b>{lead}</b>\nNow: {stage}. To which pipeline?").format(
        lead=lead_title(lead), stage=esc(place_name(lead.stage, pipelines))
    )
    return text, rows


async def move(
    query: CallbackQuery,
    callback_data: LeadButton,
    chat: Chat,
    member: Member,
    state: FSMContext,
    services: Services,
) -> None:
    """Put the lead on the chosen stage, unless somebody has moved it since the button was shown."""
    mark, _dot, seen = callback_data.extra.partition(".")
    found = [one for one in await services.pipeline.stages(member) if short(one.id) == mark]
    if not found:
        raise TooLate("stage_gone")
    lead = await services.leads.get(member, callback_data.lead)
    if seen and short(lead.stage.id)[-SEEN:] != seen and lead.stage.id != found[0].id:
        raise TooLate("moved")
    await _enter(query, chat, state, member, services, lead, found[0])


async def refuse(
    query: CallbackQuery,
    callback_data: LeadButton,
    chat: Chat,
    member: Member,
    state: FSMContext,
    services: Services,
) -> None:
    """To a failed stage of the lead's pipeline; where there are several, they are offered."""
    lead = await services.leads.get(member, callback_data.lead)
    _demand_active(lead)
    pipelines = await services.pipeline.pipelines(member)
    own = next((one for one in pipelines if one.id == lead.stage.pipeline_id), pipelines[0])
    failed = own.of_kind(StageKind.FAILED)
    if len(failed) == 1:
        await _enter(query, chat, state, member, services, lead, failed[0])
        return
    text, rows = _choose_stage(lead, replace(own, stages=failed), (own,))
    ways = beside(query, chat)
    chat.show(Screen(text, [*rows, to_card(lead.id), ways]))


async def _enter(
    query: CallbackQuery, chat: Chat, state: FSMContext, member: Member, services: Services,
    lead: Lead, stage: Stage,
) -> None:  # fmt: skip
    """Move at once, or ask first for what the stage needs and for the reason of a failed one."""
    _demand_active(lead)
    needed = await services.pipeline.lacks(member, lead.id, stage.id) if stage.required else ()
    failed = stage.kind is StageKind.FAILED
    if lead.stage.id == stage.id or not (needed or failed):
        lead = await services.pipeline.move(member, lead.id, stage.id, seen=lead.stage.id)
        chat.toast(_("Now: {stage}").format(stage=stage_name(lead.stage)))
        chat.show(await card(services, member, lead, ways_of(query)))
        await ask_next_step(services, chat, member, lead)
        return
    context = {
        "lead": str(lead.id),
        "title": lead_title(lead),
        "ways": pack_ways(beside(query, chat)),
        "seen_stage": str(lead.stage.id),
        **await gate(services, member, stage, needed),
    }
    await forms.start(MOVE, chat, state, member, services, context)


async def _finish(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    lead_id, stage_id, seen = (UUID(context[name]) for name in ("lead", "stage", "seen_stage"))
    reason = chosen_reason(answers[REASON], context) if REASON in answers else ""
    try:
        lead = await services.pipeline.move(member, lead_id, stage_id, reason, seen)
    except (TooLate, NotFound, StageNeeds) as error:
        too_late(chat, error, lead_id)
        return
    said = _("Now: {stage}").format(stage=esc(stage_name(lead.stage)))
    if reason:
        said = _("🚫 Refused: {reason}").format(reason=esc(reason)[:500])
    await after_form(services, chat, member, lead, context, said)
    await ask_next_step(services, chat, member, lead)


def _demand_active(lead: Lead) -> None:
    if lead.withdrawn_at is not None:
        raise TooLate("withdrawn")


MOVE = Form(
    name="move",
    questions=(),
    further=questions,
    finish=_finish,
    cancelled=lambda: _("Left as it was. What you gave before is kept."),
    after_each=keep,
)
FORMS: tuple[Form, ...] = (MOVE,)


def routes() -> Router:
    router = Router(name="stage_move")
    router.callback_query.middleware(stands_now)
    press = router.callback_query.register
    press(advance, LeadButton.filter(F.do == "advance"))
    press(stages, LeadButton.filter(F.do == "stages"))
    press(move, LeadButton.filter(F.do == "stage"))
    press(refuse, LeadButton.filter(F.do == "refuse"))
    return router
