"""Bitrix24: its keys and tokens, its two limits, its modes, and what the connection test tells."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm_adapters import PROVIDERS, build_adapter
from crm_adapters.credentials import Refresh, Renew
from crm_adapters.http import CrmHttp
from domain.crm import ConnectionReport, MatchedBy
from domain.errors import (
    BadInput,
    CrmAccessLost,
    CrmGone,
    CrmRateLimited,
    CrmRejected,
    CrmUnavailable,
    CrmUncertain,
)
from domain.leads import Money
from sandbox.bitrix24.schema import CONTACT, DEAL
from sandbox.bitrix24.server import Bitrix24Sandbox
from tests.crm_adapters.stand_ins import STAGES, activity, lead


@pytest.fixture
async def portal() -> AsyncIterator[Bitrix24Sandbox]:
    async with Bitrix24Sandbox(speed=0) as running:
        yield running


@pytest.fixture
async def client(portal: Bitrix24Sandbox) -> AsyncIterator[CrmHttp]:
    allow = [portal.url.removeprefix("http://")]
    async with CrmHttp(now=portal.clock.now, time_limit=10.0, allow=allow) as made:
        yield made


def by_hook(
    portal: Bitrix24Sandbox, client: CrmHttp, overrides: Mapping[str, Any] | None = None, **settings: str
) -> Any:
    given = {"url": portal.url, "api_key": portal.hook_url, **settings}
    return build_adapter("bitrix24", given, overrides or {}, client, portal.clock.now)


def app_settings(portal: Bitrix24Sandbox, **settings: str) -> dict[str, str]:
    keys = {"client_id": portal.keys.client_id, "client_secret": portal.keys.client_secret}
    return {"url": portal.url, "oauth_url": portal.url, **keys, **portal.tokens(), **settings}


def by_app(portal: Bitrix24Sandbox, client: CrmHttp, renew: Renew | None = None, **settings: str) -> Any:
    given = app_settings(portal, **settings)
    return build_adapter("bitrix24", given, {}, client, portal.clock.now, renew)


def told(report: ConnectionReport) -> list[tuple[str, bool, dict[str, str]]]:
    return [(problem.code, problem.fatal, dict(problem.params)) for problem in report.problems]


HOOK = {"url": "https://acme.bitrix24.ru", "api_key": "7/abcdef123456"}
APP = {"url": "https://acme.bitrix24.ru", "client_id": "local.1", "client_secret": "s", "refresh_token": "r"}


@pytest.mark.parametrize(
    ("settings", "field", "reason"),
    [
        ({}, "url", "invalid"),
        ({"url": "acme.bitrix24.ru", "api_key": "7/abcdef123456"}, "url", "scheme"),
        ({"url": "https://acme.bitrix24.ru/rest/7/abcdef123456/"}, "url", "has_key"),
        ({"url": "https://acme.bitrix24.ru"}, "api_key", "required"),
        ({**HOOK, "api_key": "abcdef123456"}, "api_key", "invalid"),
        ({**HOOK, "api_key": "https://acme.bitrix24.ru/rest/7/"}, "api_key", "invalid"),
        ({**HOOK, "api_key": "https://other.bitrix24.ru/rest/7/abcdef123456/"}, "api_key", "other_portal"),
        ({**HOOK, "entity": "quote"}, "entity", "invalid"),
        ({**HOOK, "application_token": "ключ"}, "application_token", "invalid"),
        ({**APP, "refresh_token": ""}, "refresh_token", "required"),
        ({**APP, "oauth_url": "ftp://x.example"}, "url", "scheme"),
    ],
)
def test_a_setting_that_cannot_be_right(settings: dict[str, str], field: str, reason: str) -> None:
    with pytest.raises(BadInput) as caught:
        PROVIDERS["bitrix24"].check_settings(settings)
    assert (caught.value.field, caught.value.reason) == (field, reason)


@pytest.mark.parametrize(
    "settings", [HOOK, APP, {**HOOK, "url": "https://acme.bitrix24.ru/crm/lead/list/?x=1"}]
)
def test_settings_as_people_copy_them(settings: dict[str, str]) -> None:
    PROVIDERS["bitrix24"].check_settings(settings)


@pytest.mark.parametrize("tail", ["", "profile.json", "profile"])
async def test_the_webhook_is_taken_as_people_copy_it(
    portal: Bitrix24Sandbox, client: CrmHttp, tail: str
) -> None:
    report = await by_hook(portal, client, api_key=portal.hook_url + tail).test()
    assert (report.account, report.version) == ("Мария Смирнова", "REST, classic mode")
    assert (await by_hook(portal, client, api_key=f"1/{portal.keys.code}").test()).usable


async def test_an_expired_token_is_refreshed_once_by_many_tasks(
    portal: Bitrix24Sandbox, client: CrmHttp
) -> None:
    adapter = by_app(portal, client)
    portal.expire_tokens()
    await asyncio.gather(*(adapter.create_lead(lead(our_id=f"id-{n}")) for n in range(5)))
    assert len(portal.requests("oauth/token refresh_token")) == 1
    assert sorted(record["originId"] for record in portal.records()) == [f"id-{n}" for n in range(5)]


async def test_refreshed_tokens_are_kept_before_they_are_used(
    portal: Bitrix24Sandbox, client: CrmHttp
) -> None:
    kept: list[Mapping[str, str]] = []

    async def renew(used: Mapping[str, str], refresh: Refresh) -> Mapping[str, str]:
        fresh = await refresh(used)
        kept.append(fresh)
        return fresh

    adapter = by_app(portal, client, renew, access_token="")
    await adapter.users()
    portal.expire_tokens()
    await adapter.users()
    assert len(kept) == 2
    assert set(kept[0]) == {"access_token", "refresh_token"}
    assert kept[0]["refresh_token"] != kept[1]["refresh_token"]
    assert kept[1]["access_token"] in portal.state.apps[0].access


async def test_a_second_worker_takes_the_tokens_that_the_first_one_kept(
    portal: Bitrix24Sandbox, client: CrmHttp
) -> None:
    stored = app_settings(portal)
    lock = asyncio.Lock()

    async def renew(used: Mapping[str, str], refresh: Refresh) -> Mapping[str, str]:
        async with lock:
            if stored["refresh_token"] == used["refresh_token"]:
                stored.update(await refresh(used))
            return {name: stored[name] for name in ("access_token", "refresh_token")}

    workers = [build_adapter("bitrix24", dict(stored), {}, client, portal.clock.now, renew) for _ in range(2)]
    portal.expire_tokens()
    await asyncio.gather(*(worker.users() for worker in workers))
    assert len(portal.requests("oauth/token refresh_token")) == 1


async def test_a_refresh_token_that_is_used_up_needs_an_admin(
    portal: Bitrix24Sandbox, client: CrmHttp
) -> None:
    settings = app_settings(portal)
    adapters = [build_adapter("bitrix24", settings, {}, client, portal.clock.now) for _ in range(2)]
    portal.expire_tokens()
    await adapters[0].users()
    with pytest.raises(CrmAccessLost) as caught:
        await adapters[1].users()
    assert caught.value.reason == "invalid_grant"
    assert settings["refresh_token"] not in repr(caught.value)


async def test_too_many_requests_are_waited_for_longer_and_longer(
    portal: Bitrix24Sandbox, client: CrmHttp
) -> None:
    adapter = by_hook(portal, client)
    for _ in range(50):
        await adapter.users()
    waits = []
    for _ in range(7):
        with pytest.raises(CrmRateLimited) as caught:
            await adapter.create_lead(lead())
        waits.append((caught.value.retry_at - portal.clock.now()).total_seconds())
    assert waits == [1, 2, 4, 8, 16, 32, 32]
    assert portal.records() == []
    portal.clock.advance(1)
    await adapter.create_lead(lead())
    portal.fail("storm", times=1)
    with pytest.raises(CrmRateLimited) as caught:
        await adapter.create_lead(lead())
    assert caught.value.retry_at - portal.clock.now() == timedelta(seconds=1)


async def test_a_method_that_ran_too_long_is_waited_for_until_its_time_is_given_back(
    portal: Bitrix24Sandbox, client: CrmHttp
) -> None:
    portal.state.operating.costs["crm.item.add"] = 500
    adapter = by_hook(portal, client)
    start = portal.clock.now()
    await adapter.create_lead(lead())
    portal.clock.advance(200)
    with pytest.raises(CrmRateLimited) as caught:
        await adapter.create_lead(lead(our_id="other"))
    assert timedelta(seconds=599) <= caught.value.retry_at - start <= timedelta(seconds=600)
    assert len(await adapter.users()) == 3
    portal.clock.advance(401)
    await adapter.create_lead(lead(our_id="other"))


async def test_a_limit_inside_a_batch_is_a_limit(portal: Bitrix24Sandbox, client: CrmHttp) -> None:
    portal.state.operating.costs["crm.duplicate.findbycomm"] = 500
    adapter = by_hook(portal, client)
    await adapter.find_lead(lead(emails=()))
    with pytest.raises(CrmRateLimited) as caught:
        await adapter.find_lead(lead(emails=()))
    assert timedelta(seconds=590) < caught.value.retry_at - portal.clock.now() <= timedelta(seconds=600)


@pytest.mark.parametrize("fault", ["overload", "unpaid", "renamed"])
async def test_what_only_an_admin_can_mend(portal: Bitrix24Sandbox, client: CrmHttp, fault: str) -> None:
    portal.fail(fault)
    with pytest.raises(CrmAccessLost):
        await by_hook(portal, client).create_lead(lead())
    assert len(portal.requests()) == 1


async def test_finding_a_lead_is_one_request_and_two_with_a_stranger(
    portal: Bitrix24Sandbox, client: CrmHttp
) -> None:
    adapter = by_hook(portal, client)
    assert await adapter.find_lead(lead()) == []
    portal.create(name="Чужой", fm=[{"typeId": "PHONE", "value": "8 916 123 45 67"}])
    before = len(portal.requests())
    (match,) = await adapter.find_lead(lead())
    assert (match.by, match.lead.phones) == (MatchedBy.CONTACT, ("8 916 123 45 67",))
    assert len(portal.requests()) - before == 2


async def test_our_id_of_another_source_is_not_ours(portal: Bitrix24Sandbox, client: CrmHttp) -> None:
    portal.create(name="Чужой", originId=lead().our_id, originatorId="1C")
    adapter = by_hook(portal, client)
    assert await adapter.find_lead(lead()) == []
    assert (await adapter.read_lead("1")).our_id == ""


async def test_an_adopted_record_is_found_by_our_id_from_then_on(
    portal: Bitrix24Sandbox, client: CrmHttp
) -> None:
    made = portal.create(name="Чужой")
    adapter = by_hook(portal, client)
    await adapter.update_lead(str(made["id"]), lead(), frozenset({"our_id", "stage"}))
    (match,) = await adapter.find_lead(lead(phones=(), emails=()))
    assert (match.by, match.lead.ref.id) == (MatchedBy.OUR_ID, str(made["id"]))


async def test_phones_that_are_there_already_keep_their_place(
    portal: Bitrix24Sandbox, client: CrmHttp
) -> None:
    adapter = by_hook(portal, client)
    ref = await adapter.create_lead(lead())
    before = {item["value"]: item["id"] for item in portal.records()[0]["fm"]}
    changed = lead(phones=("+74951112233", "+79990000000"))
    await adapter.update_lead(ref.id, changed, frozenset({"phones"}))
    after = {item["value"]: item["id"] for item in portal.records()[0]["fm"]}
    assert set(after) == {"+74951112233", "+79990000000", "anna@example.com"}
    assert after["+74951112233"] == before["+74951112233"]
    assert after["anna@example.com"] == before["anna@example.com"]
    writes = len(portal.requests("crm.item.update"))
    await adapter.update_lead(ref.id, changed, frozenset({"phones"}))
    assert len(portal.requests("crm.item.update")) == writes


async def test_everything_else_of_a_lead_has_its_place(portal: Bitrix24Sandbox, client: CrmHttp) -> None:
    adapter = by_hook(portal, client)
    await adapter.create_lead(lead(assignee_external_id="7", amount=Money(Decimal("10.50"), "EUR")))
    (record,) = portal.records()
    expected = {
        "title": "Анна Кузнецова, ООО Лён", "sourceId": "WEB", "sourceDescription": "promo7",
        "utmSource": "vk", "utmCampaign": "осень", "originatorId": "voronka", "assignedById": 7,
        "opportunity": 10.5, "currencyId": "EUR", "isManualOpportunity": "Y",
        "UF_CRM_VORONKA_INN": "7707083893", "UF_CRM_VORONKA_NUMBER": 17,
        "UF_CRM_VORONKA_LANGUAGE": "ru", "UF_CRM_VORONKA_SCHOLARSHIP": "Y",
    }  # fmt: skip
    assert {name: record[name] for name in expected} == expected


async def test_a_title_that_people_gave_stays(portal: Bitrix24Sandbox, client: CrmHttp) -> None:
    adapter = by_hook(portal, client)
    ref = await adapter.create_lead(lead())
    portal.change(ref.id, title="Ипотека, срочно")
    await adapter.update_lead(ref.id, lead(company="ИП Шах"), frozenset({"company", "name"}))
    (record,) = portal.records()
    assert (record["title"], record["companyTitle"]) == ("Ипотека, срочно", "ИП Шах")


async def test_an_emptied_field_is_emptied_there(portal: Bitrix24Sandbox, client: CrmHttp) -> None:
    adapter = by_hook(portal, client)
    ref = await adapter.create_lead(lead(assignee_external_id="7"))
    emptied = lead(note="", amount=None, assignee_external_id=None)
    await adapter.update_lead(ref.id, emptied, frozenset({"note", "amount", "assignee_external_id"}))
    (record,) = portal.records()
    assert (record["comments"], record["opportunity"], record["assignedById"]) == ("", 0, 7)


async def test_a_mapping_to_own_fields_and_enumerations(portal: Bitrix24Sandbox, client: CrmHttp) -> None:
    overrides = {
        "lead": {"UF_CRM_1712000000": {"from": "source", "map": "channel"}, "sourceDescription": None},
        "enums": {"channel": {"website": "45", "telegram": "44"}},
    }
    adapter = by_hook(portal, client, overrides)
    await adapter.create_lead(lead())
    (record,) = portal.records()
    assert (record["UF_CRM_1712000000"], record.get("sourceDescription")) == (45, None)


async def test_a_required_field_names_itself(portal: Bitrix24Sandbox, client: CrmHttp) -> None:
    portal.require("post")
    with pytest.raises(CrmRejected) as caught:
        await by_hook(portal, client).create_lead(lead())
    assert (caught.value.reason, caught.value.field) == ("validation: required", "Position")


async def test_a_call_names_the_phone_and_whoever_has_the_lead(
    portal: Bitrix24Sandbox, client: CrmHttp
) -> None:
    adapter = by_hook(portal, client)
    ref = await adapter.create_lead(lead(assignee_external_id="9"))
    await adapter.log_activity(ref.id, activity("call"))
    (call,) = portal.records("activity")
    assert (call["RESPONSIBLE_ID"], call["DIRECTION"], call["COMPLETED"]) == ("9", "2", "Y")
    assert [item["VALUE"] for item in call["COMMUNICATIONS"]] == ["+79161234567"]


@pytest.mark.parametrize("type", ["call", "meeting"])
async def test_without_any_phone_it_is_a_comment_and_found_as_such(
    portal: Bitrix24Sandbox, client: CrmHttp, type: str
) -> None:
    adapter = by_hook(portal, client)
    ref = await adapter.create_lead(lead(phones=(), emails=()))
    done = activity(type, at=portal.clock.now())
    logged = await adapter.log_activity(ref.id, done)
    (note,) = portal.records("comment")
    assert (note["ID"], note["COMMENT"]) == (logged.id, "Дозвонились\nПерезвонить в пятницу")
    assert (await adapter.find_activity(ref.id, done)).id == logged.id


async def test_changes_beyond_one_page(portal: Bitrix24Sandbox, client: CrmHttp) -> None:
    start = portal.clock.now()
    for index in range(120):
        portal.clock.advance(1)
        portal.create(name=f"№{index}")
    seen = await by_hook(portal, client).changed_since(start, 110)
    assert [remote.name for remote in seen] == [f"№{index}" for index in range(110)]


async def test_the_connection_test_tells_what_to_mend(portal: Bitrix24Sandbox, client: CrmHttp) -> None:
    portal.state.statuses = [s for s in portal.state.statuses if s.id not in ("PROCESSED", "PARTNER")]
    portal.fail("field_removed", type="lead", field="UF_CRM_VORONKA_INN")
    portal.state.hooks[0].user_id, portal.state.hooks[0].scopes = 7, ("crm",)
    adapter = by_hook(portal, client, api_key=f"7/{portal.keys.code}")
    assert told(await adapter.test()) == [
        ("no_right", False, {"scope": "user", "action": "use"}),
        ("not_admin", False, {}),
        ("enum_option_missing", False, {"field": "stageId", "option": "PROCESSED"}),
        ("enum_option_missing", False, {"field": "sourceId", "option": "PARTNER"}),
        ("missing_field", False, {"field": "UF_CRM_VORONKA_INN"}),
    ]


async def test_without_the_scope_nothing_works(portal: Bitrix24Sandbox, client: CrmHttp) -> None:
    portal.state.hooks[0].scopes = ("user",)
    report = await by_hook(portal, client).test()
    assert ("no_right", True, {"scope": "crm", "action": "use"}) in told(report)
    with pytest.raises(CrmAccessLost):
        await by_hook(portal, client).create_lead(lead())


async def test_a_portal_without_leads_says_so(portal: Bitrix24Sandbox, client: CrmHttp) -> None:
    portal.state.mode = 2
    report = await by_hook(portal, client).test()
    assert ("leads_off", True, {"setting": "entity", "value": "deal"}) in told(report)
    assert not report.usable
    report = await by_hook(portal, client, entity="deal").test()
    assert (report.problems, report.version) == ((), "REST, simple mode")


async def test_a_person_who_is_known_gets_another_deal(portal: Bitrix24Sandbox, client: CrmHttp) -> None:
    phone = [{"typeId": "PHONE", "value": "+79161234567"}]
    known = portal.create(CONTACT, name="Анна", lastName="К.", fm=phone)
    adapter = by_hook(portal, client, entity="deal")
    ref = await adapter.create_lead(lead())
    assert [contact["id"] for contact in portal.records("contact")] == [known["id"]]
    remote = await adapter.read_lead(ref.id)
    assert (remote.name, remote.phones, remote.our_id) == ("Анна К.", ("+79161234567",), lead().our_id)
    assert ref.url.endswith(f"/crm/deal/details/{ref.id}/")


async def test_a_lost_answer_about_the_contact_makes_no_second_one(
    portal: Bitrix24Sandbox, client: CrmHttp
) -> None:
    adapter = by_hook(portal, client, entity="deal")
    portal.fail("drop_after_commit", times=1, method=f"crm.item.add:{CONTACT}")
    with pytest.raises(CrmUnavailable) as caught:
        await adapter.create_lead(lead(phones=(), emails=()))
    assert not isinstance(caught.value, CrmUncertain)
    await adapter.create_lead(lead(phones=(), emails=()))
    assert (len(portal.records("contact")), len(portal.records("deal"))) == (1, 1)


async def test_a_deal_whose_contact_is_gone_can_still_be_worked(
    portal: Bitrix24Sandbox, client: CrmHttp
) -> None:
    adapter = by_hook(portal, client, entity="deal")
    ref = await adapter.create_lead(lead())
    portal.delete(portal.records("contact")[0]["id"], CONTACT)
    assert (await adapter.read_lead(ref.id)).phones == ()
    await adapter.update_lead(ref.id, lead(stage=STAGES["qualified"]), frozenset({"stage"}))
    assert portal.records("deal")[0]["stageId"] == "WON"


async def test_deals_of_a_pipeline_of_its_own(portal: Bitrix24Sandbox, client: CrmHttp) -> None:
    stages = {"new": "C9:NEW", "call": "C9:PREPARATION", "meeting": "C9:PREPARATION",
              "negotiation": "C9:PREPARATION", "qualified": "C9:WON", "refused": "C9:LOSE"}  # fmt: skip
    kinds = {"open": "C9:PREPARATION", "qualified": "C9:WON", "failed": "C9:LOSE"}
    overrides = {
        "deal": {"categoryId": {"constant": 9}},
        "enums": {"deal_stage": stages, "deal_stage_kind": kinds},
    }
    adapter = by_hook(portal, client, overrides, entity="deal")
    assert (await adapter.test()).problems == ()
    assert [stage.id for stage in await adapter.stages()][:2] == ["C9:NEW", "C9:PREPARATION"]
    await adapter.create_lead(lead())
    assert portal.records("deal")[0]["stageId"] == "C9:NEW"


async def test_a_deleted_contact_field_and_a_deleted_deal(portal: Bitrix24Sandbox, client: CrmHttp) -> None:
    adapter = by_hook(portal, client, entity="deal")
    ref = await adapter.create_lead(lead())
    portal.delete(ref.id, DEAL)
    with pytest.raises(CrmGone):
        await adapter.update_lead(ref.id, lead(), frozenset({"phones"}))


async def test_fifty_leads_in_one_request(portal: Bitrix24Sandbox, client: CrmHttp) -> None:
    adapter = by_hook(portal, client)
    batch = [lead(our_id=f"id-{n}", note="a & b=c + d%20 [x] «ё»") for n in range(49)]
    made = await adapter.create_leads([*batch, lead(our_id="bad", emails=("no address",))])
    assert len(portal.requests()) == 1
    assert [ref.id for ref in made[:-1]] == [str(record["id"]) for record in portal.records()]
    assert [record["originId"] for record in portal.records()] == [f"id-{n}" for n in range(49)]
    assert {record["comments"] for record in portal.records()} == {batch[0].note}
    assert portal.records()[0]["fm"][0]["value"] == "+79161234567"
    assert isinstance(made[-1], CrmRejected)
    with pytest.raises(ValueError):
        await adapter.create_leads([lead()] * 51)


async def test_a_lost_answer_to_a_batch_of_leads(portal: Bitrix24Sandbox, client: CrmHttp) -> None:
    adapter = by_hook(portal, client)
    portal.fail("drop_after_commit", times=1)
    with pytest.raises(CrmUncertain):
        await adapter.create_leads([lead(our_id="a"), lead(our_id="b")])
    (match,) = await adapter.find_lead(lead(our_id="b"))
    assert match.by is MatchedBy.OUR_ID


@pytest.mark.parametrize("entity", ["lead", "deal"])
async def test_a_text_that_a_batch_would_fill_in_arrives_as_it_was_written(
    portal: Bitrix24Sandbox, client: CrmHttp, entity: str
) -> None:
    notes = ["обычная", "$result[n0][item][id] и дальше"]
    leads = [lead(our_id=note[:3], note=note) for note in notes]
    await by_hook(portal, client, entity=entity).create_leads(leads)
    assert [record["comments"] for record in portal.records(entity)] == notes
