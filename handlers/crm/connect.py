"""Connecting a CRM step by step: a way to sign in, its settings, a test.

Everything that asks a CRM runs after the update's transaction; what an admin has given waits in the
dialog, secrets sealed, so that after a failure one answer is mended and the rest stays. It leaves the
dialog as soon as the connection works.
"""

import secrets
from collections.abc import Mapping
from typing import Any

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from domain.crm import ConnectionReport
from domain.errors import BadInput, CrmError
from domain.members import Member
from handlers.buttons import CrmButton
from handlers.chat import Chat
from handlers.crm.asking import asking_screen, opened, put_aside
from handlers.crm.forms import (
    KINDS,
    LEADS,
    SECRETS,
    TITLES,
    URL,
    asked_for,
    chosen_way,
    connect_forms,
    is_login,
    settings_in,
)
from handlers.crm.verdicts import (
    choice_screen,
    login_screen,
    refused_screen,
    twin_row,
    unusable_screen,
    verdict_screen,
)
from handlers.crm.ways import setting_name
from handlers.forms import forms
from handlers.forms.forms import Answers, Form, Question
from handlers.screens import Button, Screen
from locales import _
from services.registry import Services

REVIEW = "crm:review:"
"""Begins the dialog's state while settings are tested or wait to be mended; a word of its own follows."""

CODE = "auth_code"


async def finish(
    chat: Chat, state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    """Everything is given: log in, or connect after this update, keeping the answers until it has worked."""
    provider = str(context["provider"])
    waiting, data = await put_aside(REVIEW, state, member, services)
    if is_login(provider, chosen_way(provider, answers)) and not _logged_in(answers):
        await _offer_login(chat, member, provider, answers, waiting, services)
        return
    chat.show(asking_screen(TITLES[provider]))

    async def connect(later: Chat) -> None:
        later.show(await _connected(later.id, member, provider, data, waiting, services))

    chat.then(connect)


def _logged_in(answers: Mapping[str, str]) -> bool:
    return bool(answers.get(CODE) or answers.get("refresh_token"))


async def _connected(
    chat_id: int, member: Member, provider: str, data: dict[str, Any], waiting: str, services: Services
) -> Screen:
    """Connect with the answers of a dialog, and the screen about it."""
    title, answers = TITLES[provider], data["answers"]
    try:
        given = await opened(provider, answers, member, services)
        if answers.get(CODE):
            given = await _settled(chat_id, member, provider, data, given, waiting, services)
        report = await services.integrations.connect(member, provider, given, another=True)
    except (BadInput, CrmError) as error:
        return refused_screen(title, error, ways(provider, answers, error))
    if not report.usable:
        return unusable_screen(title, report, [*fixes(report), *ways(provider, answers)])
    await services.journal.forget_dialog(chat_id, member.telegram_id, waiting)
    return verdict_screen(title, report)


async def _settled(
    chat_id: int,
    member: Member,
    provider: str,
    data: dict[str, Any],
    given: Mapping[str, str],
    waiting: str,
    services: Services,
) -> dict[str, str]:
    """Use a pasted code, which works once, and keep in the dialog what it brought."""
    rest = {name: value for name, value in given.items() if name != CODE}
    redirect = data["context"].get("redirect")
    rest |= {"redirect_uri": redirect} if redirect else {}
    kept = {name: value for name, value in data["answers"].items() if name != CODE}
    await services.journal.mend_dialog(chat_id, member.telegram_id, waiting, {**data, "answers": kept})
    settings = await services.crm_logins.settle_by_hand(member, provider, rest, given.get(CODE, ""))
    for name, value in settings.items():
        if name not in rest:
            sealed = name in SECRETS[provider]
            kept[name] = await services.integrations.seal_secret(member, value) if sealed else value
    await services.journal.mend_dialog(chat_id, member.telegram_id, waiting, {**data, "answers": kept})
    return settings


async def _offer_login(
    chat: Chat, member: Member, provider: str, answers: Answers, waiting: str, services: Services
) -> None:
    given = await opened(provider, answers, member, services)
    redirect = services.crm_logins.redirect(provider)
    given |= {"redirect_uri": redirect} if redirect else {}
    page = await services.crm_logins.begin(member, provider, given, dialog=waiting)
    chat.show(
        login_screen(TITLES[provider], page, comes_back=bool(redirect), ways=ways(provider, answers)[1:])
    )


def ways(
    provider: str, answers: Mapping[str, str], error: BadInput | CrmError | None = None
) -> list[list[Button]]:
    """What to do about a connection that failed."""
    names = [name for name in asked_for(provider, chosen_way(provider, answers)) if name in answers]
    change = [Button(_change_label(name), CrmButton(do="change", name=name)) for name in names]
    rows = [change[start : start + 2] for start in range(0, len(change), 2)]
    return [*twin_row(error), [Button(_("🔄 Try again"), CrmButton(do="try"))], *rows]


def _change_label(name: str) -> str:
    known = {
        "url": _("✏️ Other address"),
        "api_key": _("✏️ Other key"),
        "secret": _("✏️ Other secret"),
    }
    return known.get(name) or _("✏️ {name}").format(name=setting_name(name))


def fixes(report: ConnectionReport) -> list[list[Button]]:
    """Buttons for problems that one setting mends."""
    rows = []
    for problem in report.problems:
        setting, value = problem.params.get("setting"), problem.params.get("value")
        if setting and value:
            label = _("✅ {name}: {value}").format(name=setting_name(setting), value=value)
            rows.append([Button(label, CrmButton(do="fix", name=f"{setting}={value}"))])
        for site in (problem.params.get("sites") or "").split(", ")[:8]:
            if site and len(site) <= 40:
                label = _("🏬 {site}").format(site=site)
                rows.append([Button(label, CrmButton(do="fix", name=f"site={site}"))])
    return rows


async def look_for_twin(
    chat: Chat, state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    """An account that is connected already is not asked for its key."""
    provider = str(context["provider"])
    twin = await services.integrations.twin(member, provider, settings_in(provider, answers))
    if twin is not None and "site" not in asked_for(provider, chosen_way(provider, answers)):
        error = BadInput(URL, "already_connected", integration=str(twin))
        await state.set_state(f"{REVIEW}{secrets.token_hex(6)}")
        chat.show(refused_screen(TITLES[provider], error, ways(provider, answers, error)))


BY_PROVIDER = connect_forms(finish, look_for_twin)


async def _take_code(
    chat: Chat, state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    """Go on where the login was offered, with the code among the answers."""
    provider, given = str(context["provider"]), dict(context["answers"])
    earlier = context.get("earlier", {})
    await state.set_data(
        {
            "form": BY_PROVIDER[provider].name,
            "answers": {**given, CODE: answers[CODE]},
            "context": earlier,
        }
    )
    await finish(chat, state, member, {**given, CODE: answers[CODE]}, earlier, services)


CODE_FORM = Form(
    name="crm-code",
    questions=(
        Question(
            CODE,
            lambda _asking: _(
                "📋 Paste the code, or the whole address at which the browser ended after you had agreed. I "
                "take your message out of the chat at once."
            ),
            secret=True,
        ),
    ),
    finish=_take_code,
    cancelled=lambda: _("Stopped: nothing about the CRM has changed. You can go on any time: /crm"),
)
FORMS = (*BY_PROVIDER.values(), CODE_FORM)


async def begin(provider: str, chat: Chat, state: FSMContext, member: Member, services: Services) -> None:
    """Ask for the provider's first setting. Raises BadInput for a provider we do not know."""
    form = BY_PROVIDER.get(provider)
    if form is None:
        raise BadInput("provider", "invalid")
    login = any(is_login(provider, way.name) for way in KINDS[provider].ways)
    redirect = services.crm_logins.redirect(provider) if login else ""
    await forms.start(form, chat, state, member, services, {"provider": provider, "redirect": redirect})


async def connect(
    _query: CallbackQuery,
    callback_data: CrmButton,
    chat: Chat,
    state: FSMContext,
    member: Member,
    services: Services,
) -> None:
    await begin(callback_data.name, chat, state, member, services)


async def another(_query: CallbackQuery, chat: Chat, state: FSMContext) -> None:
    """Choose a provider besides what stands."""
    waits = (await state.get_state() or "").startswith(REVIEW)
    chat.show(choice_screen(list(LEADS.items()), unfinished=waits, more=True))


async def mend(
    _query: CallbackQuery,
    callback_data: CrmButton,
    chat: Chat,
    state: FSMContext,
    member: Member,
    services: Services,
) -> None:
    """Try the given settings again, with one of them changed, or asked anew, or with a login's code."""
    data = await state.get_data()
    form = BY_PROVIDER.get(data.get("context", {}).get("provider", ""))
    if form is None or not (await state.get_state() or "").startswith(REVIEW):
        chat.toast(_("These answers are no longer here. Please connect from the start: /crm"), alert=True)
        return
    if callback_data.do == "code":
        context = {**data["context"], "answers": data["answers"], "earlier": data["context"]}
        await forms.start(CODE_FORM, chat, state, member, services, context)
        return
    if callback_data.do == "change":
        data["answers"].pop(callback_data.name, None)
        for name in (CODE, "access_token", "refresh_token", "expires_at"):
            data["answers"].pop(name, None)
    if callback_data.do == "fix":
        name, _equals, value = callback_data.name.partition("=")
        data["answers"][name] = value
    await state.set_data(data)
    await forms.advance(form, chat, state, member, services)


def routes() -> Router:
    router = Router(name="crm_connect")
    router.callback_query.register(connect, CrmButton.filter(F.do == "connect"))
    router.callback_query.register(another, CrmButton.filter(F.do == "another"))
    router.callback_query.register(mend, CrmButton.filter(F.do.in_({"try", "change", "fix", "code"})))
    return router
