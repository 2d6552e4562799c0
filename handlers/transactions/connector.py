"""A custom connector made in the chat: a sample, the fields found in it, a preview, a sandbox, and then live.

The dialog holds the settings (secrets sealed), the mapping so far, and the names of the sample's fields; no
value of the sample stays."""

import copy
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from domain.errors import BadInput, CrmError
from domain.json_paths import mark
from domain.members import Member
from handlers.chat import Chat
from handlers.crm.asking import asking_screen, opened, put_aside
from handlers.crm.forms import TITLES
from handlers.crm.verdicts import refused_screen
from handlers.forms import forms
from handlers.forms.forms import Answers, Form, Question
from handlers.menu import to_menu
from handlers.screens import Button, Screen, esc
from handlers.transactions.buttons import ConnectorButton, SourceButton
from handlers.transactions.connector_screens import (
    CHOICES,
    FIELDS,
    TYPED,
    choices_screen,
    connector_screen,
    field_screen,
    sandbox_screen,
)
from locales import _
from services.registry import Services
from services.transactions.connectors import SANDBOX_PAGES

CUSTOM = "custom"
REVIEW = "src:review:"
"""Begins the dialog's state while settings are tested or wait to be mended."""

MAPPING, PLACES, SOURCE = "mapping", "places", "source"
"""What the dialog holds; the source where a connector that is live gets another mapping."""


async def sampled(
    chat_id: int, member: Member, data: dict[str, Any], waiting: str, services: Services,
    ways: Sequence[Sequence[Button]],
) -> Screen:  # fmt: skip
    """Ask the address once, suggest a mapping where there is none, keep it in the dialog, and show what it
    reads."""
    live = SOURCE in data
    try:
        given = await _given(data, member, services)
        sample = await services.connectors.sample(member, given)
    except (BadInput, CrmError) as error:
        kept = _("The old value stays in force.") if live else ""
        return refused_screen(TITLES[CUSTOM], error, [list(row) for row in ways], kept)
    mapping = data[MAPPING] if live else dict(sample.mapping)
    told = {**data, MAPPING: mapping, PLACES: list(sample.places)}
    await services.journal.mend_dialog(chat_id, member.telegram_id, waiting, told)
    return await _tried(member, told, services)


async def _given(data: Mapping[str, Any], member: Member, services: Services) -> dict[str, str]:
    """The settings in clear, for the moment of the call: those typed, or those of the one that is live."""
    if SOURCE in data:
        return await services.connectors.settings_of(member, UUID(data[SOURCE]))
    return await opened(CUSTOM, data["answers"], member, services)


async def _tried(member: Member, data: Mapping[str, Any], services: Services) -> Screen:
    """The mapping so far, with a preview of the first records."""
    try:
        given = await _given(data, member, services)
        tried = await services.connectors.tried(member, given, data[MAPPING])
    except (BadInput, CrmError) as error:
        return connector_screen(data[MAPPING], None, member, error)
    return connector_screen(data[MAPPING], tried, member)


async def _held(chat: Chat, state: FSMContext) -> dict[str, Any] | None:
    """What the dialog holds of a connector; the person is told where it holds none."""
    data = await state.get_data()
    if MAPPING in data and (await state.get_state() or "").startswith(REVIEW):
        return data
    chat.toast(_("These answers are no longer here. Please begin anew: /integrations"), alert=True)
    return None


async def edit(
    _query: CallbackQuery,
    callback_data: SourceButton,
    chat: Chat,
    state: FSMContext,
    member: Member,
    services: Services,
) -> None:
    """Another mapping for a connector that is live; the old one works until the new one is live."""
    mapping = await services.connectors.mapping_of(member, callback_data.id)
    held = {"context": {}, "answers": {}, SOURCE: str(callback_data.id), MAPPING: mapping, PLACES: []}
    await state.set_data(held)
    waiting, data = await put_aside(REVIEW, state, member, services)
    chat.show(asking_screen(TITLES[CUSTOM]))
    ways = [[Button(_("⚙️ Settings"), SourceButton(do="settings", id=callback_data.id))]]

    async def ask(later: Chat) -> None:
        later.show(await sampled(later.id, member, data, waiting, services, ways))

    chat.then(ask)


async def look(
    _query: CallbackQuery, chat: Chat, state: FSMContext, member: Member, services: Services
) -> None:
    """Ask once more, with the mapping as it is."""
    data = await _held(chat, state)
    if data is not None:
        _preview(chat, member, data, services)


def _preview(chat: Chat, member: Member, data: dict[str, Any], services: Services) -> None:
    chat.show(Screen(_("⏳ I am asking for a few records …")))

    async def ask(later: Chat) -> None:
        later.show(await _tried(member, data, services))

    chat.then(ask)


async def field(_query: CallbackQuery, callback_data: ConnectorButton, chat: Chat, state: FSMContext) -> None:
    """Where the values of a field are: one of the sample's places, or an expression."""
    data = await _held(chat, state)
    if data is not None and callback_data.name in FIELDS:
        chat.show(field_screen(callback_data.name, data[MAPPING], data[PLACES]))


async def choices(
    _query: CallbackQuery, callback_data: ConnectorButton, chat: Chat, state: FSMContext
) -> None:
    data = await _held(chat, state)
    if data is not None and callback_data.name in CHOICES:
        chat.show(choices_screen(callback_data.name, data[MAPPING]))


async def choose(
    _query: CallbackQuery,
    callback_data: ConnectorButton,
    chat: Chat,
    state: FSMContext,
    member: Member,
    services: Services,
) -> None:
    """A field's place, or one of a few choices."""
    data = await _held(chat, state)
    if data is None:
        return
    name, _dot, value = callback_data.name.partition("/")
    if callback_data.do == "be" and name in FIELDS:
        place = next((one for one in data[PLACES] if mark(one) == value), "")
        changed = with_value(data[MAPPING], f"fields.{name}", place)
    elif callback_data.do == "set" and value in CHOICES.get(name, {}):
        changed = {**data[MAPPING], **_with_defaults(with_value(data[MAPPING], name, value), value)}
    else:
        return
    await _keep(chat, state, member, {**data, MAPPING: changed}, services)


def _with_defaults(mapping: dict[str, Any], kind: str) -> dict[str, Any]:
    """A way of paging needs a name: the usual one, as long as nobody has given another."""
    paging = mapping.get("paging", {})
    usual = {"page": {"param": "page"}, "offset": {"param": "offset"},
             "cursor": {"param": "cursor", "next": "$.next"}, "next_link": {"next": "$.next"}}  # fmt: skip
    return {**mapping, "paging": {**usual.get(kind, {}), **paging}} if kind in usual else mapping


async def _keep(
    chat: Chat, state: FSMContext, member: Member, data: dict[str, Any], services: Services
) -> None:
    """Keep a changed mapping if it can be followed, and show what it reads. Raises BadInput."""
    await services.connectors.demand(member, data[MAPPING])
    await state.set_data(data)
    _preview(chat, member, data, services)


def with_value(mapping: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The mapping with one value put, by a path such as fields.date."""
    changed = copy.deepcopy(dict(mapping))
    *above, name = path.split(".")
    place = changed
    for step in above:
        place = place.setdefault(step, {})
    place[name] = value
    return changed


async def ask(
    _query: CallbackQuery,
    callback_data: ConnectorButton,
    chat: Chat,
    state: FSMContext,
    member: Member,
    services: Services,
) -> None:
    """Ask for an expression or a name."""
    data = await _held(chat, state)
    if data is None or callback_data.name not in TYPED:
        return
    context = {"name": callback_data.name, "kept": data, "state": await state.get_state()}
    await forms.start(TEXT, chat, state, member, services, context)


async def typed(
    chat: Chat, state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    data = dict(context["kept"])
    data[MAPPING] = with_value(data[MAPPING], str(context["name"]), answers["value"].strip())
    await services.connectors.demand(member, data[MAPPING])
    await state.set_state(str(context["state"]))
    await _keep(chat, state, member, data, services)


async def sandbox(
    _query: CallbackQuery, chat: Chat, state: FSMContext, member: Member, services: Services
) -> None:
    """Read the last month whole, and keep nothing."""
    data = await _held(chat, state)
    if data is None:
        return
    chat.show(Screen(_("⏳ I am reading the last 30 days, and keep nothing …")))

    async def work(later: Chat) -> None:
        try:
            given = await _given(data, member, services)
            tried = await services.connectors.tried(member, given, data[MAPPING], SANDBOX_PAGES)
        except (BadInput, CrmError) as error:
            later.show(connector_screen(data[MAPPING], None, member, error))
            return
        later.show(sandbox_screen(tried))

    chat.then(work)


async def live(
    _query: CallbackQuery, chat: Chat, state: FSMContext, member: Member, services: Services
) -> None:
    """Keep it: purchases come in from now on."""
    data = await _held(chat, state)
    if data is None:
        return
    await services.second_factor.demand(member)
    waiting = await state.get_state() or ""
    chat.show(asking_screen(TITLES[CUSTOM]))

    async def work(later: Chat) -> None:
        try:
            given = await _given(data, member, services)
            report, source_id = await services.transaction_sources.connect(
                member, CUSTOM, given, mapping=data[MAPPING]
            )
        except (BadInput, CrmError) as error:
            later.show(connector_screen(data[MAPPING], None, member, error))
            return
        if source_id is None:
            later.show(connector_screen(data[MAPPING], None, member, problems=report.problems))
            return
        await services.journal.forget_dialog(later.id, member.telegram_id, waiting)
        text = _("🟢 <b>{account} is live.</b>\n\nIts purchases come in now, and then every five minutes.")
        there = Button(_("🧾 To the source"), SourceButton(do="show", id=source_id))
        later.show(Screen(text.format(account=esc(report.account)), [[there, *to_menu()]]))

    chat.then(work)


TEXT = Form(
    name="src-text",
    questions=(Question("value", lambda asking: _(TYPED[asking.context["name"]])),),
    finish=typed,
    cancelled=lambda: _("Stopped: nothing has changed. You can go on any time: /integrations"),
    about={"mapping": "value"},
)
FORMS = (TEXT,)


def routes() -> Router:
    router = Router(name="transaction_connector")
    router.callback_query.register(edit, SourceButton.filter(F.do == "fields"))
    router.callback_query.register(look, ConnectorButton.filter(F.do == "look"))
    router.callback_query.register(field, ConnectorButton.filter(F.do == "field"))
    router.callback_query.register(choices, ConnectorButton.filter(F.do == "ways"))
    router.callback_query.register(choose, ConnectorButton.filter(F.do.in_({"be", "set"})))
    router.callback_query.register(ask, ConnectorButton.filter(F.do == "type"))
    router.callback_query.register(sandbox, ConnectorButton.filter(F.do == "sandbox"))
    router.callback_query.register(live, ConnectorButton.filter(F.do == "live"))
    return router
