"""/crm, move to another CRM: guided step by step, with a bar that moves and a report at the end."""

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

from aiogram import F, Router
from aiogram.types import CallbackQuery

from domain.errors import NotFound, VoronkaError
from domain.members import Member, Right
from domain.switching import OPEN, Move
from handlers.buttons import CrmButton, MenuButton, SwitchButton
from handlers.chat import Chat
from handlers.crm.switch_cards import choice_screen, move_screen, plan_screen, sure_screen
from handlers.crm.switch_report import FILE_NAME, report_file
from handlers.errors import in_words
from handlers.menu import to_menu
from handlers.screens import Button, Screen, esc
from locales import _, ngettext
from services.entry.second_factor import SecondFactor
from services.messages.notices import Delivery
from services.registry import Services
from services.switching.switch import CrmSwitch

Decide = Callable[[Member, UUID], Awaitable[Move]]


async def place(_query: CallbackQuery, chat: Chat, member: Member, crm_switch: CrmSwitch) -> None:
    """The move that is open, else where to move to."""
    move = await crm_switch.current(member)
    if move is not None and move.state in OPEN:
        chat.show(move_screen(move))
        return
    chat.show(choice_screen(await crm_switch.targets(member)))


async def plan(
    _query: CallbackQuery, callback_data: SwitchButton, chat: Chat, member: Member, crm_switch: CrmSwitch
) -> None:
    """What the move would mean."""
    chat.show(Screen(_("⏳ I am looking at what it would mean …")))

    async def look(later: Chat) -> None:
        try:
            found = await crm_switch.plan(member, callback_data.id)
        except VoronkaError as error:
            again = Button(_("🔄 Try again"), SwitchButton(do="plan", id=callback_data.id))
            later.show(_failed(error, [again]))
            return
        later.show(plan_screen(found))

    chat.then(look)


def _failed(error: VoronkaError, ways: list[Button]) -> Screen:
    back = [Button(_("🔌 CRM"), MenuButton(place="crm")), *to_menu()]
    return Screen(f"⛔ {esc(in_words(error))}", [ways, back])


async def start(
    _query: CallbackQuery, callback_data: SwitchButton, chat: Chat, member: Member, crm_switch: CrmSwitch
) -> None:
    """Begin; the bar comes as a message of its own, which edits itself."""
    move = await crm_switch.start(member, callback_data.id, chat.id)
    text = _("🚚 The move to {title} has begun. The message below tells how far it is.")
    chat.show(Screen(text.format(title=esc(move.target))))


async def show(
    _query: CallbackQuery, callback_data: SwitchButton, chat: Chat, member: Member, crm_switch: CrmSwitch
) -> None:
    chat.show(move_screen(await crm_switch.get(member, callback_data.id)))


async def at_once(
    _query: CallbackQuery, callback_data: SwitchButton, chat: Chat, member: Member, crm_switch: CrmSwitch
) -> None:
    """Decisions that nobody outside is asked about."""
    decisions: Mapping[str, Decide] = {
        "pause": crm_switch.pause,
        "resume": crm_switch.resume,
        "compare": crm_switch.compare_again,
        "really_cancel": crm_switch.cancel,
    }
    chat.show(move_screen(await decisions[callback_data.do](member, callback_data.id)))


async def ask(
    _query: CallbackQuery, callback_data: SwitchButton, chat: Chat, member: Member, crm_switch: CrmSwitch
) -> None:
    """Ask once more before a decision."""
    chat.show(sure_screen(await crm_switch.get(member, callback_data.id), callback_data.do))


async def outside(
    _query: CallbackQuery, callback_data: SwitchButton, chat: Chat, member: Member, crm_switch: CrmSwitch,
    second_factor: SecondFactor,
) -> None:  # fmt: skip
    """Decisions after which a CRM is called."""
    await second_factor.demand(member)
    decisions: Mapping[str, Decide] = {
        "really_activate": crm_switch.activate,
        "really_finish": crm_switch.finish,
    }
    chat.show(Screen(_("⏳ One moment …")))

    async def decide(later: Chat) -> None:
        try:
            move = await decisions[callback_data.do](member, callback_data.id)
        except VoronkaError as error:
            show_it = Button(_("🚚 The move"), SwitchButton(do="show", id=callback_data.id))
            later.show(_failed(error, [show_it]))
            return
        later.show(move_screen(move))

    chat.then(decide)


async def report(
    _query: CallbackQuery, callback_data: SwitchButton, chat: Chat, member: Member, crm_switch: CrmSwitch
) -> None:
    """Where the two differ, as a table."""
    move = await crm_switch.get(member, callback_data.id)
    found = len(move.differences) + move.more
    said = ngettext("📄 {count} difference.", "📄 {count} differences.", found).format(count=found)
    if move.more:
        kept = len(move.differences)
        said += " " + _("The file holds the first {count}.").format(count=kept)
    chat.document(FILE_NAME, report_file(move), said)


async def moved(services: Services, delivery: Delivery) -> Screen | None:
    """The bar as it stands."""
    admin = delivery.member
    if admin is None or not admin.may(Right.CRM_MANAGE):
        return None
    try:
        return move_screen(await services.crm_switch.get(admin, UUID(delivery.notice.params["switch"])))
    except NotFound:
        return None


NOTICES: dict[str, Callable[[Services, Delivery], Awaitable[Screen | None]]] = {"crm.switch": moved}


def routes() -> Router:
    router = Router(name="crm_switch")
    press = router.callback_query.register
    press(place, CrmButton.filter(F.do == "switch"))
    press(plan, SwitchButton.filter(F.do == "plan"))
    press(start, SwitchButton.filter(F.do == "start"))
    press(show, SwitchButton.filter(F.do == "show"))
    press(ask, SwitchButton.filter(F.do.in_({"cancel", "activate", "finish"})))
    press(at_once, SwitchButton.filter(F.do.in_({"pause", "resume", "compare", "really_cancel"})))
    press(outside, SwitchButton.filter(F.do.in_({"really_activate", "really_finish"})))
    press(report, SwitchButton.filter(F.do == "report"))
    return router
