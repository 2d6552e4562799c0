"""What the buttons of these screens carry."""

from aiogram.filters.callback_data import CallbackData


class SecurityButton(CallbackData, prefix="sec"):
    """Do is show, on, off, really_off, codes, really_codes, sessions, or stop (no code is given)."""

    do: str
