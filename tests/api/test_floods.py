"""Who knocks too often, or guesses: refused cheaply, logged once, told once; CRMs are never held up."""

import asyncio
from datetime import timedelta

import httpx
import sqlalchemy as sa
from structlog.testing import capture_logs

from domain.errors import KeyRefused, TooManyRequests
from domain.hooks_in import HookKind
from services.entry import bursts
from storage.tables import entry_bursts, notices
from tests.api.office import Office, open_office

GUESSES = 10_000
FROM = {"X-Forwarded-For": "203.0.113.9"}


async def alerts(office: Office) -> list[str]:
    async with office.product.db.reading(system=True) as s:
        return [row.kind for row in await s.rows(sa.select(notices).where(notices.c.kind == bursts.BURST))]


async def test_ten_thousand_guessed_keys_cost_next_to_nothing(office: Office, leg: str) -> None:
    gate, seen = office.product.doors.api.gate, []  # type: ignore[union-attr]

    @sa.event.listens_for(office.product.db.engine.sync_engine, "before_cursor_execute")
    def statement(*given: object) -> None:
        seen.append(given[2])

    # of Redis fewer are enough: each of them is a round trip
    count, refused = GUESSES if leg == "sqlite" else 1000, {"key": 0, "limit": 0}
    with capture_logs() as logs:
        for number in range(count):
            try:
                await gate.enter(f"vk_{number:043d}", "203.0.113.9")
            except KeyRefused:
                refused["key"] += 1
            except TooManyRequests:
                refused["limit"] += 1
    assert refused == {"key": 10, "limit": count - 10}
    assert [one["event"] for one in logs].count("api.locked_out") == 1
    assert "203.0.113.9" not in str(logs)
    assert len(await alerts(office)) == 1
    # ten looks at keys, and the alert
    assert len(seen) < 100
    async with office.product.db.reading(system=True) as s:
        (burst,) = await s.rows(sa.select(entry_bursts))
    assert (burst.door, burst.shown, burst.count) == ("api", "203.0.113.*", 10)


async def test_a_burst_is_one_row_until_it_was_quiet(office: Office) -> None:
    async with office.product.db.transaction(office.owner.organization_id) as s:
        for count, shown in ((10, "203.0.113.*"), (500, "203.0.113.*"), (7, "198.51.100.*")):
            found = await bursts.rows.add(s, "api", shown, count, office.clock(), bursts.QUIET)
        assert (found.count, found.shown, found.mixed) == (517, "203.0.113.*", True)
        office.clock.advance((bursts.QUIET + timedelta(seconds=1)).total_seconds())
        found = await bursts.rows.add(s, "api", "192.0.2.*", 3, office.clock(), bursts.QUIET)
        assert (found.count, found.shown, found.mixed, found.told) == (3, "192.0.2.*", False, 0)
        assert found.first_at == found.last_at == office.clock()


async def send(office: Office, key: str, **headers: str) -> httpx.Response:
    return await office.speaks("").post(f"/hooks/website/{key}", json={"name": "Анна"}, headers=headers)


async def test_a_form_takes_so_much_of_an_address_and_says_when_to_come_again(
    database_url: str, redis_url: str
) -> None:
    async with open_office(database_url, redis_url, api_rate=3) as office:
        key = await office.product.services.website_form.key(office.owner)
        assert (await send(office, key)).status_code == 422
        refused = await send(office, key)
        assert (refused.status_code, refused.json()["limit"]) == (429, "address")
        told = refused.headers
        assert told["RateLimit-Policy"] == '"address";q=1;w=10'
        assert 1 <= int(told["Retry-After"]) <= 10
        assert told["RateLimit"] == f'"address";r=0;t={told["Retry-After"]}'
        # others are let in until all together are too many for the organization
        addresses = [{"X-Forwarded-For": f"192.0.2.{number}"} for number in range(6)]
        answers = await asyncio.gather(*(send(office, key, **one) for one in addresses))
        assert {one.json().get("limit") for one in answers if one.status_code == 429} == {"organization"}
        # the API has a count of its own
        assert (await office.http.get("/api/me")).status_code == 200


async def test_who_guesses_addresses_is_stopped_but_not_what_is_known_to_be_good(office: Office) -> None:
    key = await office.product.services.website_form.key(office.owner)
    codes = [(await send(office, f"guess{number}")).status_code for number in range(30)]
    assert codes[:10] == [404] * 10
    assert codes.count(429) >= 5
    assert len(await alerts(office)) == 1
    await office.product.services.hook_owners.of_key(key)
    assert (await send(office, key)).status_code == 422
    codes = [await guess_secret(office) for _ in range(12)]
    assert codes == [401] * 10 + [429] * 2
    wrong = {"X-Webhook-Secret": "whs_guess", **FROM}
    tried = [
        (await office.speaks("").post("/api/leads/webhook", json={}, headers=wrong)).status_code
        for _ in range(13)
    ]
    assert (tried[:10], set(tried[10:]) <= {401, 429}) == ([401] * 10, True)


async def guess_secret(office: Office) -> int:
    """A wrong secret at the address of a hook that is there."""
    services = office.product.services
    known = [one for one in await services.inlets.browse(office.owner) if one.kind is HookKind.OTHER]
    if not known:
        known = [await services.inlets.make(office.owner, HookKind.OTHER, "CRM")]
        await services.json_hooks.guard(office.owner, known[0].id, True)
    shown = {"X-Webhook-Secret": "whs_guess", "X-Forwarded-For": "198.51.100.7"}
    answer = await office.speaks("").post(f"/hooks/in/{known[0].key}", json={"a": 1}, headers=shown)
    return answer.status_code


async def test_crms_and_telegram_are_never_told_to_slow_down(database_url: str) -> None:
    async with open_office(database_url, api_rate=1) as office:
        nobody = office.speaks("")
        for path in ("/webhooks/espocrm/guess", "/telegram/webhook"):
            answers = [await nobody.post(path, json={}) for _ in range(15)]
            assert 429 not in {one.status_code for one in answers}


async def test_wrong_secrets_of_clients_lock_out_too(office: Office) -> None:
    nobody = office.speaks("")
    form = {"grant_type": "client_credentials"}
    tried = [
        (await nobody.post("/oauth/token", data=form, auth=("x", "vk_x"), headers=FROM)).status_code
        for _ in range(12)
    ]
    assert tried == [401] * 10 + [429] * 2
    # neither the API nor another address is closed by it
    assert (await office.http.get("/api/me", headers=FROM)).status_code == 200
    assert (await nobody.post("/oauth/token", data=form, auth=("x", "vk_x"))).status_code == 401
