"""What admins decide about operations and stored deliveries: one by one, and in bulk."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from uuid import UUID

from aiogram import F, Router
from aiogram.types import CallbackQuery

from domain.delivery import Operation
from domain.errors import TooLate
from domain.members import Member
from handlers.buttons import DeliveryButton, LogButton, OperationButton, ReplayButton
from handlers.chat import Chat
from handlers.crm.operation_cards import delivery_screen, mark_of, operation_screen
from handlers.errors import in_words
from handlers.menu import to_menu
from handlers.screens import Button, Screen, grid
from locales import N_, _, ngettext
from services.delivery.operations import Operations
from services.registry import Services

SPANS: Mapping[int, str] = {
    1: N_("the last hour"),
    24: N_("the last day"),
    72: N_("the last three days"),
    168: N_("the last week"),
}
"""Hours back, and their words."""

Decide = Callable[[Operations, Member, Operation], Awaitable[Operation]]


async def _retry(operations: Operations, member: Member, found: Operation) -> Operation:
    return await operations.retry(member, found.id)


async def _drop(operations: Operations, member: Member, found: Operation) -> Operation:
    return await operations.drop(member, found.id)


async def _replay(operations: Operations, member: Member, found: Operation) -> Operation:
    return await operations.replay(member, found.id)


async def _new(operations: Operations, member: Member, found: Operation) -> Operation:
    return await operations.choose(member, found.id, "")


DECISIONS: Mapping[str, tuple[Decide, str]] = {
    "retry": (_retry, N_("It is on its way again.")),
    "really_drop": (_drop, N_("Given up: the CRM will not get it.")),
    "replay": (_replay, N_("It is written once more, behind what waits for this lead.")),
    "new": (_new, N_("A new record will be made.")),
}
CHOSEN = N_("The lead is linked with this record.")


async def operation(
    _query: CallbackQuery, callback_data: OperationButton, chat: Chat, member: Member, services: Services
) -> None:
    """Show the card, or carry a decision out and show what it led to."""
    found = await services.operations.get(member, callback_data.operation)
    try:
        found, said = await _decide(services.operations, member, found, callback_data.do)
        if said:
            chat.toast(_(said))
    except TooLate as error:
        chat.toast(in_words(error), alert=True)
        found = await services.operations.get(member, found.id)
    lead = await services.leads.for_notice(member.organization_id, found.record_id)
    sure = callback_data.do == "drop"
    chat.show(operation_screen(found, lead, member, sure=sure, back=callback_data.back))


async def _decide(operations: Operations, member: Member, found: Operation, do: str) -> tuple[Operation, str]:
    """The operation after the decision, and the words (a msgid) for it; none for a mere look."""
    if do.startswith("take"):
        chosen = [one.id for one in found.candidates if mark_of(one) == do.removeprefix("take")]
        if not chosen:
            raise TooLate("answered")
        return await operations.choose(member, found.id, chosen[0]), CHOSEN
    if do not in DECISIONS:
        return found, ""
    decide, said = DECISIONS[do]
    return await decide(operations, member, found), said


async def delivery(
    _query: CallbackQuery, callback_data: DeliveryButton, chat: Chat, member: Member, operations: Operations
) -> None:
    """Show a stored delivery, or work it off once more."""
    identity: UUID = callback_data.delivery
    if callback_data.do == "replay":
        try:
            await operations.replay_delivery(member, identity)
            chat.toast(_("It is worked off once more."))
        except TooLate as error:
            chat.toast(in_words(error), alert=True)
    chat.show(delivery_screen(await operations.delivery(member, identity), member, callback_data.back))


async def ask_failures(_query: CallbackQuery, chat: Chat, member: Member, operations: Operations) -> None:
    """How much failed, before all of it is sent again."""
    failed = await operations.failures(member)
    if not failed.total:
        chat.show(_said(_("✅ Nothing has failed: there is nothing to send again.")))
        return
    writes = ngettext("{count} write", "{count} writes", failed.operations).format(count=failed.operations)
    came = ngettext("{count} message of the CRM", "{count} messages of the CRM", failed.deliveries)
    text = _("🔁 <b>Do once more what failed?</b>\n{writes}, {messages}.\nThe order of each lead is kept.")
    told = text.format(writes=writes, messages=came.format(count=failed.deliveries))
    chat.show(_sure(told, ReplayButton(do="really_failed")))


async def replay_failures(_query: CallbackQuery, chat: Chat, member: Member, operations: Operations) -> None:
    done = await operations.replay_failures(member)
    said = ngettext("📤 {count} is on its way again.", "📤 {count} are on their way again.", done.total)
    chat.show(_said(said.format(count=done.total)))


async def ask_deliveries(
    _query: CallbackQuery, callback_data: ReplayButton, chat: Chat, member: Member, operations: Operations
) -> None:
    """Since when; then how many those are."""
    hours = callback_data.hours
    if hours not in SPANS:
        ways = [Button(_(words), ReplayButton(do="since", hours=span)) for span, words in SPANS.items()]
        text = _(
            "📥 <b>Work the CRM's messages off once more</b>\nSince when? Records are read anew each time."
        )
        chat.show(Screen(text, [*grid(ways, 2), [_to_log(), *to_menu()]]))
        return
    count = await operations.deliveries_within(member, timedelta(hours=hours))
    if not count:
        chat.show(_said(_("➖ The CRM has told nothing in this time.")))
        return
    text = ngettext(
        "📥 <b>Work {count} message off once more?</b>",
        "📥 <b>Work {count} messages off once more?</b>",
        count,
    )
    told = text.format(count=count) + "\n" + _("Of {span}, oldest first.").format(span=_(SPANS[hours]))
    chat.show(_sure(told, ReplayButton(do="really_since", hours=hours)))


async def replay_deliveries(
    _query: CallbackQuery, callback_data: ReplayButton, chat: Chat, member: Member, operations: Operations
) -> None:
    count = await operations.replay_deliveries(member, timedelta(hours=min(callback_data.hours, max(SPANS))))
    said = ngettext("📥 {count} message is worked off.", "📥 {count} messages are worked off.", count)
    chat.show(_said(said.format(count=count)))


def _to_log() -> Button:
    return Button(_("📜 Operations"), LogButton(do="page"))


def _said(text: str) -> Screen:
    return Screen(text, [[_to_log(), *to_menu()]])


def _sure(text: str, yes: ReplayButton) -> Screen:
    return Screen(text, [[Button(_("Yes, do it"), yes), _to_log()]])


def routes() -> Router:
    router = Router(name="operation_work")
    press = router.callback_query.register
    press(operation, OperationButton.filter())
    press(delivery, DeliveryButton.filter())
    press(ask_failures, ReplayButton.filter(F.do == "failed"))
    press(replay_failures, ReplayButton.filter(F.do == "really_failed"))
    press(ask_deliveries, ReplayButton.filter(F.do == "since"))
    press(replay_deliveries, ReplayButton.filter(F.do == "really_since"))
    return router
