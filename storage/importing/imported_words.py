"""The words that imported leads are found by: in the order of their index, many thousand leads at a time.

Apart from the leads, and in that order, they cost a third of what they cost lead by lead.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from asyncpg.exceptions import UniqueViolationError
from sqlalchemy.dialects import postgresql, sqlite

from domain.words import email_words, is_fuzzy, phone_words, spellings, words_in
from storage.among import among
from storage.bulk import Native, insert_many
from storage.db import Session
from storage.tables import contact_points, import_rows, lead_words, leads, word_spellings

_WORD = ("organization_id", "word", "lead_id")
_row = import_rows.c

Pair = tuple[str, Any]
"""A word, and the lead's id as the engine keeps it."""


async def words_of_import(
    s: Session, import_id: UUID, after: int, most: int
) -> tuple[list[Pair], int | None]:
    """The words of new leads of the rows after `after`, in the order of their index, with the last of these
    rows; None when there are no more."""
    named: Sequence[Any] = await s.rows(
        sa.select(_row.row, _raw(s, leads.c.id), leads.c.name, leads.c.company, leads.c.inn)
        .join(leads, leads.c.id == _row.lead_id)
        .where(_new(s, import_id, after), leads.c.organization_id == s.tenant)
        .order_by(_row.row)
        .limit(most)
    )
    if not named:
        return [], None
    points = await s.rows(
        sa.select(_raw(s, contact_points.c.lead_id), contact_points.c.kind, contact_points.c.value).where(
            contact_points.c.organization_id == s.tenant,
            _of_leads(s, [row[1] for row in named]),
            contact_points.c.contact_id.is_(None),
        )
    )
    texts = _Once(words_in)
    found: set[Pair] = set()
    for _, lead_id, *said in map(tuple, named):
        found.update((word, lead_id) for text in said if text for word in texts.of(text))
    for lead_id, kind, value in map(tuple, points):
        found.update((word, lead_id) for word in (phone_words if kind == "phone" else email_words)(value))
    return sorted(found), named[-1].row if len(named) == most else None


def _new(s: Session, import_id: UUID, after: int) -> sa.ColumnElement[bool]:
    own = sa.and_(_row.organization_id == s.tenant, _row.import_id == import_id)
    return sa.and_(own, _row.verdict == "new", _row.row > after)


def _raw(s: Session, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """An id as the engine keeps it: thousands of them are only passed on."""
    return sa.type_coerce(column, sa.String) if s.dialect == "sqlite" else column


def _of_leads(s: Session, raw_ids: Sequence[Any]) -> sa.ColumnElement[bool]:
    """As one parameter, and not as a join: just filled tables have no statistics to join by."""
    if s.dialect != "sqlite":
        return among(s, contact_points.c.lead_id, raw_ids)
    given = sa.func.json_each(json.dumps(raw_ids)).table_valued("value")
    return sa.type_coerce(contact_points.c.lead_id, sa.String).in_(sa.select(given.c.value))


class _Once:
    """Remembers what was read from a text: people of one file work for the same few companies."""

    def __init__(self, read: Callable[[str], Sequence[str]]) -> None:
        self._read = read
        self._known: dict[str, Sequence[str]] = defaultdict(tuple)

    def of(self, text: str) -> Sequence[str]:
        if text not in self._known:
            if len(self._known) > 4096:
                self._known.clear()
            self._known[text] = self._read(text)
        return self._known[text]


async def put_words(s: Session, pairs: Sequence[Pair]) -> None:
    """Add words; those that a lead has already stay."""
    native = Native(s.dialect)
    tenant = native.id(s.tenant)
    rows = [(tenant, word, lead_id) for word, lead_id in pairs]
    if s.dialect == "sqlite":
        await insert_many(s, lead_words, _WORD, rows, ignoring=True)
        return
    try:
        async with s.connection.begin_nested():
            await insert_many(s, lead_words, _WORD, rows)
    except UniqueViolationError:
        # somebody has changed one of the leads meanwhile, or an earlier try came so far
        given = [{"organization_id": s.tenant, "word": word, "lead_id": lead_id} for word, lead_id in pairs]
        await s.execute(postgresql.insert(lead_words).on_conflict_do_nothing(), given)


def fuzzy(pairs: Iterable[Pair]) -> set[str]:
    """Words that are found with one letter wrong."""
    return {word for word in {word for word, _ in pairs} if is_fuzzy(word)}


async def add_spellings(s: Session, words: Collection[str]) -> None:
    """Spellings of words that no lead had so far; somebody else may add the same meanwhile."""
    known = await s.rows(
        sa.select(word_spellings.c.word).where(
            word_spellings.c.organization_id == s.tenant,
            word_spellings.c.spelling == word_spellings.c.word,
            among(s, word_spellings.c.spelling, sorted(words)),
        )
    )
    fresh = set(words) - {row.word for row in known}
    if fresh:
        insert = sqlite.insert if s.dialect == "sqlite" else postgresql.insert
        pairs = sorted((spelling, word) for word in fresh for spelling in spellings(word))
        given = [{"organization_id": s.tenant, "spelling": one, "word": word} for one, word in pairs]
        await s.execute(insert(word_spellings).on_conflict_do_nothing(), given)
