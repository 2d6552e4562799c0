"""Connecting a source of purchases step by step, with the forms of CRMs: a way to sign in, its settings, a
test, and only then it is kept. Secret answers are deleted from the chat and wait sealed in the dialog."""

from typing import Any
from uuid import UUID

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from domain.crm import ConnectionReport
from domain.errors import BadInput, CrmError
from domain.members import Member
from handlers.chat import Chat
from handlers.crm.asking import asking_screen, opened, put_aside
from handlers.crm.forms import TITLES, asked_for, chosen_way, settings_asked
from handlers.crm.verdicts import refused_screen
from handlers.crm.ways import setting_name
from handlers.crm.words import problem_in_words
from handlers.forms import forms
from handlers.forms.forms import Answers, Form
from handlers.menu import to_menu
from handlers.screens import Button, Screen, esc, grid
from handlers.transactions import connector
from handlers.transactions.buttons import MakeSourceButton, NewSourceButton, SourceButton
from handlers.transactions.connector import CUSTOM, REVIEW
from handlers.transactions.screens import choice_screen, to_sources
from locales import _
from services.connections.integrations import manifests
from services.registry import Services


async def finish(
    chat: Chat, state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    """Everything is given: test it after this update, keeping the answers until it has worked."""
    provider = str(context["provider"])
    waiting, data = await put_aside(REVIEW, state, member, services)
    chat.show(asking_screen(TITLES[provider]))

    async def connect(later: Chat) -> None:
        if provider == CUSTOM:
            later.show(
                await connector.sampled(later.id, member, data, waiting, services, ways(provider, answers))
            )
        else:
            later.show(await _connected(later.id, member, provider, answers, waiting, services))

    chat.then(connect)


async def _connected(
    chat_id: int, member: Member, provider: str, answers: Answers, waiting: str, services: Services
) -> Screen:
    title = TITLES[provider]
    try:
        given = await opened(provider, answers, member, services)
        report, source_id = await services.transaction_sources.connect(member, provider, given)
    except (BadInput, CrmError) as error:
        return refused_screen(title, error, ways(provider, answers))
    if source_id is None:
        return unusable_screen(title, report, ways(provider, answers))
    await services.journal.forget_dialog(chat_id, member.telegram_id, waiting)
    return verdict_screen(title, report, source_id)


def ways(provider: str, answers: Answers) -> list[list[Button]]:
    """What to do about a connection that failed."""
    names = [name for name in asked_for(provider, chosen_way(provider, answers)) if name in answers]
    change = [
        Button(_("✏️ {name}").format(name=setting_name(name)), NewSourceButton(do="change", name=name))
        for name in names
    ]
    return [[Button(_("🔄 Try again"), NewSourceButton(do="try"))], *grid(change, 2)]


def verdict_screen(title: str, report: ConnectionReport, source_id: UUID) -> Screen:
    """It works and is kept."""
    account = f" - {report.account}" if report.account else ""
    lines = [_("✅ <b>Connected to {title}</b>").format(title=esc(title + account))]
    lines += _problems(report)
    lines += ["", _("I read the last twelve months now, month by month, and then look every five minutes.")]
    rows = [
        [Button(_("🔄 Sync now"), SourceButton(do="sync", id=source_id))],
        [Button(_("🧾 To the source"), SourceButton(do="show", id=source_id)), *to_menu()],
    ]
    return Screen("\n".join(lines), rows)


def unusable_screen(title: str, report: ConnectionReport, rows: list[list[Button]]) -> Screen:
    head = _("⛔ <b>{title} answers, but purchases cannot be read yet.</b>").format(title=esc(title))
    return Screen("\n".join([head, *_problems(report)]), [*rows, [to_sources(), *to_menu()]])


def _problems(report: ConnectionReport) -> list[str]:
    marks = (("⛔" if problem.fatal else "⚠️", problem) for problem in report.problems)
    lines = [f"{mark} {esc(problem_in_words(problem))}" for mark, problem in marks]
    return ["", *dict.fromkeys(lines)] if lines else []


BY_PROVIDER = {
    one.name: Form(
        name=f"src-{one.name}",
        questions=settings_asked(one.name, logins=False),
        finish=finish,
        cancelled=lambda: _("Stopped: nothing has changed. You can go on any time: /integrations"),
        numbered=True,
    )
    for one in manifests("transactions")
}
FORMS = tuple(BY_PROVIDER.values())


async def choose(
    _query: CallbackQuery, chat: Chat, state: FSMContext, member: Member, services: Services
) -> None:
    """Every system, and connections that stand and could tell of purchases as well."""
    known = [(one.name, _title(one.title, one.name)) for one in services.transaction_sources.providers()]
    sources = {one.integration_id for one in await services.transaction_sources.every(member)}
    able = {name for name, _title in known}
    standing = [
        view for view in await services.integrations.every(member)
        if view.provider in able and view.id not in sources
    ]  # fmt: skip
    waits = (await state.get_state() or "").startswith(REVIEW)
    chat.show(choice_screen(known, standing, unfinished=waits))


def _title(title: str, name: str) -> str:
    return _("🔧 Another system, by its address") if name == CUSTOM else title


async def connect(
    _query: CallbackQuery,
    callback_data: NewSourceButton,
    chat: Chat,
    state: FSMContext,
    member: Member,
    services: Services,
) -> None:
    """Ask for the first setting."""
    form = BY_PROVIDER.get(callback_data.name)
    if form is None:
        raise BadInput("provider", "invalid")
    # whoever may not look after connections is told before anything is asked
    await services.transaction_sources.every(member)
    await forms.start(form, chat, state, member, services, {"provider": callback_data.name})


async def mend(
    _query: CallbackQuery,
    callback_data: NewSourceButton,
    chat: Chat,
    state: FSMContext,
    member: Member,
    services: Services,
) -> None:
    """Try the given settings again, or ask for one of them anew."""
    data = await state.get_data()
    form = BY_PROVIDER.get(data.get("context", {}).get("provider", ""))
    if form is None or not (await state.get_state() or "").startswith(REVIEW):
        chat.toast(_("These answers are no longer here. Please begin anew: /integrations"), alert=True)
        return
    if callback_data.do == "change":
        data["answers"].pop(callback_data.name, None)
    await state.set_data(data)
    await forms.advance(form, chat, state, member, services)


async def make(
    _query: CallbackQuery, callback_data: MakeSourceButton, chat: Chat, member: Member, services: Services
) -> None:
    """A connection that stands tells of purchases from now on."""
    view = await services.integrations.view(member, callback_data.id)
    source_id = await services.transaction_sources.make_source(member, view.id)
    chat.show(verdict_screen(view.title, ConnectionReport(view.account, view.version), source_id))


def routes() -> Router:
    router = Router(name="transaction_connect")
    router.callback_query.register(choose, NewSourceButton.filter(F.do == "choose"))
    router.callback_query.register(connect, NewSourceButton.filter(F.do == "connect"))
    router.callback_query.register(mend, NewSourceButton.filter(F.do.in_({"try", "change"})))
    router.callback_query.register(make, MakeSourceButton.filter(F.do == "make"))
    return router
