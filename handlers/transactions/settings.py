"""Settings of a source: where the business is, and each thing given at connecting. The old value stays until
the new one has passed its test."""

from typing import Any
from uuid import UUID

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from domain.errors import BadInput, CrmError, NotFound
from domain.members import Member
from domain.transaction_values import read_currency
from handlers.chat import Chat
from handlers.crm.asking import asking_screen
from handlers.crm.forms import SECRETS, change_forms
from handlers.crm.verdicts import refused_screen
from handlers.crm.ways import setting_name
from handlers.forms import forms
from handlers.forms.forms import Answers, Form, Question
from handlers.joining.time_zones import COMMON, read_zone
from handlers.menu import to_menu
from handlers.screens import Screen, esc, grid
from handlers.transactions.buttons import SourceButton
from handlers.transactions.connect import unusable_screen
from handlers.transactions.connector import CUSTOM
from handlers.transactions.overview import card_of, view_of
from handlers.transactions.screens import button, care_rows
from handlers.transactions.words import label, title_of
from locales import N_, _
from services.connections.integrations import manifests
from services.connections.view import IntegrationView
from services.registry import Services
from services.transactions.view import SourceView

ZONE, CURRENCY = "zone", "currency"
CURRENCIES = ("RUB", "KZT", "BYN", "UZS", "USD", "EUR")
PLACE = {ZONE: N_("Time zone"), CURRENCY: N_("Currency")}


def _name(setting: str) -> str:
    return _(PLACE[setting]) if setting in PLACE else setting_name(setting)


def settings_screen(view: SourceView, kept: IntegrationView) -> Screen:
    """What is set, secrets left out, and what can be changed."""
    lines = [_("⚙️ <b>Settings of {title}</b>").format(title=esc(label(view))), ""]
    inner = {"region", "expires_at"}
    shown = {name: value for name, value in kept.settings.items() if name not in inner}
    lines += [f"{esc(_name(name))}: <b>{esc(str(value))}</b>" for name, value in shown.items()]
    lines.append(_("Times without a zone are read in this one, sums without a currency in this currency."))
    names = [ZONE, CURRENCY, *kept.changeable]
    rows = grid([button(f"✏️ {_name(name)}", "edit", view, name) for name in names], 2)
    if view.provider == CUSTOM:
        rows.append([button(_("🔧 Where the values are"), "fields", view)])
    rows += care_rows(view)
    return Screen("\n".join(lines), [*rows, [button(_("⬅️ Back"), "show", view), *to_menu()]])


async def show(
    _query: CallbackQuery, callback_data: SourceButton, chat: Chat, member: Member, services: Services
) -> None:
    view, kept = await _both(services, member, callback_data)
    chat.show(settings_screen(view, kept))


async def edit(
    _query: CallbackQuery,
    callback_data: SourceButton,
    chat: Chat,
    state: FSMContext,
    member: Member,
    services: Services,
) -> None:
    """Ask for one setting anew."""
    view, kept = await _both(services, member, callback_data)
    name = callback_data.extra
    if name not in (ZONE, CURRENCY, *kept.changeable):
        raise BadInput(name, "invalid")
    context = {"provider": view.provider, "source": str(view.id), "setting": name}
    form = PLACES if name in PLACE else CHANGES.get(view.provider)
    if form is None:
        raise NotFound(record="integration")
    await forms.start(form, chat, state, member, services, context)


async def _both(
    services: Services, member: Member, source: SourceButton
) -> tuple[SourceView, IntegrationView]:
    view = await view_of(services, member, source)
    if view.integration_id is None:
        raise NotFound(record="integration")
    return view, await services.integrations.view(member, view.integration_id)


async def changed(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    """Try the new value after this update; as long as it does not work the old one stays."""
    await services.second_factor.demand(member)
    name, value = str(context["setting"]), answers[str(context["setting"])]
    source = SourceButton(do="show", id=UUID(str(context["source"])))
    view, _kept = await _both(services, member, source)
    if value and name in SECRETS[view.provider]:
        value = await services.integrations.open_secret(member, value)
    chat.show(asking_screen(title_of(view)))

    async def ask(later: Chat) -> None:
        rows = [[button(_("⚙️ Settings"), "settings", view)]]
        assert view.integration_id is not None
        try:
            report = await services.connection_changes.change(member, view.integration_id, {name: value})
        except (BadInput, CrmError) as error:
            later.show(refused_screen(label(view), error, rows, _("The old value stays in force.")))
            return
        if not report.usable:
            later.show(unusable_screen(label(view), report, rows))
            return
        later.say(_("✅ Saved."))
        later.screen_id = None
        later.show(await card_of(services, member, await view_of(services, member, source)))

    chat.then(ask)


CHANGES = change_forms(changed, "srcx", [one.name for one in manifests("transactions")])
PLACES = Form(
    name="src-place",
    questions=(
        Question(
            ZONE,
            lambda _asking: _(
                "🕰 In which time zone does this business keep its times? Choose or type a city."
            ),
            read=lambda typed, _member: read_zone(typed),
            choices=lambda _asking: [(zone, zone) for zone in COMMON],
            when=lambda asking: asking.context["setting"] == ZONE,
        ),
        Question(
            CURRENCY,
            lambda _asking: _("💱 In which currency are sums that name none?"),
            read=lambda typed, _member: read_currency(typed),
            choices=lambda _asking: [(one, one) for one in CURRENCIES],
            width=3,
            when=lambda asking: asking.context["setting"] == CURRENCY,
        ),
    ),
    finish=changed,
    cancelled=lambda: _("Stopped: the source goes on as before."),
)
FORMS = (*CHANGES.values(), PLACES)


def routes() -> Router:
    router = Router(name="transaction_settings")
    router.callback_query.register(show, SourceButton.filter(F.do == "settings"))
    router.callback_query.register(edit, SourceButton.filter(F.do == "edit"))
    return router
