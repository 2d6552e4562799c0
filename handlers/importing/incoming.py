"""A table dropped into the chat becomes a card that says what it would bring."""

import asyncio

from aiogram import Bot, F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from domain.errors import BadInput
from domain.importing import FILE_LIMIT, Import, ImportState
from domain.members import Member, Right
from handlers.buttons import MenuButton
from handlers.chat import Chat
from handlers.documents import read_document
from handlers.importing.screens import card, preview, way
from handlers.importing.words import file_slip
from handlers.menu import to_menu
from handlers.screens import Button, Screen
from handlers.transactions import table_screens
from handlers.transactions import tables as purchase_tables
from locales import _
from services.importing.reading import read_table
from services.importing.rows import demand_columns
from services.registry import Services
from services.transactions.tables import SIZE_LIMIT

ENDINGS = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls")
KINDS = ("text/csv", "text/tab-separated-values", "application/vnd.ms-excel",
         "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")  # fmt: skip


async def is_table(message: Message, member: Member | None = None, raw_state: str | None = None) -> bool:
    """A document that its name or kind calls a table, outside of a form, from somebody who may import."""
    document = message.document
    if document is None or member is None or not member.may(Right.LEAD_IMPORT) or message.reply_to_message:
        return False
    named = (document.file_name or "").casefold().endswith(ENDINGS) or (document.mime_type or "") in KINDS
    return named and not (raw_state or "").startswith("form:")


async def take(message: Message, chat: Chat, member: Member, bot: Bot, services: Services) -> None:
    """Fetch it, read it, and show what it would bring."""
    document = message.document
    assert document is not None
    chat.say(_("⏳ I am reading the file …"))

    async def work(later: Chat) -> None:
        try:
            table = await asyncio.to_thread(read_table, await read_document(bot, document, FILE_LIMIT))
        except BadInput as error:
            later.say(Screen(f"⛔ {file_slip(error)}", [to_menu()]))
            return
        name = document.file_name or "table"
        one = await services.imports.receive(member, later.id, name, table)
        small = (document.file_size or 0) <= SIZE_LIMIT
        able = small and member.may(Right.CRM_MANAGE)
        if able and await services.purchase_tables.may_be(member, one.id):
            later.say(await _as_purchases(services, member, one))
        else:
            later.say(await counted(services, member, one))

    chat.then(work)


async def _as_purchases(services: Services, member: Member, one: Import) -> Screen:
    """Dates and amounts are there: purchases, or leads as well where there are names and contacts."""
    try:
        demand_columns(one.setup.columns)
    except BadInput:
        return await purchase_tables.screen_of(services, member, one.id)
    return table_screens.question_screen(one.name, one.id)


async def counted(services: Services, member: Member, one: Import) -> Screen:
    """The card with its counts; call it outside a transaction."""
    return await screen_of(services, member, await services.imports.forecast(member, one.id))


async def screen_of(services: Services, member: Member, one: Import) -> Screen:
    """The card as it stands."""
    if one.state is not ImportState.PREVIEW:
        return card(one)
    return preview(
        one,
        await services.imports.fields(member),
        await services.pipeline.stages(member),
        crm=await services.imports.has_crm(member),
        rules=services.imports.can_share,
    )


async def command(_message: Message, chat: Chat, member: Member, services: Services) -> None:
    chat.say(await overview(services, member))


async def place(_query: CallbackQuery, chat: Chat, member: Member, services: Services) -> None:
    chat.show(await overview(services, member))


async def overview(services: Services, member: Member) -> Screen:
    """How to import, and the last imports."""
    found = await services.imports.newest(member)
    text = _(
        "📥 <b>Import</b>\n\nSend me a table as a file, right here: CSV or XLSX, at most 20 MB and 50,000 "
        "rows. "
        "I guess the columns, count what is new, and nothing is brought in before you press the button."
    )
    shown = [[way(one, f"📥 {one.name}"[:60], "show")] for one in found]
    if found:
        text += "\n\n" + _("Your last imports:")
    return Screen(text, [*shown, [Button(_("📋 Leads"), MenuButton(place="leads")), *to_menu()]])


def routes() -> Router:
    router = Router(name="importing_incoming")
    router.message.register(command, Command("import"))
    router.message.register(take, F.document, is_table)
    router.callback_query.register(place, MenuButton.filter(F.place == "import"))
    return router
