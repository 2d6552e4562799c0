"""Buttons of our own hooks."""

from uuid import UUID

from aiogram.filters.callback_data import CallbackData

NOBODY = UUID(int=0)
"""In the place of a hook where none is meant."""


class InletButton(CallbackData, prefix="inl"):
    """Act on a hook of our own: do is list, kinds, new (extra is a kind), show, name, close (asks once more),
    really_close, secret, end_old; fields and field (extra is a field), pages, trap, files of a form; place
    (extra is a channel) of messenger links; paste, map, path (extra is a field and a page), choose (extra is
    a field and a path's mark), preview, live, guard of other systems."""

    do: str
    hook: UUID = NOBODY
    extra: str = ""
