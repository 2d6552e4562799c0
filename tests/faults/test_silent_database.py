"""A PostgreSQL that takes everything and says nothing, as behind a firewall that drops packets: whoever sends
learns within a bounded time that we cannot take it now, and nothing hangs on once the road is well again."""

import time
from pathlib import Path

from sqlalchemy import make_url

from storage.db import Database, Silence
from tests.clock import MovableClock
from tests.databases import PostgresDatabases
from tests.delivery.doors import TELEGRAM_SECRET, open_doors
from tests.delivery.house import open_house
from tests.faults.proxy import proxied

SILENCE = Silence(connection=1.0, statement=1.0)
BOUND = 10.0
"""Seconds for an answer: a statement, the end of its connection, a new one; on a busy machine."""

FORM = {"name": "Иван", "phone": "+79161234567", "email": "ivan@example.com", "referral_code": "site"}
UPDATE = {"update_id": 7, "message": {"chat": {"id": 5}}}
SECRET = {"X-Telegram-Bot-Api-Secret-Token": TELEGRAM_SECRET}


async def test_a_silent_database_is_a_503_in_time(
    postgres_databases: PostgresDatabases, clock: MovableClock, tmp_path: Path
) -> None:
    given = make_url(await postgres_databases.migrated(tmp_path))
    async with proxied(f"{given.query['host']}/.s.PGSQL.5432") as road:
        behind = given.set(query={}, host="127.0.0.1", port=road.port)
        db = Database(behind.render_as_string(hide_password=False), silence=SILENCE)
        try:
            async with open_house(db, clock) as house, open_doors(house) as doors:
                sent = {f"/hooks/website/{await doors.form_key()}": FORM, "/telegram/webhook": UPDATE}
                road.add("timeout")
                for path, body in sent.items():  # over a connection that was open, and over a new one
                    started = time.monotonic()
                    answer = await doors.client.post(path, json=body, headers=SECRET, timeout=BOUND)
                    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
                    assert time.monotonic() - started < BOUND
                road.reset()
                await road.cut()
                for path, body in sent.items():
                    answer = await doors.client.post(path, json=body, headers=SECRET)
                    assert answer.status_code == 200, answer.text
        finally:
            await db.close()
