"""A database with very many leads, made inside PostgreSQL."""

from dataclasses import dataclass, field
from random import Random
from uuid import UUID

from benchmarks import postgres
from domain.members import Member, MemberStatus, Role
from domain.words import spellings
from services.clock import system_clock
from services.delivery.outbox import Outbox
from services.leads.leads import Leads
from services.messages.notices import Notices
from services.people.organizations import Organizations
from storage.db import Database
from storage.delivery import integrations
from storage.ids import new_id
from storage.people import members as member_rows
from storage.replicas.signals import LocalSignals

OWNER, PARTNER, MANAGER = 1001, 1002, 1003

# Spread over two years; the id tells the time, as ours do.
LEADS = """
INSERT INTO leads (id, organization_id, number, name, company, inn, note, source, utm, custom, stage_id,
                   sender_id, assignee_id, created_at, updated_at)
SELECT uuidv7(made - now()), $2, n, 'Person ' || n, CASE WHEN n % 3 = 0 THEN 'Company ' || n ELSE '' END,
       CASE WHEN n % 10 = 0 THEN lpad(n::text, 10, '7') ELSE '' END, 'Asks about an offer, number ' || n,
       'chat', '{}', '{}', ($3::uuid[])[1 + n % array_length($3::uuid[], 1)], $4,
       CASE WHEN n % 2 = 0 THEN $5::uuid END, made, made
FROM (SELECT n, now() - interval '2 years' * (1 - n::float / $1::bigint) AS made
      FROM generate_series(1, $1::bigint) AS n) AS numbered
"""
PHONES = """
INSERT INTO contact_points (id, organization_id, lead_id, kind, value, typed, position)
SELECT uuidv7(), organization_id, id, 'phone', '+7' || (9000000000 + number), '8' || (9000000000 + number), 0
FROM leads
"""
EMAILS = """
INSERT INTO contact_points (id, organization_id, lead_id, kind, value, typed, position)
SELECT uuidv7(), organization_id, id, 'email', 'person' || number || '@example.com', '', 1
FROM leads WHERE number % 2 = 0
"""
HISTORY = """
INSERT INTO lead_history (id, organization_id, lead_id, actor_id, origin, field, at)
SELECT uuidv7(), organization_id, id, sender_id, 'chat', 'created', created_at FROM leads
"""
# What domain.words makes of such leads; benchmarks/find.py checks that it does.
WORDS = """
INSERT INTO lead_words (organization_id, word, lead_id)
SELECT DISTINCT organization_id, word, id FROM leads CROSS JOIN LATERAL unnest(ARRAY[
  'person', number::text, CASE WHEN company <> '' THEN 'company' END, nullif(inn, ''),
  '+7' || (9000000000 + number), '~' || reverse('7' || (9000000000 + number)),
  CASE WHEN number % 2 = 0 THEN 'person' || number END, CASE WHEN number % 2 = 0 THEN 'example' END
]) AS word WHERE word IS NOT NULL
"""
SPELLED = ("person", "company", "example")
# Built at once, an index is made many times faster than row by row.
UNINDEXED = (
    "ALTER TABLE lead_words DROP CONSTRAINT pk_lead_words",
    "DROP INDEX ix_lead_words_lead_id",
)
INDEXED = (
    "ALTER TABLE lead_words ADD CONSTRAINT pk_lead_words PRIMARY KEY (organization_id, word, lead_id)",
    "CREATE INDEX ix_lead_words_lead_id ON lead_words (lead_id)",
)


def known_phone(number: int) -> str:
    """The phone of the loaded lead `number`."""
    return f"+7{9_000_000_000 + number}"


@dataclass
class Loaded:
    """A database with `count` leads, the use case over it, and people to send and to be told."""

    url: str
    count: int
    db: Database
    leads: Leads
    partner: Member
    stage_id: UUID = field(default_factory=new_id)


async def load(url: str, count: int) -> Loaded:
    """Fill the migrated database at `url`: an organization with an owner, a partner, a manager, an active
    CRM connection, `count` leads with a phone each, an e-mail every second, and their history."""
    db = Database(url)
    clock, signals = system_clock, LocalSignals()
    organization = await Organizations(db, clock).ensure_first("B", "en", "RU", "Europe/Moscow", [OWNER])
    async with db.transaction(organization) as s:
        for person, role in ((PARTNER, Role.PARTNER), (MANAGER, Role.MANAGER)):
            await member_rows.see_person(s, person, "", "Person", "en", clock())
            await member_rows.add_member(
                s,
                person,
                clock(),
                role=role.value,
                status=MemberStatus.ACTIVE.value,
                referral_code=str(person),
            )
        integration = new_id()
        await integrations.add(s, integration, "espocrm", {"url": "http://crm.example"}, clock())
        await integrations.only_active(s, integration)
        partner = await member_rows.member_of(s, PARTNER)
        manager = await member_rows.member_of(s, MANAGER)
        assert partner is not None
        assert manager is not None
    stage_id = await _fill(url, count, organization, partner.id, manager.id)
    outbox = Outbox(db, clock, signals, (), Random(7))
    leads = Leads(db, clock, outbox, Notices(db, clock, signals))
    return Loaded(url, count, db, leads, partner, stage_id)


async def _fill(url: str, count: int, organization: UUID, partner: UUID, manager: UUID) -> UUID:
    connection = await postgres.connect(url)
    found = await connection.fetch("SELECT id FROM stages ORDER BY position")
    stages = [row["id"] for row in found]
    # the rows are right by construction: looking every reference up would take most of the time
    await connection.execute("SET session_replication_role = replica")
    await connection.execute(LEADS, count, organization, stages, partner, manager)
    for statement in (PHONES, EMAILS, HISTORY, *UNINDEXED, WORDS, *INDEXED):
        await connection.execute(statement)
    await connection.executemany(
        "INSERT INTO word_spellings (organization_id, spelling, word) VALUES ($1, $2, $3)",
        [(organization, spelling, word) for word in SPELLED for spelling in spellings(word)],
    )
    await connection.execute("UPDATE counters SET value = $1 WHERE name = 'lead'", count)
    await connection.execute("VACUUM ANALYZE")
    await connection.execute("CHECKPOINT")
    await connection.close()
    first: UUID = stages[0]
    return first
