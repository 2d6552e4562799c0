"""/retention: how long things are kept, by kind."""

from typing import Any

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from domain.errors import BadInput
from domain.members import Member
from domain.retention import FOR_EVER, TERMS, Kept, read_days
from handlers.buttons import MenuButton
from handlers.chat import Chat
from handlers.forms import forms
from handlers.forms.forms import Answers, Asking, Form, Question
from handlers.menu import to_menu
from handlers.privacy.buttons import PersonButton, TermButton
from handlers.screens import Button, Screen, grid
from locales import N_, _, ngettext
from services.registry import Services

WORDS = {
    "uploads": N_("Files from forms that no lead got"),
    "clicks": N_("Clicks on messenger links"),
    "inbox": N_("What came in by hooks, as it came"),
    "sendings": N_("What webhooks were sent"),
    "operations": N_("What CRMs were sent"),
    "notices": N_("Pushes that were sent"),
    "imports": N_("Files that were brought in"),
    "deleted_leads": N_("Deleted leads"),
    "activities": N_("Ended activities outside the archive"),
    "audit": N_("The record of who did what"),
}


def terms_screen(kept: list[Kept]) -> Screen:
    """Every kind with its days."""
    lines = [
        _("🗓 <b>How long things are kept</b>"),
        _("What is older is removed for good, once an hour. What is still to be sent or worked on stays."),
        _("Activities only go into the archive: their leads show them as before."),
        "",
    ]
    lines += [f"{_(WORDS[one.kind])}: <b>{_days(one.days)}</b>" for one in kept]
    buttons = [Button(_(WORDS[one.kind])[:40], TermButton(do="change", kind=one.kind)) for one in kept]
    return Screen(
        "\n".join(lines), [*grid(buttons, 1), [Button(_("⬅️ Back"), PersonButton(do="show")), *to_menu()]]
    )


def _days(days: int) -> str:
    if days == FOR_EVER:
        return _("for ever")
    return ngettext("{count} day", "{count} days", days).format(count=days)


async def command(_message: Message, chat: Chat, member: Member, services: Services) -> None:
    chat.say(terms_screen(await services.retention.browse(member)))


async def show(_query: CallbackQuery, chat: Chat, member: Member, services: Services) -> None:
    chat.show(terms_screen(await services.retention.browse(member)))


async def change(
    _query: CallbackQuery, callback_data: TermButton, chat: Chat, member: Member, state: FSMContext,
    services: Services,
) -> None:  # fmt: skip
    if callback_data.kind not in TERMS:
        raise BadInput("kind", "unknown")
    await services.retention.browse(member)
    await forms.start(CHANGE, chat, state, member, services, {"kind": callback_data.kind})


def _choices(asking: Asking) -> list[tuple[str, str]]:
    term = TERMS[asking.context["kind"]]
    offered = sorted({term.fewest, term.usual, 30, 90, 365, 1095})
    return [
        *((_days(one), str(one)) for one in offered if one >= term.fewest),
        (_days(FOR_EVER), str(FOR_EVER)),
    ]


def _read(typed: str, _member: Member) -> str:
    if not typed.strip().isdecimal():
        raise BadInput("kept_days", "invalid")
    return typed.strip()


async def _finish(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    read_days(context["kind"], answers["days"])
    kept = await services.retention.choose(member, context["kind"], answers["days"])
    chat.toast(_("✅ Saved."))
    chat.show(terms_screen(kept))


CHANGE = Form(
    name="term",
    questions=(
        Question(
            "days",
            lambda asking: _("🗓 <b>{what}</b>: how many days shall it be kept? 0 is for ever.").format(
                what=_(WORDS[asking.context["kind"]])
            ),
            _read,
            choices=_choices,
            width=3,
        ),
    ),
    finish=_finish,
    cancelled=lambda: _("It stays as it was."),
)
FORMS: tuple[Form, ...] = (CHANGE,)


def routes() -> Router:
    router = Router(name="retention")
    router.message.register(command, Command("retention"))
    press = router.callback_query.register
    press(show, MenuButton.filter(F.place == "retention"))
    press(show, TermButton.filter(F.do == "show"))
    press(change, TermButton.filter(F.do == "change"))
    return router
