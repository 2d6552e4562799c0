"""Answers to what a stage asks: each is written at once, and what came too late is said in words."""

from typing import Any
from uuid import UUID

from aiogram.fsm.context import FSMContext

from domain.errors import BadInput, DuplicateLead, NotFound, StageNeeds, TooLate
from domain.members import Member
from domain.pipelines import CUSTOM
from handlers.chat import Chat
from handlers.errors import in_words
from handlers.forms.forms import Answers
from handlers.leads.lead_screens import default_ways, to_card
from handlers.pipelines.gate_questions import REASON, written
from handlers.screens import Screen
from locales import _
from services.registry import Services


async def keep(
    chat: Chat, state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    """Write each field as soon as it is given: leaving the dialog loses nothing of it."""
    name = (await state.get_state() or "").rpartition(":")[2]
    context.pop("slip", None)
    if name == REASON or name not in answers:
        return
    try:
        await _write(services, member, UUID(context["lead"]), name, written(name, answers[name], context))
    except (BadInput, DuplicateLead) as error:
        slip = _("Another lead has this already. Please give something else.")
        context["slip"] = in_words(error) if isinstance(error, BadInput) else slip
        answers.pop(name)
    except (TooLate, NotFound) as error:
        too_late(chat, error)
        await state.clear()
        return
    await state.update_data(answers=answers, context=context)


async def _write(services: Services, member: Member, lead_id: UUID, name: str, value: Any) -> None:
    if name.startswith(CUSTOM):
        await services.custom_fields.set_value(member, lead_id, name.removeprefix(CUSTOM), value)
    else:
        await services.leads.change(member, lead_id, {name: value})


def too_late(chat: Chat, error: TooLate | NotFound | StageNeeds, lead_id: UUID | None = None) -> None:
    """The lead or its pipeline changed while the answers were typed: they are kept, nothing was moved."""
    chat.screen_id = None
    rows = [to_card(lead_id)] if lead_id is not None else []
    chat.say(Screen(in_words(error), [*rows, default_ways()]))
