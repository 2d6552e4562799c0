"""How a table is to be understood, chosen by buttons: columns, duplicates, stage, country, the CRM."""

from aiogram import F, Router
from aiogram.types import CallbackQuery
from babel import Locale

from domain.errors import TooLate
from domain.importing import FIELDS, IGNORE, Duplicates, Import
from domain.members import Member
from handlers.buttons import short
from handlers.cards import stage_name
from handlers.chat import Chat
from handlers.importing.buttons import ImportButton
from handlers.importing.incoming import counted, screen_of
from handlers.importing.screens import way
from handlers.importing.words import column_word, field_word
from handlers.screens import Button, Screen, esc, grid
from locales import _, current_language
from services.registry import Services

A_PAGE = 8
SAMPLES = 3
COUNTRIES = ("RU", "KZ", "BY", "UZ", "KG", "AM", "GE", "AZ", "TJ", "MD", "UA", "RS", "TR", "DE", "GB", "US")


async def show(
    _query: CallbackQuery, callback_data: ImportButton, chat: Chat, member: Member, services: Services
) -> None:
    """The card; counted anew after a column was changed."""
    await _back(chat, member, services, await services.imports.get(member, callback_data.id))


async def _back(chat: Chat, member: Member, services: Services, one: Import) -> None:
    chat.show(await screen_of(services, member, one))
    if one.forecast is None:

        async def work(later: Chat) -> None:
            later.show(await counted(services, member, one))

        chat.then(work)


async def columns(
    _query: CallbackQuery, callback_data: ImportButton, chat: Chat, member: Member, services: Services
) -> None:
    one = await services.imports.get(member, callback_data.id)
    page = int(callback_data.extra) if callback_data.extra.isdecimal() else 0
    chat.show(await _columns_screen(services, member, one, page))


async def _columns_screen(services: Services, member: Member, one: Import, page: int) -> Screen:
    custom, width = await services.imports.fields(member), len(one.setup.columns)
    start = min(page, (width - 1) // A_PAGE) * A_PAGE
    rows = [
        [way(one, f"{column_word(one, place)[:28]} → {field_word(one.setup.columns[place], custom)}"[:60],
             "column", str(place))]
        for place in range(start, min(start + A_PAGE, width))
    ]  # fmt: skip
    turning = [way(one, "⬅️", "columns", str(page - 1))] if start else []
    turning += [way(one, "➡️", "columns", str(page + 1))] if start + A_PAGE < width else []
    text = _("🗂 <b>Columns</b>\n\nWhich column is which? Press one to change it.")
    return Screen(text, [*rows, turning, [way(one, _("⬅️ Back"), "show")]])


async def column(
    _query: CallbackQuery, callback_data: ImportButton, chat: Chat, member: Member, services: Services
) -> None:
    """What one column may be, with what stands in it."""
    one = await services.imports.get(member, callback_data.id)
    place = int(callback_data.extra) if callback_data.extra.isdecimal() else 0
    custom = await services.imports.fields(member)
    place = min(place, len(one.setup.columns) - 1)
    cells = [row[place] for row in one.sample if place < len(row) and row[place].strip()][:SAMPLES]
    lines = [
        f"🗂 <b>{esc(column_word(one, place))}</b>",
        *(f"<code>{esc(cell[:60])}</code>" for cell in cells),
    ]
    names = [IGNORE, *FIELDS]
    buttons = [_choice(one, place, name, field_word(name, custom), f"{place}.{name}") for name in names]
    buttons += [_choice(one, place, each.path, each.name, f"{place}.#{short(each.id)}") for each in custom]
    back = [way(one, _("⬅️ Back"), "columns", str(place // A_PAGE))]
    chat.show(Screen("\n".join(lines), [*grid(buttons, 3), back]))


def _choice(one: Import, place: int, name: str, text: str, extra: str) -> Button:
    mark = "• " if one.setup.columns[place] == name else ""
    return way(one, (mark + text)[:40], "be", extra)


async def be(
    _query: CallbackQuery, callback_data: ImportButton, chat: Chat, member: Member, services: Services
) -> None:
    """A column is a field from now on."""
    place, _dot, name = callback_data.extra.partition(".")
    if name.startswith("#"):
        custom = await services.imports.fields(member)
        name = next((each.path for each in custom if short(each.id) == name[1:]), name)
    at = int(place) if place.isdecimal() else -1
    one = await services.imports.set_column(member, callback_data.id, at, name)
    chat.show(await _columns_screen(services, member, one, at // A_PAGE))


async def twice(
    _query: CallbackQuery, callback_data: ImportButton, chat: Chat, member: Member, services: Services
) -> None:
    """The next thing that can become of duplicates."""
    one = await services.imports.get(member, callback_data.id)
    kinds = list(Duplicates)
    following = kinds[(kinds.index(one.setup.duplicates) + 1) % len(kinds)]
    await _back(
        chat, member, services, await services.imports.set_up(member, one.id, duplicates=following.value)
    )


async def whom(
    _query: CallbackQuery, callback_data: ImportButton, chat: Chat, member: Member, services: Services
) -> None:
    one = await services.imports.get(member, callback_data.id)
    other = "nobody" if one.setup.assign == "rules" or not services.imports.can_share else "rules"
    await _back(chat, member, services, await services.imports.set_up(member, one.id, assign=other))


async def crm(
    _query: CallbackQuery, callback_data: ImportButton, chat: Chat, member: Member, services: Services
) -> None:
    one = await services.imports.get(member, callback_data.id)
    changed = await services.imports.set_up(member, one.id, to_crm=not one.setup.to_crm)
    await _back(chat, member, services, changed)


async def countries(
    _query: CallbackQuery, callback_data: ImportButton, chat: Chat, member: Member, services: Services
) -> None:
    one = await services.imports.get(member, callback_data.id)
    names = Locale.parse(current_language()).territories
    known = dict.fromkeys((one.setup.region, *COUNTRIES))
    buttons = [way(one, names.get(code, code), "country", code) for code in known]
    text = _("🌍 Numbers without a country code are of which country?")
    chat.show(Screen(text, [*grid(buttons, 2), [way(one, _("⬅️ Back"), "show")]]))


async def country(
    _query: CallbackQuery, callback_data: ImportButton, chat: Chat, member: Member, services: Services
) -> None:
    one = await services.imports.get(member, callback_data.id)
    code = callback_data.extra if callback_data.extra in (one.setup.region, *COUNTRIES) else one.setup.region
    await _back(chat, member, services, await services.imports.set_up(member, one.id, region=code))


async def stages(
    _query: CallbackQuery, callback_data: ImportButton, chat: Chat, member: Member, services: Services
) -> None:
    one = await services.imports.get(member, callback_data.id)
    found = await services.pipeline.stages(member)
    buttons = [way(one, stage_name(each), "stage", short(each.id)) for each in found]
    text = _("📍 On which stage do the leads begin? A column “Stage” goes before this.")
    chat.show(Screen(text, [*grid(buttons, 2), [way(one, _("⬅️ Back"), "show")]]))


async def stage(
    _query: CallbackQuery, callback_data: ImportButton, chat: Chat, member: Member, services: Services
) -> None:
    found = await services.pipeline.stages(member)
    chosen = next((each for each in found if short(each.id) == callback_data.extra), None)
    if chosen is None:
        raise TooLate("stage_gone")
    one = await services.imports.set_up(member, callback_data.id, stage=chosen.id)
    await _back(chat, member, services, one)


DOES = {
    "show": show, "columns": columns, "column": column, "be": be, "twice": twice, "whom": whom, "crm": crm,
    "countries": countries, "country": country, "stages": stages, "stage": stage,
}  # fmt: skip


def routes() -> Router:
    router = Router(name="importing_setting")
    for do, handler in DOES.items():
        router.callback_query.register(handler, ImportButton.filter(F.do == do))
    return router
