"""The mapping as a file: out as TOML or YAML, and back in, as a whole or not at all."""

from aiogram import Bot, F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from domain.errors import BadInput, NotFound, VoronkaError
from domain.members import Member, Right
from handlers.buttons import MappingButton, MenuButton
from handlers.chat import Chat
from handlers.documents import read_document
from handlers.errors import in_words
from handlers.mapping.screens import mapping_screen, nothing_connected, to_mapping
from handlers.mapping.words import changes_in_words, slip
from handlers.menu import to_menu
from handlers.screens import Button, Screen, esc
from locales import N_, _
from services.mapping.files import FILE_LIMIT
from services.mapping.mappings import Mappings

WAITING = "mapping:file"
"""The dialog's state while any file that comes is a mapping."""

ENDINGS = (".toml", ".yaml", ".yml")
SLIPS = {
    "too_big": N_("The file is too big: at most {limit} KB."),
    "not_fetched": N_("Telegram did not give me the file. Please send it again."),
}


async def offer(_query: CallbackQuery, chat: Chat) -> None:
    text = _(
        "💾 <b>The fields as a file</b>\n\nTake the file, change it in any editor and send it back. "
        "It is checked as a whole: with one slip nothing changes, and I say in which line it is."
    )
    kinds = [
        Button("TOML", MappingButton(do="export", extra="toml")),
        Button("YAML", MappingButton(do="export", extra="yaml")),
    ]
    send = Button(_("📥 Send a file"), MappingButton(do="import"))
    chat.show(Screen(text, [kinds, [send], [*to_mapping(), *to_menu()]]))


async def export(
    _query: CallbackQuery, callback_data: MappingButton, chat: Chat, member: Member, mappings: Mappings
) -> None:
    kind = callback_data.extra if callback_data.extra in ("toml", "yaml") else "toml"
    name, content = await mappings.export(member, kind)
    chat.document(name, content, _("🗺 Which field goes where. Change it and send it back here."))


async def ask(_query: CallbackQuery, chat: Chat, state: FSMContext) -> None:
    await state.set_state(WAITING)
    text = _("📥 Please send the file: .toml or .yaml, at most {limit} KB.").format(limit=FILE_LIMIT // 1000)
    chat.show(Screen(text, [[Button(_("✖️ Cancel"), MenuButton(place="mapping"))]]))


async def is_mapping(message: Message, member: Member | None = None, raw_state: str | None = None) -> bool:
    """A file that was asked for, or one whose name says what it is; from somebody who may change it."""
    if message.document is None or member is None or not member.may(Right.CRM_MANAGE):
        return False
    return raw_state == WAITING or (message.document.file_name or "").casefold().endswith(ENDINGS)


async def take(
    message: Message, chat: Chat, state: FSMContext, member: Member, mappings: Mappings, bot: Bot
) -> None:
    """Put the file's mapping in force."""
    document = message.document
    assert document is not None
    if await state.get_state() == WAITING:
        await state.set_state(None)
    chat.say(_("⏳ I am checking the file …"))

    async def work(later: Chat) -> None:
        try:
            content = await read_document(bot, document, FILE_LIMIT)
            changes = await mappings.take_file(member, document.file_name or "", content)
        except NotFound:
            later.say(nothing_connected())
        except VoronkaError as error:
            later.say(_refused(error))
        else:
            said = "✅ " + changes_in_words(changes)
            later.say(mapping_screen(await mappings.view(member), said=said))

    chat.then(work)


def _refused(error: VoronkaError) -> Screen:
    text = in_words(error)
    if isinstance(error, BadInput) and error.field == "file":
        text = _(SLIPS[error.reason]).format_map(error.params)
    elif isinstance(error, BadInput):
        text = slip(error)
    again = Button(_("📥 Send it again"), MappingButton(do="import"))
    kept = _("Nothing has changed.")
    return Screen(f"⛔ {esc(text)}\n\n{kept}", [[again, *to_mapping()], to_menu()])


def routes() -> Router:
    router = Router(name="mapping_files")
    router.message.register(take, F.document, is_mapping)
    press = router.callback_query.register
    press(offer, MappingButton.filter(F.do == "file"))
    press(export, MappingButton.filter(F.do == "export"))
    press(ask, MappingButton.filter(F.do == "import"))
    return router
