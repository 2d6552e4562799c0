"""/api: keys for programs. Made with a purpose and an end, shown once, taken back by a button."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.filters.callback_data import CallbackData
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message
from babel.dates import format_date, format_datetime

from domain.api_keys import KEYS_LIMIT, NAME_LIMIT, PRESETS, ApiKey
from domain.errors import BadInput
from domain.fields import read_text
from domain.members import Member
from handlers.buttons import MenuButton
from handlers.chat import Chat
from handlers.forms import forms
from handlers.forms.forms import Answers, Asking, Form, Question
from handlers.menu import to_menu
from handlers.screens import Button, Screen, esc
from locales import N_, _, current_language
from services.registry import Services

NOBODY = UUID(int=0)
"""In the place of a key where none is meant."""

MYSELF = "me"
DAYS = {"30": N_("30 days"), "90": N_("90 days"), "365": N_("A year"), "0": N_("It does not end")}
PURPOSES = {
    "send": N_("📥 Send leads in"),
    "read": N_("👁 Read only"),
    "work": N_("💼 Work leads"),
    "all": N_("⚠️ Everything"),
}
"""Sets of scopes in words, by their code."""

NAMES = (N_("Website"), "Make.com", N_("Own program"))


class ApiKeyButton(CallbackData, prefix="apik"):
    """Act on a key of the API: do is list, new, show, revoke (asks once more) or really_revoke."""

    do: str
    key: UUID = NOBODY


async def command(_message: Message, chat: Chat, member: Member, services: Services) -> None:
    chat.say(await _listing(services, member))


async def show_list(_query: CallbackQuery, chat: Chat, member: Member, services: Services) -> None:
    chat.show(await _listing(services, member))


async def _listing(services: Services, member: Member) -> Screen:
    found = await services.api_keys.browse(member)
    lines = [
        _("🔑 <b>Keys of the API</b>"),
        _("With a key a website, Make.com or a program of yours sends leads and reads them."),
    ]
    if not found:
        lines += ["", _("There is none yet.")]
    rows = [[Button(_label(one), ApiKeyButton(do="show", key=one.id))] for one in found[:KEYS_LIMIT]]
    rows.append([Button(_("➕ New key"), ApiKeyButton(do="new")), *to_menu()])
    return Screen("\n".join(lines), rows)


def _label(key: ApiKey) -> str:
    return f"🔑 {key.name} · {key.shown}…"[:60]


async def show(
    _query: CallbackQuery, callback_data: ApiKeyButton, chat: Chat, member: Member, services: Services
) -> None:
    key = await services.api_keys.get(member, callback_data.key)
    chat.show(key_screen(key, member, services.api_keys.clock(), sure=callback_data.do == "revoke"))


def key_screen(key: ApiKey, member: Member, now: datetime, *, sure: bool = False) -> Screen:
    """What is known of a key; `sure` asks before it is taken back."""
    lines = [f"🔑 <b>{esc(key.name)}</b> <code>{esc(key.shown)}…</code>", ""]
    if key.revoked_at is not None:
        lines.append(_("🚫 Taken back: it opens nothing any more."))
    elif not key.works_at(now):
        lines.append(_("⌛ It has ended: it opens nothing any more."))
    lines += [
        _("Acts for: {name}").format(name=esc(key.member_name)),
        _("Good for: {what}").format(what=esc(_purpose(key.scopes))),
        _("Until: {date}").format(date=_day(key.expires_at) if key.expires_at else _("for ever")),
        _used(key, member),
        _("For OAuth: client id <code>{id}</code>, the key is the secret.").format(id=key.id),
    ]
    back = [Button(_("⬅️ To the keys"), ApiKeyButton(do="list")), *to_menu()]
    if key.revoked_at is not None:
        return Screen("\n".join(lines), [back])
    if sure:
        lines += ["", _("🚫 Take this key back? Whatever uses it stops at once.")]
        yes = Button(_("🚫 Yes, take it back"), ApiKeyButton(do="really_revoke", key=key.id))
        return Screen("\n".join(lines), [[yes], [Button(_("⬅️ Back"), ApiKeyButton(do="show", key=key.id))]])
    take = Button(_("🚫 Take back"), ApiKeyButton(do="revoke", key=key.id))
    return Screen("\n".join(lines), [[take], back])


def _purpose(scopes: Sequence[str]) -> str:
    known = next((code for code, preset in PRESETS.items() if set(preset) == set(scopes)), "")
    return _(PURPOSES[known]) if known else ", ".join(scopes)


def _used(key: ApiKey, member: Member) -> str:
    if key.used_at is None:
        return _("Last use: never")
    at = format_datetime(
        key.used_at.astimezone(ZoneInfo(member.time_zone)), "short", locale=current_language()
    )
    return _("Last use: {moment}, from {address}").format(moment=at, address=esc(key.used_from or "?"))


def _day(at: datetime) -> str:
    return format_date(at, format="long", locale=current_language())


async def revoke(
    _query: CallbackQuery, callback_data: ApiKeyButton, chat: Chat, member: Member, services: Services
) -> None:
    key = await services.api_keys.revoke(member, callback_data.key)
    chat.toast(_("🚫 Taken back."))
    chat.show(key_screen(key, member, services.api_keys.clock()))


async def begin(
    _query: CallbackQuery, chat: Chat, member: Member, state: FSMContext, services: Services
) -> None:
    others = await services.api_keys.holders(member)
    context = {"people": [[one.name, str(one.id)] for one in others]}
    await forms.start(NEW, chat, state, member, services, context)


async def _finish(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, _context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    holder = answers.get("holder", MYSELF)
    key, made = await services.api_keys.make(
        member, answers["name"], PRESETS[answers["purpose"]], int(answers["days"]),
        None if holder == MYSELF else UUID(holder),
    )  # fmt: skip
    text = "\n".join(
        [
            _("🔑 <b>{name}</b>: here is the key.").format(name=esc(made.name)),
            "",
            f"<code>{esc(key)}</code>",
            "",
            _("I show it this once and keep only its fingerprint. Put it where it is needed, then hide it."),
            _("How to use it: {address}").format(address=f"{services.integrations.public_url}/api/docs"),
        ]
    )
    hide = Button(_("🙈 I have it, hide it"), ApiKeyButton(do="show", key=made.id))
    chat.show(Screen(text, [[Button(_("📋 Copy"), copy=key)], [hide]]))


def _choice(table: dict[str, str], field: str) -> Any:
    def read(typed: str, _member: Member) -> str:
        if typed not in table:
            raise BadInput(field, "invalid")
        return typed

    return read


def _read_holder(typed: str, _member: Member) -> str:
    try:
        return typed if typed == MYSELF else str(UUID(typed))
    except ValueError:
        raise BadInput("confirm", "invalid") from None


def _holders(asking: Asking) -> list[tuple[str, str]]:
    others = [(name, identity) for name, identity in asking.context["people"]]
    return [(_("Me: {name}").format(name=asking.member.name), MYSELF), *others]


NEW = Form(
    name="api_key",
    questions=(
        Question(
            "name",
            lambda _a: _("🔑 <b>New key.</b> What is it for? Choose, or type a name of your own."),
            lambda typed, _m: read_text("key_name", typed, NAME_LIMIT),
            choices=lambda _a: [(_(name), _(name)) for name in NAMES],
        ),
        Question(
            "purpose",
            lambda _a: _("What shall it be good for?"),
            _choice(PURPOSES, "confirm"),
            choices=lambda _a: [(_(text), code) for code, text in PURPOSES.items()],
            typed=False,
        ),
        Question(
            "holder",
            lambda _a: _("With whose rights? It sees and may do what this person does."),
            _read_holder,
            choices=_holders,
            typed=False,
            width=1,
            when=lambda asking: bool(asking.context["people"]),
        ),
        Question(
            "days",
            lambda _a: _("How long shall it open?"),
            _choice(DAYS, "confirm"),
            choices=lambda _a: [(_(text), code) for code, text in DAYS.items()],
            typed=False,
        ),
    ),
    finish=_finish,
    cancelled=lambda: _("No key was made."),
    about={"key_name": "name", "member": "holder", "keys": "days"},
)
FORMS: tuple[Form, ...] = (NEW,)


def routes() -> Router:
    router = Router(name="api_keys")
    router.message.register(command, Command("api"))
    press = router.callback_query.register
    press(show_list, MenuButton.filter(F.place == "api"))
    press(show_list, ApiKeyButton.filter(F.do == "list"))
    press(begin, ApiKeyButton.filter(F.do == "new"))
    press(show, ApiKeyButton.filter(F.do.in_({"show", "revoke"})))
    press(revoke, ApiKeyButton.filter(F.do == "really_revoke"))
    return router
