"""Part `find`: finding leads among a million beside the same finding written by hand in SQL."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from random import Random
from uuid import UUID

import asyncpg

from benchmarks import postgres
from benchmarks.lead_data import MANAGER, Loaded, known_phone, load
from benchmarks.report import Goal, Result
from benchmarks.rounds import ROUNDS, NotTheSame
from domain.lead_query import MOST_FOUND, LeadQuery
from domain.members import Member
from domain.words import one_letter_apart, spellings, words_in
from services.clock import system_clock
from services.finding.search import BEGINNINGS, Finding
from services.leads.leads import PAGE
from storage.finding import finding as word_rows
from storage.people import members as member_rows

LEADS = 1_000_000
FINDS = 120
"""In a round, on each side: as many of every kind."""

MOST = 3.0

FITS = """lead.organization_id = $1 AND lead.deleted_at IS NULL
AND (lead.sender_id = $2 OR lead.assignee_id = $2 OR lead.assignee_id IS NULL)"""
HAVING = "lead.id IN (SELECT lead_id FROM lead_words WHERE organization_id = $1 AND word = ANY({words}))"
CONTACT = "lead.id IN (SELECT lead_id FROM contact_points WHERE organization_id = $1 AND value = {value})"
LEVEL = "SELECT id, {rank} AS rank FROM (SELECT lead.id FROM leads AS lead WHERE {fits} AND {level} \
ORDER BY lead.id DESC LIMIT {most}) AS level_{rank}"
BEGINNING = """
WITH RECURSIVE walk(word) AS (
  SELECT min(word) FROM lead_words WHERE organization_id = $1 AND word >= $2 AND word < $3
  UNION ALL
  SELECT (SELECT min(word) FROM lead_words WHERE organization_id = $1 AND word > walk.word AND word < $3)
  FROM walk WHERE walk.word IS NOT NULL
) SELECT word FROM walk WHERE word IS NOT NULL LIMIT $4
"""
OFF = "SELECT DISTINCT word FROM word_spellings WHERE organization_id = $1 AND spelling = ANY($2)"
PAGE_OF = """
SELECT lead.*, stage.key, stage.name AS stage_name, stage.color, stage.kind, assignee.name AS assignee_name,
       sender.name AS sender_name
FROM leads AS lead JOIN stages AS stage ON stage.id = lead.stage_id
LEFT JOIN members AS assignee ON assignee.id = lead.assignee_id
LEFT JOIN members AS sender ON sender.id = lead.sender_id
WHERE lead.organization_id = $1 AND lead.id = ANY($2)
"""
POINTS = "SELECT * FROM contact_points WHERE organization_id = $1 AND lead_id = ANY($2) ORDER BY position"

Answer = tuple[list[UUID], int]
"""The leads of the first page, and how many there are."""


@dataclass
class ByHand:
    """The statements a person would write for one screen, on prepared statements where plans allow."""

    connection: asyncpg.Connection
    member: Member

    async def find(self, text: str) -> Answer:
        digits = "".join(one for one in text if one.isdigit())
        only_digits = not any(one.isalpha() for one in text)
        levels, values = await (
            self._digits(digits, text.startswith("#")) if only_digits else self._words(words_in(text))
        )
        ranked = await self._ranked(levels, values)
        if not ranked and not only_digits:
            ranked = await self._ranked(*await self._fuzzy(words_in(text)))
        ids = ranked[:MOST_FOUND]
        page = ids[:PAGE]
        if page:
            tenant = self.member.organization_id
            await self.connection.fetch(PAGE_OF, tenant, page)
            await self.connection.fetch(POINTS, tenant, page)
        return page, len(ids)

    async def _digits(self, digits: str, alone: bool) -> tuple[list[str], list[object]]:
        if alone:
            return ["lead.number = $3"], [int(digits)]
        begun = {digits}
        beginnings = [digits]
        if len(digits) >= 4:
            beginnings += [f"+{digits}", f"+7{digits}", f"~{digits[::-1]}"]
            beginnings += [f"+7{digits[1:]}"] if digits.startswith("8") else []
        for one in beginnings:
            begun |= set(await self._beginning(one))
        values: list[object] = [int(digits), f"+{digits}", [digits], list(begun)]
        levels = ["lead.number = $3", CONTACT.format(value="$4")]
        return [*levels, HAVING.format(words="$5"), HAVING.format(words="$6")], values

    async def _words(self, words: Sequence[str]) -> tuple[list[str], list[object]]:
        longer = [[word, *await self._beginning(word)] for word in words]
        values: list[object] = [*[[word] for word in words], *longer]
        exact = [HAVING.format(words=f"${3 + place}") for place in range(len(words))]
        begun = [HAVING.format(words=f"${3 + len(words) + place}") for place in range(len(words))]
        return [" AND ".join(exact), " AND ".join(begun)], values

    async def _fuzzy(self, words: Sequence[str]) -> tuple[list[str], list[object]]:
        values: list[object] = []
        for word in words:
            rows = await self.connection.fetch(OFF, self.member.organization_id, list(spellings(word)))
            off = [row["word"] for row in rows if one_letter_apart(word, row["word"])]
            values.append([word, *await self._beginning(word), *off])
        level = " AND ".join(HAVING.format(words=f"${3 + place}") for place in range(len(words)))
        return [level], values

    async def _beginning(self, word: str) -> list[str]:
        rows = await self.connection.fetch(
            BEGINNING, self.member.organization_id, word, word + "\U0010ffff", BEGINNINGS
        )
        return [row["word"] for row in rows]

    async def _ranked(self, levels: Sequence[str], values: Sequence[object]) -> list[UUID]:
        most = MOST_FOUND + 1
        query = " UNION ALL ".join(
            LEVEL.format(rank=rank, fits=FITS, level=level, most=most) for rank, level in enumerate(levels)
        )
        rows = await self.connection.fetch(query, self.member.organization_id, self.member.id, *values)
        best: dict[UUID, int] = {}
        for row in rows:
            best[row["id"]] = min(row["rank"], best.get(row["id"], row["rank"]))
        newest = sorted(best, key=lambda one: one.int, reverse=True)
        return sorted(newest, key=best.__getitem__)[:most]


class Asked:
    """What people type, a kind after the other, about leads that nobody asked for before."""

    def __init__(self) -> None:
        self._random = Random(11)
        self._turns = count()

    def next(self) -> str:
        number = self._random.randrange(LEADS // 10, LEADS)
        kinds = (
            f"#{number}",
            known_phone(number),
            str(9_000_000_000 + number)[-7:],
            f"person {number}",
            f"company {number - number % 3}",
            f"person{number - number % 2}",
            f"persom {number}",
            "person",
        )
        return kinds[next(self._turns) % len(kinds)]


async def measure() -> Result:
    """Load a million leads, then ask both sides the same in turn."""
    with postgres.server() as url:
        loaded = await load(await postgres.database(url, "find"), LEADS)
        async with loaded.db.reading(loaded.partner.organization_id) as s:
            manager = await member_rows.member_of(s, MANAGER)
        assert manager is not None
        await _same_words(loaded)
        connection = await postgres.connect(loaded.url)
        await connection.execute("SET plan_cache_mode = force_custom_plan")
        rounds = await _rounds(Finding(loaded.db, system_clock), ByHand(connection, manager), manager)
        await connection.close()
        await loaded.db.close()
    return _result(rounds)


async def _same_words(loaded: Loaded) -> None:
    """The words that were loaded in bulk are those the product keeps."""
    tenant = loaded.partner.organization_id
    count_words = "SELECT lead_id, word FROM lead_words WHERE lead_id = ANY($1)"
    connection = await postgres.connect(loaded.url)
    rows = await connection.fetch("SELECT id FROM leads ORDER BY number LIMIT 60")
    ids = [row["id"] for row in rows]
    before = {tuple(row) for row in await connection.fetch(count_words, ids)}
    async with loaded.db.transaction(tenant) as s:
        await word_rows.reindex(s, ids)
    after = {tuple(row) for row in await connection.fetch(count_words, ids)}
    await connection.close()
    if before != after:
        raise NotTheSame(f"the loaded words are not the product's: {sorted(map(str, before ^ after))[:6]}")


Times = tuple[list[float], list[float]]


async def _rounds(finding: Finding, by_hand: ByHand, manager: Member) -> list[Times]:
    rounds: list[Times] = []
    asked = Asked()
    for _ in range(ROUNDS + 1):
        floor, product = [], []
        for _ in range(FINDS):
            text = asked.next()
            started = time.perf_counter()
            expected = await by_hand.find(text)
            floor.append(time.perf_counter() - started)
            started = time.perf_counter()
            found = await finding.find(manager, LeadQuery(text=text))
            product.append(time.perf_counter() - started)
            if ([lead.id for lead in found.leads], found.total) != expected or not expected[1]:
                raise NotTheSame(f"{text!r}: {found.total} were found, by hand {expected[1]}")
        rounds.append((floor, product))
    return rounds[1:]


def _p95(times: Sequence[float]) -> float:
    return sorted(times)[int(len(times) * 0.95)]


def _middle(times: Sequence[float]) -> float:
    return sorted(times)[len(times) // 2]


def _result(rounds: Sequence[Times]) -> Result:
    ratios = sorted(_p95(product) / _p95(floor) for floor, product in rounds)
    ratio = ratios[len(ratios) // 2]

    def row(what: str, of: object) -> list[str]:
        assert callable(of)
        floors, products = [of(one) * 1e3 for one, _ in rounds], [of(one) * 1e3 for _, one in rounds]
        floor, product = _middle(floors), _middle(products)
        return [what, f"{floor:.1f}", f"{product:.1f}", f"{product / floor:.2f}x"]

    return Result(
        part="find",
        title="Finding leads among a million (`find`)",
        about=(
            "`services.finding` against the statements that somebody would write by hand for the same "
            "screen, on asyncpg: exact number, phone, last seven digits, a name with a number, a company, an "
            "e-mail's name, a word with one letter wrong, and a word that every lead has; as a manager, who "
            f"sees their own and the free ones. {FINDS} finds a round and side, in turn; {ROUNDS} rounds. "
            "Both sides find the same leads in the same order and count as many."
        ),
        columns=("Time of a find", "by hand, ms", "product, ms", "ratio"),
        rows=[row("median", _middle), row("95th percentile", _p95)],
        goals=[Goal("95th percentile over that by hand", ratio, MOST)],
        notes=[
            f"Of the five rounds {ratios[0]:.2f} to {ratios[-1]:.2f}.",
            f"PostgreSQL: {postgres.SAID}; all on one machine.",
        ],
    )
