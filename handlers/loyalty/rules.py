"""/loyalty: what purchases earn. A rule is never changed: a new one takes its place from its start on."""

from collections.abc import Sequence
from datetime import datetime

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from domain.loyalty import Rule, rule_at
from domain.members import Member
from handlers.buttons import MenuButton
from handlers.cards import moment
from handlers.chat import Chat
from handlers.forms import forms
from handlers.loyalty.buttons import LoyaltyRuleButton, NewRuleButton
from handlers.loyalty.rule_forms import NEW_RULE
from handlers.loyalty.words import percent, terms_lines
from handlers.menu import to_menu
from handlers.screens import Button, Screen, esc
from locales import _
from services.registry import Services

SHOWN = 12


def to_rules() -> Button:
    return Button(_("⬅️ All rules"), MenuButton(place="loyalty"))


async def overview(services: Services, member: Member) -> Screen:
    """The rules, the newest first, with the one that holds marked."""
    rules, now = await services.loyalty_rules.every(member), services.loyalty_rules.clock()
    lines = [_("🎁 <b>Bonuses for purchases</b>"), ""]
    holds = rule_at(rules, now)
    if holds is None:
        lines.append(_("No rule holds now: purchases earn nothing."))
    else:
        lines += [f"✅ <b>{esc(holds.name)}</b>", *(f"· {line}" for line in terms_lines(holds.terms))]
    lines += ["", _("Purchases go by the rule that holds when they are made; people spend bonuses at a "
                    "manager's: open a customer and press 🎁.")]  # fmt: skip
    rows = [
        [Button(f"{_mark(one, holds, now)} {one.name} · {percent(one.terms.percent)}"[:60],
                LoyaltyRuleButton(do="show", id=one.id))]
        for one in _newest(rules)
    ]  # fmt: skip
    rows.append([Button(_("➕ New rule"), NewRuleButton(do="new"))])
    rows.append([Button(_("🧾 Where purchases come from"), MenuButton(place="integrations"))])
    return Screen("\n".join(lines), [*rows, to_menu()])


def _newest(rules: Sequence[Rule]) -> Sequence[Rule]:
    return sorted(rules, key=lambda one: (one.starts_at, one.id), reverse=True)[:SHOWN]


def _mark(rule: Rule, holds: Rule | None, now: datetime) -> str:
    if holds is not None and rule.id == holds.id:
        return "✅"
    return "🕰" if rule.starts_at > now else "⚪️"


def rule_screen(rule: Rule, member: Member, now: datetime) -> Screen:
    lines = [f"🎁 <b>{esc(rule.name)}</b>", *(f"· {line}" for line in terms_lines(rule.terms)), ""]
    lines.append(_("From {time}").format(time=moment(rule.starts_at, member)))
    if rule.ends_at is not None:
        lines.append(_("Until {time}").format(time=moment(rule.ends_at, member)))
    over = rule.ends_at is not None and rule.ends_at <= now
    end = [] if over else [Button(_("⏹ End it now"), LoyaltyRuleButton(do="end", id=rule.id))]
    return Screen("\n".join(lines), [end, [to_rules(), *to_menu()]])


async def command(_message: Message, chat: Chat, member: Member, services: Services) -> None:
    chat.say(await overview(services, member))


async def press(_query: CallbackQuery, chat: Chat, member: Member, services: Services) -> None:
    chat.show(await overview(services, member))


async def new(
    _query: CallbackQuery, chat: Chat, state: FSMContext, member: Member, services: Services
) -> None:
    # whoever may not is told before anything is asked
    await services.loyalty_rules.every(member)
    await forms.start(NEW_RULE, chat, state, member, services)


async def show(
    _query: CallbackQuery, callback_data: LoyaltyRuleButton, chat: Chat, member: Member, services: Services
) -> None:
    rule = await services.loyalty_rules.get(member, callback_data.id)
    chat.show(rule_screen(rule, member, services.loyalty_rules.clock()))


async def end(
    _query: CallbackQuery, callback_data: LoyaltyRuleButton, chat: Chat, member: Member, services: Services
) -> None:
    rule = await services.loyalty_rules.get(member, callback_data.id)
    text = _(
        "⏹ End “{name}”?\n\nPurchases from now on earn nothing by it. What people have stays theirs."
    ).format(name=esc(rule.name))
    yes = Button(_("Yes, end it"), LoyaltyRuleButton(do="really_end", id=rule.id))
    back = Button(_("⬅️ Back"), LoyaltyRuleButton(do="show", id=rule.id))
    chat.show(Screen(text, [[yes], [back]]))


async def really_end(
    _query: CallbackQuery, callback_data: LoyaltyRuleButton, chat: Chat, member: Member, services: Services
) -> None:
    await services.loyalty_rules.end(member, callback_data.id)
    chat.toast(_("⏹ The rule has ended."))
    chat.show(await overview(services, member))


FORMS = (NEW_RULE,)


def routes() -> Router:
    router = Router(name="loyalty_rules")
    router.message.register(command, Command("loyalty"))
    router.callback_query.register(press, MenuButton.filter(F.place == "loyalty"))
    router.callback_query.register(new, NewRuleButton.filter(F.do == "new"))
    router.callback_query.register(show, LoyaltyRuleButton.filter(F.do == "show"))
    router.callback_query.register(end, LoyaltyRuleButton.filter(F.do == "end"))
    router.callback_query.register(really_end, LoyaltyRuleButton.filter(F.do == "really_end"))
    return router
