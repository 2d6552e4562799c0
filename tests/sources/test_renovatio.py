"""What only a clinic does: nothing medical comes through, patients are hashed, a 401 may be a whim."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any

import pytest

from crm_adapters import PROVIDERS, build_adapter
from crm_adapters.http import CrmHttp
from domain.errors import BadInput, CrmAccessLost, CrmRejected
from domain.transactions import SourceTransaction, Unreadable
from tests.sources.more_sides import HASH_SECRET, ClinicSide
from tests.sources.sides import PHONE, Side
from tests.sources.walks import Walker, latest

RENOVATIO = PROVIDERS["renovatio"]
DOCTOR, TREATMENT, NAME = "Иванова", "Приём", "Петров"


@asynccontextmanager
async def opened(**more: str) -> AsyncIterator[Side]:
    source = ClinicSide()
    async with source, CrmHttp(now=source.now, allow=[source.address], max_answer=100_000) as http:
        adapter = build_adapter("renovatio", {**source.settings, **more}, {}, http, source.now)
        yield Side("renovatio", source, adapter, http)


@pytest.fixture
async def clinic() -> AsyncIterator[Side]:
    async with opened() as side:
        yield side


async def walked(side: Side) -> list[SourceTransaction | Unreadable]:
    side.source.later(60)
    return await Walker(side).go()


async def test_nothing_medical_and_no_name_comes_through(clinic: Side) -> None:
    clinic.source.sell(1500)
    bad = clinic.source.sell(1500)
    clinic.source.spoil(bad)
    asked = clinic.source.crm.records("appointments")
    assert DOCTOR in str(asked)
    assert TREATMENT in str(asked)
    found = await walked(clinic)
    told = json.dumps(
        [{**asdict(one), "raw": dict(one.raw)} for one in found], default=str, ensure_ascii=False
    )
    for word in (DOCTOR, TREATMENT, NAME, "Мира", "5501", "01.02.1990", "терапевт", "patient_id"):
        assert word not in told
    assert all(isinstance(one, Unreadable) or (one.medical and not one.lines) for one in found)
    assert [one.description for one in latest(found).values()] == [""]


async def test_a_patient_is_a_keyed_hash(clinic: Side) -> None:
    name, hashes = clinic.source.sell(100), []
    for secret in (HASH_SECRET, HASH_SECRET, "another-secret", ""):
        settings = {**clinic.source.settings, "hash_secret": secret}
        adapter = build_adapter("renovatio", settings, {}, clinic.http, clinic.source.now)
        hashes.append((await adapter.read_transaction(name)).customer)
    assert hashes[0] == hashes[1] != hashes[2]
    assert (len(hashes[0]), hashes[3]) == (64, "")


async def test_one_patient_has_one_hash_in_all_visits(clinic: Side) -> None:
    person = clinic.source.crm.patient(mobile="79990001122")["patient_id"]
    for given in (person, str(person)):
        clinic.source.crm.visit(patient_id=given, status="completed", sum_value="5")
    found = latest(await walked(clinic)).values()
    assert len({one.customer for one in found}) == 1


STATES: list[tuple[dict[str, Any], bool]] = [
    ({"status": "completed"}, False),
    ({"status": "Completed "}, False),
    ({"status": "upcoming"}, True),
    ({"status": "refused"}, True),
    ({"status": "something new"}, True),
    ({"status": "completed", "moved_to": 90018}, True),
]


@pytest.mark.parametrize(("values", "cancelled"), STATES)
async def test_only_what_took_place_counts(clinic: Side, values: dict[str, Any], cancelled: bool) -> None:
    clinic.source.crm.visit(sum_value="100", **values)
    (found,) = latest(await walked(clinic)).values()
    assert found.cancelled is cancelled


async def test_a_sum_out_of_the_services(clinic: Side) -> None:
    clinic.source.crm.fail("field_removed")
    lines = [{"title": "А", "price": "1500.50", "count": "2"}, {"title": "Б", "price": 100, "count": 1}]
    clinic.source.crm.visit(status="completed", services=lines)
    clinic.source.crm.visit(status="completed", services=[])
    found = await walked(clinic)
    (read,) = latest(found).values()
    assert read.amount.amount == 3101
    assert [(one.field, one.problem) for one in found if isinstance(one, Unreadable)] == [
        ("amount", "required")
    ]


async def test_invoices() -> None:
    async with opened(read_from="invoices") as side:
        person = side.source.crm.patient(mobile="79990001122")["patient_id"]
        for number in range(25):
            side.source.crm.invoice(patient_id=person, value=str(100 + number), status=2 if number else 1)
        side.source.later(12 * 3600)
        walker = Walker(side)
        found = await walker.purchases()
        assert len(found) == 25
        assert len(walker.pages) > 2
        assert {one.phone for one in found.values()} == {PHONE}
        assert sum(one.cancelled for one in found.values()) == 1
        assert len(side.source.crm.requests("POST", "getPatient")) == 1
        with pytest.raises(CrmRejected):
            await side.adapter.read_transaction(next(iter(found)))


async def test_a_401_that_comes_now_and_then(clinic: Side) -> None:
    clinic.source.crm.fail("key_revoked", times=2)
    assert (await clinic.adapter.test()).usable
    clinic.source.crm.fail("key_revoked", times=3)
    with pytest.raises(CrmAccessLost):
        await clinic.adapter.test()


async def test_a_narrow_key_and_words_nobody_knows(clinic: Side) -> None:
    clinic.source.crm.visit(status="paused")
    (problem,) = (await clinic.adapter.test()).problems
    assert (problem.code, problem.fatal, problem.params) == ("status_unknown", False, {"statuses": "paused"})
    narrow = clinic.source.crm.keys.narrow
    settings = {**clinic.source.settings, "api_key": narrow, "clinic_id": "9"}
    adapter = build_adapter("renovatio", settings, {}, clinic.http, clinic.source.now)
    assert [one.code for one in (await adapter.test()).problems] == ["clinic_unknown", "no_right"]


async def test_days_that_nobody_asked_for(clinic: Side) -> None:
    clinic.source.crm.visit(time_start="04.03.2025 10:00", status="completed", sum_value="1")
    clinic.source.crm.fail("back_in_time")
    with pytest.raises(CrmRejected) as caught:
        await walked(clinic)
    assert caught.value.reason == "the source goes back in time"


async def test_a_busy_week_comes_day_by_day(clinic: Side) -> None:
    for _ in range(4):
        for _ in range(40):
            clinic.source.crm.visit(status="completed", sum_value="1", room="x" * 1000)
        clinic.source.later(24 * 3600)
    assert len(latest(await walked(clinic))) == 160


async def test_a_visit_in_the_future_and_a_date_that_is_none(clinic: Side) -> None:
    name = clinic.source.sell(100)
    for when in ("04.03.2027 10:00", "31.02.2026 10:00"):
        clinic.source.crm.state.table("appointments")[int(name[6:])]["time_start"] = when
        read = await clinic.adapter.read_transaction(name)
        assert isinstance(read, Unreadable)
        assert read.field == "happened_at"


BODIES: list[tuple[bytes, str]] = [
    (
        b"event=changed&date=04.03.2026+15:00&data[id]=90017&data[patient_name]=x&data[status]=completed",
        "visit-90017",
    ),
    (b"data%5Bid%5D=90017&data%5Bpatient_phone%5D=7", "visit-90017"),
    (b'{"event": "changed", "data": {"id": 90017, "patient_name": "x"}}', "visit-90017"),
    (b"event=ping&data[status]=x", ""),
]


@pytest.mark.parametrize(("body", "external_id"), BODIES)
def test_a_notification_is_a_hint_without_a_patient(body: bytes, external_id: str) -> None:
    (event,) = RENOVATIO.parse("visits", body)
    assert event.external_id == external_id
    assert not {"patient_name", "patient_phone"} & set(event.changed)


SETTINGS: list[tuple[dict[str, str], str]] = [
    ({"api_key": ""}, "api_key"),
    ({"api_key": "a b"}, "api_key"),
    ({"clinic_id": "x"}, "clinic_id"),
    ({"read_from": "all"}, "read_from"),
    ({"url": "ftp://x"}, "url"),
]


@pytest.mark.parametrize(("changed", "field"), SETTINGS)
def test_settings(changed: dict[str, str], field: str) -> None:
    RENOVATIO.check_settings({"api_key": "k"})
    assert RENOVATIO.completed({"api_key": "k"})["url"] == "https://app.rnova.org"
    with pytest.raises(BadInput) as caught:
        RENOVATIO.check_settings({"api_key": "k", **changed})
    assert caught.value.field == field
