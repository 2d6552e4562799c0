"""Many leads at once: picked on the list, then given to somebody, moved, tagged or deleted."""

from typing import Any
from uuid import UUID

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from domain.bulk import Order, read_tag
from domain.errors import BadInput, NotFound
from domain.fields import read_note
from domain.lead_query import LeadQuery
from domain.leads import StageKind
from domain.members import Member, Right
from handlers.buttons import PickButton, short
from handlers.cards import stage_name
from handlers.chat import Chat
from handlers.finding.bulk_progress import run_screen
from handlers.finding.bulk_words import question, stage_of, warnings
from handlers.finding.picking import back_to_picking, numbers_on, picking_screen
from handlers.finding.places import list_at, query_at
from handlers.forms import forms
from handlers.forms.forms import Answers, Asking, Form, Question
from handlers.pipelines.words import place_name, reason_word
from handlers.screens import Button, Screen, esc, grid
from locales import _, ngettext
from services.registry import Services

NOBODY = "-"
MOST_SHOWN = 40


async def start(
    _query: CallbackQuery, callback_data: PickButton, chat: Chat, member: Member, services: Services
) -> None:
    """Begin with nothing picked."""
    await services.picking.drop(member)
    await _show(chat, member, services, callback_data)


async def show(
    _query: CallbackQuery, callback_data: PickButton, chat: Chat, member: Member, services: Services
) -> None:
    await _show(chat, member, services, callback_data)


async def _show(chat: Chat, member: Member, services: Services, at: PickButton) -> None:
    chat.show(await picking_screen(services, member, at.place, at.page))


async def toggle(
    _query: CallbackQuery, callback_data: PickButton, chat: Chat, member: Member, services: Services
) -> None:
    """Pick one lead or put it back; after "all of them" the picking begins anew."""
    number = int(callback_data.extra) if callback_data.extra.isdecimal() else 0
    picked = await services.picking.picked(member)
    await services.picking.pick(member, [number], picked.query is not None or number not in picked.numbers)
    await _show(chat, member, services, callback_data)


async def page_all(
    _query: CallbackQuery, callback_data: PickButton, chat: Chat, member: Member, services: Services
) -> None:
    numbers = await numbers_on(services, member, callback_data.place, callback_data.page)
    picked = await services.picking.picked(member)
    every = all(number in picked.numbers for number in numbers)
    await services.picking.pick(member, numbers, not every)
    await _show(chat, member, services, callback_data)


async def every(
    _query: CallbackQuery, callback_data: PickButton, chat: Chat, member: Member, services: Services
) -> None:
    here = list_at(callback_data.place)
    query = await query_at(services, member, here) or LeadQuery(owner=here.owner)
    await services.picking.pick_all(member, query)
    await _show(chat, member, services, callback_data)


async def act(
    _query: CallbackQuery,
    callback_data: PickButton,
    chat: Chat,
    member: Member,
    state: FSMContext,
    services: Services,
) -> None:
    """Whom to, which stage, which tag; deletion is asked about at once."""
    action, place = callback_data.extra, callback_data.place
    if action == "delete":
        await _confirm(chat, member, services, place, Order("delete"))
        return
    if action in ("tag", "untag"):
        tags = list(await services.finding.values(member, "tags"))
        context = {"place": place, "action": action, "tags": tags}
        await forms.start(TAG, chat, state, member, services, context)
        return
    known = {"assign": _people, "stage": _stages}.get(action)
    options = await known(services, member) if known else []
    buttons = [
        Button(label[:60], PickButton(do="sure", place=place, extra=f"{action}.{value}"))
        for label, value in options[:MOST_SHOWN]
    ]
    text = _("👤 Who shall be responsible?") if action == "assign" else _("🗂 To which stage?")
    chat.show(Screen(text, [*grid(buttons, 2), back_to_picking(place)]))


async def _people(services: Services, member: Member) -> list[tuple[str, str]]:
    if not member.may(Right.LEAD_ASSIGN):
        return [(_("🙋 Take the free ones"), short(member.id))]
    people = await services.bulk.receivers(member)
    return [(one.name, short(one.id)) for one in people] + [(_("🚪 Nobody: make them free"), NOBODY)]


async def _stages(services: Services, member: Member) -> list[tuple[str, str]]:
    roads = await services.pipeline.pipelines(member)
    return [(place_name(stage, roads), short(stage.id)) for road in roads for stage in road.stages]


async def sure(
    _query: CallbackQuery,
    callback_data: PickButton,
    chat: Chat,
    member: Member,
    state: FSMContext,
    services: Services,
) -> None:
    """The chosen value; a failed stage asks why, once for all of them."""
    order = await _order(services, member, callback_data.extra)
    stage = await stage_of(services, member, order)
    if stage is not None and stage.kind is StageKind.FAILED:
        roads = await services.pipeline.pipelines(member)
        road = next((one for one in roads if one.id == stage.pipeline_id), None)
        reasons = [reason_word(one) for one in road.reasons] if road else []
        chosen = {"place": callback_data.place, "stage": order.value, "name": stage_name(stage)}
        context = {**chosen, "reasons": reasons}
        await forms.start(WHY, chat, state, member, services, context)
        return
    await _confirm(chat, member, services, callback_data.place, order)


async def _order(services: Services, member: Member, packed: str) -> Order:
    """Action and value out of a button. Raises NotFound for a value that is gone, or never was ours."""
    action, _dot, value = packed.partition(".")
    if value == NOBODY:
        return Order(action)
    if action == "assign":
        others = await services.bulk.receivers(member) if member.may(Right.LEAD_ASSIGN) else ()
        ids: list[UUID] = [member.id, *(one.id for one in others)]
    else:
        ids = [one.id for one in await services.pipeline.stages(member)]
    for one in ids:
        if short(one) == value:
            return Order(action, str(one))
    raise NotFound(what="value")


async def _confirm(chat: Chat, member: Member, services: Services, place: str, order: Order) -> None:
    picked = await services.bulk.confirm(member, order)
    text = "\n".join([await question(services, member, order, picked), *warnings(order)])
    yes = ngettext("✅ Yes, {count} lead", "✅ Yes, {count} leads", picked.total).format(count=picked.total)
    packed = f"{order.action}.{_short(order)}"
    rows = [[Button(yes, PickButton(do="run", place=place, extra=packed))], back_to_picking(place)]
    chat.show(Screen(text, rows))


def _short(order: Order) -> str:
    """The order's value in a button; what is longer waits in the dialog."""
    if not order.value:
        return NOBODY
    return short(UUID(order.value)) if order.action in ("assign", "stage") else ""


async def run(
    _query: CallbackQuery, callback_data: PickButton, chat: Chat, member: Member, state: FSMContext,
    services: Services,
) -> None:  # fmt: skip
    """Do it; the second of two taps finds nothing picked any more."""
    data = await state.get_data()
    kept = data.get("bulk", {})
    action, _dot, value = callback_data.extra.partition(".")
    if action in ("tag", "untag") or (action == "stage" and kept.get("stage", "").endswith(value or "-")):
        order = Order(action, kept.get("value", kept.get("stage", "")), kept.get("reason", ""))
    elif action == "delete":
        order = Order(action)
    else:
        order = await _order(services, member, callback_data.extra)
    done = await services.bulk.start(member, order)
    chat.show(await run_screen(services, member, done))


async def _finish_tag(
    chat: Chat, state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    order = Order(context["action"], read_tag(_chosen(answers["tag"], context["tags"])))
    await _hold(state, {"value": order.value})
    await _confirm(chat, member, services, context["place"], order)


async def _finish_why(
    chat: Chat, state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    order = Order("stage", context["stage"], _chosen(answers["reason"], context["reasons"]))
    await _hold(state, {"stage": order.value, "reason": order.reason})
    await _confirm(chat, member, services, context["place"], order)


async def _hold(state: FSMContext, kept: dict[str, str]) -> None:
    """What does not fit into the button of the confirmation; any next dialog forgets it."""
    await state.set_state(CONFIRMING)
    await state.set_data({"bulk": kept})


CONFIRMING = "bulk:confirm"


MARK = "="
"""Before the place of a choice among those that were offered: a button has no room for long ones."""


def _offered(texts: list[str], sign: str = "") -> list[tuple[str, str]]:
    return [(sign + text, f"{MARK}{place}") for place, text in enumerate(texts)]


def _chosen(answer: str, offered: list[str]) -> str:
    place = answer.removeprefix(MARK)
    known = answer.startswith(MARK) and place.isdecimal() and int(place) < len(offered)
    return offered[int(place)] if known else answer


def _read_reason(typed: str, _member: Member) -> str:
    text = read_note(typed)
    if not text:
        raise BadInput("reason", "required")
    return text


def _ask_why(asking: Asking) -> str:
    text = _("🚫 Why “{stage}”? One reason for all of them: choose or type it.")
    return text.format(stage=esc(asking.context["name"]))


TAG = Form(
    name="bulk_tag",
    questions=(
        Question("tag", lambda _asking: _("🏷 Which tag? Choose or type it."),
                 lambda typed, _m: typed if typed.startswith(MARK) else read_tag(typed),
                 lambda asking: _offered(asking.context["tags"], "#")),
    ),
    finish=_finish_tag,
    cancelled=lambda: _("Left as it was."),
)  # fmt: skip
WHY = Form(
    name="bulk_why",
    questions=(
        Question("reason", _ask_why, _read_reason,
                 lambda asking: _offered(asking.context["reasons"])),
    ),
    finish=_finish_why,
    cancelled=lambda: _("Left as it was."),
)  # fmt: skip
FORMS: tuple[Form, ...] = (TAG, WHY)


def routes() -> Router:
    router = Router(name="bulk")
    press = router.callback_query.register
    press(start, PickButton.filter(F.do == "start"))
    press(show, PickButton.filter(F.do == "show"))
    press(toggle, PickButton.filter(F.do == "toggle"))
    press(page_all, PickButton.filter(F.do == "page_all"))
    press(every, PickButton.filter(F.do == "every"))
    press(start, PickButton.filter(F.do == "none"))
    press(act, PickButton.filter(F.do == "act"))
    press(sure, PickButton.filter(F.do == "sure"))
    press(run, PickButton.filter(F.do == "run"))
    return router
