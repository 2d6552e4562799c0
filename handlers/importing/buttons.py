"""What the buttons of imports carry."""

from uuid import UUID

from aiogram.filters.callback_data import CallbackData


class ImportButton(CallbackData, prefix="imp"):
    """Act on an import: show, columns (extra is a page), column (a place), be (place.field), twice (the next
    duplicates policy), countries, country (a region), stages, stage (its mark), whom, crm, start, cancel,
    really_cancel, undo, really_undo, retry, left, rows, asked (after a row), skip, update, add (a row),
    all_skip, all_update."""

    do: str
    id: UUID
    extra: str = ""
