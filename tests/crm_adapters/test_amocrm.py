"""amoCRM: what one request makes, whom it finds, where stages are, and what is told when it goes wrong."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm_adapters.http import CrmHttp
from domain.crm import CrmStage, MatchedBy
from domain.errors import (
    CrmAccessLost,
    CrmGone,
    CrmRateLimited,
    CrmRejected,
    CrmUnavailable,
    CrmUnsupported,
)
from domain.leads import Money, StageKind
from sandbox.amocrm import AmoSandbox, seed
from tests.crm_adapters.amo import adapter
from tests.crm_adapters.stand_ins import STAGES, activity, lead


@pytest.fixture
async def amo() -> AsyncIterator[AmoSandbox]:
    async with AmoSandbox(per_second=0) as running:
        yield running


@pytest.fixture
async def http(amo: AmoSandbox) -> AsyncIterator[CrmHttp]:
    async with CrmHttp(now=amo.clock.now, allow=[amo.url.removeprefix("http://")]) as client:
        yield client


def problems(report: Any) -> list[tuple[str, bool, dict[str, str]]]:
    return [(problem.code, problem.fatal, dict(problem.params)) for problem in report.problems]


async def test_a_lead_goes_out_in_one_request_with_everything(amo: AmoSandbox, http: CrmHttp) -> None:
    ref = await adapter(amo, http).create_lead(lead())
    (sent,) = amo.requests("POST")
    assert sent.path == "leads/complex"
    assert sent.body[0]["request_id"] == lead().our_id
    record = amo.records("leads")[0]
    assert (record["name"], record["status_id"], record["pipeline_id"]) == ("Анна Кузнецова", 43001, 5001)
    assert [tag["name"] for tag in record["_embedded"]["tags"]] == ["website"]
    values = {name: amo.value("leads", int(ref.id), name) for name in (
        "UTM_SOURCE", "UTM_CAMPAIGN", "UTM_TERM", "VORONKA_NUMBER", "VORONKA_INN", "VORONKA_REFERRAL",
        "VORONKA_LANGUAGE", "VORONKA_SCHOLARSHIP")}  # fmt: skip
    assert values == {
        "UTM_SOURCE": "vk", "UTM_CAMPAIGN": "осень", "UTM_TERM": None, "VORONKA_NUMBER": "17",
        "VORONKA_INN": "7707083893", "VORONKA_REFERRAL": "promo7", "VORONKA_LANGUAGE": "ru",
        "VORONKA_SCHOLARSHIP": True}  # fmt: skip
    assert (ref.url, ref.number) == (f"{amo.url}/leads/detail/{ref.id}", "17")


async def test_a_person_and_a_company_that_are_there_are_not_doubled(amo: AmoSandbox, http: CrmHttp) -> None:
    phone = {"field_code": "PHONE", "values": [{"value": "8 (916) 123-45-67"}]}
    anna = amo.create("contacts", first_name="Аня", custom_fields_values=[phone])["id"]
    company = amo.create("companies", name="ооо лён")["id"]
    await adapter(amo, http).create_lead(lead())
    (record,) = amo.records("leads")
    assert [one["id"] for one in record["_embedded"]["contacts"]] == [anna]
    assert [one["id"] for one in record["_embedded"]["companies"]] == [company]
    assert amo.state.tables["contacts"][anna]["name"] == "Аня"
    assert amo.addresses(anna, "PHONE") == ["8 (916) 123-45-67", "+74951112233"]
    assert amo.addresses(anna, "EMAIL") == ["anna@example.com"]
    assert (len(amo.records("contacts")), len(amo.records("companies"))) == (1, 1)


async def test_a_person_without_leads_is_no_match(amo: AmoSandbox, http: CrmHttp) -> None:
    phone = {"field_code": "PHONE", "values": [{"value": "+79161234567"}]}
    amo.create("contacts", first_name="Аня", custom_fields_values=[phone])
    assert list(await adapter(amo, http).find_lead(lead())) == []


async def test_the_search_is_fuzzy_and_its_hits_are_compared(amo: AmoSandbox, http: CrmHttp) -> None:
    phone = {"field_code": "PHONE", "values": [{"value": "+7 495 000-00-00, доб. 9161234567"}]}
    near = amo.create("contacts", first_name="Другой", custom_fields_values=[phone])["id"]
    far = amo.create("contacts", first_name="9161234567 не тот")["id"]
    for contact in (near, far):
        amo.create("leads", name=lead().our_id, _embedded={"contacts": [{"id": contact}]})
    found = await adapter(amo, http).find_lead(lead(emails=()))
    # the tail of the written text is the phone of the first one; the other only has it in the name
    assert [match.lead.name for match in found] == ["Другой"]
    assert [match.by for match in found] == [MatchedBy.CONTACT]


@pytest.mark.parametrize(
    ("word", "place"),
    [
        ("#3", "5001:43003"),
        ("Переговоры", "5001:43002"),
        ("Воронка/Переговоры", "5001:43002"),
        ("5001:43004", "5001:43004"),
        ("43004", "5001:43004"),
        ("6001:61001", "6001:61001"),
        ("Ипотека/Заявка", "6001:61001"),
        ("143", "143"),
    ],
)
async def test_a_stage_by_any_of_its_words(amo: AmoSandbox, http: CrmHttp, word: str, place: str) -> None:
    seed.add_pipeline(amo.state, 6001, "Ипотека", ("Заявка", "Сделка"), first=61000)
    crm = adapter(amo, http, {"enums": {"stage": {"new": word}}})
    ref = await crm.create_lead(lead())
    assert (await crm.read_lead(ref.id)).status == crm.stage_status("new", "open") == place


async def test_another_pipeline_by_its_name(amo: AmoSandbox, http: CrmHttp) -> None:
    seed.add_pipeline(amo.state, 6001, "Ипотека", ("Заявка", "Оценка", "Банк", "Сделка"), first=61000)
    crm = adapter(amo, http, {"lead": {"pipeline_id": {"constant": "Ипотека"}}})
    ref = await crm.create_lead(lead())
    assert (await crm.read_lead(ref.id)).status == "6001:61001"
    await crm.update_lead(ref.id, lead(stage=STAGES["call"]), frozenset({"stage"}))
    assert (await crm.read_lead(ref.id)).status == "6001:61002" == crm.stage_status("call", "open")
    stages = await crm.stages()
    assert [stage.id for stage in stages].count("142") == 1
    assert "Ипотека/Банк" in {stage.name for stage in stages}


async def test_won_keeps_the_pipeline_that_people_chose(amo: AmoSandbox, http: CrmHttp) -> None:
    seed.add_pipeline(amo.state, 6001, "Ипотека", ("Заявка",), first=61000)
    crm = adapter(amo, http)
    ref = await crm.create_lead(lead())
    amo.change("leads", int(ref.id), pipeline_id=6001, status_id=61001)
    await crm.update_lead(ref.id, lead(stage=STAGES["qualified"]), frozenset({"stage"}))
    (record,) = amo.records("leads")
    assert (record["pipeline_id"], record["status_id"]) == (6001, 142)
    assert (await crm.read_lead(ref.id)).status == "142"


async def test_a_stage_that_is_not_there_is_told_and_not_sent(amo: AmoSandbox, http: CrmHttp) -> None:
    crm = adapter(amo, http, {"enums": {"stage": {"new": "Нет такого", "call": "#9"}}})
    assert problems(await crm.test()) == [
        ("enum_option_missing", False, {"field": "status", "option": "#9"}),
        ("enum_option_missing", False, {"field": "status", "option": "Нет такого"}),
    ]
    with pytest.raises(CrmRejected) as caught:
        await crm.create_lead(lead())
    assert caught.value.field == "status"
    assert amo.leads() == []


async def test_a_pipeline_that_is_not_there_stops_the_traffic(amo: AmoSandbox, http: CrmHttp) -> None:
    report = await adapter(amo, http, {"lead": {"pipeline_id": {"constant": "Нет"}}}).test()
    assert not report.usable


async def test_an_unsorted_lead_is_refused_a_stage_in_words(amo: AmoSandbox, http: CrmHttp) -> None:
    unsorted = amo.create("leads", status_id=43000, pipeline_id=5001)["id"]
    with pytest.raises(CrmRejected) as caught:
        await adapter(amo, http).update_lead(str(unsorted), lead(), frozenset({"stage"}))
    assert caught.value.field == "status_id"


async def test_options_are_found_by_their_words(amo: AmoSandbox, http: CrmHttp) -> None:
    rule = {"from": "source", "map": "channel", "default": "Бот"}
    overlay = {"lead": {"fields.Канал": rule}, "enums": {"channel": {"website": "сайт", "call": "Факс"}}}
    crm = adapter(amo, http, overlay)
    assert problems(await crm.test()) == [
        ("enum_option_missing", False, {"field": "Канал", "option": "Факс"})
    ]
    for our_id, source, kept in (("a-1", "website", "Сайт"), ("a-2", "moon", "Бот"), ("a-3", "call", None)):
        ref = await crm.create_lead(lead(our_id=our_id, source=source))
        assert amo.value("leads", int(ref.id), "Канал") == kept


async def test_a_removed_field_heals_by_itself(amo: AmoSandbox, http: CrmHttp) -> None:
    crm = adapter(amo, http)
    await crm.create_lead(lead())
    amo.fail("field_removed", entity="leads", field="VORONKA_INN")
    with pytest.raises(CrmUnavailable):
        await crm.create_lead(lead(our_id="other"))
    await crm.create_lead(lead(our_id="other"))
    assert len(amo.leads()) == 2
    assert problems(await crm.test()) == [("missing_field", False, {"field": "VORONKA_INN"})]


async def test_an_amount_of_another_currency_is_not_written_as_ours(amo: AmoSandbox, http: CrmHttp) -> None:
    crm = adapter(amo, http)
    ref = await crm.create_lead(lead(amount=Money(Decimal("10"), "USD")))
    assert amo.leads()[0]["price"] == 0
    await crm.update_lead(ref.id, lead(amount=Money(Decimal("7"))), frozenset({"amount"}))
    assert amo.leads()[0]["price"] == 7
    await crm.update_lead(ref.id, lead(amount=None), frozenset({"amount"}))
    assert amo.leads()[0]["price"] == 0


async def test_an_update_makes_the_contact_and_the_company_that_lack(amo: AmoSandbox, http: CrmHttp) -> None:
    bare = str(amo.create("leads", name="x")["id"])
    crm = adapter(amo, http)
    await crm.update_lead(bare, lead(), frozenset({"name", "phones", "company"}))
    remote = await crm.read_lead(bare)
    assert (remote.name, remote.phones) == ("Анна Кузнецова", lead().phones)
    await crm.update_lead(bare, lead(company="ИП Сафин"), frozenset({"company"}))
    (record,) = amo.leads()
    company = amo.state.tables["companies"][record["_embedded"]["companies"][0]["id"]]
    assert (company["name"], record["name"]) == ("ИП Сафин", "x")
    assert len(amo.records("companies")) == 2


async def test_values_are_cleared(amo: AmoSandbox, http: CrmHttp) -> None:
    crm = adapter(amo, http)
    ref = await crm.create_lead(lead())
    await crm.update_lead(ref.id, lead(note="", inn="", utm={}), frozenset({"note", "inn", "utm"}))
    names = ("VORONKA_NOTE", "VORONKA_INN", "UTM_SOURCE")
    assert [amo.value("leads", int(ref.id), name) for name in names] == [None, None, None]
    assert amo.value("leads", int(ref.id), "VORONKA_REFERRAL") == "promo7"


async def test_a_deleted_lead_among_the_hits_is_left_out(amo: AmoSandbox, http: CrmHttp) -> None:
    crm = adapter(amo, http)
    first, second = [await crm.create_lead(lead(our_id=f"id-{at}")) for at in range(2)]
    amo.delete("leads", int(first.id))
    assert [match.lead.ref.id for match in await crm.find_lead(lead(our_id="id-9"))] == [second.id]


async def test_changes_over_several_pages(amo: AmoSandbox, http: CrmHttp) -> None:
    start = amo.clock.now()
    made = [
        str(amo.create("leads", name="x", updated_at=int(start.timestamp()) + at)["id"]) for at in range(300)
    ]
    changed = await adapter(amo, http).changed_since(start + timedelta(seconds=20), 500)
    assert [remote.ref.id for remote in changed] == made[20:]
    assert len(amo.requests("GET", "leads")) == 2


@pytest.mark.parametrize(("outgoing", "kind"), [(True, "call_out"), (False, "call_in")])
async def test_a_call_counts_for_its_owner(amo: AmoSandbox, http: CrmHttp, outgoing: bool, kind: str) -> None:
    crm = adapter(amo, http)
    ref = await crm.create_lead(lead())
    await crm.log_activity(ref.id, activity("call", outgoing=outgoing, assignee_external_id="8002"))
    (note,) = amo.records("notes")
    assert (note["note_type"], note["created_by"], note["responsible_user_id"]) == (kind, 8002, 8002)
    assert note["params"] == {
        "uniq": activity("call").our_id, "duration": 180, "source": "Voronka", "phone": "+79161234567",
        "call_status": 4, "call_result": "Дозвонились\nПерезвонить в пятницу"}  # fmt: skip


async def test_tasks_and_meetings(amo: AmoSandbox, http: CrmHttp) -> None:
    crm = adapter(amo, http)
    ref = await crm.create_lead(lead(assignee_external_id="8003"))
    now = amo.clock.now().replace(microsecond=0)
    for our_id, kind, at in (("1", "task", 60), ("2", "meeting", 60), ("3", "meeting", -60)):
        moment = now + timedelta(minutes=at)
        await crm.log_activity(ref.id, activity(kind, moment, our_id=our_id, duration=0))
    rows = [(one["task_type_id"], one["is_completed"], one["duration"], one["responsible_user_id"])
            for one in amo.records("tasks")]  # fmt: skip
    assert rows == [(1, False, 0, 8003), (2, False, 3600, 8003), (2, True, 3600, 8003)]


async def test_a_click_is_a_service_message(amo: AmoSandbox, http: CrmHttp) -> None:
    crm = adapter(amo, http)
    ref = await crm.create_lead(lead())
    await crm.log_activity(ref.id, activity("messenger_click"))
    (note,) = amo.records("notes")
    text = "Дозвонились\nПерезвонить в пятницу"
    assert (note["note_type"], note["params"]) == ("service_message", {"service": "Telegram", "text": text})


async def test_the_same_words_of_another_day_are_another_note(amo: AmoSandbox, http: CrmHttp) -> None:
    crm = adapter(amo, http)
    ref = await crm.create_lead(lead())
    early = datetime.now(UTC) - timedelta(days=1)
    await crm.log_activity(ref.id, activity("note", early))
    assert await crm.find_activity(ref.id, activity("note")) is None
    assert await crm.find_activity(ref.id, activity("note", early)) is not None


async def test_people_who_left_are_not_offered(amo: AmoSandbox, http: CrmHttp) -> None:
    seed.add_user(amo.state, 8009, "Ушёл", active=False)
    assert [user.id for user in await adapter(amo, http).users()] == ["8001", "8002", "8003"]
    with pytest.raises(CrmRejected) as caught:
        await adapter(amo, http).create_lead(lead(assignee_external_id="8009"))
    assert caught.value.field == "responsible_user_id"


async def test_a_token_of_no_administrator_is_told(amo: AmoSandbox, http: CrmHttp) -> None:
    crm = adapter(amo, http, api_key=amo.pair(8002)["access_token"])
    report = await crm.test()
    assert report.usable
    assert problems(report) == [
        ("no_right", False, {"scope": "users", "action": "read"}),
        ("no_right", False, {"scope": "webhooks", "action": "read"}),
    ]
    with pytest.raises(CrmAccessLost):
        await crm.users()


@pytest.mark.parametrize(
    ("fault", "params", "error"),
    [
        ("unpaid", {}, CrmAccessLost),
        ("storm", {"status": 403}, CrmAccessLost),
        ("storm", {"status": 404}, CrmGone),
        ("storm", {"status": 405}, CrmUnsupported),
        ("storm", {"status": 426}, CrmUnsupported),
        ("storm", {"status": 504}, CrmUnavailable),
        ("storm", {"status": 302}, CrmRejected),
    ],
)
async def test_errors(
    amo: AmoSandbox, http: CrmHttp, fault: str, params: dict[str, int], error: type[Exception]
) -> None:
    amo.fail(fault, **params)
    with pytest.raises(error):
        await adapter(amo, http).read_lead("1")


async def test_the_limit_is_told_with_the_next_second() -> None:
    async with AmoSandbox(speed=0) as busy, CrmHttp(now=busy.clock.now, allow=[busy.url[7:]]) as client:
        crm = adapter(busy, client)
        for _ in range(7):
            await crm.users()
        with pytest.raises(CrmRateLimited) as caught:
            await crm.users()
        assert caught.value.retry_at - busy.clock.now() == timedelta(seconds=2)
        busy.clock.advance(2)
        await crm.users()


async def test_our_stage_of_ones_own_goes_by_its_kind(amo: AmoSandbox, http: CrmHttp) -> None:
    crm = adapter(amo, http)
    ref = await crm.create_lead(lead(stage=CrmStage("0193-own", "Думает", StageKind.FAILED)))
    assert (await crm.read_lead(ref.id)).status == "143"
