"""Connecting an organization with its CRM."""

import pytest

from domain.errors import BadInput, CrmAccessLost, CrmUnavailable, CrmUnsupported, NotAllowed
from tests.delivery.house import House


async def test_a_test_keeps_nothing(house_alone: House) -> None:
    report = await house_alone.integrations.test(house_alone.owner, "espocrm", house_alone.settings)
    assert (report.account, report.version, report.usable) == ("voronka", "10.0.0", True)
    assert await house_alone.integrations.current(house_alone.owner) is None


async def test_only_admins_connect(house_alone: House) -> None:
    with pytest.raises(NotAllowed):
        await house_alone.integrations.connect(house_alone.partner, "espocrm", house_alone.settings)


async def test_a_wrong_key_is_not_kept(house_alone: House) -> None:
    wrong = {**house_alone.settings, "api_key": "wrong"}
    with pytest.raises(CrmAccessLost):
        await house_alone.integrations.connect(house_alone.owner, "espocrm", wrong)
    assert await house_alone.rows("integrations") == []


async def test_an_address_where_nobody_answers_is_not_kept(house_alone: House) -> None:
    house_alone.down()
    with pytest.raises(CrmUnavailable):
        await house_alone.integrations.connect(house_alone.owner, "espocrm", house_alone.settings)
    assert await house_alone.rows("integrations") == []


@pytest.mark.parametrize(
    ("settings", "field"), [({"api_key": "k"}, "url"), ({"url": "https://crm.example"}, "api_key")]
)
async def test_missing_settings_are_named(house_alone: House, settings: dict[str, str], field: str) -> None:
    with pytest.raises(BadInput) as caught:
        await house_alone.integrations.connect(house_alone.owner, "espocrm", settings)
    assert caught.value.field == field


async def test_an_unknown_provider_is_refused(house_alone: House) -> None:
    with pytest.raises(CrmUnsupported):
        await house_alone.integrations.connect(house_alone.owner, "nosuch", {})


async def test_secrets_are_sealed_and_never_shown(house: House) -> None:
    (row,) = await house.rows("integrations")
    assert house.crm.api_key not in str(row)
    assert house.crm.api_key.encode() not in row.credentials
    view = await house.integrations.current(house.owner)
    assert view is not None
    assert view.settings == {"url": house.crm.url}
    assert house.crm.api_key not in str(view)
    for hook in await house.rows("hooks"):
        assert all(one["secretKey"].encode() not in hook.secret for one in house.crm.hooks())


async def test_connecting_the_same_crm_again_keeps_its_links(house: House) -> None:
    lead_id = await house.send()
    await house.work()
    await house.integrations.disconnect(house.owner)
    assert await house.integrations.current(house.owner) is None
    await house.connect()
    await house.pipeline.take(house.manager, lead_id)
    await house.work()
    assert len(house.crm.leads()) == 1


async def test_a_changed_key_builds_a_new_adapter(house: House) -> None:
    (row,) = await house.rows("integrations")
    before = await house.integrations.adapter(row.id)
    assert await house.integrations.adapter(row.id) is before
    signed = {"url": house.crm.url, "api_key": house.crm.hmac_key, "secret": house.crm.hmac_secret}
    await house.integrations.connect(house.owner, "espocrm", signed)
    assert await house.integrations.adapter(row.id) is not before
    await house.send()
    await house.work()
    assert len(house.crm.leads()) == 1


async def test_operators_settings_seed_the_first_integration_once(house_alone: House) -> None:
    house = house_alone
    seeds = {**house.settings, "secret": ""}
    await house.integrations.seed_from_settings(house.organization_id, "espocrm", seeds)
    await house.integrations.seed_from_settings(
        house.organization_id, "espocrm", {"url": "https://other.example", "api_key": "k"}
    )
    await house.integrations.check_at_start()
    (row,) = await house.rows("integrations")
    assert (row.active, row.account, row.version) == (True, "voronka", "10.0.0")
    assert len(house.crm.hooks()) == 3
    await house.integrations.check_at_start()
    assert len(house.crm.hooks()) == 3


async def test_no_provider_seeds_nothing(house_alone: House) -> None:
    await house_alone.integrations.seed_from_settings(house_alone.organization_id, "none", {})
    assert await house_alone.rows("integrations") == []


async def test_the_check_at_start_never_raises_and_tells_what_is_wrong(house: House) -> None:
    house.down()
    await house.integrations.check_at_start()
    view = await house.integrations.current(house.owner)
    assert view is not None
    assert view.last_error == "crm_unavailable"
    house.crm.heal()
    await house.integrations.check_at_start()
    view = await house.integrations.current(house.owner)
    assert view is not None
    assert view.last_error == ""


async def test_a_check_does_not_hurry_the_ladder(house: House) -> None:
    house.crm.fail("error_after_commit", 1, entity="Lead")
    await house.send()
    await house.work()
    (before,) = await house.rows("operations")
    await house.integrations.check_at_start()
    (after,) = await house.rows("operations")
    assert (before.state, before.due_at) == (after.state, after.due_at)
    assert after.due_at > house.clock()


async def test_the_view_shows_what_waits(house: House) -> None:
    await house.send()
    house.clock.advance(120)
    view = await house.integrations.current(house.owner)
    assert view is not None
    assert view.oldest_wait is not None
    assert (view.queue_depth, view.oldest_wait.total_seconds(), view.webhooks) == (1, 120, 3)
    await house.work()
    view = await house.integrations.current(house.owner)
    assert view is not None
    assert (view.queue_depth, view.oldest_wait, view.last_success_at) == (0, None, house.clock())
