"""Finding leads: what a person may see of what fits, best first; and the words that all of it rests on."""

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.lead_query import MOST_FOUND, FoundPage, LeadQuery, Sought, read_text
from domain.leads import Lead, LeadFilter
from domain.members import Member, Right
from domain.words import is_fuzzy
from services.access import needs, open_to
from services.clock import Clock
from services.leads.leads import PAGE
from storage.db import Database, Session
from storage.finding import finding as words
from storage.finding import lead_finding as rows
from storage.finding import lead_search
from storage.finding.lead_finding import Condition
from storage.people import members as member_rows

BEGINNINGS = 100
"""Words looked at for one beginning; a beginning that more words have is too short to mean one."""

SHORTEST_FUZZY = 4
REINDEXED = 500
"""Leads whose words are made anew in one transaction."""

RECENT, OFFERED = 2000, 12
VALUED = ("source", "segment", "product", "region")


class Finding:
    """Use cases on finding leads."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db, self.clock = db, clock

    @needs(Right.LEAD_SEE_OWN)
    async def find(self, member: Member, query: LeadQuery, page: int = 0) -> FoundPage:
        """A page of the leads the member may see, counted from 0; the last one where there are fewer.

        With a text the best come first: exact number, phone, exact words, beginnings; only where nothing
        fits, words with one letter wrong. Raises BadInput("find", ...) for a text that cannot be read.
        """
        async with self.db.reading(member.organization_id) as s:
            if query.text:
                return await self._by_text(s, member, query, page)
            conditions = self._conditions(s, member, query)
            total = await rows.count(s, conditions)
            page, pages = _within(page, total)
            found = await rows.page_of(s, conditions, PAGE, page * PAGE)
            return FoundPage(tuple(found), total, page, pages)

    @needs(Right.LEAD_SEE_OWN)
    async def listed(
        self, member: Member, query: LeadQuery, limit: int, offset: int, order: str = ""
    ) -> tuple[Sequence[Lead], int]:
        """Any part of the same, and how many fit; `order` is one of storage.lead_finding.ORDERS, with "-"
        before it for the greatest first. Without one: the newest first, or with a text the best."""
        async with self.db.reading(member.organization_id) as s:
            conditions = self._conditions(s, member, query)
            if query.text:
                ranked = (await self._ranked(s, member, query))[0][:MOST_FOUND]
                if not order:
                    return await rows.in_this_order(s, ranked[offset : offset + limit]), len(ranked)
                conditions = [rows.one_of(s, ranked)]
            total = await rows.count(s, conditions)
            return await rows.page_of(s, conditions, limit, offset, order) if total > offset else [], total

    @needs(Right.LEAD_SEE_OWN)
    async def count(self, member: Member, query: LeadQuery) -> int:
        """How many fit; words find MOST_FOUND at most."""
        async with self.db.reading(member.organization_id) as s:
            if query.text:
                return min(len((await self._ranked(s, member, query))[0]), MOST_FOUND)
            return await rows.count(s, self._conditions(s, member, query))

    @needs(Right.LEAD_SEE_OWN)
    async def pages(self, member: Member, query: LeadQuery, size: int = 500) -> AsyncIterator[Sequence[UUID]]:
        """The ids of everything that fits, in pages, each read in a transaction of its own."""
        if query.text:
            return _sliced(await self.ranked(member, query), size)
        return self._walk(member, query, size)

    @needs(Right.LEAD_SEE_OWN)
    async def ranked(self, member: Member, query: LeadQuery) -> Sequence[UUID]:
        """Everything that the query's words find, the best first; MOST_FOUND at most."""
        async with self.db.reading(member.organization_id) as s:
            return (await self._ranked(s, member, query))[0][:MOST_FOUND]

    @needs(Right.LEAD_SEE_OWN)
    async def ids_below(
        self, member: Member, query: LeadQuery, most: int, below: int | None
    ) -> Sequence[tuple[UUID, int]]:
        """(id, number) of what fits besides the words, newest first, below a number where one is given."""
        async with self.db.reading(member.organization_id) as s:
            return await rows.ids_of(s, self._conditions(s, member, query), most, below)

    async def _walk(self, member: Member, query: LeadQuery, size: int) -> AsyncIterator[Sequence[UUID]]:
        below: int | None = None
        while True:
            found = await self.ids_below(member, query, size, below)
            if found:
                yield [lead_id for lead_id, _ in found]
            if len(found) < size:
                return
            below = found[-1][1]

    @needs(Right.LEAD_SEE_OWN)
    async def values(self, member: Member, field: str) -> Sequence[str]:
        """Up to OFFERED texts that visible leads have in a field of VALUED, or tags."""
        async with self.db.reading(member.organization_id) as s:
            if field == "tags":
                return await rows.tags_in_use(s, OFFERED)
            if field not in VALUED:
                return ()
            return await rows.values_in_use(s, field, _visible(member), RECENT, OFFERED)

    @needs(Right.LEAD_SEE_OWN)
    async def people(self, member: Member, column: str) -> Sequence[tuple[UUID, str]]:
        """(id, name) of members whom visible leads have as assignee or sender, by name; up to OFFERED."""
        if column not in ("assignee", "sender"):
            return ()
        async with self.db.reading(member.organization_id) as s:
            return await rows.people_in_use(s, f"{column}_id", _visible(member), RECENT, OFFERED)

    @needs(Right.LEAD_SEE_OWN)
    async def name_of(self, member: Member, other: UUID) -> str:
        """The name of a member of the same organization; empty for anybody else."""
        async with self.db.reading(member.organization_id) as s:
            found = await member_rows.get_member(s, other)
        return found.name if found is not None else ""

    @open_to("the scheduler")
    async def reindex_all(self) -> int:
        """Make the words of leads that were there before the rules were; a page a transaction, so that it
        goes on where it was stopped. Returns how many leads it went over."""
        async with self.db.reading(system=True) as s:
            unread = await words.organizations_unread(s)
        total = 0
        for organization_id in unread:
            while done := await self._reindex_page(organization_id):
                total += done
        return total

    async def _reindex_page(self, organization_id: UUID) -> int:
        async with self.db.transaction(organization_id) as s:
            after = await words.read_up_to(s)
            if after == words.ALL_DONE:
                return 0
            page = await words.unread_page(s, after, REINDEXED)
            if page:
                await words.reindex(s, [lead_id for lead_id, _ in page])
            await words.keep_read(s, page[-1][1] if page else words.ALL_DONE)
            return len(page)

    async def _by_text(self, s: Session, member: Member, query: LeadQuery, page: int) -> FoundPage:
        ranked, one_off = await self._ranked(s, member, query)
        more = len(ranked) > MOST_FOUND
        ranked = ranked[:MOST_FOUND]
        page, pages = _within(page, len(ranked))
        leads = await rows.in_this_order(s, ranked[page * PAGE : (page + 1) * PAGE])
        return FoundPage(tuple(leads), len(ranked), page, pages, more, one_off)

    async def _ranked(self, s: Session, member: Member, query: LeadQuery) -> tuple[list[UUID], bool]:
        sought = read_text(query.text, member.region)
        conditions = self._conditions(s, member, query)
        found = await rows.best_first(s, await _levels(s, sought), conditions, MOST_FOUND + 1)
        if found or not sought.words:
            return found, False
        fuzzy = await _fuzzy_level(s, sought)
        if fuzzy is None:
            return [], False
        found = await rows.best_first(s, [fuzzy], conditions, MOST_FOUND + 1)
        return found, bool(found)

    def _conditions(self, s: Session, member: Member, query: LeadQuery) -> list[Condition]:
        since = _midnight(query.since, member) if query.since else None
        if query.days > 0:
            today = self.clock().astimezone(ZoneInfo(member.time_zone)).date()
            since = _midnight(today - timedelta(days=min(query.days, 36_500) - 1), member)
        until = _midnight(query.until + timedelta(days=1), member) if query.until else None
        owned = lead_search.matching(LeadFilter(owner=query.owner), member.id)
        told = rows.told(s, query, member.id)
        return [_visible(member), *owned, *told, *rows.chosen(s, query, since, until)]


def _visible(member: Member) -> Condition:
    see_all, see_free = member.may(Right.LEAD_SEE_ALL), member.may(Right.LEAD_SEE_UNASSIGNED)
    return lead_search.visible_to(member.id, see_all, see_free)


def _midnight(day: date, member: Member) -> datetime:
    return datetime.combine(day, time.min, ZoneInfo(member.time_zone)).astimezone(UTC)


def _within(page: int, total: int) -> tuple[int, int]:
    """The page that there is, and how many there are."""
    pages = max(1, -(-total // PAGE))
    return min(max(page, 0), pages - 1), pages


async def _sliced(ids: Sequence[UUID], size: int) -> AsyncIterator[Sequence[UUID]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


async def _levels(s: Session, sought: Sought) -> list[Condition]:
    """What a lead may fulfil, the best first."""
    if sought.digits:
        return await _digit_levels(s, sought)
    given = [rows.with_contact(s, [value]) for value in (*sought.phones, *sought.emails)]
    exact = [words.having(s, [word]) for word in sought.words]
    longer = {word: await words.beginning_with(s, word, BEGINNINGS) for word in sought.words}
    begun = [words.having(s, {word, *longer[word]}) for word in sought.words]
    levels = [rows.all_of(*given, *exact)]
    if any(set(found) - {word} for word, found in longer.items()):
        levels.append(rows.all_of(*given, *begun))
    return levels


async def _digit_levels(s: Session, sought: Sought) -> list[Condition]:
    levels = [rows.numbered(sought.number)] if sought.number is not None else []
    if sought.phones:
        levels.append(rows.with_contact(s, sought.phones))
    if not sought.beginnings:
        return levels
    levels.append(words.having(s, [sought.digits]))
    begun = {word for one in sought.beginnings for word in await words.beginning_with(s, one, BEGINNINGS)}
    if begun - {sought.digits}:
        levels.append(words.having(s, begun))
    return levels


async def _fuzzy_level(s: Session, sought: Sought) -> Condition | None:
    """Every word as typed, begun so, or one letter off; None where no word can be found so."""
    found, helped = [], False
    for word in sought.words:
        known = {word, *await words.beginning_with(s, word, BEGINNINGS)}
        if len(word) >= SHORTEST_FUZZY and word.isalpha():
            off = [one for one in await words.one_letter_off(s, word) if is_fuzzy(one)]
            helped = helped or bool(off)
            known |= set(off)
        found.append(words.having(s, known))
    given = [rows.with_contact(s, [value]) for value in (*sought.phones, *sought.emails)]
    return rows.all_of(*given, *found) if helped else None
