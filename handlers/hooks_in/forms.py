"""What is typed about hooks of our own: names, sites, the trap, messengers, samples."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from aiogram.fsm.context import FSMContext

from domain.errors import BadInput
from domain.fields import read_text
from domain.hooks_in import (
    CHANNELS,
    HONEYPOT,
    NAME_LIMIT,
    HookKind,
    form_settings,
    read_field_name,
    read_origins,
    read_place,
)
from domain.members import Member
from handlers.chat import Chat
from handlers.forms.forms import Answers, Asking, Form, Question
from handlers.hooks_in.cards import card
from handlers.hooks_in.mapping_screens import map_screen
from handlers.hooks_in.secret_screens import new_secret_screen
from handlers.hooks_in.words import KINDS
from locales import N_, _
from services.registry import Services

ANY, NONE = "*", "-"
NAMES: dict[HookKind, tuple[str, ...]] = {
    HookKind.WEBSITE: (N_("Website"), N_("Landing page"), "Tilda"),
    HookKind.CLICKS: (N_("Messengers"),),
    HookKind.MAKE: ("Make.com",),
    HookKind.OTHER: (N_("Quiz"), N_("Telephony"), N_("Other")),
}
ASKED: dict[str, str] = {
    "telegram": N_("Which bot or account in Telegram? For example: my_bot"),
    "whatsapp": N_("Which number in WhatsApp? For example: +7 999 123-45-67"),
    "instagram": N_("Which account in Instagram? For example: my.school"),
}


async def _made(
    chat: Chat, state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    kind = HookKind(context["kind"])
    settings = {"telegram": context["bot"]} if kind is HookKind.CLICKS and context.get("bot") else {}
    made = await services.inlets.make(member, kind, answers["name"], settings)
    if kind is HookKind.MAKE:
        secret = await services.hook_secrets.issue(member, made.id)
        chat.show(new_secret_screen(made, secret, replaced=False))
        return
    chat.show(await card(services, member, made.id))


async def _renamed(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    renamed = await services.inlets.rename(member, UUID(context["hook"]), answers["name"])
    chat.show(await card(services, member, renamed.id))


async def _sites(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    inlet = await services.inlets.get(member, UUID(context["hook"]))
    origins = () if answers["sites"] == ANY else read_origins(answers["sites"])
    if inlet.kind is HookKind.CLICKS:
        await services.inlets.set_origins(member, inlet.id, origins)
    else:
        settings = replace(form_settings(inlet.settings), origins=origins)
        await services.inlets.set_form(member, inlet.id, settings)
    chat.show(await card(services, member, inlet.id))


async def _trapped(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    inlet = await services.inlets.get(member, UUID(context["hook"]))
    trap = "" if answers["trap"] == NONE else answers["trap"]
    await services.inlets.set_form(member, inlet.id, replace(form_settings(inlet.settings), honeypot=trap))
    chat.show(await card(services, member, inlet.id))


async def _placed(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    place = "" if answers["place"] == NONE else answers["place"]
    placed = await services.inlets.set_place(member, UUID(context["hook"]), context["channel"], place)
    chat.show(await card(services, member, placed.id))


async def _pasted(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    hook_id = UUID(context["hook"])
    await services.json_hooks.paste(member, hook_id, answers["sample"])
    inlet = await services.inlets.get(member, hook_id)
    chat.show(map_screen(inlet, await services.json_hooks.sample(member, hook_id)))


def _names(asking: Asking) -> list[tuple[str, str]]:
    kind = asking.context.get("kind")
    return [(_(name), _(name)) for name in NAMES[HookKind(kind)]] if kind else []


def _read_name(typed: str, _member: Member) -> str:
    return read_text("hook_name", typed, NAME_LIMIT)


def _read_sites(typed: str, _member: Member) -> str:
    if typed.strip() == ANY:
        return ANY
    origins = read_origins(typed)
    if not origins:
        raise BadInput("origin", "invalid")
    return ", ".join(origins)


def _read_trap(typed: str, _member: Member) -> str:
    return NONE if typed.strip() == NONE else read_field_name(typed)


def _place_question(channel: str) -> Question:
    def read(typed: str, _member: Member) -> str:
        return NONE if typed.strip() == NONE else read_place(channel, typed)

    def offered(asking: Asking) -> list[tuple[str, str]]:
        bot = asking.context.get("bot", "") if channel == "telegram" else ""
        return [*([(f"@{bot}", bot)] if bot else []), (_("🚫 No links to it"), NONE)]

    return Question("place", lambda _a: _(ASKED[channel]), read, choices=offered)


def _kind_word(asking: Asking) -> str:
    icon, text = KINDS[HookKind(asking.context["kind"])]
    return _("{kind}: what shall it be called? Choose, or type a name of your own.").format(
        kind=f"<b>{icon} {_(text)}</b>"
    )


def _unchanged() -> str:
    return _("Nothing was changed.")


ABOUT = {"hook_name": "name", "hooks": "name"}
NEW = Form(
    "inlet_new", (Question("name", _kind_word, _read_name, choices=_names),), _made,
    lambda: _("Nothing was made."), about=ABOUT,
)  # fmt: skip
RENAME = Form(
    "inlet_name", (Question("name", lambda _a: _("✏️ What shall it be called?"), _read_name),), _renamed,
    _unchanged, about=ABOUT,
)  # fmt: skip
SITES = Form(
    "inlet_sites",
    (
        Question(
            "sites",
            lambda _a: _("🌐 From which sites may it come? Type their addresses with commas between."),
            _read_sites,
            choices=lambda _a: [(_("🌐 From any"), ANY)],
        ),
    ),
    _sites, _unchanged, about={"origin": "sites"},
)  # fmt: skip
TRAP = Form(
    "inlet_trap",
    (
        Question(
            "trap",
            lambda _a: _(
                "🪤 Put a hidden field into the form: people leave it empty, machines fill it in, and what "
                "they send is quietly thrown away. What is the field called?"
            ),
            _read_trap,
            choices=lambda _a: [(HONEYPOT, HONEYPOT), ("fax", "fax"), (_("🚫 No trap"), NONE)],
        ),
    ),
    _trapped, _unchanged, about={"honeypot": "trap"},
)  # fmt: skip
PASTE = Form(
    "inlet_sample",
    (Question("sample", lambda _a: _("📋 Send me the JSON that the other system sends, as a message."),
              given=lambda _a: "📋 JSON"),),
    _pasted, _unchanged,
)  # fmt: skip
PLACES = {
    channel: Form(f"inlet_{channel}", (_place_question(channel),), _placed, _unchanged,
                  about={f"place_{channel}": "place"})
    for channel in CHANNELS
}  # fmt: skip
FORMS: tuple[Form, ...] = (NEW, RENAME, SITES, TRAP, PASTE, *PLACES.values())
