"""What every adapter promises about leads: whole, once, found again, and honest about failures."""

from datetime import timedelta
from decimal import Decimal

import pytest

from domain.crm import MatchedBy
from domain.errors import (
    CrmAccessLost,
    CrmGone,
    CrmRateLimited,
    CrmRejected,
    CrmUnavailable,
    CrmUncertain,
)
from domain.leads import DEFAULT_STAGES, Money, StageKind
from tests.crm_adapters.stand_ins import NATIVE_ID, STAGES, Side, activity, lead

# Whose create begins with a search for the person: nothing was written when that one fails.
SEARCH_BEFORE_CREATE = {
    ("bitrix24", "hook without leads"),
    ("bitrix24", "oauth without leads"),
    ("amocrm", "long-lived token"),
    ("amocrm", "oauth"),
}
# The budget is a whole number there.
WHOLE_AMOUNTS = {"amocrm"}


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
    if side.provider in NATIVE_ID:
        pytest.skip("our id has a place in every record")
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
    with pytest.raises(CrmUnavailable) as caught:
        await side.adapter.create_lead(lead())
    searches_first = (side.provider, side.variant) in SEARCH_BEFORE_CREATE
    assert isinstance(caught.value, CrmUncertain) is not searches_first
    with pytest.raises(CrmUnavailable):
        await side.adapter.read_lead("1")


async def test_the_crm_says_when_to_come_back(side: Side) -> None:
    side.crm.limit_rate(40)
    with pytest.raises(CrmRateLimited) as caught:
        await side.adapter.create_lead(lead())
    assert timedelta(seconds=30) < caught.value.retry_at - side.crm.now() <= timedelta(seconds=40)


async def test_a_value_that_the_crm_refuses(side: Side) -> None:
    with pytest.raises(CrmRejected) as caught:
        await side.adapter.create_lead(lead(**side.crm.refused))
    assert caught.value.field
    ((value,),) = side.crm.refused.values()
    assert value not in repr(caught.value)
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
    amount = 51 if side.provider in WHOLE_AMOUNTS else 50.5
    assert (record["amount"], record["company"]) == (amount, None)


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


@pytest.mark.parametrize("call", ["find_lead", "create_lead", "read_lead", "update_lead", "log_activity"])
async def test_a_refused_key_is_shown_once_only(side: Side, call: str) -> None:
    arguments: dict[str, tuple[object, ...]] = {
        "find_lead": (lead(),),
        "create_lead": (lead(),),
        "read_lead": ("6b0",),
        "update_lead": ("6b0", lead(), frozenset({"stage"})),
        "log_activity": ("6b0", activity("call", assignee_external_id="65a")),
    }
    side.crm.revoke_key()
    with pytest.raises(CrmAccessLost):
        await getattr(side.adapter, call)(*arguments[call])
    assert side.crm.requests() == 1
