"""The archive of activities: what ended long ago moves there by the job, and is seen where it was before."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from domain.activities import CallResult
from domain.plans import Subject
from storage.people import figures
from storage.planning import plans
from storage.tables import activities, archived_activities
from tests.api.office import Office
from tests.privacy.conftest import Shell

DAY = 86_400
PHONE = "+79161112233"


async def kept(office: Office, table: sa.Table) -> set[str]:
    async with office.product.db.reading(office.owner.organization_id) as s:
        rows = await s.rows(sa.select(table.c.text).where(table.c.organization_id == s.tenant))
    return {row.text for row in rows}


async def seen(office: Office, lead: dict[str, Any]) -> int:
    answer = await office.http.get("/api/activities", params={"lead_id": lead["id"]})
    return int(answer.json()["total"])


async def planned(office: Office, lead_id: str, kind: str, text: str) -> str:
    """Its id; it is for an hour from now."""
    moment = (office.clock() + timedelta(hours=1)).isoformat()
    given = {"lead_id": lead_id, "type": kind, "title": "Visit", "notes": text, "scheduled_at": moment}
    answer = await office.http.post("/api/activities", json=given)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


@pytest.fixture
async def old(office: Office) -> tuple[dict[str, Any], dict[str, Any]]:
    """A lead with activities of 100 days ago that ended, and one that has not; two leads, so that they can
    be merged. The archive is on, and the job has run."""
    services = office.product.services
    lead, other = await office.lead(phones=[PHONE]), await office.lead(phones=["+79160000009"])
    lead_id = UUID(lead["id"])
    await services.pipeline.take(office.owner, lead_id)
    await services.activities.log_call(office.owner, lead_id, CallResult.REACHED, f"old call {PHONE}")
    done = await planned(office, lead["id"], "meeting", "old plan")
    office.clock.advance(2 * 3600)
    ended = await office.http.patch(f"/api/activities/{done}/complete", json={})
    assert ended.status_code == 200, ended.text
    await planned(office, lead["id"], "task", "never done")
    office.clock.advance(100 * DAY)
    await services.activities.add_note(office.owner, lead_id, "new note")
    await services.retention.run()
    assert await kept(office, archived_activities) == set(), "off until somebody chooses it"
    await services.retention.choose(office.owner, "activities", "90")
    await services.retention.run()
    assert await kept(office, archived_activities) == {f"old call {PHONE}", "old plan"}
    assert await kept(office, activities) == {"never done", "new note"}
    return lead, other


async def test_what_is_archived_is_seen_and_counted(
    office: Office, old: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    services, (lead, other) = office.product.services, old
    told = await services.activities.recent(office.owner, UUID(lead["id"]))
    assert {one.text for one in told} >= {"new note", f"old call {PHONE}", "old plan"}
    listed = (await office.http.get("/api/activities", params={"lead_id": lead["id"]})).json()
    archived = next(one for one in listed["items"] if one["notes"] == "old plan")
    assert listed["total"] == 4
    assert (await office.http.get("/api/activities")).json()["total"] == 2
    assert (await office.http.get(f"/api/activities/{archived['id']}")).json()["notes"] == "old plan"
    async with office.product.db.reading(office.owner.organization_id) as s:
        since = office.clock().replace(year=office.clock().year - 1)
        assert await figures.calls(s, office.owner.id, since) == 1
        assert await figures.planned(s, since, office.clock()) == (2, 1)
        assert len(await figures.first_answers(s, office.owner.id, since)) == 1
        assert (await plans.of_subject(s, Subject("lead", UUID(lead["id"])), 10, 0))[1] == 2
    both = UUID(other["id"]), UUID(lead["id"])
    _winner, change = await services.merging.merge(office.owner, *both, {})
    assert await seen(office, other) == 4
    await services.changes.undo(office.owner, change)
    assert (await seen(office, other), await seen(office, lead)) == (0, 4)


async def test_a_person_is_shown_and_erased_in_the_archive_too(
    office: Office, old: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    persons = office.product.services.personal_data
    holding = await persons.export(office.owner, PHONE)
    assert "old plan" in json.dumps(holding.file)
    own = (await office.product.services.own_data.export(office.owner)).decode()
    assert "old plan" in own
    await persons.erase(office.owner, PHONE, holding.confirm)
    assert await kept(office, archived_activities) == {""}
    assert await kept(office, activities) == {""}


async def test_all_of_it_comes_back_by_command(
    office: Office, shell: Shell, old: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    code, told = await shell("archive", "restore")
    assert (code, "2 activities are back" in told) == (0, True), told
    assert await kept(office, archived_activities) == set()
    await office.product.services.retention.run()
    assert await kept(office, activities) == {f"old call {PHONE}", "old plan", "never done", "new note"}
