"""Seeing before sending: previews, and an integration that is only on trial."""

import json

import pytest
import sqlalchemy as sa

from domain.activities import CallResult
from domain.delivery import Delivery
from domain.errors import CrmAccessLost, CrmUnavailable, NotFound
from domain.leads import LeadDraft
from domain.trials import Outcome, read_trial
from services.delivery.preview import CrmPreview
from storage.delivery import integrations
from storage.tables import metadata
from tests.delivery.house import House


@pytest.fixture
def preview(house: House) -> CrmPreview:
    return CrmPreview(house.db, house.clock, house.signals, house.integrations)


async def set_mode(house: House, mode: str) -> None:
    async with house.db.transaction(house.organization_id) as session:
        active = await integrations.active(session)
        assert active is not None
        await integrations.change(session, active.id, mode=mode)


def wrote(house: House) -> list[str]:
    return [one.method for one in house.crm.requests() if one.method != "GET"]


SAMPLE = LeadDraft(name="Анна Пример", phones=("+79990000001",), emails=("anna@example.com",))


async def test_a_sample_shows_the_exact_request(house: House, preview: CrmPreview) -> None:
    before = wrote(house)
    found = await preview.sample(house.owner, SAMPLE)
    (request,) = found.trial.requests
    assert (request["method"], request["url"]) == ("POST", f"{house.crm.url}/api/v1/Lead")
    assert (request["body"]["firstName"], request["body"]["lastName"]) == ("Анна", "Пример")
    assert request["headers"]["X-Skip-Duplicate-Check"] == "true"
    assert house.crm.api_key not in json.dumps(found.trial.as_json())
    assert not house.crm.leads()
    assert wrote(house) == before


async def test_a_lead_is_previewed_as_it_would_be_sent(house: House, preview: CrmPreview) -> None:
    lead_id = await house.send()
    found = await preview.lead(house.owner, 1)
    assert (found.number, found.title, found.trial.outcome) == (1, "Иван Петров", Outcome.CREATE)
    assert not house.crm.leads()
    assert [row.state for row in await house.rows("operations")] == ["pending"]
    await house.work()
    (made,) = house.crm.leads()
    sent = found.trial.requests[0]["body"]
    assert all(made[name] == sent[name] for name in ("firstName", "lastName", "status", "cExternalId"))
    again = await preview.lead(house.owner, 1)
    assert (again.trial.outcome, again.trial.record) == (Outcome.UPDATE, made["id"])
    assert again.trial.requests[0]["method"] == "PUT"
    assert (await house.state(lead_id)).state is Delivery.DELIVERED


async def test_a_known_contact_is_told(house: House, preview: CrmPreview) -> None:
    for number in (1, 2):
        house.crm.create("Lead", lastName=f"Ivan {number}", phoneNumber="+79161234567")
        await house.send(phone="+79161234567") if number == 1 else None
        found = await preview.lead(house.owner, 1)
        assert found.trial.outcome is (Outcome.ADOPT if number == 1 else Outcome.ASK)
    assert not found.trial.requests
    assert len(house.crm.leads()) == 2


async def test_a_preview_fails_as_the_write_would(house: House, preview: CrmPreview) -> None:
    await house.send()
    house.down()
    with pytest.raises(CrmUnavailable):
        await preview.lead(house.owner, 1)
    house.crm.heal()
    house.crm.fail("key_revoked")
    with pytest.raises(CrmAccessLost):
        await preview.lead(house.owner, 1)
    with pytest.raises(NotFound):
        await preview.lead(house.owner, 2)


async def test_a_trial_run_records_and_writes_nothing(house: House, preview: CrmPreview) -> None:
    await set_mode(house, "dry_run")
    before = wrote(house)
    lead_id = await house.send()
    await house.pipeline.take(house.manager, lead_id)
    await house.activities.log_call(house.manager, lead_id, CallResult.REACHED, "договорились")
    assert await house.work() >= 3
    assert wrote(house) == before
    assert not house.crm.leads()
    assert not await house.rows("links")
    rows = await house.rows("operations")
    assert {(row.state, row.error) for row in rows} == {("dropped", "dry_run")}
    trials = [read_trial(row.recorded) for row in rows]
    assert [trial.outcome for trial in trials if trial] == [Outcome.CREATE] * len(rows)
    assert "Петров" in json.dumps(trials[0].as_json() if trials[0] else "", ensure_ascii=False)
    assert "договорились" in json.dumps(trials[-1].as_json() if trials[-1] else "", ensure_ascii=False)
    assert house.crm.api_key not in json.dumps([row.recorded for row in rows])
    assert await preview.tried(house.owner) == 0


async def test_what_was_only_tried_is_sent_when_it_is_live(house: House, preview: CrmPreview) -> None:
    await set_mode(house, "dry_run")
    first, second = await house.send(), await house.send("Пётр", "+79161112233")
    await house.work()
    assert await preview.send_tried(house.owner) == 0
    await set_mode(house, "live")
    await house.work()
    assert not house.crm.leads()
    assert await preview.tried(house.owner) == 2
    assert await preview.send_tried(house.owner) == 2
    await house.work()
    assert len(house.crm.leads()) == 2
    assert [(await house.state(one)).state for one in (first, second)] == [Delivery.DELIVERED] * 2
    assert await preview.tried(house.owner) == 0
    assert {row.state for row in await house.rows("operations")} == {"done"}


async def test_a_trial_run_shows_what_would_fail(house: House) -> None:
    await set_mode(house, "dry_run")
    house.crm.fail("key_revoked")
    lead_id = await house.send()
    await house.work()
    assert (await house.state(lead_id)).state is Delivery.STUCK
    (row,) = await house.rows("operations")
    assert (row.state, row.error) == ("blocked", "crm_access_lost")


async def test_a_lead_that_has_gone_is_not_tried(house: House) -> None:
    await set_mode(house, "dry_run")
    lead_id = await house.send()
    async with house.db.transaction(house.organization_id) as session:
        leads = metadata.tables["leads"]
        gone = leads.delete().where(leads.c.organization_id == session.tenant, leads.c.id == lead_id)
        await session.execute(gone)
    await house.work()
    async with house.db.reading(system=True) as session:
        errors = [row.error for row in await session.rows(sa.select(metadata.tables["operations"]))]
    assert errors == ["record_gone"]
