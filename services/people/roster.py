"""The list of the people and the card of each."""

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.members import Member, MemberStatus, Right, Role
from domain.rights import stands_below
from services.access import needs
from services.people.standing import found
from storage.db import Database
from storage.entry import second_factors
from storage.people import members as member_rows
from storage.people import people

PAGE = 8
FIRST = 3
"""Requests that stand in the list itself."""


@dataclass(frozen=True, slots=True)
class Roster:
    """One page of those who are in; `waiting` ask to join, those who wait longest are the `first`."""

    members: tuple[Member, ...]
    total: int
    page: int
    pages: int
    waiting: int
    first: tuple[Member, ...] = ()


@dataclass(frozen=True, slots=True)
class PersonCard:
    """A member with what concerns them. `below`: the asker decides about them."""

    member: Member
    sent: int
    open: int
    joined_at: datetime | None
    unreachable: bool
    below: bool
    has_factor: bool = False


class People:
    """Use cases on the list of people."""

    def __init__(self, db: Database) -> None:
        self.db = db

    @needs(Right.MEMBER_APPROVE)
    async def browse(
        self, member: Member, role: Role | None = None, words: str = "", page: int = 0, size: int = PAGE
    ) -> Roster:
        """A page by name; `words` are looked for in names, user names and phones, in any case."""
        async with self.db.reading(member.organization_id) as s:
            waiting = await people.count_pending(s)
            first = await member_rows.list_members(s, MemberStatus.PENDING, FIRST, 0) if waiting else []
            if words.strip():
                fits = [one for one in await people.everybody(s) if _fits(one, words)]
                fits = [one for one in fits if role in (None, one.role)]
                total = len(fits)
                page = _page(page, total, size)
                shown = fits[page * size : (page + 1) * size]
            else:
                shown, total = await people.roster(s, role, size, max(page, 0) * size)
                if page and not shown:
                    page = _page(page, total, size)
                    shown, total = await people.roster(s, role, size, page * size)
        return Roster(tuple(shown), total, max(page, 0), max(1, -(-total // size)), waiting, tuple(first))

    @needs(Right.MEMBER_APPROVE)
    async def card(self, member: Member, member_id: UUID) -> PersonCard:
        """One of the organization's people. Raises NotFound."""
        async with self.db.reading(member.organization_id) as s:
            other = await found(s, member_id)
            counts = await people.counts(s, other.id)
            joined = await people.joined_at(s, other.id)
            unreachable = await people.is_blocked(s, other.telegram_id)
            has_factor = await second_factors.has(s, other.id)
        below = stands_below(member, other)
        return PersonCard(other, counts.sent, counts.open, joined, unreachable, below, has_factor)

    @needs(Right.MEMBER_PREVIEW)
    async def to_preview(self, member: Member, page: int = 0) -> Roster:
        """Those whose view the member may look at, a page of them."""
        async with self.db.reading(member.organization_id) as s:
            everybody = await people.everybody(s)
        fits = [
            one
            for one in everybody
            if one.status is MemberStatus.ACTIVE and one.id != member.id and stands_below(member, one)
        ]
        page = _page(page, len(fits))
        shown = tuple(fits[page * PAGE : (page + 1) * PAGE])
        return Roster(shown, len(fits), page, max(1, -(-len(fits) // PAGE)), 0)


def _page(page: int, total: int, size: int = PAGE) -> int:
    return max(0, min(page, -(-total // size) - 1))


def _folded(text: str) -> str:
    return text.casefold().replace("\N{CYRILLIC SMALL LETTER IO}", "\N{CYRILLIC SMALL LETTER IE}")


def _fits(one: Member, words: str) -> bool:
    """Every word is somewhere in the name or the user name, or its digits in the phone."""
    text = _folded(f"{one.name} {one.username or ''}")
    digits = re.sub(r"\D", "", one.phone or "")

    def has(word: str) -> bool:
        number = re.sub(r"\D", "", word)
        return word in text or (len(number) > 2 and number[-10:] in digits)

    return all(has(word) for word in _folded(words).replace("@", "").split())
