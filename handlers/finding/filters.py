"""Narrowing the list of leads down by buttons: conditions are combined, shown as chips, and taken back."""

import re
from dataclasses import replace
from datetime import date
from typing import Any

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from domain.errors import BadInput
from domain.fields import read_amount
from domain.lead_query import LeadQuery, query_of
from domain.members import Member
from handlers.buttons import FilterButton, ListButton, ViewButton
from handlers.chat import Chat
from handlers.finding.options import CONDITIONS, Condition, button_mark
from handlers.finding.own_fields import OWN, with_own
from handlers.finding.places import list_at, pack_place, place_of, query_at
from handlers.finding.query_words import chips_of
from handlers.forms import forms
from handlers.forms.forms import Answers, Form, Question
from handlers.leads.lead_list import TABS, list_screen
from handlers.menu import to_menu
from handlers.screens import Button, Screen, esc, grid
from handlers.words import known_words
from locales import _, ngettext
from services.registry import Services


async def panel(
    _query: CallbackQuery, callback_data: FilterButton, chat: Chat, member: Member, services: Services
) -> None:
    """Every condition with what it is set to."""
    here = list_at(callback_data.place)
    chat.show(await panel_screen(services, member, here))


async def panel_screen(services: Services, member: Member, here: ListButton) -> Screen:
    query = await query_at(services, member, here) or LeadQuery(owner=here.owner)
    place = pack_place(here)
    chips = dict(await chips_of(services, member, query))
    lines = [_("⚙️ <b>Filter: {list}</b>").format(list=_(TABS[here.owner]).lower())]
    lines.append(" · ".join(map(esc, chips.values())) or _("Nothing is chosen yet: all leads are shown."))
    known = await with_own(services, member)
    buttons = [
        Button(_(one.label) + (" ✅" if _is_set(name, one, query) else ""), _ask(place, name))
        for name, one in known.items()
        if member.may(one.right)
    ]
    total = await services.finding.count(member, query)
    shown = ngettext("📋 Show {count} lead", "📋 Show {count} leads", total).format(count=total)
    rows = [*grid(buttons, 3), [Button(shown, here)]]
    views = [Button(_("📂 Views"), ViewButton(do="all", place=place))]
    if not query.is_plain:
        views.insert(0, Button(_("⭐ Keep as a view"), ViewButton(do="keep", place=place)))
        views.append(Button(_("✖️ Reset"), FilterButton(do="clear", place=place)))
    return Screen("\n".join(lines), [*rows, views, to_menu()])


def _is_set(name: str, condition: Condition, query: LeadQuery) -> bool:
    return _without(query, name, condition) != query


def _ask(place: str, name: str) -> FilterButton:
    return FilterButton(do="ask", place=place, name=name)


async def ask(
    _query: CallbackQuery, callback_data: FilterButton, chat: Chat, member: Member, services: Services
) -> None:
    """What shall the condition be?"""
    here, name = list_at(callback_data.place), callback_data.name
    query = await query_at(services, member, here) or LeadQuery(owner=here.owner)
    condition = (await with_own(services, member)).get(name)
    if condition is None or not member.may(condition.right):
        chat.show(await panel_screen(services, member, here))
        return
    place = pack_place(here)
    options = await condition.options(services, member, query)

    def button(text: str, do: str, value: str = "") -> Button:
        return Button(text, FilterButton(do=do, place=place, name=name, value=value))

    rows = grid([button(one.label[:60], "set", button_mark(one)) for one in options], 2)
    more = [button(_("⌨️ Type it"), "type")] if condition.typed else []
    if _is_set(name, condition, query):
        more.append(button(_("✖️ Any"), "clear"))
    text = _(condition.label)
    if not options and not condition.typed:
        text += "\n" + _("No lead has it yet.")
    back = [Button(_("⬅️ Back"), FilterButton(do="panel", place=place)), Button(_("📋 List"), here)]
    chat.show(Screen(text, [*rows, more, back]))


async def choose(
    _query: CallbackQuery, callback_data: FilterButton, chat: Chat, member: Member, services: Services
) -> None:
    """Set the condition; the list follows at once."""
    here, name = list_at(callback_data.place), callback_data.name
    query = await query_at(services, member, here) or LeadQuery(owner=here.owner)
    condition = (await with_own(services, member)).get(name)
    options = await condition.options(services, member, query) if condition else ()
    chosen = next((one for one in options if button_mark(one) == callback_data.value), None)
    if chosen is None:
        chat.toast(_("This is not there to choose any more."))
        chat.show(await panel_screen(services, member, here))
        return
    there = await place_of(services, member, chosen.applied(query))
    chat.show(await list_screen(services, member, there))


async def clear(
    _query: CallbackQuery, callback_data: FilterButton, chat: Chat, member: Member, services: Services
) -> None:
    """Take one condition back, or all of them."""
    here = list_at(callback_data.place)
    query = await query_at(services, member, here) or LeadQuery(owner=here.owner)
    known = await with_own(services, member)
    left = LeadQuery(owner=here.owner)
    if callback_data.name in known:
        left = _without(query, callback_data.name, known[callback_data.name])
    chat.show(await panel_screen(services, member, await place_of(services, member, left)))


def _without(query: LeadQuery, name: str, condition: Condition) -> LeadQuery:
    if not name.startswith(OWN):
        return query.without(*condition.fields)
    held = {key: value for key, value in query.custom.items() if key != name.removeprefix(OWN)}
    return replace(query, custom=held)


async def type_it(
    _query: CallbackQuery,
    callback_data: FilterButton,
    chat: Chat,
    member: Member,
    state: FSMContext,
    services: Services,
) -> None:
    """Ask for the condition in words."""
    name = callback_data.name if callback_data.name in READERS else "created"
    context = {"place": callback_data.place, "name": name}
    await forms.start(TYPED, chat, state, member, services, context)


_DAY = re.compile(r"(\d{1,2})[./](\d{1,2})[./](\d{4})|(\d{4})-(\d{1,2})-(\d{1,2})")
_DASH = re.compile(r"\s*[-\N{EN DASH}\N{EM DASH}]\s*")


def read_days(typed: str) -> dict[str, str]:
    """A day, or two of them from-to. Raises BadInput("period", "invalid")."""
    found = []
    for match in _DAY.finditer(typed):
        day, month, year, *iso = match.groups()
        parts = (year, month, day) if year else iso
        try:
            found.append(date(*map(int, parts)))
        except ValueError as error:
            raise BadInput("period", "invalid") from error
    if len(found) not in (1, 2) or _DAY.sub("", typed).strip(" -\N{EN DASH}\N{EM DASH}"):
        raise BadInput("period", "invalid")
    return {"since": str(min(found)), "until": str(max(found))}


def read_amounts(typed: str) -> dict[str, str]:
    """An amount it is at least, or two of them from-to. Raises BadInput("amount", ...)."""
    words = known_words()
    parts = [part for part in _DASH.split(typed.strip()) if part][:3]
    if not parts or len(parts) > 2:
        raise BadInput("amount", "invalid")
    found = [read_amount(part, words.multipliers, words.currencies) for part in parts]
    return {"least": str(min(found))} | ({"most": str(max(found))} if len(found) == 2 else {})


READERS = {"created": read_days, "amount": read_amounts}
ASKED = {
    "created": lambda: _("📅 Which days? For example: 01.03.2026 - 15.03.2026, or one day."),
    "amount": lambda: _("💰 Which amounts? For example: 500 thousand - 3 million, or only the least."),
}


def _reader(name: str) -> Any:
    def read(typed: str, _member: Member) -> str:
        READERS[name](typed)
        return typed

    return read


async def _finish(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    here, name = list_at(context["place"]), context["name"]
    query = await query_at(services, member, here) or LeadQuery(owner=here.owner)
    changed = query.without(*CONDITIONS[name].fields).as_json() | READERS[name](answers[name])
    there = await place_of(services, member, query_of({**changed, "owner": query.owner}))
    chat.show(await list_screen(services, member, there))


def _asks(name: str) -> Question:
    return Question(
        name,
        lambda _asking: ASKED[name](),
        _reader(name),
        when=lambda asking: asking.context.get("name") == name,
    )


TYPED = Form(
    name="filter",
    questions=tuple(_asks(name) for name in READERS),
    finish=_finish,
    cancelled=lambda: _("Left as it was."),
)
FORMS: tuple[Form, ...] = (TYPED,)


def routes() -> Router:
    router = Router(name="filters")
    press = router.callback_query.register
    press(panel, FilterButton.filter(F.do == "panel"))
    press(ask, FilterButton.filter(F.do == "ask"))
    press(choose, FilterButton.filter(F.do == "set"))
    press(type_it, FilterButton.filter(F.do == "type"))
    press(clear, FilterButton.filter(F.do == "clear"))
    return router
