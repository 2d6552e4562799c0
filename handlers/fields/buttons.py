"""What the buttons of an organization's own fields carry."""

from uuid import UUID

from aiogram.filters.callback_data import CallbackData


class FieldsButton(CallbackData, prefix="flds"):
    """The fields of the organization: do is list, add, presets or preset (name is one)."""

    do: str
    name: str = ""


class FieldButton(CallbackData, prefix="fld"):
    """One field: do is show, rename, choices, required, pipelines, pipeline (extra is a short id, empty for
    every one), roles, role (extra is one), up, down, archive or restore."""

    do: str
    field: UUID
    extra: str = ""
