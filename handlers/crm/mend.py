"""Mending a connection that stands: one setting, its login, its name. The old stays until the new works."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from aiogram import Router
from aiogram.fsm.context import FSMContext

from domain.crm import ConnectionReport
from domain.errors import BadInput, CrmError
from domain.fields import read_text
from domain.members import Member
from handlers.chat import Chat
from handlers.crm.asking import asking_screen
from handlers.crm.cards import button, health_screen
from handlers.crm.forms import SECRETS, change_forms
from handlers.crm.trial import offer
from handlers.crm.verdicts import login_screen, refused_screen, twin_row, unusable_screen, verdict_screen
from handlers.forms import forms
from handlers.forms.forms import Answers, Form, Question
from handlers.screens import Screen
from locales import _
from services.connections.changes import NAME_LENGTH
from services.connections.view import IntegrationView
from services.registry import Services

Act = Callable[[Chat, FSMContext, Member, IntegrationView, str, Services], Awaitable[None]]
"""What a button of a connection does: (chat, state, member, the connection, the button's extra, services)."""


async def card(view: IntegrationView, member: Member, services: Services) -> Screen:
    """The health card; it knows whether there are other connections."""
    several = len(await services.integrations.every(member)) > 1
    screen = health_screen(view, member, services.integrations.clock(), several=several)
    tried = await services.crm_preview.tried(member) if view.active else 0
    return replace(screen, rows=[offer(tried), *screen.rows])


def show_trial(
    chat: Chat,
    view: IntegrationView,
    work: Callable[[], Awaitable[ConnectionReport]],
    kept: str = "",
    limits: Callable[[], Awaitable[list[str]]] | None = None,
) -> None:
    """Ask the CRM after this update, and show the verdict, with `limits` where the connection is good. `kept`
    tells what stays after a failure."""
    ways = [[button(_("🔄 Test again"), "again", view), button(_("⚙️ Settings"), "settings", view)]]
    chat.show(asking_screen(view.title))

    async def ask(later: Chat) -> None:
        try:
            report = await work()
        except (BadInput, CrmError) as error:
            stays = kept or _("The connection stays as it is.")
            later.show(refused_screen(view.label, error, [*twin_row(error), *ways], stays))
            return
        if not report.usable:
            later.show(unusable_screen(view.label, report, ways))
            return
        good, lines = verdict_screen(view.label, report), await limits() if limits else []
        later.show(replace(good, text="\n".join([good.text, *lines])))

    chat.then(ask)


async def _edit(
    chat: Chat, state: FSMContext, member: Member, view: IntegrationView, extra: str, services: Services
) -> None:
    """Ask for one setting anew."""
    if extra not in view.changeable:
        raise BadInput(extra, "invalid")
    context = {"provider": view.provider, "integration": str(view.id), "setting": extra}
    await forms.start(CHANGES[view.provider], chat, state, member, services, context)


async def changed(
    chat: Chat, state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    """Try the new value after this update; as long as it does not work the old one stays."""
    await services.second_factor.demand(member)
    name, value = str(context["setting"]), answers[str(context["setting"])]
    view = await services.integrations.view(member, UUID(str(context["integration"])))
    if value and name in SECRETS[view.provider]:
        value = await services.integrations.open_secret(member, value)
    show_trial(
        chat,
        view,
        lambda: services.connection_changes.change(member, view.id, {name: value}),
        _("The old value stays in force."),
    )


async def _login(
    chat: Chat, _s: FSMContext, member: Member, view: IntegrationView, _e: str, services: Services
) -> None:
    redirect = services.crm_logins.redirect(view.provider)
    if not redirect:
        chat.toast(_("Without a public address (PUBLIC_URL) please connect anew."), alert=True)
        return
    page = await services.crm_logins.begin(
        member, view.provider, {"redirect_uri": redirect}, integration_id=view.id
    )
    chat.show(login_screen(view.title, page, comes_back=True, ways=[]))


async def _rename(
    chat: Chat, state: FSMContext, member: Member, view: IntegrationView, _e: str, services: Services
) -> None:
    await forms.start(NAME, chat, state, member, services, {"integration": str(view.id)})


async def _named(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    chosen = UUID(str(context["integration"]))
    await services.connection_changes.rename(member, chosen, answers["name"])
    chat.show(await card(await services.integrations.view(member, chosen), member, services))


CHANGES = change_forms(changed)
NAME = Form(
    name="crm-name",
    questions=(
        Question(
            "name",
            lambda _asking: _("🏷 What shall this connection be called? For example: Moscow, test"),
            read=lambda typed, _member: read_text("name", typed, NAME_LENGTH),
        ),
    ),
    finish=_named,
    cancelled=lambda: _("Stopped: the connection goes on as before."),
)
FORMS = (*CHANGES.values(), NAME)
ACTS: Mapping[str, Act] = {"edit": _edit, "login": _login, "rename": _rename}


def routes() -> Router:
    return Router(name="crm_mend")
