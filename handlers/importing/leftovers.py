"""Rows that are not in: the file of them, and the decisions that an import leaves to a person."""

from aiogram import F, Router
from aiogram.types import CallbackQuery

from domain.errors import NotFound
from domain.importing import IGNORE, Import
from domain.members import Member
from handlers.buttons import LeadButton
from handlers.chat import Chat
from handlers.importing.buttons import ImportButton
from handlers.importing.screens import card, way
from handlers.importing.words import column_word, row_word
from handlers.menu import to_menu
from handlers.screens import Button, Screen, esc
from locales import _
from services.importing.answers import Asked
from services.registry import Services


async def rows(
    _query: CallbackQuery, callback_data: ImportButton, chat: Chat, member: Member, services: Services
) -> None:
    """The file of what is not in, with the reasons."""
    one = await services.imports.get(member, callback_data.id)

    async def work(later: Chat) -> None:
        def worded(verdict: str, reason: str, number: int) -> str:
            return row_word(one, verdict, reason, number)

        try:
            name, content = await services.import_answers.not_in(member, one.id, _("Why not"), worded)
        except NotFound:
            later.say(_("Every row of this file is in."))
            return
        later.upload(name, content, _("📄 Mend these rows and send the file back: the rest is in already."))

    chat.toast(_("⏳ The file is on its way."))
    chat.then(work)


async def asked(
    _query: CallbackQuery, callback_data: ImportButton, chat: Chat, member: Member, services: Services
) -> None:
    """The next row that waits for a decision."""
    after = int(callback_data.extra) if callback_data.extra.isdecimal() else 0
    await _next(chat, member, services, await services.imports.get(member, callback_data.id), after)


async def _next(chat: Chat, member: Member, services: Services, one: Import, after: int) -> None:
    found = await services.import_answers.next_asked(member, one.id, after)
    chat.show(card(one) if found is None else _question(one, found))


def _question(one: Import, found: Asked) -> Screen:
    lines = [_("❓ <b>Row {row}</b>, one of {count}").format(row=found.row, count=found.left)]
    for place, name in enumerate(one.setup.columns):
        if name != IGNORE and place < len(found.cells) and found.cells[place].strip():
            lines.append(f"{esc(column_word(one, place))}: {esc(found.cells[place].strip()[:200])}")
    same = _("Lead #{number} {title} has this contact.")
    lines += ["", same.format(number=found.number, title=esc(found.title))]
    row = str(found.row)
    return Screen(
        "\n".join(lines),
        [
            [way(one, _("♻️ Update the lead"), "update", row), way(one, _("➕ Add as new"), "add", row)],
            [way(one, _("⏭ Leave out"), "skip", row), way(one, _("🕓 Later"), "asked", row)],
            [Button(_("👁 The lead"), LeadButton(do="open", lead=found.lead_id))],
            [way(one, _("Update all"), "all_update"), way(one, _("Leave all out"), "all_skip")],
            [way(one, _("⬅️ Back"), "show"), *to_menu()],
        ],
    )


async def decide(
    _query: CallbackQuery, callback_data: ImportButton, chat: Chat, member: Member, services: Services
) -> None:
    """Update, add or skip one row, and go on to the next one."""
    row = int(callback_data.extra) if callback_data.extra.isdecimal() else 0
    await services.import_answers.decide(member, callback_data.id, row, callback_data.do)
    await _next(chat, member, services, await services.imports.get(member, callback_data.id), row)


async def decide_all(
    _query: CallbackQuery, callback_data: ImportButton, chat: Chat, member: Member, services: Services
) -> None:
    one, do = await services.imports.get(member, callback_data.id), callback_data.do.removeprefix("all_")

    async def work(later: Chat) -> None:
        await services.import_answers.decide_all(member, one.id, do)
        later.show(card(await services.imports.get(member, one.id)))

    chat.show(Screen(_("⏳ I am at it …"), [[way(one, _("⬅️ Back"), "show")]]))
    chat.then(work)


def routes() -> Router:
    router = Router(name="importing_leftovers")
    press = router.callback_query.register
    press(rows, ImportButton.filter(F.do == "rows"))
    press(asked, ImportButton.filter(F.do == "asked"))
    press(decide, ImportButton.filter(F.do.in_({"skip", "update", "add"})))
    press(decide_all, ImportButton.filter(F.do.in_({"all_skip", "all_update"})))
    return router
