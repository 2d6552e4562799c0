"""/privacy: what is held on oneself, as a file, and how to have it erased; and for those who look after it,
the data of a person outside, by a phone or an e-mail."""

import json
from typing import Any

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from domain.errors import BadInput
from domain.members import Member, Right
from domain.privacy import Abroad, Holding, read_subject
from handlers.buttons import MenuButton
from handlers.chat import Chat
from handlers.forms import forms
from handlers.forms.forms import Answers, Form, Question
from handlers.menu import to_menu
from handlers.people.buttons import OwnButton
from handlers.privacy.buttons import PersonButton, TermButton
from handlers.screens import Button, Screen, esc
from locales import N_, _, ngettext
from services.registry import Services

STATE = "privacy:person"
COUNTED = {
    "leads": N_("Leads: {count}"),
    "customers": N_("Customers: {count}"),
    "contacts": N_("Contacts of leads and customers: {count}"),
    "activities": N_("Activities: {count}"),
    "files": N_("Files: {count}"),
    "history": N_("Lines of the history: {count}"),
    "clicks": N_("Clicks on messenger links: {count}"),
    "consents": N_("Consents: {count}"),
    "purchases": N_("Purchases: {count}"),
    "bonuses": N_("Lines of bonus accounts: {count}"),
}


def own_screen(member: Member) -> Screen:
    """What there is to do about personal data."""
    lines = [
        _("🔒 <b>Personal data</b>"),
        "",
        _("“{name}” keeps your name, phone, profile and settings, what you agreed to and when, and what you "
          "did here.").format(name=esc(member.organization_name)),
    ]  # fmt: skip
    rows = [
        [_act(_("📄 Everything about me, as a file"), "mine")],
        [Button(_("📜 What I agreed to"), MenuButton(place="consent"))],
        [Button(_("🗑 Have my data erased"), OwnButton(do="withdraw"))],
    ]
    if member.may(Right.PRIVACY_MANAGE):
        rows.append([_act(_("🔎 Data of a person outside"), "ask")])
        rows.append([Button(_("🗓 How long things are kept"), TermButton(do="show"))])
    return Screen("\n".join(lines), [*rows, to_menu()])


def _act(text: str, do: str, confirm: str = "") -> Button:
    return Button(text, PersonButton(do=do, confirm=confirm))


async def command(_message: Message, chat: Chat, member: Member) -> None:
    chat.say(own_screen(member))


async def show(_query: CallbackQuery, chat: Chat, member: Member) -> None:
    chat.show(own_screen(member))


async def mine(_query: CallbackQuery, chat: Chat, member: Member, services: Services) -> None:
    async def work(later: Chat) -> None:
        later.upload("my-data.json", await services.own_data.export(member), _("🔒 Everything about you"))

    chat.toast(_("⏳ The file is on its way."))
    chat.then(work)


async def ask(
    _query: CallbackQuery, chat: Chat, member: Member, state: FSMContext, services: Services
) -> None:
    await forms.start(ASK, chat, state, member, services)


async def _found(
    chat: Chat, state: FSMContext, member: Member, answers: Answers, _context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    holding = await services.personal_data.look(member, answers["whom"])
    chat.show(holding_screen(holding))
    if holding.is_empty:
        return
    # whose data it is does not fit into a button
    await state.set_state(STATE)
    await state.set_data({"whom": holding.subject.value})


def holding_screen(holding: Holding, *, sure: bool = False) -> Screen:
    """How much is held; `sure` asks before it is erased."""
    lines = [_("🔒 <b>{whom}</b>").format(whom=esc(holding.subject.value)), ""]
    if holding.is_empty:
        rows = [[_act(_("🔎 Somebody else"), "ask")], to_menu()]
        return Screen("\n".join([*lines, _("Nothing is held on this person.")]), rows)
    lines += [
        _(text).format(count=holding.counts[name])
        for name, text in COUNTED.items()
        if holding.counts.get(name)
    ]
    if holding.numbers:
        lines.append("#" + ", #".join(map(str, holding.numbers[:30])))
    lines += [_record(one) for one in holding.abroad]
    if not sure:
        rows = [
            [_act(_("📄 Everything as a file"), "file")],
            [_act(_("🗑 Erase…"), "sure", holding.confirm)],
            [_act(_("⬅️ Back"), "show"), *to_menu()],
        ]
        return Screen("\n".join(lines), rows)
    lines += ["", _("⚠️ <b>Erase all of it for good?</b> That there was a lead, when it came and how it went "
                    "stays; who that was, goes: names, phones, e-mails, notes, files, what came in and went "
                    "out. This cannot be undone.")]  # fmt: skip
    yes = _act(_("🗑 Yes, erase for good"), "erase", holding.confirm)
    return Screen("\n".join(lines), [[yes], [_act(_("⬅️ No, back"), "show")]])


def _record(one: Abroad) -> str:
    where = one.name or one.provider
    place = f'<a href="{esc(one.url)}">{esc(where)}</a>' if one.url else esc(where)
    if one.told:
        return _("{crm}: is told to empty the record; what was logged there stays").format(crm=place)
    return _("{crm}: has a record, erase it there").format(crm=place)


async def _whom(state: FSMContext) -> str:
    data = await state.get_data()
    if await state.get_state() != STATE or not data.get("whom"):
        raise BadInput("person", "forgotten")
    return str(data["whom"])


async def file(
    _query: CallbackQuery, chat: Chat, member: Member, state: FSMContext, services: Services
) -> None:
    whom = await _whom(state)

    async def work(later: Chat) -> None:
        holding = await services.personal_data.export(member, whom)
        content = json.dumps(holding.file, ensure_ascii=False, indent=1).encode()
        later.upload("personal-data.json", content, _("🔒 Everything that is held"))

    chat.toast(_("⏳ The file is on its way."))
    chat.then(work)


async def sure(
    _query: CallbackQuery, chat: Chat, member: Member, state: FSMContext, services: Services
) -> None:
    holding = await services.personal_data.look(member, await _whom(state))
    chat.show(holding_screen(holding, sure=True))


async def erase(
    _query: CallbackQuery, callback_data: PersonButton, chat: Chat, member: Member, state: FSMContext,
    services: Services,
) -> None:  # fmt: skip
    await services.second_factor.demand(member)
    whom = await _whom(state)
    await services.personal_data.begin_erasing(member)
    await state.clear()

    async def work(later: Chat) -> None:
        done = await services.personal_data.erase(member, whom, callback_data.confirm)
        count = sum(done.counts.values())
        text = ngettext("🗑 Erased: {count} row.", "🗑 Erased: {count} rows.", count).format(count=count)
        lines = [text, *(_record(one) for one in done.abroad)]
        lines.append(_("Files that were sent in Telegram stay in the chats they were sent to."))
        later.say(Screen("\n".join(lines), [to_menu()]))

    chat.show(Screen(_("⏳ Erasing …")))
    chat.then(work)


ASK = Form(
    name="privacy",
    questions=(
        Question(
            "whom",
            lambda _a: _("🔎 Whose data? Type a phone or an e-mail."),
            lambda typed, member: read_subject(typed, member.region).value,
        ),
    ),
    finish=_found,
    cancelled=lambda: _("Nothing was looked for."),
    about={"phone": "whom", "email": "whom"},
)
FORMS: tuple[Form, ...] = (ASK,)


def routes() -> Router:
    router = Router(name="privacy")
    router.message.register(command, Command("privacy"))
    press = router.callback_query.register
    press(show, MenuButton.filter(F.place == "privacy"))
    acts: dict[str, Any] = {
        "show": show, "mine": mine, "ask": ask, "file": file, "sure": sure, "erase": erase,
    }  # fmt: skip
    for do, act in acts.items():
        press(act, PersonButton.filter(F.do == do))
    return router
