"""/rules: who gets new leads, as admins set it up."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message, TelegramObject

from domain.errors import BadInput, NotFound, TooLate
from domain.members import Member
from domain.sharing import CONDITIONS, Share
from handlers.buttons import MenuButton, short
from handlers.chat import Chat
from handlers.errors import in_words
from handlers.forms import forms
from handlers.screens import Screen
from handlers.sharing import rule_forms
from handlers.sharing.buttons import RuleButton, RulesButton, mark_of
from handlers.sharing.rule_forms import offers, roads
from handlers.sharing.rule_screens import (
    ask_screen,
    asks_screen,
    drop_screen,
    hours_screen,
    list_screen,
    people_screen,
    person_screen,
    rule_screen,
)
from locales import _
from services.registry import Services
from services.sharing.rules import Seen

FORMS = rule_forms.FORMS
Show = Callable[[Services, Member, Seen, str], Awaitable[Screen]]


async def _list(services: Services, member: Member, said: str = "") -> Screen:
    shared = await services.rules.chat_shared(member)
    return list_screen(await services.rules.all(member), shared, said)


async def command(_message: Message, chat: Chat, member: Member, services: Services) -> None:
    chat.say(await _list(services, member))


async def show_list(_query: CallbackQuery, chat: Chat, member: Member, services: Services) -> None:
    chat.show(await _list(services, member))


async def chat_sharing(
    _query: CallbackQuery, callback_data: RulesButton, chat: Chat, member: Member, services: Services
) -> None:
    """Whether what people send in the chat is shared out, too."""
    await services.rules.share_chat(member, on=callback_data.do == "chat_on")
    chat.show(await _list(services, member))


async def new(
    _query: CallbackQuery, chat: Chat, member: Member, state: FSMContext, services: Services
) -> None:
    people = [[short(one.id), one.name] for one in await services.rules.people(member)]
    await forms.start(rule_forms.NEW, chat, state, member, services, {"people": people})


async def try_out(
    _query: CallbackQuery, chat: Chat, member: Member, state: FSMContext, services: Services
) -> None:
    """Who would get a lead like this one? Only what some rule asks for is asked."""
    rules = await services.rules.all(member)
    offered = {
        name: list(dict.fromkeys(value for one in rules for value in one.rule.conditions.get(name, ())))
        for name in CONDITIONS
    }
    context = {"offered": offered, "roads": await roads(services, member)}
    await forms.start(rule_forms.TRY, chat, state, member, services, context)


async def ask(
    _query: CallbackQuery,
    callback_data: RuleButton,
    chat: Chat,
    member: Member,
    state: FSMContext,
    services: Services,
) -> None:
    """Something that is typed: a name, a value, hours."""
    seen = await services.rules.get(member, callback_data.id)
    context = {"id": str(seen.rule.id), "condition": callback_data.extra}
    form = {"rename": rule_forms.RENAME, "type": rule_forms.VALUE, "set_hours": rule_forms.HOURS}
    if callback_data.do == "type" and callback_data.extra not in CONDITIONS:
        raise BadInput("condition", "invalid")
    await forms.start(form[callback_data.do], chat, state, member, services, context)


async def drop(
    _query: CallbackQuery, callback_data: RuleButton, chat: Chat, member: Member, services: Services
) -> None:
    await services.rules.drop(member, callback_data.id)
    chat.show(await _list(services, member, _("🗑 The rule is deleted.")))


async def act(
    _query: CallbackQuery, callback_data: RuleButton, chat: Chat, member: Member, services: Services
) -> None:
    """Look at a part of the rule, or change it by one press; then it is shown as it is."""
    change, screen = ACTS[callback_data.do]
    seen = await services.rules.get(member, callback_data.id)
    if change is not None:
        seen = await change(services, member, seen, callback_data.extra)
    chat.show(await screen(services, member, seen, callback_data.extra))


Change = Callable[[Services, Member, Seen, str], Awaitable[Seen]]


async def _weight(services: Services, member: Member, seen: Seen, extra: str) -> Seen:
    share, number = await _share(services, member, seen, extra)
    changed = Share(share.member_id, number, share.cap)
    return await services.rules.set_share(member, seen.rule.id, changed)


async def _cap(services: Services, member: Member, seen: Seen, extra: str) -> Seen:
    share, number = await _share(services, member, seen, extra)
    changed = Share(share.member_id, share.weight, number)
    return await services.rules.set_share(member, seen.rule.id, changed)


async def _person(services: Services, member: Member, seen: Seen, extra: str) -> Seen:
    """A press on somebody who is not in the rule puts them in."""
    share, _number = await _share(services, member, seen, extra)
    if seen.rule.share_of(share.member_id) is not None:
        return seen
    return await services.rules.set_share(member, seen.rule.id, share)


async def _share(services: Services, member: Member, seen: Seen, extra: str) -> tuple[Share, int]:
    """Somebody's part by the mark in a button, and the number beside it."""
    mark, _dot, number = extra.partition(".")
    held = next((one for one in seen.rule.shares if short(one.member_id) == mark), None)
    if held is None:
        able = await services.rules.people(member)
        found = next((one.id for one in able if short(one.id) == mark), None)
        if found is None:
            raise NotFound(what="member")
        held = Share(found)
    return held, int(number) if number.isdecimal() and len(number) < 5 else 0


async def _value(services: Services, member: Member, seen: Seen, extra: str) -> Seen:
    name, _dot, mark = extra.partition(".")
    if name not in CONDITIONS:
        raise BadInput("condition", "invalid")
    value = next((one for one in await offers(services, member, seen, name) if mark_of(one) == mark), None)
    if value is None:
        raise NotFound(what="value")
    return await services.rules.turn_value(member, seen.rule.id, name, value)


async def _day(services: Services, member: Member, seen: Seen, extra: str) -> Seen:
    return await services.rules.turn_day(member, seen.rule.id, int(extra) if extra.isdecimal() else -1)


async def _whole(services: Services, member: Member, seen: Seen, _extra: str) -> Screen:
    return rule_screen(seen, await roads(services, member))


async def _people(services: Services, member: Member, seen: Seen, _extra: str) -> Screen:
    return people_screen(seen, await services.rules.people(member))


async def _one(services: Services, member: Member, seen: Seen, extra: str) -> Screen:
    mark = extra.partition(".")[0]
    share = next((one for one in seen.rule.shares if short(one.member_id) == mark), None)
    if share is None:
        return await _people(services, member, seen, extra)
    return person_screen(seen.rule, share, seen.names.get(share.member_id, "—"))


async def _asks(services: Services, member: Member, seen: Seen, _extra: str) -> Screen:
    return asks_screen(seen.rule, await roads(services, member))


async def _ask(services: Services, member: Member, seen: Seen, extra: str) -> Screen:
    name = extra.partition(".")[0]
    if name not in CONDITIONS:
        raise BadInput("condition", "invalid")
    offered = await offers(services, member, seen, name)
    return ask_screen(seen.rule, name, offered, await roads(services, member))


async def _hours(_services: Services, _member: Member, seen: Seen, _extra: str) -> Screen:
    return hours_screen(seen.rule)


async def _sure(_services: Services, _member: Member, seen: Seen, _extra: str) -> Screen:
    return drop_screen(seen.rule)


ACTS: dict[str, tuple[Change | None, Show]] = {
    "show": (None, _whole),
    "on": (lambda services, member, seen, _e: services.rules.turn(member, seen.rule.id, on=True), _whole),
    "off": (lambda services, member, seen, _e: services.rules.turn(member, seen.rule.id, on=False), _whole),
    "up": (lambda services, member, seen, _e: services.rules.shift(member, seen.rule.id, -1), _whole),
    "down": (lambda services, member, seen, _e: services.rules.shift(member, seen.rule.id, 1), _whole),
    "people": (None, _people),
    "person": (_person, _one),
    "weight": (_weight, _one),
    "cap": (_cap, _one),
    "asks": (None, _asks),
    "ask": (None, _ask),
    "value": (_value, _ask),
    "any": (lambda services, member, seen, name: services.rules.clear(member, seen.rule.id, name), _ask),
    "hours": (None, _hours),
    "always": (lambda services, member, seen, _e: services.rules.set_hours(member, seen.rule.id, ""), _hours),
    "day": (_day, _hours),
    "drop": (None, _sure),
}
"""What a press changes, if anything, and what is shown then."""


async def as_it_is(
    handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
    event: TelegramObject,
    data: dict[str, Any],
) -> Any:
    """Middleware: where another admin was faster, the answer says so and the list shows how it is now."""
    try:
        return await handler(event, data)
    except (TooLate, NotFound) as error:
        chat, member, services = data["chat"], data["member"], data["services"]
        chat.toast(in_words(error), alert=True)
        chat.show(await _list(services, member))
        return None


def routes() -> Router:
    router = Router(name="rules")
    router.callback_query.middleware(as_it_is)
    router.message.register(command, Command("rules"))
    press = router.callback_query.register
    press(show_list, MenuButton.filter(F.place == "rules"))
    press(new, RulesButton.filter(F.do == "new"))
    press(try_out, RulesButton.filter(F.do == "try"))
    press(chat_sharing, RulesButton.filter(F.do.in_({"chat_on", "chat_off"})))
    press(ask, RuleButton.filter(F.do.in_({"rename", "type", "set_hours"})))
    press(drop, RuleButton.filter(F.do == "really_drop"))
    press(act, RuleButton.filter(F.do.in_(ACTS)))
    return router
