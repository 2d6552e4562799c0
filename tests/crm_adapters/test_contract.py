"""What every adapter promises, against its stand-in. A new provider runs through all of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from crm_adapters import PROVIDERS, base, build_adapter
from crm_adapters.http import CrmHttp
from domain.crm import CrmEventKind, MatchedBy
from domain.errors import (
    BadInput,
    CrmAccessLost,
    CrmGone,
    CrmRateLimited,
    CrmRejected,
    CrmUnavailable,
    CrmUncertain,
    CrmUnsupported,
    WebhookRefused,
)
from domain.leads import DEFAULT_STAGES, Money, StageKind
from tests.crm_adapters.stand_ins import STAGES, STAND_INS, Side, activity, lead

PROTOCOLS = {
    name: getattr(base, name)
    for name in ("Tests", "Leads", "Activities", "Stages", "Users", "Changes", "Webhooks")
}
# Who must be able to do what. A capability that an adapter loses, or gains unseen, fails here.
CAPABILITIES = {
    "espocrm": {"Tests", "Leads", "Activities", "Stages", "Users", "Changes", "Webhooks"},
}
ACTIVITIES = ("call", "meeting", "task", "note", "messenger_click", "email")


def test_every_provider_has_a_stand_in_and_pinned_capabilities() -> None:
    assert set(PROVIDERS) == set(STAND_INS) == set(CAPABILITIES)


@pytest.mark.parametrize("name", PROVIDERS)
def test_manifest(name: str) -> None:
    provider = PROVIDERS[name]
    assert provider.manifest.name == name
    assert provider.manifest.title
    assert {setting.name for setting in provider.manifest.settings if setting.secret}


@pytest.mark.parametrize("name", PROVIDERS)
async def test_settings_are_checked_before_anything_is_sent(name: str) -> None:
    with pytest.raises(BadInput):
        PROVIDERS[name].check_settings({})


async def test_unknown_provider(side: Side) -> None:
    with pytest.raises(CrmUnsupported):
        build_adapter("nosuch", side.crm.settings, {}, side.http, side.crm.now)


def test_capabilities(side: Side) -> None:
    able = {name for name, protocol in PROTOCOLS.items() if isinstance(side.adapter, protocol)}
    assert able == CAPABILITIES[side.provider]


# Connection test


async def test_a_well_set_up_crm_has_no_problems(side: Side) -> None:
    report = await side.adapter.test()
    assert report.account
    assert report.version
    assert report.problems == ()
    assert report.usable


async def test_a_revoked_key_is_tried_once_only(side: Side) -> None:
    side.crm.revoke_key()
    before = side.crm.requests()
    with pytest.raises(CrmAccessLost):
        await side.adapter.test()
    assert side.crm.requests() - before <= 1


async def test_no_field_for_our_id_is_told_but_stops_nothing(side: Side) -> None:
    side.crm.hide_our_id()
    report = await side.adapter.test()
    assert [problem.code for problem in report.problems] == ["no_external_id_field"]
    assert report.usable


# Leads


async def test_a_lead_arrives_whole(side: Side) -> None:
    ref = await side.adapter.create_lead(lead())
    assert side.crm.leads() == [
        {
            "id": ref.id,
            "our_id": lead().our_id,
            "name": "Анна Кузнецова",
            "company": "ООО Лён",
            "status": side.adapter.stage_status("new", "open"),
            "amount": 3_000_000,
            "currency": "RUB",
            "phones": ["+79161234567", "+74951112233"],
            "emails": ["anna@example.com"],
            "note": "ипотека",
        }
    ]
    assert ref.id in ref.url
    assert ref.url.startswith(side.crm.settings["url"])


async def test_a_lead_is_read_back(side: Side) -> None:
    ref = await side.adapter.create_lead(lead())
    remote = await side.adapter.read_lead(ref.id)
    assert (remote.ref, remote.our_id, remote.name) == (ref, lead().our_id, "Анна Кузнецова")
    assert (remote.phones, remote.emails) == (lead().phones, lead().emails)
    assert remote.status == side.adapter.stage_status("new", "open")
    assert abs(remote.modified_at - side.crm.now()) < timedelta(minutes=1)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "", "company": "", "emails": (), "note": "", "amount": None, "utm": {}, "custom": {}},
        {"name": "", "phones": (), "emails": ()},
        {"name": "Анна", "phones": ()},
        {"name": "Анна <b>Кузнецова</b> = & \" ' \\ 😀"},
        {"name": "Ы" * 500, "company": "Щ" * 500, "note": "Ю" * 5000},
        {"source": "moon", "referral_code": "x" * 300, "utm": {"source": "y" * 300}},
        {"amount": Money(Decimal("1234567.89"))},
    ],
)
async def test_an_odd_lead_is_taken_too(side: Side, changes: dict[str, object]) -> None:
    await side.adapter.create_lead(lead(**changes))
    assert len(side.crm.leads()) == 1


async def test_namesakes_are_two_leads(side: Side) -> None:
    await side.adapter.create_lead(lead())
    await side.adapter.create_lead(lead(our_id="other"))
    assert len(side.crm.leads()) == 2


async def test_nothing_is_found_in_an_empty_crm(side: Side) -> None:
    assert list(await side.adapter.find_lead(lead())) == []


async def test_our_record_is_found_by_our_id_alone(side: Side) -> None:
    ref = await side.adapter.create_lead(lead())
    await side.adapter.create_lead(lead(our_id="other"))
    changed = lead(name="", phones=("+79990000000",), emails=())
    (match,) = await side.adapter.find_lead(changed)
    assert (match.lead.ref.id, match.by, match.lead.our_id) == (ref.id, MatchedBy.OUR_ID, lead().our_id)


@pytest.mark.parametrize(
    "changes",
    [
        {"phones": ("+79161234567",), "emails": ()},
        {"phones": ("+79990000000", "+74951112233"), "emails": ()},
        {"phones": (), "emails": ("ANNA@example.com",)},
        {"phones": ("+79990000000",), "emails": ("x@example.com", "anna@example.com")},
    ],
)
async def test_a_record_of_somebody_else_is_found_by_contact(side: Side, changes: dict[str, object]) -> None:
    ref = await side.adapter.create_lead(lead())
    (match,) = await side.adapter.find_lead(lead(our_id="other", **changes))
    assert (match.lead.ref.id, match.by) == (ref.id, MatchedBy.CONTACT)


async def test_without_the_field_the_contact_finds_our_own_record(side: Side) -> None:
    side.crm.hide_our_id()
    ref = await side.adapter.create_lead(lead())
    (match,) = await side.adapter.find_lead(lead())
    assert (match.lead.ref.id, match.by) == (ref.id, MatchedBy.CONTACT)


@pytest.mark.parametrize("fault", ["lose_answers", "cut_answers"])
async def test_a_lost_answer_to_a_create_leaves_one_record_that_is_found(side: Side, fault: str) -> None:
    getattr(side.crm, fault)()
    with pytest.raises(CrmUncertain):
        await side.adapter.create_lead(lead())
    side.crm.heal()
    (match,) = await side.adapter.find_lead(lead())
    assert match.by is MatchedBy.OUR_ID
    assert [match.lead.ref.id] == [record["id"] for record in side.crm.leads()]


async def test_a_crm_that_is_down_took_nothing(side: Side) -> None:
    side.crm.go_down()
    with pytest.raises(CrmUnavailable) as caught:
        await side.adapter.create_lead(lead())
    assert not isinstance(caught.value, CrmUncertain)
    side.crm.heal()
    assert side.crm.leads() == []


async def test_a_page_instead_of_an_answer(side: Side) -> None:
    side.crm.show_a_page()
    with pytest.raises(CrmUncertain):
        await side.adapter.create_lead(lead())
    with pytest.raises(CrmUnavailable):
        await side.adapter.read_lead("1")


async def test_the_crm_says_when_to_come_back(side: Side) -> None:
    side.crm.limit_rate(40)
    with pytest.raises(CrmRateLimited) as caught:
        await side.adapter.create_lead(lead())
    assert timedelta(seconds=30) < caught.value.retry_at - side.crm.now() <= timedelta(seconds=40)


async def test_a_phone_that_the_crm_refuses(side: Side) -> None:
    with pytest.raises(CrmRejected) as caught:
        await side.adapter.create_lead(lead(phones=("+7916",)))
    assert caught.value.field
    assert "7916" not in repr(caught.value)
    assert side.crm.leads() == []


async def test_an_update_brings_named_fields_and_leaves_the_others(side: Side) -> None:
    ref = await side.adapter.create_lead(lead())
    side.crm.rename(ref.id, "Анна Орлова")
    later = lead(stage=STAGES["qualified"], amount=Money(Decimal("50.50")), company="")
    updated = await side.adapter.update_lead(ref.id, later, frozenset({"stage", "amount", "company"}))
    (record,) = side.crm.leads()
    assert updated.id == ref.id
    assert record["name"] == "Анна Орлова"
    assert record["status"] == side.adapter.stage_status("qualified", "qualified")
    assert (record["amount"], record["company"]) == (50.5, None)


async def test_an_update_replaces_phones_and_emails(side: Side) -> None:
    ref = await side.adapter.create_lead(lead())
    later = lead(phones=("+79990000000",), emails=())
    await side.adapter.update_lead(ref.id, later, frozenset({"phones", "emails"}))
    (record,) = side.crm.leads()
    assert (record["phones"], record["emails"]) == (["+79990000000"], [])


async def test_an_update_of_nothing_writes_nothing(side: Side) -> None:
    ref = await side.adapter.create_lead(lead())
    before = side.crm.requests()
    assert (await side.adapter.update_lead(ref.id, lead(), frozenset())).id == ref.id
    assert side.crm.requests() == before


async def test_a_deleted_record_is_gone(side: Side) -> None:
    ref = await side.adapter.create_lead(lead())
    side.crm.delete_lead(ref.id)
    with pytest.raises(CrmGone):
        await side.adapter.read_lead(ref.id)
    with pytest.raises(CrmGone):
        await side.adapter.update_lead(ref.id, lead(), frozenset({"stage"}))
    assert list(await side.adapter.find_lead(lead())) == []


async def test_every_default_stage_is_a_status_of_the_crm(side: Side) -> None:
    known = {stage.id for stage in await side.adapter.stages()}
    for key, _, kind in DEFAULT_STAGES:
        assert side.adapter.stage_status(key, kind.value) in known
    for kind in StageKind:
        assert side.adapter.stage_status("01936b1e-renamed", kind.value) in known


async def test_the_crm_tells_which_statuses_end_a_lead(side: Side) -> None:
    kinds = {stage.id: stage.kind for stage in await side.adapter.stages()}
    for key, _, kind in DEFAULT_STAGES:
        assert kinds[side.adapter.stage_status(key, kind.value)] in (kind, None)


# Activities


@pytest.mark.parametrize("type", ACTIVITIES)
async def test_an_activity_is_logged_and_found_again(side: Side, type: str) -> None:
    ref = await side.adapter.create_lead(lead())
    done = activity(type)
    assert await side.adapter.find_activity(ref.id, done) is None
    logged = await side.adapter.log_activity(ref.id, done)
    (record,) = side.crm.activities(type)
    assert (record["id"], record["lead"]) == (logged.id, ref.id)
    found = await side.adapter.find_activity(ref.id, done)
    assert found is not None
    assert found.id == logged.id


@pytest.mark.parametrize("type", ACTIVITIES)
async def test_a_lost_answer_to_an_activity_leaves_one_record_that_is_found(side: Side, type: str) -> None:
    ref = await side.adapter.create_lead(lead())
    side.crm.lose_answers()
    with pytest.raises(CrmUncertain):
        await side.adapter.log_activity(ref.id, activity(type))
    side.crm.heal()
    found = await side.adapter.find_activity(ref.id, activity(type))
    assert [found.id] == [record["id"] for record in side.crm.activities(type)]


@pytest.mark.parametrize("type", ACTIVITIES)
async def test_another_activity_is_not_taken_for_it(side: Side, type: str) -> None:
    ref = await side.adapter.create_lead(lead())
    await side.adapter.log_activity(ref.id, activity(type))
    other = replace(activity(type), our_id="other", text="Другое", title="Иначе")
    assert await side.adapter.find_activity(ref.id, other) is None


@pytest.mark.parametrize("type", ACTIVITIES)
async def test_an_activity_on_a_deleted_lead(side: Side, type: str) -> None:
    ref = await side.adapter.create_lead(lead())
    side.crm.delete_lead(ref.id)
    with pytest.raises(CrmGone):
        await side.adapter.log_activity(ref.id, activity(type))
    assert side.crm.activities(type) == []


# Users, changes


async def test_a_listed_user_can_be_made_responsible(side: Side) -> None:
    users = await side.adapter.users()
    assert all(user.id and user.name for user in users)
    ref = await side.adapter.create_lead(lead(assignee_external_id=users[-1].id))
    assert users[-1].id in (await side.adapter.read_lead(ref.id)).raw.values()


async def test_changes_come_oldest_first_and_no_more_than_asked(side: Side) -> None:
    start = side.crm.now() - timedelta(seconds=1)
    made = [await side.adapter.create_lead(lead(our_id=f"id-{index}")) for index in range(3)]
    seen = await side.adapter.changed_since(start, 10)
    assert {remote.ref.id for remote in seen} == {ref.id for ref in made}
    moments = [remote.modified_at for remote in seen]
    assert moments == sorted(moments)
    assert len(await side.adapter.changed_since(start, 2)) == 2
    assert list(await side.adapter.changed_since(side.crm.now() + timedelta(minutes=5), 10)) == []


# Webhooks


@asynccontextmanager
async def mailbox() -> AsyncIterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    """A receiver on 127.0.0.1 that answers 200 and keeps headers and raw body."""
    got: list[tuple[dict[str, str], bytes]] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        pairs = (line.split(":", 1) for line in head.split("\r\n")[1:] if ":" in line)
        headers = {name.strip().lower(): value.strip() for name, value in pairs}
        got.append((headers, await reader.readexactly(int(headers["content-length"]))))
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", got


async def test_a_change_there_is_told_signed_and_understood(side: Side) -> None:
    provider = PROVIDERS[side.provider]
    ref = await side.adapter.create_lead(lead())
    async with mailbox() as (url, got):
        kinds = {}
        for event in provider.manifest.webhook_events:
            subscription = await side.adapter.subscribe(event, f"{url}/{event}")
            kinds[subscription.external_id] = (event, subscription.secret)
        side.crm.set_status(ref.id, side.adapter.stage_status("qualified", "qualified"))
        other = side.crm.create_lead("Сафин")
        side.crm.delete_lead(ref.id)
        await side.crm.deliver()
    seen = set()
    for headers, body in got:
        for hook, (event, secret) in kinds.items():
            try:
                provider.verify(headers, body, hook, secret)
            except WebhookRefused:
                continue
            seen |= {(item.kind, item.external_id) for item in provider.parse(event, body)}
    assert seen == {
        (CrmEventKind.LEAD_CHANGED, ref.id),
        (CrmEventKind.LEAD_CREATED, other),
        (CrmEventKind.LEAD_DELETED, ref.id),
    }


async def test_a_delivery_tampered_with_or_meant_for_another_is_refused(side: Side) -> None:
    provider = PROVIDERS[side.provider]
    event = provider.manifest.webhook_events[0]
    ref = await side.adapter.create_lead(lead())
    async with mailbox() as (url, got):
        mine = await side.adapter.subscribe(event, f"{url}/mine")
        side.crm.set_status(ref.id, side.adapter.stage_status("qualified", "qualified"))
        side.crm.delete_lead(side.crm.create_lead("Сафин"))
        await side.crm.deliver()
    headers, body = got[0]
    provider.verify(headers, body, mine.external_id, mine.secret)
    forgeries = (
        (headers, body + b" ", mine.external_id, mine.secret),
        (headers, body, "another", mine.secret),
        (headers, body, mine.external_id, "another"),
        (headers, body, mine.external_id, ""),
        ({}, body, mine.external_id, mine.secret),
    )
    for forgery in forgeries:
        with pytest.raises(WebhookRefused):
            provider.verify(*forgery)


async def test_our_own_changes_are_not_told(side: Side) -> None:
    async with mailbox() as (url, got):
        for event in PROVIDERS[side.provider].manifest.webhook_events:
            await side.adapter.subscribe(event, f"{url}/{event}")
        ref = await side.adapter.create_lead(lead())
        await side.adapter.update_lead(ref.id, lead(stage=STAGES["call"]), frozenset({"stage"}))
        await side.crm.deliver()
    assert got == []


async def test_subscribing_twice_is_one_registration(side: Side) -> None:
    event = PROVIDERS[side.provider].manifest.webhook_events[0]
    url = "http://127.0.0.1:9/hook"
    first = await side.adapter.subscribe(event, url)
    second = await side.adapter.subscribe(event, url)
    assert side.crm.registrations() == [(event, url)]
    assert second.secret
    assert (second.event, second.url) == (event, url)
    for external_id in (second.external_id, second.external_id, first.external_id):
        await side.adapter.unsubscribe(external_id)
    assert side.crm.registrations() == []


async def test_an_event_that_does_not_exist(side: Side) -> None:
    with pytest.raises(CrmUnsupported):
        await side.adapter.subscribe("Lead.explode", "http://127.0.0.1:9/hook")
    assert side.crm.registrations() == []


@pytest.mark.parametrize("name", PROVIDERS)
@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b"[1]", b'[{"id": 5}]', b"[null]"])
def test_a_body_that_is_no_delivery(name: str, body: bytes) -> None:
    provider = PROVIDERS[name]
    with pytest.raises(BadInput) as caught:
        provider.parse(provider.manifest.webhook_events[0], body)
    assert caught.value.field == "body"


# Where calls may go


async def test_an_address_inside_our_network_is_not_called(side: Side) -> None:
    async with CrmHttp(now=side.crm.now) as closed:
        adapter = build_adapter(side.provider, side.crm.settings, {}, closed, side.crm.now)
        with pytest.raises(CrmRejected):
            await adapter.test()
    assert side.crm.requests() == 0
