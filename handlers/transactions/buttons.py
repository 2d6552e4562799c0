"""What the buttons of sources of purchases carry."""

from uuid import UUID

from aiogram.filters.callback_data import CallbackData


class SourceButton(CallbackData, prefix="src"):
    """Act on a source: show, sync, stop, go_on, settings, edit (extra is a setting), fields (of a connector),
    stats, hook, log and bad (extra is a page), file, mute (asks for how long), mute_for (extra is days, 0
    ends it), keep (extra is days), buyer, remove (asks once more), really_remove."""

    do: str
    id: UUID
    extra: str = ""


class NewSourceButton(CallbackData, prefix="srcn"):
    """Connect a source: do is choose, connect (name is a provider); or try, change (name is a setting) for
    what is given but not kept yet."""

    do: str
    name: str = ""


class MakeSourceButton(CallbackData, prefix="srcm"):
    """Let a connection that stands tell of purchases too."""

    do: str
    id: UUID


class RunLineButton(CallbackData, prefix="srcr"):
    """A line of the log: do is show; `page` is where it stood."""

    do: str
    id: UUID
    page: int = 0


class BadButton(CallbackData, prefix="srcb"):
    """Act on a record that nobody could read: show, retry, repair, drop."""

    do: str
    id: UUID


class TableButton(CallbackData, prefix="srct"):
    """A table of purchases: do is show, columns, column (extra is a place), be (extra is place.field),
    system, start, errors; retry or drop for one that was given up."""

    do: str
    id: UUID
    extra: str = ""


class ConnectorButton(CallbackData, prefix="srcc"):
    """A custom connector in the making: fields, field (name is one), be (name is field.mark), type (name is a
    field), ways (name is a choice to be made), set (name is choice.value), look, sandbox, live."""

    do: str
    name: str = ""
