"""The stand-in answers the requests of the sheet as running clients have seen them answered."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from aiohttp import web

from sandbox.renovatio import RenovatioSandbox

START = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
BOOKING = {
    "doctor_id": "21",
    "clinic_id": "3",
    "time_start": "04.03.2026 15:00",
    "time_end": "04.03.2026 15:30",
}
PERSON = {"last_name": "Петров", "first_name": "Олег", "third_name": "Ильич", "birth_date": "01.02.1990",
          "mobile": "79990001122", "gender": "1"}  # fmt: skip


@dataclass
class Clinic:
    crm: RenovatioSandbox
    client: httpx.AsyncClient

    async def ask(self, method: str, key: str | None = None, **form: str) -> Any:
        answer = await self.client.post(
            f"{self.crm.url}/api/public/{method}", data={"api_key": key or self.crm.api_key, **form}
        )
        assert answer.status_code == 200
        return answer.json()


@pytest.fixture
async def clinic() -> AsyncIterator[Clinic]:
    async with RenovatioSandbox(speed=0, start=START) as crm, httpx.AsyncClient() as client:
        yield Clinic(crm, client)


async def test_directories(clinic: Clinic) -> None:
    told = await clinic.ask("getClinics")
    assert (told["error"], told["data"][0]["title"]) == (0, "Клиника на Мира")
    (doctor,) = (await clinic.ask("getUsers"))["data"]
    assert (doctor["id"], doctor["role"], doctor["clinic"]) == (21, ["2"], ["3"])


async def test_a_key_that_is_wrong_or_narrow(clinic: Clinic) -> None:
    assert await clinic.ask("getClinics", key="x") == {
        "error": 1,
        "data": {"code": 401, "desc": "Auth error"},
    }
    assert (await clinic.ask("getAppointments", key=clinic.crm.keys.narrow))["error"] == 1
    assert (await clinic.ask("getClinics", key=clinic.crm.keys.narrow))["error"] == 0
    in_query = await clinic.client.post(
        f"{clinic.crm.url}/api/public/getClinics?api_key={clinic.crm.api_key}"
    )
    assert in_query.json()["error"] == 0


async def test_a_visit_from_booking_to_the_end(clinic: Clinic) -> None:
    number = (await clinic.ask("createAppointment", **BOOKING, **PERSON))["data"]
    crossing = await clinic.ask("createAppointment", **BOOKING, **PERSON)
    assert (crossing["error"], crossing["data"]["code"]) == (1, 500)
    assert (await clinic.ask("confirmAppointment", appointment_id=str(number), source="site"))["data"] is True
    days = {"date_from": "04.03.2026", "date_to": "04.03.2026"}
    (visit,) = (await clinic.ask("getAppointments", **days, show_patient_data="1"))["data"]
    assert (visit["id"], visit["status"], visit["patient_phone"]) == (90017, "upcoming", "79990001122")
    assert (visit["patient_name"], visit["confirm_status"]) == ("Петров Олег Ильич", 1)
    assert "patient_phone" not in (await clinic.ask("v2/getAppointments", **days))["data"][0]
    assert (await clinic.ask("cancelAppointment", appointment_id=str(number)))["data"] is True
    (gone,) = (await clinic.ask("getAppointments", id=str(number)))["data"]
    assert gone["status"] == "refused"
    assert (await clinic.ask("cancelAppointment", appointment_id="1"))["error"] == 1


async def test_days_of_a_visit_and_the_longest_span(clinic: Clinic) -> None:
    clinic.crm.visit(time_start="03.03.2026 23:30")
    clinic.crm.visit(time_start="05.03.2026 00:00")
    found = (await clinic.ask("getAppointments", date_from="04.03.2026", date_to="05.03.2026"))["data"]
    assert [one["time_start"] for one in found] == ["05.03.2026 00:00"]
    assert (await clinic.ask("getAppointments", date_from="01.01.2026", date_to="05.03.2026"))["error"] == 1
    assert (await clinic.ask("getAppointments", date_from="x"))["error"] == 1


async def test_one_patient_is_an_object_and_several_are_a_list(clinic: Clinic) -> None:
    made = (await clinic.ask("createPatient", **PERSON))["data"]
    assert (made["patient_id"], made["number"], made["age"]) == (5501, 5501, "")
    assert (await clinic.ask("createPatient", **PERSON))["data"]["code"] == 500
    assert (await clinic.ask("getPatient", mobile="79990001122"))["data"]["patient_id"] == 5501
    assert (await clinic.ask("getPatient", mobile="7"))["error"] == 1
    clinic.crm.patient(mobile="79990001122", last_name="Петрова")
    assert len((await clinic.ask("getPatient", mobile="79990001122"))["data"]) == 2


async def test_money_and_the_schedule(clinic: Clinic) -> None:
    clinic.crm.invoice(patient_id=5501, value="1500", services=[{"title": "Приём", "price": "1500"}])
    (paid,) = (await clinic.ask("getInvoices", date_from="04.03.2026", date_to="04.03.2026", status="2"))[
        "data"
    ]
    assert (paid["value"], paid["status"], "services" in paid) == ("1500", 2, False)
    lines = await clinic.ask("v2/getInvoiceServices", invoice_id=str(paid["id"]))
    assert lines["data"] == [{"title": "Приём", "price": "1500"}]
    slots = (await clinic.ask("getSchedule", clinic_id="3", time_start="04.03.2026 00:00"))["data"]["21"]
    assert slots[0]["time_start_short"] == "09:00"


@pytest.mark.parametrize("as_json", [False, True])
async def test_a_notification(clinic: Clinic, as_json: bool) -> None:
    heard: list[str] = []

    async def hear(request: web.Request) -> web.Response:
        heard.append(await request.text())
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", hear)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    clinic.crm.add_hook("created", f"http://127.0.0.1:{runner.addresses[0][1]}/hook", as_json)
    clinic.crm.visit()
    while not heard:
        await clinic.crm.deliver_now()
    assert ('"id": 90017' if as_json else "data%5Bid%5D=90017") in heard[0]
    assert ('"is_outside": 0' if as_json else "data%5Bis_outside%5D=0") in heard[0]
    await runner.cleanup()


async def test_switches(clinic: Clinic) -> None:
    clinic.crm.fail("key_revoked", times=1)
    assert (await clinic.ask("getClinics"))["data"]["code"] == 401
    assert (await clinic.ask("getClinics"))["error"] == 0
    control = f"{clinic.crm.url}/sandbox"
    await clinic.client.post(f"{control}/faults", json={"kind": "storm", "status": 429, "times": 1})
    url = f"{clinic.crm.url}/api/public/getClinics"
    assert (await clinic.client.post(url, data={"api_key": clinic.crm.api_key})).status_code == 429
    made = (await clinic.client.post(f"{control}/visits", json={"status": "completed"})).json()
    assert (await clinic.client.post(f"{control}/visits/{made['id']}", json={"status": "refused"})).json()[
        "id"
    ]
    assert (await clinic.client.get(f"{control}/counts")).json()["appointments"] == 1
