"""What the buttons of the people's screens carry."""

from uuid import UUID

from aiogram.filters.callback_data import CallbackData

WORDS_ROOM = 36
"""Bytes of a search that a button can carry."""


class PeopleButton(CallbackData, prefix="ppl"):
    """A page of the people: do is list or find (asks for words); an empty role means all of them."""

    do: str
    role: str = ""
    page: int = 0
    words: str = ""


class StaffButton(CallbackData, prefix="stf"):
    """Act on a member: show, roles, role (extra names it), suspend, really_suspend, restore, remove,
    really_remove, factor or really_factor (turn off the second factor). `extra` is a role."""

    do: str
    member: UUID
    extra: str = ""


class RightsButton(CallbackData, prefix="rgt"):
    """Rights of `who`, a role's name or a member's id as hex: do is roles, show, on, off or reset."""

    do: str
    who: str = ""
    right: str = ""


class LinkButton(CallbackData, prefix="lnk"):
    """An invite link: do is list (extra is a page), show, days or uses (extra is how many), revoke,
    really_revoke."""

    do: str
    invite: UUID
    extra: int = 0


class OrganizationButton(CallbackData, prefix="org"):
    """Organizations of a person: do is switch or new."""

    do: str
    id: UUID


class OwnButton(CallbackData, prefix="me"):
    """One's own settings: do is show, quiet, hours, day (extra counts from Monday), digest, off (extra is
    quiet, hours or digest), consent, withdraw, withdraw_again, really_withdraw, leave, really_leave."""

    do: str
    extra: str = ""


class AsButton(CallbackData, prefix="as"):
    """See as `who`, a role's name or a member's id as hex: do is pick, begin, about, list, lead or
    leave."""

    do: str
    who: str = ""
    page: int = 0
    number: int = 0


def fitting(words: str) -> str:
    """A search as a button can carry it: the separator is no part of a name."""
    kept = " ".join(words.replace(":", " ").split())
    while len(kept.encode()) > WORDS_ROOM:
        kept = kept[:-1]
    return kept.strip()
