"""Words that name another kind than the one that was pressed: the kind follows them, one press makes it the
other."""

from dataclasses import replace

from aiogram import F, Router
from aiogram.types import CallbackQuery

from domain.activities import ActivityType
from domain.date_phrases import find_phrases, find_verb
from domain.members import Member
from domain.plans import Plan
from handlers.chat import Chat
from handlers.planning.activity import button, plan_card
from handlers.planning.buttons import MARK_OF, MARKS, MOVED, ActivityButton, PlanButton
from handlers.planning.standing import plan_stands_now
from handlers.planning.words import kind_name, phrases
from handlers.screens import Screen
from locales import _
from services.registry import Services


def follow_words(choice: PlanButton, text: str) -> tuple[PlanButton, str]:
    """The choice with the kind that the text begins with, and what the text says after its verb; both as
    they are where it begins with none, or names no moment after it."""
    begun = find_verb(text, phrases()) if choice.of != MOVED else None
    if begun is None or not find_phrases(begun[1], phrases()).pieces:
        return choice, text
    return choice.model_copy(update={"extra": MARK_OF[ActivityType(begun[0])]}), begun[1]


def planned(card: Screen, plan: Plan, pressed: str) -> Screen:
    """The card of what was just planned; `pressed` is the mark of the kind that was pressed at first."""
    if pressed in ("", MARK_OF[plan.type]):
        return replace(card, text=f"{_('✅ Planned.')}\n\n{card.text}")
    said = _("✅ Planned as your words say: {kind}.").format(kind=kind_name(plan.type))
    label = _("🔁 Make it: {kind}").format(kind=kind_name(MARKS.get(pressed, ActivityType.TASK)))
    return replace(
        card, text=f"{said}\n\n{card.text}", rows=[[button(label, "kind", plan, pressed)], *card.rows]
    )


async def change(
    _query: CallbackQuery, callback_data: ActivityButton, chat: Chat, member: Member, services: Services
) -> None:
    kind = MARKS.get(callback_data.extra, ActivityType.TASK)
    plan = await services.plans.retype(member, callback_data.id, kind)
    chat.show(planned(plan_card(plan, member, services.plans.clock()), plan, ""))


def routes() -> Router:
    router = Router(name="other_kind")
    router.callback_query.middleware(plan_stands_now)
    router.callback_query.register(change, ActivityButton.filter(F.do == "kind"))
    return router
