"""RetailCRM: orders, their customers and their custom fields."""

from typing import Any

import pytest

from domain.crm import MatchedBy
from domain.errors import CrmGone, CrmRejected, CrmUnavailable, CrmUncertain
from tests.crm_adapters.retail import Pair, adapter
from tests.crm_adapters.stand_ins import lead

# Customers


async def test_a_new_person_becomes_a_customer_with_all_contacts(pair: Pair) -> None:
    await pair.retail.create_lead(lead(phones=("+79161234567", "+74951112233", "+78121112233")))
    (customer,) = pair.crm.records("customers")
    assert pair.order()["customer"]["id"] == customer["id"]
    assert [item["number"] for item in customer["phones"]] == ["+79161234567", "+74951112233", "+78121112233"]
    assert (customer["firstName"], customer["lastName"]) == ("Анна", "Кузнецова")
    assert (customer["email"], customer["externalId"]) == ("anna@example.com", lead().our_id)
    assert [tag["name"] for tag in customer["tags"]] == ["website"]


@pytest.mark.parametrize(
    "known",
    [
        {"phones": [{"number": "+7 (916) 123-45-67"}]},
        {"phones": [{"number": "+7 495 111-22-33"}]},
        {"email": "Anna@Example.com"},
    ],
)
async def test_a_known_person_is_not_made_again(pair: Pair, known: dict[str, Any]) -> None:
    pair.crm.create_customer(firstName="Другая", phones=[{"number": "+79161234568"}])
    person = pair.crm.create_customer(firstName="А.", **known)
    await pair.retail.create_lead(lead())
    assert len(pair.crm.records("customers")) == 2
    assert pair.order()["customer"]["id"] == person["id"]


async def test_a_lead_of_a_company_alone_leaves_the_customer_to_retailcrm(pair: Pair) -> None:
    await pair.retail.create_lead(lead(name="", phones=(), emails=()))
    assert pair.crm.requests("POST", "v5/customers/create") == []
    assert pair.order()["customer"]["id"]


@pytest.mark.parametrize("fault", ["drop_after_commit", "error_after_commit"])
async def test_an_answer_lost_about_the_customer_leaves_no_order_and_one_person(
    pair: Pair, fault: str
) -> None:
    nameless = lead(phones=(), emails=())
    pair.crm.fail(fault, times=1, path="customers/create")
    with pytest.raises(CrmUnavailable) as caught:
        await pair.retail.create_lead(nameless)
    assert not isinstance(caught.value, CrmUncertain)
    assert pair.crm.records("orders") == []
    await pair.retail.create_lead(nameless)
    (customer,) = pair.crm.records("customers")
    assert pair.order()["customer"]["id"] == customer["id"]


# Orders


async def test_everything_has_its_place_in_the_order(pair: Pair) -> None:
    utm = {"source": "vk", "medium": "cpc", "campaign": "осень", "term": "crm", "content": "b2"}
    await pair.retail.create_lead(lead(utm=utm, assignee_external_id="28"))
    order = pair.order()
    assert (order["externalId"], order["orderMethod"], order["managerId"]) == (
        lead().our_id,
        "landing-page",
        28,
    )
    assert order["source"] == {
        "source": "vk",
        "medium": "cpc",
        "campaign": "осень",
        "keyword": "crm",
        "content": "b2",
    }
    assert order["customFields"] == {
        "voronka_company": "ООО Лён",
        "voronka_inn": "7707083893",
        "voronka_number": 17,
        "voronka_amount": 3_000_000.0,
        "voronka_currency": "RUB",
        "voronka_source": "website",
        "voronka_referral": "promo7",
        "voronka_language": "ru",
        "voronka_scholarship": True,
    }


async def test_creating_twice_is_one_order(pair: Pair) -> None:
    first = await pair.retail.create_lead(lead())
    assert (await pair.retail.create_lead(lead())) == first
    assert len(pair.crm.records("orders")) == 1


async def test_a_finished_order_never_becomes_a_new_lead(pair: Pair) -> None:
    pair.crm.create_order(phone="+7 916 123-45-67", status="complete")
    pair.crm.create_order(phone="+7 916 123-45-67", status="no-call")
    under_way = pair.crm.create_order(phone="+7 916 123-45-67", status="delivering", externalId="shop-1")
    (match,) = await pair.retail.find_lead(lead())
    assert (match.lead.ref.id, match.by) == (str(under_way["id"]), MatchedBy.CONTACT)
    assert match.lead.our_id == "shop-1"


async def test_a_part_of_a_number_is_not_the_number(pair: Pair) -> None:
    pair.crm.create_order(phone="+79161234567", firstName="4951112233")
    assert list(await pair.retail.find_lead(lead(phones=("+4951112233",), emails=()))) == []


async def test_an_adopted_order_gets_our_id_and_a_shops_own_is_kept(pair: Pair) -> None:
    free = pair.crm.create_order(firstName="Анна")
    await pair.retail.update_lead(str(free["id"]), lead(), frozenset({"our_id", "stage"}))
    assert pair.order()["externalId"] == lead().our_id
    pair.crm.delete_order(free["id"])
    owned = pair.crm.create_order(firstName="Анна", externalId="shop-1")
    await pair.retail.update_lead(str(owned["id"]), lead(), frozenset({"our_id", "stage"}))
    assert pair.order()["externalId"] == "shop-1"


async def test_an_order_that_was_merged_is_found_where_it_lives_on(pair: Pair) -> None:
    ref = await pair.retail.create_lead(lead())
    other = pair.crm.create_order(firstName="Анна", phone="+79990000000")
    pair.crm.combine_orders(int(ref.id), other["id"])
    with pytest.raises(CrmGone) as caught:
        await pair.retail.read_lead(ref.id)
    assert caught.value.params["combined_to"] == str(other["id"])
    (match,) = await pair.retail.find_lead(lead())
    assert (match.lead.ref.id, match.by) == (str(other["id"]), MatchedBy.OUR_ID)


async def test_two_shops_keep_their_orders_apart(pair: Pair) -> None:
    both = pair.crm.keys.two_sites
    first = adapter(pair.crm, pair.http, api_key=both, site="main")
    second = adapter(pair.crm, pair.http, api_key=both, site="second")
    ref = await first.create_lead(lead())
    assert list(await second.find_lead(lead())) == []
    assert (await second.create_lead(lead())).id != ref.id
    assert [order["site"] for order in pair.crm.records("orders")] == ["main", "second"]


# Custom fields


async def test_a_field_that_the_account_lacks_is_left_out(pair: Pair) -> None:
    pair.crm.fail("field_removed", entity="order", field="voronka_inn")
    await pair.retail.create_lead(lead())
    assert "voronka_inn" not in pair.order()["customFields"]
    assert pair.order()["customFields"]["voronka_company"] == "ООО Лён"


async def test_a_field_that_vanishes_meanwhile_is_left_out_the_next_time(pair: Pair) -> None:
    ref = await pair.retail.create_lead(lead())
    pair.crm.fail("field_removed", entity="order", field="voronka_inn")
    with pytest.raises(CrmUnavailable):
        await pair.retail.create_lead(lead(our_id="other"))
    await pair.retail.create_lead(lead(our_id="other"))
    pair.crm.heal()
    await pair.retail.update_lead(ref.id, lead(inn="500100732259"), frozenset({"inn"}))
    assert len(pair.crm.records("orders")) == 2


async def test_a_value_that_the_account_refuses_stays_a_refusal(pair: Pair) -> None:
    pair.crm.state.custom_fields["order", "voronka_company"]["type"] = "email"
    with pytest.raises(CrmRejected) as caught:
        await pair.retail.create_lead(lead())
    assert caught.value.field == "customFields.voronka_company"


async def test_a_dictionary_takes_the_code_of_a_name(pair: Pair) -> None:
    elements = [{"name": "Русский", "code": "russian"}, {"name": "English", "code": "en"}]
    pair.crm.state.dictionaries["languages"] = {"code": "languages", "name": "Языки", "elements": elements}
    field = pair.crm.state.custom_fields["order", "voronka_language"]
    for kind, wanted in (("dictionary", "russian"), ("multiselect_dictionary", ["russian"])):
        field |= {"type": kind, "dictionary": "languages"}
        retail = adapter(pair.crm, pair.http)
        ref = await retail.create_lead(lead(our_id=kind, custom={"language": "русский"}))
        assert pair.crm.state.table("orders")[int(ref.id)]["customFields"]["voronka_language"] == wanted
        odd = await retail.create_lead(lead(our_id=f"{kind} odd", custom={"language": "Latin"}))
        assert "voronka_language" not in pair.crm.state.table("orders")[int(odd.id)]["customFields"]
