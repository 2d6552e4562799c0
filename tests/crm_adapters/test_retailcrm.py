"""RetailCRM: settings, what the connection test tells, and which error an answer is."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crm_adapters import PROVIDERS
from crm_adapters.http import CrmHttp
from domain.crm import ConnectionReport
from domain.errors import (
    BadInput,
    CrmAccessLost,
    CrmGone,
    CrmRateLimited,
    CrmRejected,
    CrmUnavailable,
    CrmUncertain,
)
from sandbox.retailcrm.answers import Answer
from sandbox.retailcrm.server import RetailSandbox
from sandbox.retailcrm.state import Limits
from tests.crm_adapters.retail import NO_LIMITS, adapter
from tests.crm_adapters.stand_ins import lead


@pytest.fixture
async def crm() -> AsyncIterator[RetailSandbox]:
    async with RetailSandbox(limits=NO_LIMITS) as running:
        yield running


@pytest.fixture
async def http(crm: RetailSandbox) -> AsyncIterator[CrmHttp]:
    allow = [crm.url.removeprefix("http://")]
    async with CrmHttp(now=crm.clock.now, time_limit=10.0, allow=allow) as client:
        yield client


def told(report: ConnectionReport) -> list[tuple[str, bool, dict[str, str]]]:
    return [(problem.code, problem.fatal, dict(problem.params)) for problem in report.problems]


@pytest.mark.parametrize("tail", ["", "/", "/api/v5", "/orders/4107/edit", "/admin/settings#/api"])
async def test_the_address_is_taken_as_people_copy_it(crm: RetailSandbox, http: CrmHttp, tail: str) -> None:
    report = await adapter(crm, http, url=f" {crm.url}{tail}").test()
    assert report.version == "8.1.5"
    assert report.account == crm.url.removeprefix("http://")


@pytest.mark.parametrize(
    ("settings", "field", "reason"),
    [
        ({}, "url", "invalid"),
        ({"url": "acme.retailcrm.ru"}, "url", "scheme"),
        ({"url": "https://[acme"}, "url", "invalid"),
        ({"url": "https://acme.retailcrm.ru"}, "api_key", "required"),
        ({"url": "https://acme.retailcrm.ru", "api_key": "ключ"}, "api_key", "invalid"),
        ({"url": "https://acme.retailcrm.ru", "api_key": "a", "site": "a b"}, "site", "invalid"),
        (
            {"url": "https://acme.retailcrm.ru", "api_key": "a", "webhook_secret": "b\n"},
            "webhook_secret",
            "invalid",
        ),
    ],
)
def test_a_setting_that_cannot_be_right(settings: dict[str, str], field: str, reason: str) -> None:
    with pytest.raises(BadInput) as caught:
        PROVIDERS["retailcrm"].check_settings(settings)
    assert (caught.value.field, caught.value.reason) == (field, reason)


async def test_the_key_travels_in_a_header_alone(crm: RetailSandbox, http: CrmHttp) -> None:
    await adapter(crm, http).create_lead(lead())
    for seen in crm.requests():
        assert seen.headers["X-API-KEY"] == crm.api_key
        assert crm.api_key not in seen.query + seen.body


def limit_key(crm: RetailSandbox, *scopes: str) -> None:
    """Take groups of methods from the key, as the admin does."""
    key = crm.state.keys[crm.api_key]
    crm.state.keys[crm.api_key] = replace(key, scopes=key.scopes - set(scopes))


async def test_rights_that_are_missing(crm: RetailSandbox, http: CrmHttp) -> None:
    limit_key(crm, "order_write", "custom_fields_read", "user_read", "task_write")
    report = await adapter(crm, http).test()
    assert not report.usable
    assert told(report) == [
        ("no_right", True, {"scope": "order", "action": "write"}),
        ("no_right", True, {"scope": "custom_fields", "action": "read"}),
        ("no_right", False, {"scope": "user", "action": "read"}),
        ("no_right", False, {"scope": "task", "action": "write"}),
    ]


@pytest.mark.parametrize(
    ("site", "code", "params"),
    [
        ("", "site_required", {"sites": "main, second"}),
        ("third", "site_unknown", {"site": "third", "sites": "main, second"}),
    ],
)
async def test_a_key_of_two_shops(
    crm: RetailSandbox, http: CrmHttp, site: str, code: str, params: dict[str, str]
) -> None:
    report = await adapter(crm, http, api_key=crm.keys.two_sites, site=site).test()
    assert told(report) == [(code, True, params)]
    assert (await adapter(crm, http, api_key=crm.keys.two_sites, site="second").test()).problems == ()


async def test_an_account_without_version_5(crm: RetailSandbox, http: CrmHttp) -> None:
    crm.state.versions = ("3.0", "4.0")
    report = await adapter(crm, http).test()
    assert told(report) == [("version_old", True, {"version": "4.0", "required": "5.0"})]


async def test_fields_and_codes_that_are_missing(crm: RetailSandbox, http: CrmHttp) -> None:
    crm.fail("field_removed", entity="order", field="voronka_inn")
    del crm.state.references["statuses"]["cancel-other"]
    del crm.state.references["order-methods"]["telegram-bot"]
    report = await adapter(crm, http).test()
    assert report.usable
    assert told(report) == [
        ("enum_option_missing", False, {"field": "status", "option": "cancel-other"}),
        ("enum_option_missing", False, {"field": "orderMethod", "option": "telegram-bot"}),
        ("missing_field", False, {"field": "voronka_inn"}),
    ]
    without = {
        "lead": {"customFields.voronka_inn": None, "orderMethod": None},
        "enums": {"stage": {"refused": "no-call"}, "stage_kind": {"failed": "no-call"}},
    }
    assert (await adapter(crm, http, without).test()).problems == ()


def test_a_mapping_that_cannot_be_followed_builds_nothing(crm: RetailSandbox, http: CrmHttp) -> None:
    with pytest.raises(BadInput) as caught:
        adapter(crm, http, {"lead": {"customFields.x": {"from": "nosuch"}}})
    assert caught.value.params["at"] == "lead.customFields.x"


def refused(message: str, **more: Any) -> dict[str, Any]:
    return {"success": False, "errorMsg": message, **more}


PAGE = Answer(raw=b"<html>nginx</html>", status=404, content_type="text/html")
MALFORMED: list[tuple[Answer, type[Exception], dict[str, Any]]] = [
    (Answer(refused('Wrong "apiKey" value'), 200), CrmAccessLost, {"reason": "key refused"}),
    (Answer(refused('"apiKey" is missing.'), 400), CrmAccessLost, {"reason": "key refused"}),
    (Answer(refused("Access denied."), 400), CrmAccessLost, {"reason": "access denied"}),
    (Answer(refused("Account does not exist."), 404), CrmAccessLost, {"reason": "no such account"}),
    (Answer(refused("Anything"), 403), CrmAccessLost, {"reason": "access denied"}),
    (Answer(refused("Not found"), 200), CrmGone, {}),
    (Answer(refused("Not found.", combinedTo=903), 404), CrmGone, {"combined_to": "903"}),
    (
        Answer(refused("Errors in the entity format", errors=['order.status: Status "foo" is not.']), 400),
        CrmRejected,
        {"field": "order.status", "reason": "Errors in the entity format"},
    ),
    (
        Answer(refused("Validation error", errors={"phones": "Неверный формат +79161234567"}), 200),
        CrmRejected,
        {"field": "phones", "reason": "Validation error"},
    ),
    (Answer(refused("Parameter 'order' is missing"), 400), CrmRejected, {"field": ""}),
    (Answer(refused("Телефон +79161234567 занят", errors=[]), 400), CrmRejected, {"reason": "rejected"}),
    (Answer(refused("Method Not Allowed"), 405), CrmRejected, {"field": ""}),
    (PAGE, CrmRejected, {"reason": "no RetailCRM at this address"}),
    (replace(PAGE, status=502), CrmUnavailable, {}),
    (replace(PAGE, status=503), CrmUnavailable, {}),
    (replace(PAGE, status=200), CrmUnavailable, {}),
    (Answer([], 200), CrmUnavailable, {}),
    (Answer(refused("Internal"), 500), CrmUnavailable, {}),
    (Answer(refused("Too fast"), 503), CrmRateLimited, {}),
    (Answer(refused("Too fast"), 429), CrmRateLimited, {}),
]


@pytest.mark.parametrize(("answer", "error", "params"), MALFORMED)
async def test_which_error_an_answer_is(
    crm: RetailSandbox,
    http: CrmHttp,
    monkeypatch: pytest.MonkeyPatch,
    answer: Answer,
    error: type[Exception],
    params: dict[str, Any],
) -> None:
    monkeypatch.setattr("sandbox.retailcrm.api.DOWN", {"500": answer})
    crm.fail("down", mode="500")
    with pytest.raises(error) as caught:
        await adapter(crm, http).read_lead("4107")
    assert type(caught.value) is error
    assert {name: vars(caught.value).get(name, caught.value.params.get(name)) for name in params} == params
    assert "79161234567" not in repr(caught.value)


async def test_the_limit_of_ten_a_second_is_waited_for_and_passes(crm: RetailSandbox, http: CrmHttp) -> None:
    crm.clock.set_speed(0)
    crm.state.limits = Limits()
    retail = adapter(crm, http)
    for _ in range(10):
        await retail.users()
    with pytest.raises(CrmRateLimited) as caught:
        await retail.users()
    wait = caught.value.retry_at - crm.clock.now()
    assert timedelta(0) < wait <= timedelta(seconds=10)
    crm.clock.advance(wait.total_seconds())
    await retail.users()


async def test_an_answer_without_an_id_is_uncertain(
    crm: RetailSandbox, http: CrmHttp, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = await adapter(crm, http).create_lead(lead())
    crm.state.shows_order = False
    other = await adapter(crm, http).create_lead(lead(our_id="other"))
    assert (ref.number, other.number) == ("4107C", "")
    assert other.url == f"{crm.url}/orders/4108/edit"
    monkeypatch.setattr("sandbox.retailcrm.orders._told", lambda call, record: {})
    with pytest.raises(CrmUncertain):
        await adapter(crm, http).create_lead(lead(our_id="third"))
