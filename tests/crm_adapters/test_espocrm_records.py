"""EspoCRM's own ways with records: silent drops, duplicates, rights, assignees."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from structlog.testing import capture_logs

from crm_adapters.http import CrmHttp
from domain.errors import CrmAccessLost, CrmRejected
from domain.leads import Money
from sandbox.espocrm.server import EspoSandbox
from tests.crm_adapters.espo import NO_RIGHT, adapter, change_role
from tests.crm_adapters.stand_ins import activity, lead


async def test_every_mapped_field_arrives(crm: EspoSandbox, http: CrmHttp) -> None:
    custom = {
        "user_type": "student",
        "language": "ru",
        "field_of_study": "физика",
        "universities": "МГУ, СПбГУ",
        "scholarship": "Да",
    }
    utm = {"source": "vk", "medium": "cpc", "campaign": "осень", "content": "a", "term": "b"}
    with capture_logs() as logs:
        await adapter(crm, http).create_lead(lead(custom=custom, utm=utm))
    (record,) = crm.leads()
    expected = {
        "source": "Web Site",
        "cExternalId": lead().our_id,
        "cLeadNumber": 17,
        "cInn": "7707083893",
        "cReferralCode": "promo7",
        "cUtmSource": "vk",
        "cUtmMedium": "cpc",
        "cUtmCampaign": "осень",
        "cUtmContent": "a",
        "cUtmTerm": "b",
        "cUserType": "student",
        "cLanguage": "ru",
        "cFieldOfStudy": "физика",
        "cUniversities": "МГУ, СПбГУ",
        "cScholarship": True,
    }
    assert {name: record.get(name) for name in expected} == expected
    assert logs == []


async def test_what_was_dropped_without_a_word_is_logged_by_name_only(
    crm: EspoSandbox, http: CrmHttp
) -> None:
    crm.fail("field_removed", entity="Lead", field="cInn")
    change_role(crm, {"Lead": {"description": {"read": "yes", "edit": "no"}}})
    espo = adapter(crm, http)
    with capture_logs() as logs:
        ref = await espo.create_lead(lead())
        await espo.update_lead(ref.id, lead(inn="500100732259"), frozenset({"inn", "name"}))
    assert [(log["event"], log["fields"]) for log in logs] == [
        ("crm_fields_dropped", ["cInn", "description"]),
        ("crm_fields_dropped", ["cInn"]),
    ]
    assert not any(secret in repr(logs) for secret in ("7707083893", "500100732259", "ипотека", crm.api_key))


@pytest.mark.parametrize(
    ("overrides", "changes", "field"),
    [
        ({}, {"amount": Money(Decimal(100), "XYZ")}, "opportunityAmount"),
        ({"enums": {"source": {"telegram": "Telegram"}}}, {"source": "telegram"}, "source"),
        ({}, {"emails": ("anna@example",)}, "emailAddress"),
    ],
)
async def test_a_value_that_the_crm_does_not_know_names_its_field(
    crm: EspoSandbox, http: CrmHttp, overrides: dict[str, Any], changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(CrmRejected) as caught:
        await adapter(crm, http, overrides).create_lead(lead(**changes))
    assert caught.value.field == field
    assert crm.leads() == []


PASSED_ON = ("X-Api-Key", "Content-Type")


@asynccontextmanager
async def proxy_that_eats_headers(crm: EspoSandbox) -> AsyncIterator[str]:
    """A reverse proxy that passes on nothing but the key and the type of the body."""

    async def handle(request: web.Request) -> web.Response:
        headers = {name: value for name, value in request.headers.items() if name in PASSED_ON}
        async with (
            aiohttp.ClientSession() as session,
            session.request(
                request.method, f"{crm.url}{request.raw_path}", headers=headers, data=await request.read()
            ) as answer,
        ):
            reason = answer.headers.get("X-Status-Reason")
            shown = {} if reason is None else {"X-Status-Reason": reason}
            return web.Response(status=answer.status, headers=shown, body=await answer.read())

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handle)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def test_a_409_over_our_own_record_is_a_success(crm: EspoSandbox) -> None:
    async with (
        proxy_that_eats_headers(crm) as url,
        CrmHttp(now=crm.clock.now, allow=[url.removeprefix("http://")]) as http,
    ):
        espo = adapter(crm, http, url=url)
        first = await espo.create_lead(lead())
        assert (await espo.create_lead(lead())).id == first.id
        with pytest.raises(CrmRejected) as caught:
            await espo.create_lead(lead(our_id="other"))
    assert caught.value.reason == "duplicate"
    assert len(crm.leads()) == 1


async def test_a_right_taken_from_all_leads_is_lost_access_but_of_one_lead_it_is_not(
    crm: EspoSandbox, http: CrmHttp
) -> None:
    espo = adapter(crm, http)
    ref = await espo.create_lead(lead())
    change_role(crm, Lead={"create": "no", "read": "all", "edit": "own", "delete": "no", "stream": "all"})
    with pytest.raises(CrmAccessLost):
        await espo.create_lead(lead(our_id="other"))
    with pytest.raises(CrmRejected):
        await espo.update_lead(ref.id, lead(), frozenset({"stage"}))


async def test_an_assignee_that_the_role_may_not_name(crm: EspoSandbox, http: CrmHttp) -> None:
    change_role(crm, User=NO_RIGHT)
    with pytest.raises(CrmRejected) as caught:
        await adapter(crm, http).create_lead(lead(assignee_external_id=crm.user_id("anna")))
    assert caught.value.field == "assignedUser"


async def test_a_call_as_espocrm_sees_it(crm: EspoSandbox, http: CrmHttp) -> None:
    espo = adapter(crm, http)
    ref = await espo.create_lead(lead())
    at = crm.clock.now().replace(microsecond=0) - timedelta(hours=1)
    await espo.log_activity(ref.id, activity("call", at, outgoing=False))
    await espo.log_activity(ref.id, activity("call", at, our_id="missed", result="no_answer"))
    calls = {call["cExternalId"]: call for call in crm.calls()}
    held, missed = calls[activity("call").our_id], calls["missed"]
    assert (held["status"], held["direction"], held["leadsIds"]) == ("Held", "Inbound", [ref.id])
    assert held["dateStart"] == at.strftime("%Y-%m-%d %H:%M:%S")
    assert held["dateEnd"] == (at + timedelta(minutes=3)).strftime("%Y-%m-%d %H:%M:%S")
    assert (missed["status"], missed["direction"]) == ("Not Held", "Outbound")


async def test_a_meeting_to_come_is_planned_and_a_past_one_held(crm: EspoSandbox, http: CrmHttp) -> None:
    espo = adapter(crm, http)
    ref = await espo.create_lead(lead())
    for hours, our_id in ((-2, "past"), (2, "future")):
        at = crm.clock.now() + timedelta(hours=hours)
        await espo.log_activity(ref.id, activity("meeting", at, our_id=our_id, duration=0))
    statuses = {meeting["cExternalId"]: meeting["status"] for meeting in crm.records("Meeting")}
    assert statuses == {"past": "Held", "future": "Planned"}


async def test_who_gets_an_activity(crm: EspoSandbox, http: CrmHttp) -> None:
    espo = adapter(crm, http)
    free = await espo.create_lead(lead())
    owned = await espo.create_lead(lead(our_id="owned", assignee_external_id=crm.user_id("vera")))
    named = activity("call", our_id="named", assignee_external_id=crm.user_id("oleg"))
    await espo.log_activity(free.id, named)
    await espo.log_activity(owned.id, activity("call", our_id="lead's"))
    await espo.log_activity(free.id, activity("call", our_id="nobody's"))
    change_role(crm, User=False)
    await adapter(crm, http).log_activity(free.id, activity("call", our_id="no users"))
    given = {call["cExternalId"]: call["assignedUserId"] for call in crm.calls()}
    assert given == {
        "named": crm.user_id("oleg"),
        "lead's": crm.user_id("vera"),
        "nobody's": crm.user_id("anna"),
        "no users": crm.user_id("voronka"),
    }


@pytest.mark.parametrize(("type", "entity"), [("call", "Call"), ("meeting", "Meeting"), ("task", "Task")])
async def test_without_the_field_an_activity_is_known_by_lead_name_and_moment(
    crm: EspoSandbox, http: CrmHttp, type: str, entity: str
) -> None:
    crm.fail("field_removed", entity=entity, field="cExternalId")
    espo = adapter(crm, http)
    ref, other = await espo.create_lead(lead()), await espo.create_lead(lead(our_id="other"))
    logged = await espo.log_activity(ref.id, activity(type))
    found = await espo.find_activity(ref.id, activity(type))
    assert found == logged
    assert await espo.find_activity(other.id, activity(type)) is None
    later = activity(type, activity(type).at + timedelta(minutes=5))
    assert await espo.find_activity(ref.id, later) is None


async def test_the_same_words_said_earlier_are_another_note(crm: EspoSandbox, http: CrmHttp) -> None:
    espo = adapter(crm, http)
    ref = await espo.create_lead(lead())
    await espo.log_activity(ref.id, activity("note"))
    again = activity("note", crm.clock.now() + timedelta(minutes=10), our_id="second")
    assert await espo.find_activity(ref.id, again) is None


async def test_a_field_made_by_the_admin_is_seen_within_minutes(crm: EspoSandbox, http: CrmHttp) -> None:
    crm.fail("field_removed", entity="Lead", field="cExternalId")
    espo = adapter(crm, http)
    assert list(await espo.find_lead(lead())) == []
    crm.heal()
    await espo.create_lead(lead())
    crm.clock.advance(601)
    (match,) = await espo.find_lead(lead())
    assert match.by == "our_id"
