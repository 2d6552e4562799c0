"""What buttons of figures and announcements carry."""

from uuid import UUID

from aiogram.filters.callback_data import CallbackData


class StatsButton(CallbackData, prefix="stat"):
    """Figures: whose is sender, worker or team; period is one of domain/figures.Period."""

    whose: str
    period: str = "month"


class AnnounceButton(CallbackData, prefix="ann"):
    """An announcement: do is send, drop, refresh or show."""

    do: str
    id: UUID
