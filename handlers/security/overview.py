"""/security: the member's own second factor, and their sessions of the API."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message
from babel.dates import format_datetime

from domain.members import Member
from domain.one_time_codes import plain
from handlers.buttons import MenuButton
from handlers.chat import Chat
from handlers.forms import forms
from handlers.forms.forms import Answers, Asking, Form, Question
from handlers.menu import to_menu
from handlers.screens import COPY_LIMIT, Button, Screen, esc
from handlers.security.buttons import SecurityButton
from handlers.security.picture import qr
from locales import N_, _, current_language, ngettext
from services.entry.second_factor import BEGUN_FOR
from services.registry import Services

WAYS = {"mini_app": N_("Mini App"), "login": N_("Telegram Login")}
ON = N_(
    "🔐 <b>Second factor</b>\n\nSomebody who gets hold of your telephone or your Telegram could act for you. "
    "With a second factor I ask for a code of an app before roles and rights are changed, keys are made, "
    "connections changed, and much deleted."
)
SURE = {
    "off": (
        N_("🔓 Turn the second factor off? Then a press is enough for everything."),
        N_("🔓 Turn it off"),
    ),
    "codes": (N_("🗝 Make new recovery codes? The old ones open nothing any more."), N_("🗝 New codes")),
}


async def command(_message: Message, chat: Chat, member: Member, services: Services) -> None:
    chat.say(await _screen(member, services))


async def show(_query: CallbackQuery, chat: Chat, member: Member, services: Services) -> None:
    chat.show(await _screen(member, services))


async def _screen(member: Member, services: Services) -> Screen:
    found, sessions = await services.second_factor.state(member), await services.api_sessions.every(member)
    lines, rows = [_(ON), ""], []
    if found.since is None:
        lines.append(_("It is <b>off</b>."))
        rows.append([_act(_("🔐 Turn it on"), "on")])
    else:
        lines.append(_("It is <b>on</b> since {at}.").format(at=_at(found.since, member)))
        left = ngettext("{count} recovery code is left.", "{count} recovery codes are left.", found.recovery)
        lines.append(left.format(count=found.recovery))
        rows.append([_act(_("🗝 New recovery codes"), "codes"), _act(_("🔓 Turn it off"), "off")])
    if sessions:
        lines += ["", _("📱 <b>Open sessions of the API</b>")]
        lines += [
            f"• {_(WAYS.get(one.way, one.way))}, {_at(one.used_at or one.created_at, member)}, "
            f"{esc(one.used_from or '?')}"
            for one in sessions
        ]
        rows.append([_act(_("🚪 End all sessions"), "sessions")])
    return Screen("\n".join(lines), [*rows, to_menu()])


def _act(text: str, do: str) -> Button:
    return Button(text, SecurityButton(do=do))


def _at(at: Any, member: Member) -> str:
    return format_datetime(at.astimezone(ZoneInfo(member.time_zone)), "short", locale=current_language())


async def turn_on(
    _query: CallbackQuery, chat: Chat, member: Member, state: FSMContext, services: Services
) -> None:
    made = await services.second_factor.begin(member)
    context = {"secret": made.secret, "link": made.link}
    await forms.start(CODE, chat, state, member, services, context)
    minutes = BEGUN_FOR // timedelta(minutes=1)
    caption = ngettext(
        "📷 Or let the app of another telephone take the key from this picture. I take it away after "
        "{count} minute at the latest.",
        "📷 Or let the app of another telephone take the key from this picture. I take it away after "
        "{count} minutes at the latest.",
        minutes,
    )
    chat.picture(qr(made.link), caption.format(count=minutes), slot=made.slot)


def _instruction(asking: Asking) -> str:
    if "code" in asking.answers:
        # the message stays in the chat, and the key must not
        return _("🔐 <b>Turning it on</b>")
    secret = asking.context["secret"]
    grouped = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return "\n".join(
        [
            _("🔐 <b>Turning it on</b>"),
            "",
            _("1. Open an authenticator app (Google Authenticator, Aegis, 2FAS) and add an account."),
            _("2. Give it this key, which I show this once:"),
            f"<code>{grouped}</code>",
            _("On the same telephone copy the link below and open it: the app takes it by itself."),
            "",
            _("3. Type the six digits that the app shows now."),
        ]
    )


def _copies(asking: Asking) -> Sequence[Button]:
    link = asking.context["link"]
    texts = [(_("📋 Copy the key"), asking.context["secret"]), (_("📋 Copy the link"), link)]
    return [Button(label, copy=text) for label, text in texts if len(text) <= COPY_LIMIT]


async def _turned_on(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, _context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    codes = await services.second_factor.finish(member, answers["code"])
    chat.show(_codes_screen(_("🔐 <b>Your second factor is on.</b>"), codes))


def _codes_screen(first: str, codes: Sequence[str]) -> Screen:
    text = "\n".join(
        [
            first,
            "",
            _("🗝 Recovery codes, for the day when the telephone is gone. Each opens once:"),
            *(f"<code>{code}</code>" for code in codes),
            "",
            _("I show them this once. Write them down on paper or put them into a password manager."),
        ]
    )
    return Screen(text, [[_act(_("🙈 I have them, hide them"), "show")]])


CODE = Form(
    name="second_factor",
    questions=(
        Question(
            "code",
            _instruction,
            lambda typed, _m: plain(typed),
            sensitive=lambda _typed: True,
            given=lambda _asking: "➡️ •••",
            beside=_copies,
        ),
    ),
    finish=_turned_on,
    cancelled=lambda: _("The second factor stays off."),
)
FORMS: tuple[Form, ...] = (CODE,)


async def ask(_query: CallbackQuery, callback_data: SecurityButton, chat: Chat) -> None:
    """Once more before it is done."""
    text, label = SURE[callback_data.do]
    rows = [[_act(_(label), f"really_{callback_data.do}")], [_act(_("⬅️ No, back"), "show")]]
    chat.show(Screen(_(text), rows))


async def turn_off(_query: CallbackQuery, chat: Chat, member: Member, services: Services) -> None:
    await services.second_factor.turn_off(member)
    chat.toast(_("🔓 It is off."))
    chat.show(await _screen(member, services))


async def renew(_query: CallbackQuery, chat: Chat, member: Member, services: Services) -> None:
    codes = await services.second_factor.renew_recovery(member)
    chat.show(_codes_screen(_("🗝 <b>New recovery codes.</b> The old ones open nothing any more."), codes))


async def end_sessions(_query: CallbackQuery, chat: Chat, member: Member, services: Services) -> None:
    count = await services.api_sessions.end_all(member)
    ended = ngettext("{count} session is ended.", "{count} sessions are ended.", count)
    chat.toast(ended.format(count=count))
    chat.show(await _screen(member, services))


def routes() -> Router:
    router = Router(name="security")
    router.message.register(command, Command("security"))
    press = router.callback_query.register
    press(show, MenuButton.filter(F.place == "security"))
    press(show, SecurityButton.filter(F.do == "show"))
    press(turn_on, SecurityButton.filter(F.do == "on"))
    press(ask, SecurityButton.filter(F.do.in_(set(SURE))))
    press(turn_off, SecurityButton.filter(F.do == "really_off"))
    press(renew, SecurityButton.filter(F.do == "really_codes"))
    press(end_sessions, SecurityButton.filter(F.do == "sessions"))
    return router
