"""Merging two leads that are one: which other, side by side, field by field, done."""

from typing import Any
from uuid import UUID

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from domain.errors import BadInput, NotFound, StageNeeds, TooLate
from domain.members import Member
from handlers.buttons import LeadButton, MergeButton
from handlers.cards import clip, lead_line, lead_title
from handlers.chat import Chat
from handlers.errors import in_words
from handlers.forms import forms
from handlers.forms.forms import Answers, Asking, Form, Question
from handlers.leads.lead_history import field_word, value_word
from handlers.leads.lead_screens import act, after_form, beside, default_ways, pack_ways, stands_now, to_card
from handlers.leads.lead_work import starts
from handlers.pipelines.gate_answers import too_late
from handlers.pipelines.gate_questions import REASON, chosen_reason, gate, questions
from handlers.screens import Button, Screen, grid
from locales import N_, _
from services.leads.merging import BOTH, KEEP, TAKE, Comparison, Difference
from services.registry import Services

STATE = "merge:choose"
CANDIDATES = 6
ROOM = 60
LABEL_ROOM = 34
MARKS: dict[str, str] = {KEEP: "⬅️", TAKE: "➡️", BOTH: "↔️"}
CHOICES: dict[str, str] = {
    KEEP: N_("stays: {ours}"),
    TAKE: N_("taken: {theirs}"),
    BOTH: N_("both: {ours} + {theirs}"),
}


async def merge(
    query: CallbackQuery, callback_data: LeadButton, chat: Chat, member: Member, services: Services
) -> None:
    """Which lead is the same one? Those with the same contacts are offered."""
    lead = await services.leads.get(member, callback_data.lead)
    found = (await services.merging.candidates(member, lead.id))[:CANDIDATES]
    rows = [[act(lead_line(one), "with", lead, str(one.number))] for one in found]
    text = f"<b>{lead_title(lead)}</b>\n" + (
        _("🔀 Which lead shall become part of this one? These have the same contacts.")
        if found
        else _("🔀 Which lead shall become part of this one? I know none with the same contacts.")
    )
    rows.append([act(_("🔢 Type its number"), "with_number", lead)])
    ways = beside(query, chat)
    chat.show(Screen(text, [*rows, to_card(lead.id), ways]))


async def chosen(
    query: CallbackQuery,
    callback_data: LeadButton,
    chat: Chat,
    member: Member,
    state: FSMContext,
    services: Services,
) -> None:
    """The two side by side; extra is the other's number."""
    other = await services.merging.by_number(member, int(callback_data.extra or 0))
    ways = pack_ways(beside(query, chat))
    await _begin(chat, member, state, services, callback_data.lead, other, ways)


async def _begin(
    chat: Chat, member: Member, state: FSMContext, services: Services, lead: UUID, other: UUID, ways: Any
) -> None:
    found = await services.merging.compare(member, lead, other)
    await state.set_state(STATE)
    await state.set_data({"lead": str(lead), "other": str(other), "choices": {}, "ways": ways})
    chat.show(_side_by_side(found, {}))


async def take(
    _query: CallbackQuery,
    callback_data: MergeButton,
    chat: Chat,
    member: Member,
    state: FSMContext,
    services: Services,
) -> None:
    """The next choice for a field: ours, theirs, both where that may be."""
    data = await _kept(state)
    found = await _compared(member, services, data)
    place = int(callback_data.mark) if callback_data.mark.isdigit() else 0
    if place < len(found.differences):
        one = found.differences[place]
        ring = [KEEP, TAKE, BOTH] if one.both else [KEEP, TAKE]
        now = data["choices"].get(one.field, one.choice)
        data["choices"][one.field] = ring[(ring.index(now) + 1) % len(ring)]
        await state.set_data(data)
    chat.show(_side_by_side(found, data["choices"]))


async def swap(
    _query: CallbackQuery, chat: Chat, member: Member, state: FSMContext, services: Services
) -> None:
    """The other one stays."""
    data = await _kept(state)
    await _begin(chat, member, state, services, UUID(data["other"]), UUID(data["lead"]), data.get("ways", []))


async def do(
    _query: CallbackQuery, chat: Chat, member: Member, state: FSMContext, services: Services
) -> None:
    """Where a failed stage is taken over and nothing says why, it is asked first."""
    data = await _kept(state)
    try:
        await _merge(chat, member, services, data)
    except BadInput as error:
        if error.field != REASON:
            raise
        found = await _compared(member, services, data)
        asked = await gate(services, member, found.other.stage, ())
        context = {**data, "title": lead_title(found.lead), **asked}
        await forms.start(WHY, chat, state, member, services, context)
        return
    await state.clear()


async def _merge(
    chat: Chat, member: Member, services: Services, data: dict[str, Any], reason: str = ""
) -> None:
    lead_id, other_id = UUID(data["lead"]), UUID(data["other"])
    lead, _change = await services.merging.merge(member, lead_id, other_id, data["choices"], reason)
    await after_form(services, chat, member, lead, data, _("🔀 <b>Merged.</b> Everything is here now."))


async def stop(_query: CallbackQuery, chat: Chat, state: FSMContext) -> None:
    data = await state.get_data()
    await state.clear()
    back = to_card(UUID(data["lead"])) if "lead" in data else []
    chat.show(Screen(_("Left as it was."), [back, default_ways()]))


async def _kept(state: FSMContext) -> dict[str, Any]:
    """What the dialog holds. Raises TooLate where it is over."""
    data = await state.get_data()
    if await state.get_state() != STATE or "other" not in data:
        raise TooLate("answered")
    return data


async def _compared(member: Member, services: Services, data: dict[str, Any]) -> Comparison:
    return await services.merging.compare(member, UUID(data["lead"]), UUID(data["other"]))


def _side_by_side(found: Comparison, choices: dict[str, str]) -> Screen:
    text = _(
        "🔀 <b>{other}</b> becomes part of <b>{lead}</b>. Contacts, activities and files follow."
    ).format(other=lead_title(found.other), lead=lead_title(found.lead))
    if found.differences:
        text += "\n\n" + _("Where they differ, tap a field to choose:")
    buttons = []
    for place, one in enumerate(found.differences):
        choice = choices.get(one.field, one.choice)
        text += f"\n• {field_word(one.field)}: {_choice(one, choice)}"
        label = f"{MARKS[choice]} {field_word(one.field)}"
        buttons.append(Button(label[:LABEL_ROOM], MergeButton(do="take", mark=str(place))))
    last = [Button(_("🔀 Merge them"), MergeButton(do="do")), Button(_("⇄ Swap"), MergeButton(do="swap"))]
    return Screen(text, [*grid(buttons, 2), last, [Button(_("✖️ Stop"), MergeButton(do="stop"))]])


def _choice(one: Difference, choice: str) -> str:
    ours, theirs = (
        clip(value_word(one.field, value), ROOM) if value else "—" for value in (one.kept, one.other)
    )
    words = _(CHOICES[choice]).format(ours=f"<b>{ours}</b>", theirs=f"<b>{theirs}</b>")
    passed = {KEEP: theirs, TAKE: ours}.get(choice)
    return f"{words} <s>{passed}</s>" if passed and passed != "—" else words


def _read_number(typed: str, _member: Member) -> str:
    digits = typed.strip().lstrip("#").strip()
    if not digits.isascii() or not digits.isdigit() or len(digits) > 12:
        raise BadInput("number", "invalid")
    return digits


def _ask(asking: Asking) -> str:
    return f"<b>{asking.context['title']}</b>\n" + _("🔢 The number of the other lead, for example: 12")


async def _finish(
    chat: Chat, state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    try:
        other = await services.merging.by_number(member, int(answers["number"]))
        await _begin(chat, member, state, services, UUID(context["lead"]), other, context.get("ways", []))
    except TooLate as error:
        chat.show(Screen(in_words(error), [to_card(UUID(context["lead"])), default_ways()]))


async def _finish_why(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    try:
        await _merge(chat, member, services, context, chosen_reason(answers[REASON], context))
    except (TooLate, NotFound, StageNeeds) as error:
        too_late(chat, error, UUID(context["lead"]))


NUMBER = Form(
    name="merge",
    questions=(Question("number", _ask, _read_number),),
    finish=_finish,
    cancelled=lambda: _("Left as it was."),
)
WHY = Form(
    name="merge_why",
    questions=(),
    further=questions,
    finish=_finish_why,
    cancelled=lambda: _("Left as it was."),
)
FORMS: tuple[Form, ...] = (NUMBER, WHY)


def routes() -> Router:
    router = Router(name="lead_merge")
    router.callback_query.middleware(stands_now)
    press = router.callback_query.register
    press(merge, LeadButton.filter(F.do == "merge"))
    press(chosen, LeadButton.filter(F.do == "with"))
    press(starts(NUMBER), LeadButton.filter(F.do == "with_number"))
    press(take, MergeButton.filter(F.do == "take"))
    press(swap, MergeButton.filter(F.do == "swap"))
    press(do, MergeButton.filter(F.do == "do"))
    press(stop, MergeButton.filter(F.do == "stop"))
    return router
