"""/crm: connecting a CRM step by step, and its health.

Everything that asks a CRM runs after the update's transaction; what an admin has given waits in the
dialog, secrets sealed, so that after a failure one answer is mended and the rest stays.
"""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from domain.errors import BadInput, CrmError
from domain.members import Member
from handlers import forms
from handlers.buttons import CrmButton, MenuButton
from handlers.chat import Chat
from handlers.crm_cards import (
    choice_screen,
    health_screen,
    refused_screen,
    unusable_screen,
    verdict_screen,
)
from handlers.forms import Answers, Asking, Form, Question
from handlers.menu import to_menu
from handlers.screens import Button, Screen, esc
from locales import N_, _
from services.integrations import manifests
from services.operations import Operations
from services.registry import Services

REVIEW = "crm:review"
"""The dialog's state while given settings are tested or wait to be mended."""

ASKED = {
    "url": N_("🌐 The address of your {title}, for example https://crm.example.com"),
    "api_key": N_(
        "🔑 The API key of your {title}.\n\nYou find it in {title} with the API user. I take your message "
        "out of the chat at once and keep the key encrypted."
    ),
    "secret": N_(
        "🔏 The secret of the API user, if it signs its requests (HMAC). With a plain API key press Skip."
    ),
}
ASKED_ELSE = N_("⚙️ {title}: please send “{name}”.")
CHANGE = {
    "url": N_("✏️ Other address"),
    "api_key": N_("✏️ Other key"),
    "secret": N_("✏️ Other secret"),
}
CHANGE_ELSE = N_("✏️ Change “{name}”")


def _read_setting(name: str) -> Callable[[str, Member], str]:
    def read(typed: str, _member: Member) -> str:
        value = typed.strip()
        if name == "url":
            return _read_url(value)
        if not value or not value.isascii() or not value.isprintable() or " " in value:
            raise BadInput(name, "invalid" if value else "required")
        return value

    return read


def _read_url(typed: str) -> str:
    value = typed if "://" in typed else f"https://{typed}"
    try:
        host = urlsplit(value).hostname
    except ValueError as error:
        raise BadInput("url", "invalid") from error
    if not host or any(char.isspace() for char in value) or urlsplit(value).scheme not in ("http", "https"):
        raise BadInput("url", "invalid")
    return value


def _ask(name: str, title: str) -> Callable[[Asking], str]:
    return lambda _asking: _(ASKED.get(name, ASKED_ELSE)).format(title=esc(title), name=esc(name))


async def finish(
    chat: Chat, state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    """Everything is given: connect after this update, keeping the answers until it has worked."""
    provider, title = str(context["provider"]), TITLES[context["provider"]]
    await state.set_state(REVIEW)
    chat.show(Screen(_("⏳ I am asking {title} …").format(title=esc(title))))

    async def connect(later: Chat) -> None:
        ways = _ways(provider)
        try:
            given = await _opened(provider, answers, member, services)
            report = await services.integrations.connect(member, provider, given)
        except (BadInput, CrmError) as error:
            later.show(refused_screen(title, error, ways))
            return
        later.show(verdict_screen(title, report) if report.usable else unusable_screen(title, report, ways))

    chat.then(connect)


async def _opened(
    provider: str, answers: Mapping[str, str], member: Member, services: Services
) -> dict[str, str]:
    """The settings in clear, for the moment of the call."""
    given = {}
    for name, value in answers.items():
        secret = name in SECRETS[provider] and value
        given[name] = await services.integrations.open_secret(member, value) if secret else value
    return given


def _ways(provider: str) -> list[list[Button]]:
    """What to do about a connection that failed."""
    change = [
        Button(
            _(CHANGE.get(question.key, CHANGE_ELSE)).format(name=question.key),
            CrmButton(do="change", name=question.key),
        )
        for question in BY_PROVIDER[provider].questions
    ]
    return [[Button(_("🔄 Try again"), CrmButton(do="try"))], change]


BY_PROVIDER: dict[str, Form] = {
    one.name: Form(
        name=f"crm-{one.name}",
        questions=tuple(
            Question(
                setting.name,
                _ask(setting.name, one.title),
                read=_read_setting(setting.name),
                optional=not setting.required,
                secret=setting.secret,
            )
            for setting in one.settings
        ),
        finish=finish,
        cancelled=lambda: _("Stopped: nothing about the CRM has changed. You can go on any time: /crm"),
        numbered=True,
    )
    for one in manifests()
}
TITLES = {one.name: one.title for one in manifests()}
SECRETS = {one.name: {setting.name for setting in one.settings if setting.secret} for one in manifests()}
FORMS = tuple(BY_PROVIDER.values())


async def begin(provider: str, chat: Chat, state: FSMContext, member: Member, services: Services) -> None:
    """Ask for the provider's first setting. Raises BadInput for a provider we do not know."""
    form = BY_PROVIDER.get(provider)
    if form is None:
        raise BadInput("provider", "invalid")
    await forms.start(form, chat, state, member, services, {"provider": provider})


async def _screen(state: FSMContext, member: Member, services: Services) -> Screen:
    view = await services.integrations.current(member)
    if view is None:
        return choice_screen(list(TITLES.items()), unfinished=await state.get_state() == REVIEW)
    if await state.get_state() == REVIEW:
        await state.clear()
    return health_screen(view, member, services.integrations.clock())


async def command(
    _message: Message, chat: Chat, state: FSMContext, member: Member, services: Services
) -> None:
    chat.say(await _screen(state, member, services))


async def press(
    _query: CallbackQuery, chat: Chat, state: FSMContext, member: Member, services: Services
) -> None:
    chat.show(await _screen(state, member, services))


async def connect(
    _query: CallbackQuery,
    callback_data: CrmButton,
    chat: Chat,
    state: FSMContext,
    member: Member,
    services: Services,
) -> None:
    await begin(callback_data.name, chat, state, member, services)


async def other_key(
    _query: CallbackQuery, chat: Chat, state: FSMContext, member: Member, services: Services
) -> None:
    """Ask for the secrets of the connection that stands; the rest of it is known."""
    view = await services.integrations.current(member)
    if view is None:
        chat.show(choice_screen(list(TITLES.items())))
        return
    context, known = {"provider": view.provider}, dict(view.settings)
    await forms.start(BY_PROVIDER[view.provider], chat, state, member, services, context, known)


async def mend(
    _query: CallbackQuery,
    callback_data: CrmButton,
    chat: Chat,
    state: FSMContext,
    member: Member,
    services: Services,
) -> None:
    """Try the given settings again, or ask one of them anew."""
    data = await state.get_data()
    form = BY_PROVIDER.get(data.get("context", {}).get("provider", ""))
    if form is None or await state.get_state() != REVIEW:
        chat.toast(_("These answers are no longer here. Please connect from the start."), alert=True)
        chat.show(await _screen(state, member, services))
        return
    if callback_data.do == "change":
        data["answers"].pop(callback_data.name, None)
        await state.set_data(data)
    await forms.advance(form, chat, state, member, services)


async def again(_query: CallbackQuery, chat: Chat, member: Member, services: Services) -> None:
    """Test the connection that stands."""
    view = await services.integrations.current(member)
    if view is None:
        chat.show(choice_screen(list(TITLES.items())))
        return
    title, back = view.title, [[Button(_("🔄 Test again"), CrmButton(do="again"))]]
    chat.show(Screen(_("⏳ I am asking {title} …").format(title=esc(title))))

    async def test(later: Chat) -> None:
        try:
            report = await services.integrations.retest(member)
        except (BadInput, CrmError) as error:
            later.show(refused_screen(title, error, back))
            return
        later.show(verdict_screen(title, report) if report.usable else unusable_screen(title, report, back))

    chat.then(test)


async def retry_all(
    _query: CallbackQuery,
    chat: Chat,
    state: FSMContext,
    member: Member,
    operations: Operations,
    services: Services,
) -> None:
    """Everything that waits becomes due at once."""
    await operations.retry_all(member)
    chat.toast(_("All of it is on its way again."))
    chat.show(await _screen(state, member, services))


async def ask_disconnect(_query: CallbackQuery, chat: Chat) -> None:
    text = _(
        "🔌 Disconnect the CRM?\n\nNew leads will stay here and not go to the CRM. What waits is kept: "
        "connect the same CRM again and it goes on."
    )
    sure = Button(_("Yes, disconnect"), CrmButton(do="really_disconnect"))
    chat.show(Screen(text, [[sure, Button(_("⬅️ Back"), MenuButton(place="crm"))]]))


async def disconnect(_query: CallbackQuery, chat: Chat, member: Member, services: Services) -> None:
    chat.show(Screen(_("⏳ I am disconnecting …")))

    async def leave(later: Chat) -> None:
        await services.integrations.disconnect(member)
        back = Button(_("🔌 CRM"), MenuButton(place="crm"))
        later.show(Screen(_("✅ The CRM is disconnected. Leads stay here."), [[back], to_menu()]))

    chat.then(leave)


def routes() -> Router:
    router = Router(name="crm_connect")
    router.message.register(command, Command("crm"))
    router.callback_query.register(press, MenuButton.filter(F.place == "crm"))
    router.callback_query.register(connect, CrmButton.filter(F.do == "connect"))
    router.callback_query.register(other_key, CrmButton.filter(F.do == "other_key"))
    router.callback_query.register(mend, CrmButton.filter(F.do.in_({"try", "change"})))
    router.callback_query.register(again, CrmButton.filter(F.do == "again"))
    router.callback_query.register(retry_all, CrmButton.filter(F.do == "retry_all"))
    router.callback_query.register(ask_disconnect, CrmButton.filter(F.do == "disconnect"))
    router.callback_query.register(disconnect, CrmButton.filter(F.do == "really_disconnect"))
    return router
