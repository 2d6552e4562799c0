"""What only Twenty does: people and companies, chosen ids, batches, roles, versions."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crm_adapters import lost
from crm_adapters.pace import Paces
from domain.crm import FieldType, MatchedBy, RemoteField
from domain.errors import CrmAccessLost, CrmError, CrmRateLimited, CrmRejected, CrmUnavailable, CrmUncertain
from sandbox.twenty.limits import Limits
from sandbox.twenty.state import Ways
from tests.crm_adapters.stand_ins import activity, lead
from tests.crm_adapters.twenty import Pair, adapter, paired


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    async with paired() as made:
        yield made


def many(count: int, **changes: Any) -> list[Any]:
    return [
        lead(
            our_id=f"01936b1e-0000-7000-8000-{index:012}",
            **{"phones": (f"+7916{index:07}",), "emails": (f"a{index}@example.com",), **changes},
        )
        for index in range(count)
    ]


# People and companies


async def test_a_person_and_a_company_are_found_again(pair: Pair) -> None:
    await pair.twenty.create_lead(lead())
    await pair.twenty.create_lead(lead(our_id="other", company="ооо лён", phones=("+74951112233",)))
    assert len(pair.crm.records("opportunities")) == 2
    person, company = pair.only("people"), pair.only("companies")
    for deal in pair.crm.records("opportunities"):
        assert (deal["pointOfContactId"], deal["companyId"]) == (person["id"], company["id"])
    assert person["companyId"] == company["id"]


async def test_a_known_person_gets_what_they_lack_and_keeps_the_rest(pair: Pair) -> None:
    pair.crm.create(
        "people",
        name={"firstName": "Аня", "lastName": ""},
        emails={"primaryEmail": "anna@example.com"},
        jobTitle="Директор",
    )
    await pair.twenty.create_lead(lead())
    person = pair.only("people")
    assert person["name"]["firstName"] == "Аня"
    assert person["phones"]["primaryPhoneNumber"] == "9161234567"
    assert [one["number"] for one in person["phones"]["additionalPhones"]] == ["4951112233"]
    assert person["jobTitle"] == "Директор"


async def test_quotes_and_commas_in_a_company_find_it_again(pair: Pair) -> None:
    name = 'ООО "Лён, шёлк" (опт) 100%'
    for our_id in ("one", "two"):
        await pair.twenty.create_lead(lead(our_id=our_id, company=name))
    assert pair.only("companies")["name"] == name


async def test_a_namesake_by_pattern_is_another_company(pair: Pair) -> None:
    await pair.twenty.create_lead(lead(company="A-1"))
    await pair.twenty.create_lead(lead(our_id="two", company="A,1"))
    assert {one["name"] for one in pair.crm.records("companies")} == {"A-1", "A,1"}


async def test_a_lead_without_a_person(pair: Pair) -> None:
    ref = await pair.twenty.create_lead(lead(name="", phones=(), emails=()))
    assert pair.crm.records("people") == []
    await pair.twenty.update_lead(ref.id, lead(), frozenset({"name", "phones", "emails"}))
    assert pair.only("opportunities")["pointOfContactId"] == pair.only("people")["id"]


async def test_a_mail_that_belongs_to_another_is_told(pair: Pair) -> None:
    ref = await pair.twenty.create_lead(lead(emails=()))
    pair.crm.create("people", emails={"primaryEmail": "other@example.com"})
    changed = lead(emails=("other@example.com",))
    with pytest.raises(CrmRejected) as caught:
        await pair.twenty.update_lead(ref.id, changed, frozenset({"emails"}))
    assert caught.value.field == "emails"


# Chosen ids


async def test_a_second_create_is_the_first_one(pair: Pair) -> None:
    first = await pair.twenty.create_lead(lead())
    assert await pair.twenty.create_lead(lead()) == first
    assert (len(pair.crm.records("opportunities")), len(pair.crm.records("people"))) == (1, 1)


async def test_our_record_is_found_without_any_field_of_ours() -> None:
    async with paired(prepared=False) as bare:
        with lost.watching() as names:
            ref = await bare.twenty.create_lead(lead(stage=replace(lead().stage, key="new")))
        assert {"voronkaId", "voronkaNote"} <= names
        (match,) = await bare.twenty.find_lead(lead(name="", phones=(), emails=()))
        assert (match.lead.ref.id, match.by) == (ref.id, MatchedBy.OUR_ID)


async def test_an_adopted_record_bears_our_id_in_the_field(pair: Pair) -> None:
    theirs = pair.crm.create("opportunities", name="Лён")["id"]
    await pair.twenty.update_lead(theirs, lead(), frozenset({"our_id"}))
    (match,) = await pair.twenty.find_lead(lead())
    assert (match.lead.ref.id, match.by, match.lead.our_id) == (theirs, MatchedBy.OUR_ID, lead().our_id)


async def test_what_lies_in_the_trash_does_not_stand_in_the_way(pair: Pair) -> None:
    first = await pair.twenty.create_lead(lead())
    pair.crm.delete("opportunities", first.id)
    pair.crm.delete("people", pair.only("people")["id"])
    second = await pair.twenty.create_lead(lead())
    assert second.id != first.id
    assert pair.only("opportunities")["pointOfContactId"] == pair.only("people")["id"]


async def test_a_person_whose_answer_was_lost_is_not_made_twice(pair: Pair) -> None:
    pair.crm.fail("drop_after_commit", times=1, path="people")
    with pytest.raises(CrmUncertain):
        await pair.twenty.create_lead(lead(phones=(), emails=()))
    assert await pair.twenty.find_lead(lead(phones=(), emails=())) == []
    await pair.twenty.create_lead(lead(phones=(), emails=()))
    assert pair.only("opportunities")["pointOfContactId"] == pair.only("people")["id"]


# Many at once


async def test_sixty_leads_in_a_handful_of_requests(pair: Pair) -> None:
    leads = many(pair.twenty.batch_size)
    assert [list(found) for found in await pair.twenty.find_leads(leads)] == [[]] * 60
    searched = len(pair.crm.requests())
    made = await pair.twenty.create_leads(leads)
    assert len(pair.crm.requests()) - searched <= 8
    assert searched <= 8
    assert len({ref.id for ref in made}) == len(pair.crm.records("people")) == 60
    assert len(pair.crm.records("companies")) == 1
    found = await pair.twenty.find_leads(leads)
    assert [[match.lead.ref for match in matches] for matches in found] == [[ref] for ref in made]
    for seen in pair.crm.requests():
        assert len(seen.query) < 8000


async def test_a_lead_that_is_refused_does_not_hold_up_the_others(pair: Pair) -> None:
    leads = many(3)
    leads[1] = replace(leads[1], phones=("+7916",))
    first, refused, third = await pair.twenty.create_leads(leads)
    assert isinstance(refused, CrmRejected)
    assert {first.id, third.id} == {one["id"] for one in pair.crm.records("opportunities")}


async def test_an_answer_lost_is_uncertain_for_the_whole_batch(pair: Pair) -> None:
    leads = many(3)
    pair.crm.fail("drop_after_commit", path="batch/opportunities")
    with pytest.raises(CrmUncertain):
        await pair.twenty.create_leads(leads)
    pair.crm.heal()
    found = await pair.twenty.find_leads(leads)
    assert [len(matches) for matches in found] == [1, 1, 1]


async def test_leads_of_one_batch_may_share_a_person(pair: Pair) -> None:
    await pair.twenty.create_leads(many(3, phones=("+79161234567",)))
    person = pair.only("people")
    assert {deal["pointOfContactId"] for deal in pair.crm.records("opportunities")} == {person["id"]}
    assert person["emails"]["additionalEmails"] == ["a1@example.com", "a2@example.com"]


async def test_a_batch_after_a_lost_answer_makes_no_doubles(pair: Pair) -> None:
    leads = many(4)
    await pair.twenty.create_leads(leads[:2])
    made = await pair.twenty.create_leads(leads)
    assert not [one for one in made if isinstance(one, CrmError)]
    assert len(pair.crm.records("opportunities")) == len(pair.crm.records("people")) == 4


# Activities, changes, users


async def test_a_note_whose_link_was_lost_is_linked_by_the_next_attempt(pair: Pair) -> None:
    ref = await pair.twenty.create_lead(lead())
    pair.crm.fail("drop_after_commit", times=1, path="notes")
    with pytest.raises(CrmUncertain):
        await pair.twenty.log_activity(ref.id, activity("call"))
    assert await pair.twenty.find_activity(ref.id, activity("call")) is None
    logged = await pair.twenty.log_activity(ref.id, activity("call"))
    assert pair.only("notes")["id"] == logged.id
    assert pair.only("noteTargets")["targetOpportunityId"] == ref.id
    assert pair.only("notes")["title"].startswith("📞 → 3:00")
    assert logged.url == f"{pair.crm.url}/object/note/{logged.id}"


async def test_a_task_has_a_moment_and_somebody_responsible(pair: Pair) -> None:
    ref = await pair.twenty.create_lead(lead())
    (_, anna) = await pair.twenty.users()
    await pair.twenty.log_activity(ref.id, activity("task", assignee_external_id=anna.id))
    task = pair.only("tasks")
    assert (task["status"], task["assigneeId"], task["title"]) == ("TODO", anna.id, "Дозвонились")
    assert task["dueAt"].endswith("+00:00")


async def test_a_change_of_the_person_is_a_change_of_the_lead(pair: Pair) -> None:
    ref = await pair.twenty.create_lead(lead())
    pair.crm.clock.advance(600)
    since = pair.crm.clock.now() - timedelta(minutes=1)
    assert list(await pair.twenty.changed_since(since, 10)) == []
    pair.crm.change("people", pair.only("people")["id"], name={"firstName": "Ольга"})
    (changed,) = await pair.twenty.changed_since(since, 10)
    assert (changed.ref.id, changed.name) == (ref.id, "Ольга Кузнецова")
    assert changed.modified_at >= since


# Keys, fields, versions, limits


async def test_a_key_that_is_too_old(pair: Pair) -> None:
    pair.crm.fail("key_expired")
    with pytest.raises(CrmAccessLost) as caught:
        await pair.twenty.test()
    assert caught.value.reason == "key expired"


async def test_a_role_without_the_data_model_still_writes_leads(pair: Pair) -> None:
    pair.crm.add_key("narrow", data_model=False)
    pair.crm.api_key = "narrow"
    narrow = adapter(pair.crm, pair.http)
    report = await narrow.test()
    assert [problem.code for problem in report.problems] == ["metadata_unreadable"]
    assert report.usable
    ref = await narrow.create_lead(lead())
    (match,) = await narrow.find_lead(lead())
    assert (match.lead.ref.id, match.by) == (ref.id, MatchedBy.OUR_ID)
    assert pair.only("opportunities")["voronkaNote"] is None


async def test_rights_that_are_missing(pair: Pair) -> None:
    pair.crm.add_key("few", objects=frozenset({"opportunities", "people", "companies"}))
    pair.crm.api_key = "few"
    report = await adapter(pair.crm, pair.http).test()
    assert {problem.params["scope"] for problem in report.problems} == {"notes", "tasks", "workspaceMembers"}
    pair.crm.add_key("none", objects=frozenset({"notes"}))
    pair.crm.api_key = "none"
    assert not (await adapter(pair.crm, pair.http).test()).usable


async def test_a_workspace_that_nobody_has_prepared() -> None:
    async with paired(prepared=False) as bare:
        codes = [problem.code for problem in (await bare.twenty.test()).problems]
    assert codes.count("no_external_id_field") == 1
    assert "missing_field" in codes
    assert codes.count("enum_option_missing") == 1


async def test_a_field_that_goes_away_is_noticed(pair: Pair) -> None:
    await pair.twenty.create_lead(lead())
    pair.crm.fail("field_removed", field="voronkaInn")
    with pytest.raises(CrmUnavailable):
        await pair.twenty.create_lead(lead(our_id="two"))
    with lost.watching() as names:
        await pair.twenty.create_lead(lead(our_id="two"))
    assert names == {"voronkaInn"}


async def test_a_stage_that_does_not_exist_names_its_field(pair: Pair) -> None:
    wrong = adapter(pair.crm, pair.http, {"enums": {"stage": {"new": "COLD"}}})
    with pytest.raises(CrmRejected) as caught:
        await wrong.create_lead(lead())
    assert caught.value.field == "stage"


async def test_versions_that_cannot_look_into_lists() -> None:
    async with paired(ways=Ways(json_is_searched=False)) as older:
        ref = await older.twenty.create_lead(lead())
        (match,) = await older.twenty.find_lead(lead(our_id="other", phones=("+79161234567",)))
        assert match.lead.ref.id == ref.id
        assert (
            list(await older.twenty.find_lead(lead(our_id="other", phones=("+74951112233",), emails=())))
            == []
        )


@pytest.mark.parametrize("record", ["person", "company"])
async def test_fields_of_the_other_records_can_be_made(pair: Pair, record: str) -> None:
    made = await pair.twenty.create_field(RemoteField("vip-level", "VIP", FieldType.TEXT, record=record))
    assert (made.name, made.record, made.title) == ("vipLevel", record, "VIP")


async def test_a_field_without_a_latin_letter_is_refused(pair: Pair) -> None:
    with pytest.raises(CrmRejected):
        await pair.twenty.create_field(RemoteField("Канал", "Канал", FieldType.TEXT))


async def test_a_hundred_requests_a_minute_are_never_exceeded() -> None:
    async with paired(limits=Limits(), speed=60) as busy:
        paces = Paces(busy.crm.clock.now, sleep=busy.crm.clock.sleep)
        paced = adapter(busy.crm, busy.http, paces=paces)
        for one in many(30):
            try:
                await paced.create_lead(one)
            except CrmRateLimited as error:
                await busy.crm.clock.sleep_until(error.retry_at)
                await paced.create_lead(one)
        assert not [seen for seen in busy.crm.requests() if seen.status == 429]
        assert len(busy.crm.records("opportunities")) == 30


async def test_without_a_pace_the_limit_is_told(pair: Pair) -> None:
    pair.crm.clock.set_speed(0)
    pair.crm.state.limits = Limits()
    for _ in range(100):
        await pair.twenty.users()
    with pytest.raises(CrmRateLimited) as caught:
        await pair.twenty.users()
    assert caught.value.retry_at - pair.crm.clock.now() > timedelta(seconds=50)


async def test_what_stands_is_listed(pair: Pair) -> None:
    made = await pair.twenty.subscribe("opportunity.updated", "https://bot.example/hooks/1")
    assert await pair.twenty.standing() == {made.external_id}
    await pair.twenty.unsubscribe(made.external_id)
    assert await pair.twenty.standing() == frozenset()
