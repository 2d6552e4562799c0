"""EspoCRM: its keys and lock-out, and what the connection test tells."""

from datetime import timedelta

import pytest

from crm_adapters import PROVIDERS
from crm_adapters.http import CrmHttp
from domain.crm import ConnectionReport
from domain.errors import BadInput, CrmAccessLost, CrmRateLimited, CrmRejected, CrmUnavailable
from sandbox.espocrm.server import EspoSandbox
from tests.crm_adapters.espo import NO_RIGHT, adapter, change_role, set_options
from tests.crm_adapters.stand_ins import lead


def told(report: ConnectionReport) -> list[tuple[str, bool, dict[str, str]]]:
    return [(problem.code, problem.fatal, dict(problem.params)) for problem in report.problems]


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
        ("no_right", False, {"scope": "User", "action": "read"}),
        ("read_own_only", False, {"scope": "Lead"}),
    ]


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
