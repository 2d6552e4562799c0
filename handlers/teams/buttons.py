"""What buttons in groups and about teams carry."""

from uuid import UUID

from aiogram.filters.callback_data import CallbackData


class TeamButton(CallbackData, prefix="team"):
    """In a group: take (id is a lead), bind (id is a pipeline, the zero id for all), unbind (id is a team).
    In private: list, show, digest (extra is an hour, empty for off), drop, really_drop (id is a team)."""

    do: str
    id: UUID
    extra: str = ""
