"""EspoCRM's own ways: keys and lock-out, roles, silent drops, duplicates, assignees."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from structlog.testing import capture_logs

from crm_adapters import PROVIDERS, build_adapter
from crm_adapters.http import CrmHttp
from domain.crm import ConnectionReport
from domain.errors import BadInput, CrmAccessLost, CrmRateLimited, CrmRejected, CrmUnavailable
from domain.leads import Money
from sandbox.espocrm.server import EspoSandbox
from tests.crm_adapters.stand_ins import activity, lead

NO_RIGHT = {"create": "no", "read": "no", "edit": "no", "delete": "no", "stream": "no"}


@pytest.fixture
async def crm() -> AsyncIterator[EspoSandbox]:
    async with EspoSandbox() as running:
        yield running


@pytest.fixture
async def http(crm: EspoSandbox) -> AsyncIterator[CrmHttp]:
    allow = [crm.url.removeprefix("http://")]
    async with CrmHttp(now=crm.clock.now, time_limit=10.0, allow=allow) as client:
        yield client


def adapter(
    crm: EspoSandbox, http: CrmHttp, overrides: Mapping[str, Any] | None = None, **settings: str
) -> Any:
    given = {"url": crm.url, "api_key": crm.api_key, **settings}
    return build_adapter("espocrm", given, overrides or {}, http, crm.clock.now)


def change_role(crm: EspoSandbox, field_data: Mapping[str, Any] | None = None, **rights: Any) -> None:
    """Change rights of the integrations' role, as the admin does."""
    (role,) = (role for role in crm.records("Role") if role["name"] == "Integrations")
    changes: dict[str, Any] = {"data": {**role["data"], **rights}}
    if field_data is not None:
        changes["fieldData"] = field_data
    crm.change("Role", role["id"], "admin", **changes)


async def set_options(crm: EspoSandbox, field: str, options: list[str]) -> None:
    """What the admin does in the field manager."""
    login = aiohttp.BasicAuth("admin", crm.keys.admin_password)
    async with (
        aiohttp.ClientSession(auth=login) as session,
        session.put(f"{crm.url}/api/v1/Admin/fieldManager/Lead/{field}", json={"options": options}) as answer,
    ):
        assert answer.status == 200


def told(report: ConnectionReport) -> list[tuple[str, bool, dict[str, str]]]:
    return [(problem.code, problem.fatal, dict(problem.params)) for problem in report.problems]


# Settings, key, address


@pytest.mark.parametrize("tail", ["", "/", "/api/v1", "/api/v1/", "/#Lead", "/#Lead/view/6b0"])
async def test_the_address_is_taken_as_people_copy_it(crm: EspoSandbox, http: CrmHttp, tail: str) -> None:
    report = await adapter(crm, http, url=f" {crm.url}{tail}").test()
    assert report.version == "10.0.0"


@pytest.mark.parametrize(
    ("settings", "field", "reason"),
    [
        ({}, "url", "invalid"),
        ({"url": "crm.example.com"}, "url", "scheme"),
        ({"url": "https://crm.example.com"}, "api_key", "required"),
        ({"url": "https://crm.example.com", "api_key": "a b"}, "api_key", "invalid"),
        ({"url": "https://crm.example.com", "api_key": "ключ"}, "api_key", "invalid"),
        ({"url": "https://crm.example.com", "api_key": "a", "secret": "b\n"}, "secret", "invalid"),
    ],
)
def test_a_setting_that_cannot_be_right(settings: dict[str, str], field: str, reason: str) -> None:
    with pytest.raises(BadInput) as caught:
        PROVIDERS["espocrm"].check_settings(settings)
    assert (caught.value.field, caught.value.reason) == (field, reason)


async def test_an_address_without_an_espocrm(crm: EspoSandbox, http: CrmHttp) -> None:
    with pytest.raises(CrmRejected):
        await adapter(crm, http, url=f"{crm.url}/shop").test()


async def test_a_signed_request_without_the_right_secret(crm: EspoSandbox, http: CrmHttp) -> None:
    with pytest.raises(CrmAccessLost):
        await adapter(crm, http, api_key=crm.hmac_key, secret="0" * 32).test()
    with pytest.raises(CrmAccessLost):
        await adapter(crm, http, api_key=crm.hmac_key).test()


async def test_a_lock_out_is_waited_for_and_passes(crm: EspoSandbox, http: CrmHttp) -> None:
    wrong, right = adapter(crm, http, api_key="0" * 32), adapter(crm, http)
    for _ in range(11):
        with pytest.raises(CrmAccessLost):
            await wrong.test()
    with pytest.raises(CrmRateLimited) as caught:
        await right.create_lead(lead())
    assert timedelta(seconds=55) < caught.value.retry_at - crm.clock.now() <= timedelta(seconds=60)
    crm.clock.advance(61)
    await right.create_lead(lead())


async def test_maintenance_mode_is_an_outage(crm: EspoSandbox, http: CrmHttp) -> None:
    crm.state.settings.maintenance = True
    with pytest.raises(CrmUnavailable) as caught:
        await adapter(crm, http).create_lead(lead())
    assert type(caught.value) is CrmUnavailable


# What the connection test tells


async def test_a_role_without_leads_stops_the_traffic(crm: EspoSandbox, http: CrmHttp) -> None:
    change_role(crm, Lead=False, Webhook=False)
    report = await adapter(crm, http).test()
    assert not report.usable
    fatal = {problem.params["action"] for problem in report.problems if problem.fatal}
    assert fatal == {"create", "read", "edit"}
    assert ("no_right", False, {"scope": "Webhook", "action": "create"}) in told(report)


async def test_rights_that_are_missing_one_by_one(crm: EspoSandbox, http: CrmHttp) -> None:
    own = {"create": "yes", "read": "own", "edit": "own", "delete": "no", "stream": "no"}
    change_role(crm, Lead=own, Call=NO_RIGHT, User=NO_RIGHT)
    report = await adapter(crm, http).test()
    assert report.usable
    assert told(report) == [
        ("no_right", False, {"scope": "Lead", "action": "stream"}),
        ("no_right", False, {"scope": "Call", "action": "create"}),
        ("no_right", False, {"scope": "Call", "action": "read"}),
        *([] if _own_users(report) else [("no_right", False, {"scope": "User", "action": "read"})]),
        ("read_own_only", False, {"scope": "Lead"}),
    ]


def _own_users(report: ConnectionReport) -> bool:
    """Every user may read itself, whatever the role says."""
    return not any(problem.params.get("scope") == "User" for problem in report.problems)


async def test_fields_and_options_that_are_missing(crm: EspoSandbox, http: CrmHttp) -> None:
    crm.fail("field_removed", entity="Lead", field="cInn")
    await set_options(crm, "source", ["", "Web Site", "Partner", "Call", "Email", "Other"])
    await set_options(crm, "status", ["New", "Assigned", "Converted", "Dead"])
    report = await adapter(crm, http).test()
    assert report.usable
    assert told(report) == [
        ("enum_option_missing", False, {"field": "status", "option": "In Process"}),
        ("enum_option_missing", False, {"field": "source", "option": "Campaign"}),
        ("missing_field", False, {"field": "cInn"}),
    ]


async def test_a_field_that_the_role_closes(crm: EspoSandbox, http: CrmHttp) -> None:
    change_role(crm, {"Lead": {"description": {"read": "yes", "edit": "no"}}})
    report = await adapter(crm, http).test()
    assert ("field_forbidden", False, {"field": "description"}) in told(report)


async def test_an_organization_may_leave_fields_out(crm: EspoSandbox, http: CrmHttp) -> None:
    crm.fail("field_removed", entity="Lead", field="cInn")
    espo = adapter(crm, http, {"lead": {"cInn": None}})
    assert (await espo.test()).problems == ()


def test_a_mapping_that_cannot_be_followed_builds_nothing(crm: EspoSandbox, http: CrmHttp) -> None:
    with pytest.raises(BadInput) as caught:
        adapter(crm, http, {"lead": {"cX": {"from": "nosuch"}}})
    assert caught.value.params["at"] == "lead.cX"


# Leads


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


@asynccontextmanager
async def proxy_that_eats_headers(crm: EspoSandbox) -> AsyncIterator[str]:
    """A reverse proxy that passes on nothing but the key and the type of the body."""

    async def handle(request: web.Request) -> web.Response:
        headers = {name: request.headers[name] for name in ("X-Api-Key", "Content-Type") if name in request.headers}
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


# Activities


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
    await espo.log_activity(free.id, activity("call", our_id="named", assignee_external_id=crm.user_id("oleg")))
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
