"""A server whose clock is set an hour forward and back again: what lives by the clock is done once, and
nobody stays outside."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa

from domain.activities import ActivityType
from domain.plans import Subject
from storage.tables import notices
from tests.api.office import Office, open_office
from tests.api.test_entering import ask
from tests.clock import MovableClock
from tests.hooks_out.receiver import receiving
from tests.hooks_out.sends import Sends

HOUR = 3600.0


async def reminded(office: Office) -> int:
    """Pushes about something planned, so far."""
    await office.product.services.reminders.run()
    async with office.product.db.reading(system=True) as s:
        count = sa.select(sa.func.count()).select_from(notices).where(notices.c.kind == "plan.due")
        return int(await s.scalar(count))


async def test_a_reminder_comes_once_and_repeats_stay_repeats(database_url: str) -> None:
    async with open_office(database_url) as office:
        lead = await office.lead()
        of, at = Subject("lead", UUID(lead["id"])), office.clock() + timedelta(minutes=30)
        await office.product.services.plans.schedule(office.owner, of, ActivityType.CALL, at)
        given, key = {"name": "Anna", "phones": ["+79160000009"]}, {"Idempotency-Key": "1"}
        first = await office.http.post("/api/leads", json=given, headers=key)
        seen = [await reminded(office)]
        for step in (HOUR, -HOUR, HOUR):
            office.clock.advance(step)
            seen.append(await reminded(office))
            again = await office.http.post("/api/leads", json=given, headers=key)
            assert again.json()["id"] == first.json()["id"]
        assert seen == [0, 1, 1, 1]


async def test_a_token_opens_after_a_step_back_and_is_bought_anew_after_one_forward(
    database_url: str,
) -> None:
    async with open_office(database_url) as office:
        key, made = await office.product.services.api_keys.make(office.owner, "CI", ["leads:read"])

        async def bought() -> str:
            return str((await ask(office, (str(made.id), key))).json()["access_token"])

        async def opens(token: str) -> int:
            return (await office.speaks(token).get("/api/leads")).status_code

        token = await bought()
        office.clock.advance(-HOUR)
        assert await opens(token) == 200
        office.clock.advance(2 * HOUR)
        assert (await opens(token), await opens(await bought())) == (401, 200)


async def test_a_webhook_signed_by_a_wrong_clock_is_signed_anew(
    database_url: str, clock: MovableClock
) -> None:
    async with (
        receiving(clock) as receiver,
        open_office(database_url, egress_allow=(receiver.place,)) as office,
    ):
        sends = Sends(office, receiver)
        hook = await sends.hook("lead.created")
        start = office.clock()
        receiver.now = lambda: start
        # whoever verifies refuses what was signed in another hour
        receiver.answers = [401]
        office.clock.advance(HOUR)
        await office.lead()
        assert await sends.work() == 1
        office.clock.advance(-HOUR)
        for _ in range(20):
            if await sends.work():
                break
            office.clock.advance(HOUR / 10)
            receiver.now = office.clock
        refused, taken = receiver.got
        assert (len(refused.signed), len(taken.signed)) == (0, 1)
        assert refused.headers["webhook-id"] == taken.headers["webhook-id"]
        assert (await sends.sendings(hook))[0].state.value == "delivered"
