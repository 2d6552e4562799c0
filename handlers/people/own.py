"""One's own settings: quiet hours, working hours, the digest, the consent, and leaving."""

from collections.abc import Callable
from typing import Any

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery
from babel.dates import format_date

from domain.members import Member, Right
from domain.own_settings import Span, digest_time, read_span, read_time, span_of
from handlers.buttons import MenuButton
from handlers.chat import Chat
from handlers.commands import show_commands
from handlers.forms import forms
from handlers.forms.forms import Answers, Asking, Form, Question
from handlers.joining.gate import next_step
from handlers.menu import to_menu
from handlers.people.buttons import OwnButton
from handlers.screens import Button, Screen, esc, grid
from handlers.span_words import day_word, span_word
from locales import N_, _, current_language, ngettext
from services.registry import Services

OFF = "#off"
"""In the place of typed hours: there are to be none."""


def settings_screen(member: Member) -> Screen:
    """What is set, with a button for each."""
    quiet, hours = span_of(member.settings, "quiet"), span_of(member.settings, "hours")
    at, works = digest_time(member.settings), member.may(Right.LEAD_WORK)
    lines = [
        _("⚙️ <b>My settings</b>"),
        "",
        _("🌙 Quiet hours: <b>{span}</b>").format(span=span_word(quiet, _("off"))),
        _("🕘 Working hours: <b>{span}</b>").format(span=span_word(hours, _("off"))),
        _("📰 Daily digest: <b>{time}</b>").format(time=f"{at:%H:%M}" if at else _("off")),
    ]
    if member.consent_at is not None:
        day = format_date(member.consent_at, format="long", locale=current_language())
        lines.append(_("🔒 Consent given on {date}").format(date=day))
    rows = [
        [_own(_("🌙 Quiet hours"), "quiet"), _own(_("🕘 Working hours"), "hours")],
        [_own(_("📰 Digest"), "digest"), Button(_("🌐 Language"), MenuButton(place="language"))],
        *(_days(hours) if hours else []),
        *([[Button(_("🏖 I am away until…"), MenuButton(place="away"))]] if works else []),
        [Button(_("🔐 Security"), MenuButton(place="security"))],
        [_own(_("🔒 Consent"), "consent"), Button(_("🏢 Organizations"), MenuButton(place="switch"))],
        [_own(_("🚪 Leave the organization"), "leave")],
        [Button(_("⬅️ Profile"), MenuButton(place="profile")), *to_menu()],
    ]
    return Screen("\n".join(lines), rows)


def _own(text: str, do: str, extra: str = "") -> Button:
    return Button(text, OwnButton(do=do, extra=extra))


def _days(hours: Span) -> list[list[Button]]:
    marks = [_own(("✅" if day in hours.days else "▫️") + day_word(day), "day", str(day)) for day in range(7)]
    return grid(marks, 4)


async def show(_query: CallbackQuery, chat: Chat, member: Member) -> None:
    chat.show(settings_screen(member))


async def ask(
    _query: CallbackQuery,
    callback_data: OwnButton,
    chat: Chat,
    member: Member,
    state: FSMContext,
    services: Services,
) -> None:
    await forms.start(BY_NAME[callback_data.do], chat, state, member, services)


async def turn_day(
    _query: CallbackQuery, callback_data: OwnButton, chat: Chat, member: Member, services: Services
) -> None:
    day = int(callback_data.extra) if callback_data.extra.isdigit() else -1
    chat.show(settings_screen(await services.own_settings.turn_day(member, day)))


def _form(name: str, ask: Callable[[], str], offered: tuple[str, ...], read: Callable[[str], object]) -> Form:
    def reads(typed: str, _member: Member) -> str:
        if typed != OFF:
            read(typed)
        return typed

    async def finish(
        chat: Chat, _s: FSMContext, member: Member, answers: Answers, _c: dict[str, Any], services: Services
    ) -> None:
        typed = "" if answers["typed"] == OFF else answers["typed"]
        own = services.own_settings
        kept = (
            await own.set_digest(member, typed)
            if name == "digest"
            else await own.set_span(member, name, typed)
        )
        chat.toast(_("✅ Saved."))
        chat.show(settings_screen(kept))

    def choices(_asking: Asking) -> list[tuple[str, str]]:
        # a button's data has no room for the colon
        return [*((one, one.replace(":", ".")) for one in offered), (_("Off"), OFF)]

    question = Question("typed", lambda _asking: ask(), read=reads, choices=choices, width=3)
    return Form(f"own_{name}", (question,), finish, cancelled=lambda: _("It stays as it was."))


BY_NAME = {
    "quiet": _form(
        "quiet",
        lambda: _("🌙 When shall I be quiet? What is urgent comes, the rest waits. Example: 22:00-08:00"),
        ("22:00-08:00", "20:00-09:00", "23:00-07:00"),
        read_span,
    ),
    "hours": _form(
        "hours",
        lambda: _("🕘 When do you work? Leads are shared out to you in these hours. Example: 9:00-18:00"),
        ("09:00-18:00", "10:00-19:00", "08:00-17:00"),
        read_span,
    ),
    "digest": _form(
        "digest",
        lambda: _("📰 At which time of your day shall the digest come? Example: 9:00"),
        ("08:00", "09:00", "10:00", "18:00", "20:00"),
        read_time,
    ),
}
FORMS = tuple(BY_NAME.values())

CONSENT = N_(
    "🔒 <b>Your consent</b>, given on {date}.\n\nYou can withdraw it at any time. Then you leave “{name}”: "
    "your phone, your profile and your settings are erased at once, open leads of yours get new hands, and "
    "the admins are told to erase the rest within 30 days. Leads you have sent stay the organization's."
)
FIRST = N_(
    "⚠️ <b>Withdraw the consent?</b>\n\nYou will not see the leads you have sent any more. To come back you "
    "would register anew."
)
SECOND = N_("⚠️ <b>For the last time:</b> this cannot be undone. Withdraw the consent and leave “{name}”?")
LEAVE = N_(
    "🚪 <b>Leave “{name}”?</b>\n\nOpen leads of yours get new hands. You can ask to come back at any time: "
    "an admin decides."
)


def _sure(text: str, label: str, do: str) -> Screen:
    return Screen(text, [[_own(label, do)], [_own(_("⬅️ No, back"), "show")]])


async def consent(_query: CallbackQuery, chat: Chat, member: Member) -> None:
    """What was agreed to, and what withdrawing means."""
    day = (
        format_date(member.consent_at, format="long", locale=current_language()) if member.consent_at else "—"
    )
    text = _(CONSENT).format(date=day, name=esc(member.organization_name))
    read = Button(_("📄 Read the whole text"), MenuButton(place="consent"))
    rows = [[read], [_own(_("🚫 Withdraw"), "withdraw")], [_own(_("⬅️ Back"), "show")]]
    chat.show(Screen(text, rows))


async def withdraw(_query: CallbackQuery, callback_data: OwnButton, chat: Chat, member: Member) -> None:
    """Asked twice."""
    if callback_data.do == "withdraw":
        chat.show(_sure(_(FIRST), _("🚫 Yes, withdraw"), "withdraw_again"))
        return
    text = _(SECOND).format(name=esc(member.organization_name))
    chat.show(_sure(text, _("🚫 Withdraw and leave"), "really_withdraw"))


async def leave(_query: CallbackQuery, chat: Chat, member: Member) -> None:
    text = _(LEAVE).format(name=esc(member.organization_name))
    chat.show(_sure(text, _("🚪 Leave"), "really_leave"))


async def go(
    _query: CallbackQuery,
    callback_data: OwnButton,
    chat: Chat,
    member: Member,
    state: FSMContext,
    services: Services,
) -> None:
    """Leave, with the consent or without; what is next is said at once."""
    withdraws = callback_data.do == "really_withdraw"
    use_case = services.standing.withdraw_consent if withdraws else services.standing.leave
    moved = await use_case(member)
    await state.clear()
    text = _("🔒 The consent is withdrawn, your data is erased.") if withdraws else _("🚪 You have left.")
    if moved:
        more = ngettext("{count} lead has new hands.", "{count} leads have new hands.", moved)
        text += " " + more.format(count=moved)
    after = await services.members.current(member.telegram_id)
    if after is not None:
        show_commands(chat, after)
    chat.show(Screen(text))
    chat.screen_id = None
    chat.say(next_step(after))


async def off(
    _query: CallbackQuery, callback_data: OwnButton, chat: Chat, member: Member, services: Services
) -> None:
    """Turn something off in one tap, as under a digest."""
    if callback_data.extra == "digest":
        member = await services.own_settings.set_digest(member, "")
    else:
        member = await services.own_settings.set_span(member, callback_data.extra, "")
    chat.toast(_("✅ Saved."))
    chat.show(settings_screen(member))


def routes() -> Router:
    router = Router(name="own_settings")
    router.callback_query.register(show, MenuButton.filter(F.place == "settings"))
    acts: dict[str, Callable[..., Any]] = {
        "show": show, "day": turn_day, "off": off, "consent": consent, "withdraw": withdraw,
        "withdraw_again": withdraw, "leave": leave, "really_leave": go, "really_withdraw": go,
        **dict.fromkeys(BY_NAME, ask),
    }  # fmt: skip
    for do, act in acts.items():
        router.callback_query.register(act, OwnButton.filter(F.do == do))
    return router
