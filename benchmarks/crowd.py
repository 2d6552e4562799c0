"""Very many people who have started the bot, at the stand-in of Telegram and in the database."""

from collections.abc import Iterable
from uuid import UUID

from benchmarks import postgres
from benchmarks.lead_data import OWNER
from domain.members import Member
from sandbox.telegram.server import TelegramSandbox
from services.clock import system_clock
from services.people.organizations import Organizations
from storage.db import Database
from storage.people import members as member_rows

FIRST = 5_000_000

PEOPLE = """
INSERT INTO people (telegram_id, username, full_name, language, created_at)
SELECT $1 + n, '', 'Person ' || n, 'en', now() FROM generate_series(0, $2::bigint - 1) AS n
"""
MEMBERS = """
INSERT INTO members (id, organization_id, telegram_id, role, status, name, referral_code, consent_at,
                     created_at)
SELECT uuidv7(), $3, $1 + n, 'partner', 'active', 'Person ' || n, 'c' || n, now(), now()
FROM generate_series(0, $2::bigint - 1) AS n
"""


def ids(count: int) -> range:
    """The people's Telegram ids."""
    return range(FIRST, FIRST + count)


async def organization_of(db: Database) -> tuple[UUID, Member]:
    """The first organization, which is set up, and its owner."""
    organization = await Organizations(db, system_clock).ensure_first(
        "B", "en", "RU", "Europe/Moscow", [OWNER]
    )
    async with db.transaction(organization) as s:
        await member_rows.update_organization(s, organization, set_up=True)
        owner = await member_rows.member_of(s, OWNER)
    assert owner is not None
    return organization, owner


async def fill(database_url: str, organization: UUID, count: int) -> None:
    """Make so many partners."""
    connection = await postgres.connect(database_url)
    await connection.execute(PEOPLE, FIRST, count)
    await connection.execute(MEMBERS, FIRST, count, organization)
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


def gather(telegram: TelegramSandbox, people: Iterable[int]) -> None:
    """Let the people be at Telegram, and the bot be free to write to them."""
    for person in people:
        telegram.world.api.state.add_person({"id": person, "first_name": f"P{person}"}).started = True
