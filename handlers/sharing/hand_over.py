"""Giving a lead to somebody from its card: a list of people with what they have in hand, a word, done."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from domain.errors import NotFound, TooLate
from domain.fields import read_note
from domain.leads import Lead
from domain.members import Member
from handlers.buttons import LeadButton, short
from handlers.cards import clip, lead_title
from handlers.chat import Chat
from handlers.errors import in_words
from handlers.forms import forms
from handlers.forms.forms import Answers, Asking, Form, Question
from handlers.leads.lead_screens import (
    Ways,
    act,
    after_form,
    beside,
    card,
    default_ways,
    pack_ways,
    stands_now,
    to_card,
    ways_of,
)
from handlers.screens import Button, Screen, grid
from handlers.sharing.words import has_why, why_text
from locales import _
from services.registry import Services
from services.sharing.hand_over import Receiver

PAGE = 12
NAME_ROOM = 32
SEEN = 8
"""Characters of the id of whoever was responsible that a button has room for."""


async def people(
    query: CallbackQuery, callback_data: LeadButton, chat: Chat, member: Member, services: Services
) -> None:
    """Whom to give it to; extra is a page."""
    lead = await services.leads.get(member, callback_data.lead)
    if lead.withdrawn_at is not None:
        raise TooLate("withdrawn")
    able = await services.hand_overs.receivers(member, lead.id)
    page = int(callback_data.extra) if callback_data.extra.isdecimal() else 0
    ways = beside(query, chat)
    chat.show(_people_screen(lead, member, able, min(page, max(0, len(able) - 1) // PAGE), ways))


def _people_screen(lead: Lead, member: Member, able: Sequence[Receiver], page: int, ways: Ways) -> Screen:
    lines = [f"<b>{lead_title(lead)}</b>", _("👤 Who shall work on it? In brackets: open leads in hand.")]
    if not able:
        lines.append(_("There is nobody else who may work on leads."))
    shown = able[page * PAGE : (page + 1) * PAGE]
    rows = grid([_receiver(lead, member, one) for one in shown], 2)
    turn = [act("⬅️", "assign", lead, str(page - 1))] if page else []
    if (page + 1) * PAGE < len(able):
        turn.append(act("➡️", "assign", lead, str(page + 1)))
    free = [act(_("🆓 Give back to the pool"), "free", lead, _seen(lead))] if lead.assignee_id else []
    return Screen("\n".join(lines), [*rows, turn, free, to_card(lead.id), ways])


def _receiver(lead: Lead, member: Member, one: Receiver) -> Button:
    name = _("Me") if one.member.id == member.id else one.member.name[:NAME_ROOM]
    label = f"{'🏖 ' if one.away else ''}{name} ({one.open})"
    return act(label, "give", lead, f"{short(one.member.id)}.{_seen(lead)}")


def _seen(lead: Lead) -> str:
    return lead.assignee_id.hex[-SEEN:] if lead.assignee_id else ""


def _demand_as_seen(lead: Lead, seen: str) -> None:
    """Somebody may have taken the lead, or got it, since the buttons were made."""
    if _seen(lead) != seen:
        raise TooLate("taken", by=lead.assignee_name) if lead.assignee_id else TooLate("moved")


async def give(
    query: CallbackQuery,
    callback_data: LeadButton,
    chat: Chat,
    member: Member,
    state: FSMContext,
    services: Services,
) -> None:
    """A word for whoever gets it; oneself needs none."""
    mark, _dot, seen = callback_data.extra.partition(".")
    lead = await services.leads.get(member, callback_data.lead)
    able = await services.hand_overs.receivers(member, lead.id)
    _demand_as_seen(lead, seen)
    receiver = next((one.member for one in able if short(one.member.id) == mark), None)
    if receiver is None:
        raise NotFound(what="member")
    if receiver.id == member.id:
        given = await services.hand_overs.give(member, lead.id, member.id, seen=lead.assignee_id)
        chat.toast(_("It is yours now. Good luck!"))
        chat.show(await card(services, member, given, ways_of(query)))
        return
    context = {
        "lead": str(lead.id),
        "title": lead_title(lead),
        "to": str(receiver.id),
        "name": clip(receiver.name, 60),
        "seen": str(lead.assignee_id or ""),
        "ways": pack_ways(beside(query, chat)),
    }
    await forms.start(HAND_OVER, chat, state, member, services, context)


async def _finish(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    seen = UUID(context["seen"]) if context["seen"] else None
    try:
        lead = await services.hand_overs.give(
            member, UUID(context["lead"]), UUID(context["to"]), answers["note"], seen
        )
    except (TooLate, NotFound) as error:
        chat.screen_id = None
        chat.say(Screen(in_words(error), [to_card(UUID(context["lead"])), default_ways()]))
        return
    await after_form(
        services, chat, member, lead, context, _("🤝 {name} has it now.").format(name=context["name"])
    )


async def free(
    query: CallbackQuery, callback_data: LeadButton, chat: Chat, member: Member, services: Services
) -> None:
    """Back to the pool."""
    lead = await services.leads.get(member, callback_data.lead)
    _demand_as_seen(lead, callback_data.extra)
    freed = await services.hand_overs.give_back(member, lead.id, lead.assignee_id)
    chat.toast(_("🆓 It is free for everybody who may take it."))
    chat.show(await card(services, member, freed, ways_of(query)))


async def why(
    query: CallbackQuery, callback_data: LeadButton, chat: Chat, member: Member, services: Services
) -> None:
    """Why this person has the lead."""
    lead = await services.leads.get(member, callback_data.lead)
    text = why_text(lead.assigned_by) if has_why(lead, member) else ""
    if not text:
        raise TooLate("moved")
    ways = beside(query, chat)
    chat.show(Screen(f"<b>{lead_title(lead)}</b>\n\n❔ {text}", [to_card(lead.id), ways]))


def _ask(asking: Asking) -> str:
    text = _("🤝 A word for {name}? It stands in the lead's thread, where its sender reads it, too.")
    return f"<b>{asking.context['title']}</b>\n" + text.format(name=asking.context["name"])


HAND_OVER = Form(
    "hand_over",
    (Question("note", _ask, lambda typed, _m: read_note(typed), optional=True),),
    _finish,
    cancelled=lambda: _("Left as it was."),
)
FORMS: tuple[Form, ...] = (HAND_OVER,)


def routes() -> Router:
    router = Router(name="hand_over")
    router.callback_query.middleware(stands_now)
    press = router.callback_query.register
    press(people, LeadButton.filter(F.do == "assign"))
    press(give, LeadButton.filter(F.do == "give"))
    press(free, LeadButton.filter(F.do == "free"))
    press(why, LeadButton.filter(F.do == "why"))
    return router
