"""Making a webhook, and changing where it goes and of what it tells."""

from typing import Any
from uuid import UUID

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from domain.errors import BadInput
from domain.fields import read_text
from domain.hooks_out import EVENTS, NAME_LIMIT
from domain.members import Member
from handlers.chat import Chat
from handlers.forms import forms
from handlers.forms.form_ticks import BETWEEN, TICKED
from handlers.forms.forms import Answers, Asking, Form, Question
from handlers.hooks_out.buttons import HookButton
from handlers.hooks_out.manage import shown
from handlers.hooks_out.screens import secret_screen
from handlers.hooks_out.words import EVENT_NAMES
from handlers.screens import esc
from locales import N_, _
from services.registry import Services

NAMES = (N_("Website"), "Make.com", N_("Own program"))


def _read_events(typed: str, _member: Member) -> str:
    """Ticked types, with BETWEEN between them."""
    found = [one for one in typed.split(BETWEEN) if one]
    if not found:
        raise BadInput("hook_events", "required")
    if set(found) - set(EVENTS):
        raise BadInput("hook_events", "invalid")
    return BETWEEN.join(found)


def _read_address(typed: str, _member: Member) -> str:
    """What looks like an address; whether it may be called is seen in the end."""
    address = typed.strip()
    if not address.lower().startswith(("https://", "http://")) or len(address.split()) != 1:
        raise BadInput("hook_url", "invalid")
    return address


def _events(_asking: Asking) -> list[tuple[str, str]]:
    return [(_(EVENT_NAMES[one]), one) for one in EVENTS]


NAME = Question(
    "hook_name",
    lambda _a: _("📡 <b>New webhook.</b> What is it for? Choose, or type a name of your own."),
    lambda typed, _m: read_text("hook_name", typed, NAME_LIMIT),
    choices=lambda _a: [(_(name), _(name)) for name in NAMES],
)
ADDRESS = Question(
    "hook_url",
    lambda _a: _("Where shall I send to? An address that begins with https://"),
    _read_address,
    # a key in the address is nobody's business
    sensitive=lambda typed: "?" in typed,
    given=lambda asking: f"➡️ <b>{esc(asking.answers['hook_url'].partition('?')[0])}</b>",
)
TICKS = Question(
    "hook_events",
    lambda _a: _("Of what shall I tell? Tick the events, then Done."),
    _read_events,
    choices=_events,
    typed=False,
    many=True,
)


async def begin(
    _query: CallbackQuery, chat: Chat, member: Member, state: FSMContext, services: Services
) -> None:
    await services.hooks_out.browse(member)
    await forms.start(NEW, chat, state, member, services)


async def begin_change(
    _query: CallbackQuery, callback_data: HookButton, chat: Chat, state: FSMContext, member: Member,
    services: Services,
) -> None:  # fmt: skip
    hook, _address = await services.hooks_out.get(member, callback_data.hook)
    context: dict[str, Any] = {"hook": str(hook.id)}
    if callback_data.do == "events":
        context[TICKED] = {TICKS.key: list(hook.events)}
    form = CHANGE_EVENTS if callback_data.do == "events" else CHANGE_ADDRESS
    await forms.start(form, chat, state, member, services, context)


async def _made(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, _context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    events = answers["hook_events"].split(BETWEEN)
    hook, secret = await services.hooks_out.make(member, answers["hook_name"], answers["hook_url"], events)
    chat.show(secret_screen(hook, secret))


async def _changed(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    hook_id = UUID(context["hook"])
    ticked = answers.get("hook_events")
    events = ticked.split(BETWEEN) if ticked else None
    await services.hooks_out.change(member, hook_id, address=answers.get("hook_url"), events=events)
    chat.show(await shown(services, member, HookButton(do="show", hook=hook_id)))


NEW = Form(
    name="hook_new",
    questions=(NAME, ADDRESS, TICKS),
    finish=_made,
    cancelled=lambda: _("No webhook was made."),
    about={"hooks": "hook_events"},
)
CHANGE_EVENTS = Form(
    name="hook_events",
    questions=(TICKS,),
    finish=_changed,
    cancelled=lambda: _("It stays as it was."),
)
CHANGE_ADDRESS = Form(
    name="hook_url",
    questions=(ADDRESS,),
    finish=_changed,
    cancelled=lambda: _("It stays as it was."),
)
FORMS: tuple[Form, ...] = (NEW, CHANGE_EVENTS, CHANGE_ADDRESS)


def routes() -> Router:
    router = Router(name="hooks_out_making")
    press = router.callback_query.register
    press(begin, HookButton.filter(F.do == "new"))
    press(begin_change, HookButton.filter(F.do.in_({"events", "address"})))
    return router
