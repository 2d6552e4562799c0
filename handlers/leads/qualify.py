"""A lead becomes a customer: at once, or after what the pipeline's qualified stage asks for."""

from typing import Any
from uuid import UUID

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from domain.errors import NotFound, StageNeeds, TooLate
from domain.members import Member
from handlers.buttons import LeadButton
from handlers.chat import Chat
from handlers.contacts.customer_card import customer_card
from handlers.forms.forms import Answers, Form
from handlers.leads.lead_screens import beside, stands_now
from handlers.leads.lead_work import begin
from handlers.pipelines.gate_answers import keep, too_late
from handlers.pipelines.gate_questions import gate, questions
from locales import _
from services.registry import Services


async def qualify(
    query: CallbackQuery, callback_data: LeadButton, chat: Chat, member: Member, state: FSMContext,
    services: Services,
) -> None:  # fmt: skip
    """The lead becomes a customer; a second tap opens the one there is."""
    stage, needed = await services.customers.gate(member, callback_data.lead)
    if stage is not None and needed:
        lead = await services.leads.get(member, callback_data.lead)
        asked = await gate(services, member, stage, needed)
        await begin(QUALIFY, query, chat, state, member, services, lead, **asked)
        return
    beside(query, chat)
    await _qualify(chat, member, services, callback_data.lead)


async def _qualify(chat: Chat, member: Member, services: Services, lead_id: UUID) -> None:
    customer, made = await services.customers.qualify(member, lead_id)
    chat.toast(_("🤝 A customer now!") if made else _("It is a customer already."))
    chat.show(await customer_card(services, member, customer))


async def _finish(
    chat: Chat, _state: FSMContext, member: Member, _answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    lead_id = UUID(context["lead"])
    try:
        await _qualify(chat, member, services, lead_id)
    except (TooLate, NotFound, StageNeeds) as error:
        too_late(chat, error, lead_id)


QUALIFY = Form(
    name="qualify",
    questions=(),
    further=questions,
    finish=_finish,
    cancelled=lambda: _("Left as it was. What you gave before is kept."),
    after_each=keep,
)
FORMS: tuple[Form, ...] = (QUALIFY,)


def routes() -> Router:
    router = Router(name="qualify")
    router.callback_query.middleware(stands_now)
    router.callback_query.register(qualify, LeadButton.filter(F.do == "qualify"))
    return router
