"""Planning something: from a card by buttons, by words, or in one line."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from aiogram import F, Router
from aiogram.filters import StateFilter
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from domain.errors import BadInput, NotFound
from domain.free_dates import Reading, read_moment
from domain.free_text import read_lead
from domain.members import Member
from domain.plans import PLANNED, Plan, PlanPage, Subject
from handlers.buttons import LeadButton, MenuButton
from handlers.cards import clip, lead_title
from handlers.chat import Chat
from handlers.errors import in_words
from handlers.leads.lead_screens import stands_now
from handlers.planning import picker
from handlers.planning.activity import plan_card
from handlers.planning.buttons import MARK_OF, MOVED, ActivityButton, PlanButton, plans_of
from handlers.planning.other_kind import follow_words, planned
from handlers.planning.subjects import slot_of, way_to
from handlers.planning.words import about, kind_name, phrases, result_word, what, when
from handlers.screens import Button, Rows, Screen, grid
from handlers.words import known_words
from locales import _
from services.registry import Services

WHEN = "plan:when"
"""The dialog waits for a moment in words. Its data: of, id, extra, and title as far as it is known."""


async def from_card(
    _query: CallbackQuery, callback_data: LeadButton, chat: Chat, member: Member, services: Services
) -> None:
    """What is planned for the lead, and what may be."""
    chat.show(await types_screen(services, member, plans_of(Subject("lead", callback_data.lead))))


async def types(
    _query: CallbackQuery, callback_data: PlanButton, chat: Chat, member: Member, services: Services
) -> None:
    chat.show(await types_screen(services, member, callback_data))


async def types_screen(services: Services, member: Member, choice: PlanButton) -> Screen:
    """Everything planned for a lead or customer, a page at a time, with the types to add."""
    page = int(choice.extra) if choice.extra.isdigit() else 0
    found = await services.plans.of_subject(member, choice.subject, page)
    title = await title_of(services, member, choice)
    head = _("🗓 <b>{title}</b>\nWhat is to be done?").format(title=title)
    lines = [_entry(one, member) for one in found.plans]
    new = [
        Button(
            f"➕ {kind_name(kind)}", PlanButton(do="when", of=choice.of, id=choice.id, extra=MARK_OF[kind])
        )
        for kind in PLANNED
    ]
    rows = [*grid(new, 2), *_plan_rows(found), _pages(choice, found), _back(choice)]
    return Screen("\n".join([head, *([""] if lines else []), *lines]), rows, slot=slot_of(choice.subject))


def _entry(plan: Plan, member: Member) -> str:
    mark = result_word(plan.result).split()[0] if plan.completed_at else "▫️"
    return f"{mark} {when(plan.at, member)} · {clip(what(plan), 120)}"


def _plan_rows(found: PlanPage) -> Rows:
    return [[Button(f"✏️ {what(one)[:40]}", ActivityButton(do="show", id=one.id))] for one in found.plans]


def _pages(choice: PlanButton, found: PlanPage) -> list[Button]:
    row = []
    if found.page:
        row.append(Button("⬅️", choice.model_copy(update={"extra": str(found.page - 1)})))
    if found.page + 1 < found.pages:
        row.append(Button("➡️", choice.model_copy(update={"extra": str(found.page + 1)})))
    return row


def _back(choice: PlanButton) -> list[Button]:
    menu = Button(_("☰ Menu"), MenuButton(place="main"))
    return [way_to(choice.subject), menu]


async def title_of(services: Services, member: Member, choice: PlanButton) -> str:
    """What is planned for, HTML. Raises NotFound."""
    if choice.of == MOVED:
        return about(await services.plans.get(member, choice.id))
    if choice.of == "c":
        customer = await services.customers.get(member, choice.id)
        return f"#{customer.number} · {clip(customer.title, 200)}"
    return lead_title(await services.leads.get(member, choice.id))


async def ask_when(
    _query: CallbackQuery, callback_data: PlanButton, chat: Chat, member: Member, state: FSMContext,
    services: Services,
) -> None:  # fmt: skip
    """The quick moments; words are waited for as well."""
    title = await title_of(services, member, callback_data)
    await wait(state, callback_data)
    chat.show(picker.when_screen(callback_data, title, member, services.plans.clock()))


async def wait(state: FSMContext, choice: PlanButton, title: str = "", pressed: str = "") -> None:
    """`pressed` is the mark of the kind that was pressed, where words have named another one since."""
    await state.set_state(WHEN)
    data = {"of": choice.of, "id": choice.id.hex, "extra": choice.mark, "title": title, "pressed": pressed}
    await state.set_data(data)


async def month(
    _query: CallbackQuery, callback_data: PlanButton, chat: Chat, member: Member, services: Services
) -> None:
    chat.show(picker.month_screen(callback_data, member, services.plans.clock()))


async def day(
    _query: CallbackQuery, callback_data: PlanButton, chat: Chat, member: Member, services: Services
) -> None:
    chosen = picker.read_stamp(callback_data.value, picker.DAY).date()
    chat.show(picker.day_screen(callback_data, chosen, member, services.plans.clock()))


async def at(
    _query: CallbackQuery, callback_data: PlanButton, chat: Chat, member: Member, state: FSMContext,
    services: Services,
) -> None:  # fmt: skip
    """The moment is chosen: it is planned, or moved. One that is past is asked for anew."""
    now = services.plans.clock()
    title, pressed = await _kept(state, callback_data)
    try:
        moment = _pressed(callback_data, member, now)
        await _make(chat, state, member, services, callback_data, (moment, title, pressed))
    except BadInput as error:
        chat.toast(in_words(error), alert=True)
        chat.show(
            picker.when_screen(callback_data, await title_of(services, member, callback_data), member, now)
        )


def _pressed(choice: PlanButton, member: Member, now: datetime) -> datetime:
    if choice.do == "at":
        return picker.pressed_moment(choice.value, member)
    if not (choice.value.isdecimal() and len(choice.value) < 5):
        raise BadInput("when", "unreadable")
    return (now + timedelta(minutes=int(choice.value))).replace(second=0, microsecond=0)


async def _kept(state: FSMContext, choice: PlanButton) -> tuple[str, str]:
    """The title and the kind pressed at first, as the dialog has them."""
    if await state.get_state() != WHEN:
        return "", ""
    data = await state.get_data()
    same = (data.get("of"), data.get("id")) == (choice.of, choice.id.hex)
    return (str(data.get("title", "")), str(data.get("pressed", ""))) if same else ("", "")


async def _make(
    chat: Chat, state: FSMContext, member: Member, services: Services, choice: PlanButton,
    wish: tuple[datetime, str, str],
) -> None:  # fmt: skip
    """`wish`: the moment, the title, and the kind that was pressed at first."""
    moment, title, pressed = wish
    if choice.of == MOVED:
        plan = await services.plans.move(member, choice.id, moment)
        card = plan_card(plan, member, services.plans.clock())
        shown = replace(card, text=f"{_('🕒 Moved.')}\n\n{card.text}")
    else:
        plan = await services.plans.schedule(member, choice.subject, choice.kind, moment, title)
        shown = planned(plan_card(plan, member, services.plans.clock()), plan, pressed)
    if await state.get_state() == WHEN:
        await state.clear()
    chat.show(shown)


async def drop(
    _query: CallbackQuery, callback_data: PlanButton, chat: Chat, member: Member, state: FSMContext,
    services: Services,
) -> None:  # fmt: skip
    """Nothing is planned after all."""
    if await state.get_state() == WHEN:
        await state.clear()
    chat.show(
        await types_screen(services, member, callback_data.to("types").model_copy(update={"extra": ""}))
    )


async def waits_for_moment(
    message: Message, member: Member | None = None, raw_state: str | None = None
) -> bool:
    """Whether the text is meant as a moment: somebody who writes a lead meanwhile means a lead."""
    if raw_state != WHEN or member is None or not message.text or message.text.startswith("/"):
        return False
    return message.forward_origin is None and read_lead(message.text, member.region, known_words()) is None


async def typed(message: Message, chat: Chat, member: Member, state: FSMContext, services: Services) -> None:
    """A moment in words: clear, to be chosen from, past, or none."""
    data = await state.get_data()
    before = PlanButton(do="when", of=data["of"], id=UUID(data["id"]), extra=data["extra"])
    choice, text = follow_words(before, message.text or "")
    pressed, now = data.get("pressed") or before.mark, services.plans.clock()
    try:
        title = await title_of(services, member, choice)
    except NotFound as error:
        await state.clear()
        chat.say(Screen(in_words(error), [[Button(_("☰ Menu"), MenuButton(place="main"))]]))
        return
    try:
        reading = read_moment(text, now, ZoneInfo(member.time_zone), phrases())
        if len(reading.moments) == 1:
            known = reading.rest or str(data.get("title", ""))
            await _make(chat, state, member, services, choice, (reading.moments[0], known, pressed))
            return
    except BadInput as error:
        await wait(state, choice, str(data.get("title", "")), pressed)
        chat.say(refused(choice, title, error, member, now))
        return
    await wait(state, choice, reading.rest or str(data.get("title", "")), pressed)
    chat.say(to_choose(choice, title, reading, member, now))


def to_choose(choice: PlanButton, title: str, reading: Reading, member: Member, now: datetime) -> Screen:
    if len(reading.days) == 1:
        return picker.day_screen(choice, reading.days[0], member, now)
    rows = picker.choose_rows(choice, reading.moments, member) if reading.moments else picker.day_rows(
        choice, reading.days, member, now
    )  # fmt: skip
    text = f"<b>{kind_name(choice.kind)}</b> · {title}\n\n" + _("Which one do you mean?")
    return Screen(text, [*rows, [picker.leave(choice)]])


def refused(choice: PlanButton, title: str, error: BadInput, member: Member, now: datetime) -> Screen:
    """Why not, with the nearest moment that could be meant."""
    nearest = error.params.get("nearest")
    rows = [*picker.choose_rows(choice, [nearest], member)] if nearest else []  # type: ignore[list-item]
    shown = picker.when_screen(choice, title, member, now, in_words(error))
    return Screen(shown.text, [*rows, *shown.rows])


def routes() -> Router:
    router = Router(name="plan")
    router.callback_query.middleware(stands_now)
    press = router.callback_query.register
    press(from_card, LeadButton.filter(F.do == "plan"))
    press(types, PlanButton.filter(F.do == "types"))
    press(ask_when, PlanButton.filter(F.do == "when"))
    press(month, PlanButton.filter(F.do == "month"))
    press(day, PlanButton.filter(F.do == "day"))
    press(at, PlanButton.filter(F.do.in_({"at", "in"})))
    press(drop, PlanButton.filter(F.do == "drop"))
    router.message.register(typed, StateFilter(WHEN), waits_for_moment)
    return router
