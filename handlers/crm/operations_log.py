"""/operations: the log of what goes to the CRM and of what comes in, in pages and as a file."""

from typing import Any

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from domain.errors import BadInput
from domain.members import Member
from domain.operations_log import KEPT, LogEntry, LogPage
from handlers.buttons import DeliveryButton, LogButton, MenuButton, OperationButton, ReplayButton
from handlers.cards import moment
from handlers.chat import Chat
from handlers.crm.operation_places import chosen_filter, chosen_state, pack
from handlers.crm.operations_file import FILE_NAME, log_as_csv
from handlers.crm.words import entry_in_words, state_mark
from handlers.forms import forms
from handlers.forms.forms import Answers, Form, Question
from handlers.menu import to_menu
from handlers.screens import Button, Screen, grid
from locales import N_, _, ngettext
from services.delivery.operations import Operations
from services.registry import Services

TABS = {
    "all": N_("All"),
    "waiting": N_("⏳ Waiting"),
    "failed": N_("⚠️ Failed"),
    "done": N_("✅ Done"),
    "dropped": N_("🗑 Given up"),
    "incoming": N_("📥 Came in"),
}
"""States of LogFilter, as the tabs are called."""


async def command(_message: Message, chat: Chat, member: Member, operations: Operations) -> None:
    """/operations, or /operations 12 for the lead with this number."""
    typed = (_message.text or "").split()[1:]
    lead = int(typed[0].lstrip("#")) if typed and typed[0].lstrip("#").isdecimal() else 0
    chat.say(await log_screen(operations, member, LogButton(do="page", lead=min(lead, 10**9))))


async def place(_query: CallbackQuery, chat: Chat, member: Member, operations: Operations) -> None:
    chat.show(await log_screen(operations, member, LogButton(do="page")))


async def turn(
    _query: CallbackQuery, callback_data: LogButton, chat: Chat, member: Member, operations: Operations
) -> None:
    """Another tab or page."""
    chat.show(await log_screen(operations, member, callback_data))


async def log_screen(operations: Operations, member: Member, where: LogButton) -> Screen:
    """One page; every entry is a button."""
    found = await operations.log(member, chosen_filter(where), where.page)
    here = LogButton(do="page", state=chosen_state(where).value, lead=max(where.lead, 0), page=found.page)
    return Screen(_text(found, here), _rows(found, here, member))


def _text(found: LogPage, here: LogButton) -> str:
    head = _("📜 <b>Operations: {list}</b>").format(list=_(TABS[here.state]))
    if here.lead:
        head += " · " + _("lead #{number}").format(number=here.lead)
    if not found.total:
        return head + "\n\n" + _("Nothing here.")
    if found.total < KEPT:
        count = ngettext("{count} entry.", "{count} entries.", found.total).format(count=found.total)
    else:
        count = _("The newest {count}; the file holds more.").format(count=KEPT)
    if found.pages > 1:
        count += " " + _("Page {page} of {pages}.").format(page=found.page + 1, pages=found.pages)
    return f"{head}\n{count}"


def _rows(found: LogPage, here: LogButton, member: Member) -> list[list[Button]]:
    tabs = [
        Button(_(label), LogButton(do="page", state=state, lead=here.lead))
        for state, label in TABS.items()
        if state != here.state
    ]
    turns = [(here.page - 1, "◀️"), (here.page + 1, "▶️")]
    pages = [
        Button(sign, here.model_copy(update={"page": page}))
        for page, sign in turns
        if 0 <= page < found.pages
    ]
    every = [Button(_("✖️ All leads"), here.model_copy(update={"lead": 0, "page": 0}))] if here.lead else []
    find = Button(_("🔎 Lead number"), here.model_copy(update={"do": "find"}))
    file = [Button(_("💾 As a file"), here.model_copy(update={"do": "file"}))] if found.total else []
    bulk = [
        Button(_("🔁 All failed"), ReplayButton(do="failed")),
        Button(_("📥 Messages since …"), ReplayButton(do="since")),
    ]
    crm = Button(_("🔌 CRM"), MenuButton(place="crm"))
    entries = [[_entry(entry, here, member)] for entry in found.entries]
    return [*entries, pages, *grid(tabs, 3), [find, *every, *file], bulk, [crm, *to_menu()]]


def _entry(entry: LogEntry, here: LogButton, member: Member) -> Button:
    parts = [f"{state_mark(entry.state)} {entry_in_words(entry)}", moment(entry.at, member)]
    if entry.lead:
        parts.insert(0, f"#{entry.lead}")
    label, back = " · ".join(parts)[:64], pack(here)
    if entry.incoming:
        return Button(label, DeliveryButton(do="show", delivery=entry.id, back=back))
    return Button(label, OperationButton(do="show", operation=entry.id, back=back))


async def file(
    _query: CallbackQuery, callback_data: LogButton, chat: Chat, member: Member, operations: Operations
) -> None:
    """The log as a table, personal data hidden."""
    entries = await operations.log_for_file(member, chosen_filter(callback_data))
    said = ngettext(
        "📜 {count} entry, personal data hidden.", "📜 {count} entries, personal data hidden.", len(entries)
    )
    chat.document(FILE_NAME, log_as_csv(entries, member), said.format(count=len(entries)))


async def find(
    _query: CallbackQuery,
    callback_data: LogButton,
    chat: Chat,
    state: FSMContext,
    member: Member,
    services: Services,
) -> None:
    """Ask for a lead's number."""
    context = {"state": chosen_state(callback_data).value}
    await forms.start(FIND, chat, state, member, services, context)


def _read_number(typed: str, _member: Member) -> str:
    number = typed.strip().lstrip("#№").strip()
    if not number.isascii() or not number.isdigit() or not 0 < int(number) < 10**9:
        raise BadInput("number", "invalid")
    return number


async def _finish(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    where = LogButton(do="page", state=context["state"], lead=int(answers["number"]))
    chat.show(await log_screen(services.operations, member, where))


FIND = Form(
    name="operations",
    questions=(Question("number", lambda _asking: _("🔎 The number of the lead?"), _read_number),),
    finish=_finish,
    cancelled=lambda: _("All right. The list is here: /operations"),
)
FORMS: tuple[Form, ...] = (FIND,)


def routes() -> Router:
    router = Router(name="operations_log")
    router.message.register(command, Command("operations"))
    press = router.callback_query.register
    press(place, MenuButton.filter(F.place == "operations"))
    press(turn, LogButton.filter(F.do == "page"))
    press(find, LogButton.filter(F.do == "find"))
    press(file, LogButton.filter(F.do == "file"))
    return router
