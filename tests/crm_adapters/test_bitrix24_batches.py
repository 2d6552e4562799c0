"""Many leads at Bitrix24 in few requests: what is found is what finding them one by one finds."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from crm_adapters import build_adapter
from crm_adapters.http import CrmHttp
from domain.crm import CrmLead, Match, MatchedBy
from domain.errors import CrmError, CrmRateLimited, CrmRejected, CrmUnavailable, CrmUncertain
from sandbox.bitrix24.schema import CONTACT, DEAL, LEAD
from sandbox.bitrix24.server import Bitrix24Sandbox
from tests.crm_adapters.stand_ins import lead

TYPES = {"lead": LEAD, "deal": DEAL}


@pytest.fixture
async def portal() -> AsyncIterator[Bitrix24Sandbox]:
    async with Bitrix24Sandbox(speed=0, burst=100_000) as running:
        yield running


@pytest.fixture
async def client(portal: Bitrix24Sandbox) -> AsyncIterator[CrmHttp]:
    allow = [portal.url.removeprefix("http://")]
    async with CrmHttp(now=portal.clock.now, time_limit=10.0, allow=allow) as made:
        yield made


def adapter_of(portal: Bitrix24Sandbox, client: CrmHttp, **settings: str) -> Any:
    given = {"url": portal.url, "api_key": portal.hook_url, **settings}
    return build_adapter("bitrix24", given, {}, client, portal.clock.now)


def some(number: int, **changes: Any) -> CrmLead:
    values = {
        "our_id": f"01936b1e-0000-7000-8000-{number:012}",
        "name": f"Имя{number} Фамилия",
        "phones": (f"+7916000{number:04}",),
        "emails": (f"n{number}@example.com",),
    }
    return lead(**{**values, **changes})


def told(found: Sequence[Sequence[Match] | CrmError]) -> list[list[tuple[str, MatchedBy]]]:
    shown = []
    for matches in found:
        assert not isinstance(matches, CrmError)
        shown.append(sorted((match.lead.ref.id, match.by) for match in matches))
    return shown


async def test_four_hundred_strangers_are_one_request(portal: Bitrix24Sandbox, client: CrmHttp) -> None:
    adapter = adapter_of(portal, client)
    found = await adapter.find_leads([some(number) for number in range(400)])
    assert list(found) == [[]] * 400
    assert len(portal.requests()) == 1
    assert await adapter.find_leads([]) == []
    assert len(portal.requests()) == 1


@pytest.mark.parametrize("entity", ["lead", "deal"])
async def test_each_is_found_as_if_it_were_alone(
    portal: Bitrix24Sandbox, client: CrmHttp, entity: str
) -> None:
    adapter = adapter_of(portal, client, entity=entity)
    leads = [some(number) for number in range(60)]
    leads += [some(60, phones=leads[7].phones), some(61, phones=(), emails=()), some(62, emails=())]
    for number in (3, 4, 59):
        await adapter.create_lead(leads[number])
    await adapter.create_lead(leads[3])  # ours twice
    await _person(portal, entity, "8 916 000 00 07", "PHONE")  # of two leads, written otherwise
    await _person(portal, entity, "n9@example.com", "EMAIL")
    await _person(portal, entity, "+79160000010", "PHONE")
    await _person(portal, entity, "+79160000010", "PHONE")  # two who share a phone
    if entity == "lead":
        portal.create(LEAD, title="1C", originId=leads[11].our_id, originatorId="1C")
    before = len(portal.requests())
    found = await adapter.find_leads(leads)
    asked = len(portal.requests()) - before
    assert told(found) == told([await adapter.find_lead(one) for one in leads])
    assert [len(matches) for matches in told(found) if matches] == [2, 1, 1, 1, 2, 1, 1]
    assert asked <= 7


async def _person(portal: Bitrix24Sandbox, entity: str, value: str, kind: str) -> None:
    fm = [{"typeId": kind, "value": value}]
    if entity == "lead":
        portal.create(LEAD, title="чужой", name="Чужой", fm=fm)
        return
    contact = portal.create(CONTACT, name="Чужой", fm=fm)
    portal.create(DEAL, title="чужая", contactId=contact["id"])


async def test_more_of_ours_than_a_page_holds(portal: Bitrix24Sandbox, client: CrmHttp) -> None:
    adapter = adapter_of(portal, client)
    leads = [some(number) for number in range(120)]
    for start in (0, 50, 100):
        await adapter.create_leads(leads[start : start + 50])
    found = await adapter.find_leads(leads)
    assert [[match.by for match in matches] for matches in found] == [[MatchedBy.OUR_ID]] * 120
    assert [matches[0].lead.our_id for matches in found] == [one.our_id for one in leads]


async def test_one_phone_with_more_namesakes_than_an_answer_holds(
    portal: Bitrix24Sandbox, client: CrmHttp
) -> None:
    adapter = adapter_of(portal, client)
    for _ in range(25):
        await _person(portal, "lead", "+79160000001", "PHONE")
    await _person(portal, "lead", "+79160000002", "PHONE")
    leads = [some(1), some(2)]
    found = await adapter.find_leads(leads)
    assert told(found) == told([await adapter.find_lead(one) for one in leads])
    assert [len(matches) for matches in found] == [20, 1]


async def test_without_a_place_for_our_id_the_phone_still_finds(
    portal: Bitrix24Sandbox, client: CrmHttp
) -> None:
    portal.fail("field_removed", type="lead", field="originId")
    await _person(portal, "lead", "+79160000001", "PHONE")
    found = await adapter_of(portal, client).find_leads([some(0), some(1)])
    assert [[match.by for match in matches] for matches in found] == [[], [MatchedBy.CONTACT]]


async def test_what_one_search_is_refused_concerns_those_it_was_about(
    portal: Bitrix24Sandbox, client: CrmHttp
) -> None:
    adapter = adapter_of(portal, client)
    await adapter.create_lead(some(0))
    portal.state.operating.costs["crm.duplicate.findbycomm"] = 500
    found = await adapter.find_leads([some(0), some(1), some(2, phones=(), emails=())])
    assert [match.by for match in found[0]] == [MatchedBy.OUR_ID]
    assert isinstance(found[1], CrmRateLimited)
    assert found[2] == []


async def test_an_outage_is_everybodys(portal: Bitrix24Sandbox, client: CrmHttp) -> None:
    portal.fail("down", mode="503")
    with pytest.raises(CrmUnavailable):
        await adapter_of(portal, client).find_leads([some(0), some(1)])


async def test_fifty_deals_are_three_requests(portal: Bitrix24Sandbox, client: CrmHttp) -> None:
    adapter = adapter_of(portal, client, entity="deal")
    known = portal.create(CONTACT, name="Знакомый", fm=[{"typeId": "PHONE", "value": "8 916 000 00 07"}])
    leads = [some(number) for number in range(48)]
    leads += [some(48, phones=(), emails=(), name=""), some(49, phones=leads[3].phones, emails=())]
    refs = await adapter.create_leads(leads)
    # two more for the one who is known; the fiftieth shares a phone with the fourth and goes alone
    assert len(portal.requests()) == 3 + 2 + 2
    deals = portal.records("deal")
    assert [deal["originId"] for deal in deals] == [one.our_id for one in leads]
    assert [ref.id for ref in refs] == [str(deal["id"]) for deal in deals]
    assert deals[7]["contactId"] == known["id"]
    assert not deals[48]["contactId"]
    assert deals[49]["contactId"] == deals[3]["contactId"]
    assert len(portal.records("contact")) == 48


async def test_a_lost_answer_about_contacts_leaves_no_deal_and_one_contact_each(
    portal: Bitrix24Sandbox, client: CrmHttp
) -> None:
    adapter = adapter_of(portal, client, entity="deal")
    portal.fail("drop_after_commit", times=1)
    with pytest.raises(CrmUnavailable) as caught:
        await adapter.create_leads([some(0), some(1)])
    assert not isinstance(caught.value, CrmUncertain)
    assert portal.records("deal") == []
    await adapter.create_leads([some(0), some(1)])
    assert (len(portal.records("deal")), len(portal.records("contact"))) == (2, 2)


@pytest.mark.parametrize("field", ["phones", "emails"])
async def test_a_contact_that_is_refused_costs_its_own_deal_alone(
    portal: Bitrix24Sandbox, client: CrmHttp, field: str
) -> None:
    adapter = adapter_of(portal, client, entity="deal")
    portal.require("lastName", CONTACT)
    one = some(0, name="Безфамилии", **{field: ()})
    made = await adapter.create_leads([one, some(1)])
    assert isinstance(made[0], CrmRejected)
    assert [str(deal["id"]) for deal in portal.records("deal")] == [made[1].id]
