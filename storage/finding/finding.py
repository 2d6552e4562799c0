"""The words that leads are found by: kept with every write of a lead, and made anew for those that are there.

A word of letters has its spellings one letter short beside it (see domain.words), for the whole organization
once. The words of a lead that is deleted softly stay: whoever looks leaves such leads out.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from domain.words import is_fuzzy, one_letter_apart, spellings, words_of_lead
from storage.among import among, own_among
from storage.db import Session
from storage.tables import contact_points, contacts, counters, lead_words, leads, word_spellings

RULES = "words.1"
"""The counter that tells how far leads have been gone over; a new name after a change of the rules goes over
all of them anew."""

ALL_DONE = 2**62

_ADD = sa.text("""
WITH added AS (
  INSERT INTO lead_words (organization_id, word, lead_id)
  SELECT :tenant, given.word, given.lead
  FROM unnest(CAST(:words AS varchar[]), CAST(:leads AS uuid[])) AS given(word, lead)
  ON CONFLICT DO NOTHING
)
INSERT INTO word_spellings (organization_id, spelling, word)
SELECT :tenant, given.spelling, given.word
FROM unnest(CAST(:spellings AS varchar[]), CAST(:spelled AS varchar[])) AS given(spelling, word)
WHERE NOT EXISTS (SELECT 1 FROM word_spellings AS known WHERE known.organization_id = :tenant
                  AND known.spelling = given.word AND known.word = given.word)
ORDER BY given.spelling, given.word
ON CONFLICT DO NOTHING
""").bindparams(sa.bindparam("tenant", type_=sa.Uuid))
_ADD_WORDS = sqlite.insert(lead_words).on_conflict_do_nothing()
_ADD_SPELLINGS = sqlite.insert(word_spellings).on_conflict_do_nothing()


async def add_words(s: Session, words: Mapping[UUID, Collection[str]]) -> None:
    """Add words to leads; those they have stay as they are."""
    pairs = sorted((word, lead) for lead, own in words.items() for word in own)
    if not pairs:
        return
    spelled = sorted(
        (spelling, word)
        for word in {word for word, _ in pairs if is_fuzzy(word)}
        for spelling in spellings(word)
    )
    if s.dialect != "sqlite":
        lists = {
            "words": [word for word, _ in pairs],
            "leads": [lead for _, lead in pairs],
            "spellings": [spelling for spelling, _ in spelled],
            "spelled": [word for _, word in spelled],
        }
        await s.execute(_ADD, {"tenant": s.tenant, **lists})
        return
    own = {"organization_id": s.tenant}
    await s.execute(_ADD_WORDS, [{**own, "word": word, "lead_id": lead} for word, lead in pairs])
    if spelled:
        await s.execute(
            _ADD_SPELLINGS, [{**own, "spelling": spelling, "word": word} for spelling, word in spelled]
        )


async def reindex(s: Session, lead_ids: Collection[UUID]) -> None:
    """Give the leads exactly the words they have now: after any change of names, phones or e-mails, their
    contacts' ones included."""
    wanted = await _words_now(s, lead_ids)
    rows = await s.rows(
        sa.select(lead_words.c.lead_id, lead_words.c.word).where(own_among(s, lead_words.c.lead_id, lead_ids))
    )
    stale: dict[UUID, list[str]] = defaultdict(list)
    for row in rows:
        if row.word not in wanted.get(row.lead_id, ()):
            stale[row.lead_id].append(row.word)
    for lead_id, words in stale.items():
        await s.execute(
            lead_words.delete().where(
                lead_words.c.organization_id == s.tenant,
                lead_words.c.lead_id == lead_id,
                among(s, lead_words.c.word, words),
            )
        )
    kept = {(row.lead_id, row.word) for row in rows}
    missing = {lead: [word for word in words if (lead, word) not in kept] for lead, words in wanted.items()}
    await add_words(s, missing)


async def _words_now(s: Session, lead_ids: Collection[UUID]) -> dict[UUID, frozenset[str]]:
    texts: dict[UUID, list[str]] = {}
    points: dict[tuple[UUID, str], list[str]] = defaultdict(list)
    for row in await s.rows(
        sa.select(leads.c.id, leads.c.name, leads.c.company, leads.c.inn).where(
            own_among(s, leads.c.id, lead_ids)
        )
    ):
        texts[row.id] = [row.name, row.company, row.inn]
    for row in await s.rows(
        sa.select(contact_points.c.lead_id, contact_points.c.kind, contact_points.c.value).where(
            own_among(s, contact_points.c.lead_id, lead_ids)
        )
    ):
        points[row.lead_id, row.kind].append(row.value)
    for row in await s.rows(
        sa.select(contacts.c.lead_id, contacts.c.name).where(own_among(s, contacts.c.lead_id, lead_ids))
    ):
        texts[row.lead_id].append(row.name)
    return {
        lead: words_of_lead(own, points[lead, "phone"], points[lead, "email"]) for lead, own in texts.items()
    }


def _range(word: sa.ColumnElement[str], beginning: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    # the last code point there is: the column compares by code points
    return sa.and_(word >= beginning, word < beginning + sa.literal("\U0010ffff"))


_TENANT = sa.bindparam("tenant", type_=sa.Uuid)
_BEGINNING = sa.bindparam("beginning", type_=sa.String)


def _walk() -> sa.Select[tuple[str]]:
    """Distinct words with a beginning: one look into the index for each, however many leads have it."""
    found = sa.and_(lead_words.c.organization_id == _TENANT, _range(lead_words.c.word, _BEGINNING))
    first = sa.select(sa.func.min(lead_words.c.word).label("word")).where(found)
    walk = first.cte("walk", recursive=True)
    following = (
        sa.select(sa.func.min(lead_words.c.word))
        .where(found, lead_words.c.word > walk.c.word)
        .correlate(walk)
        .scalar_subquery()
    )
    walk = walk.union_all(sa.select(following).where(walk.c.word.is_not(None)))
    return sa.select(walk.c.word).where(walk.c.word.is_not(None)).limit(sa.bindparam("most"))


_WALK = _walk()


async def beginning_with(s: Session, beginning: str, most: int) -> list[str]:
    """Words of our leads that begin so, in order, at most `most`."""
    given = {"tenant": s.tenant, "beginning": beginning, "most": most}
    return [row.word for row in (await s.execute(_WALK, given)).all()]


async def one_letter_off(s: Session, word: str) -> list[str]:
    """Words of our leads, of FUZZY_FROM letters or more, that are one letter away from this one."""
    found = await s.execute(
        sa.select(word_spellings.c.word)
        .distinct()
        .where(
            word_spellings.c.organization_id == s.tenant,
            among(s, word_spellings.c.spelling, sorted(spellings(word))),
        )
    )
    return sorted(row.word for row in found.all() if one_letter_apart(word, row.word))


async def unread_page(s: Session, after: int, most: int) -> list[tuple[UUID, int]]:
    """(id, number) of leads above a number, in order."""
    rows = await s.rows(
        sa.select(leads.c.id, leads.c.number)
        .where(leads.c.organization_id == s.tenant, leads.c.number > after)
        .order_by(leads.c.number)
        .limit(most)
    )
    return [(row.id, row.number) for row in rows]


async def read_up_to(s: Session) -> int:
    """The number up to which leads have been gone over. Its row is locked."""
    held = await s.execute(
        counters.update()
        .where(counters.c.organization_id == s.tenant, counters.c.name == RULES)
        .values(value=counters.c.value)
        .returning(counters.c.value)
    )
    found: int | None = held.scalar()
    if found is None:
        await s.execute(counters.insert().values(organization_id=s.tenant, name=RULES, value=0))
    return found or 0


async def keep_read(s: Session, number: int) -> None:
    await s.execute(
        counters.update()
        .where(counters.c.organization_id == s.tenant, counters.c.name == RULES)
        .values(value=number)
    )


async def organizations_unread(s: Session) -> list[UUID]:
    """Organizations whose leads have not all been gone over; system scope."""
    done = sa.select(counters.c.organization_id).where(counters.c.name == RULES, counters.c.value == ALL_DONE)
    rows = await s.rows(sa.select(counters.c.organization_id).where(
        counters.c.name == "lead", counters.c.organization_id.not_in(done)
    ))  # fmt: skip
    return [row.organization_id for row in rows]


def having(s: Session, words: Iterable[str]) -> sa.ColumnElement[bool]:
    """Whether a lead has one of the words."""
    return leads.c.id.in_(
        sa.select(lead_words.c.lead_id).where(
            lead_words.c.organization_id == s.tenant, among(s, lead_words.c.word, list(words))
        )
    )
