"""A website's form: the trap, its minimum, the sites that may send, files."""

from dataclasses import replace

import pytest

from domain.hooks_in import FormSettings, HookKind
from services.hooks_in.inlets import Inlet
from tests.api.office import Office
from tests.hooks.seen import made, rows

SITE = "https://school.example"
FORM = {"name": "Анна", "phone": "+7 916 123-45-67"}
SHORT = FormSettings(required=("name", "phone"))


async def form(office: Office, settings: FormSettings = SHORT) -> tuple[Inlet, str]:
    inlet = await made(office, HookKind.WEBSITE)
    await office.product.services.inlets.set_form(office.owner, inlet.id, settings)
    return inlet, f"/hooks/website/{inlet.key}"


async def test_each_form_has_its_own_minimum(office: Office) -> None:
    _, short = await form(office)
    _, strict = await form(office, replace(SHORT, required=("name", "phone", "company")))
    assert (await office.http.post(short, json=FORM)).status_code == 200
    refused = await office.http.post(strict, json={**FORM, "phone": "+79160000001"})
    assert [one["field"] for one in refused.json()["errors"]] == ["company"]
    assert len(await rows(office, "leads")) == 1


async def test_whoever_fills_in_the_trap_learns_nothing_and_makes_nothing(office: Office) -> None:
    _, path = await form(office)
    honest = await office.http.post(path, data=FORM)
    trapped = await office.http.post(path, data={**FORM, "phone": "+79160000001", "_gotcha": "http://spam"})
    assert (trapped.status_code, trapped.json()) == (honest.status_code, honest.json())
    assert len(await rows(office, "leads")) == 1
    assert [(row.state, row.error) for row in await rows(office, "inbox")][1] == ("ignored", "honeypot")
    _, without = await form(office, replace(SHORT, honeypot=""))
    again = {**FORM, "phone": "+79160000002", "_gotcha": "x"}
    assert (await office.http.post(without, data=again)).status_code == 200
    assert len(await rows(office, "leads")) == 2


async def test_only_the_sites_of_the_list_may_send(office: Office) -> None:
    _, path = await form(office, replace(SHORT, origins=(SITE,)))
    for origin, status in ((SITE, 200), ("https://evil.example", 403), ("null", 403), ("", 200)):
        headers = {"Origin": origin} if origin else {}
        answer = await office.http.post(path, json=FORM, headers=headers)
        assert answer.status_code == status, origin
        allowed = answer.headers.get("Access-Control-Allow-Origin")
        assert allowed == (SITE if origin == SITE else None)
        assert "Origin" in answer.headers["Vary"]
        asked = await office.http.options(path, headers=headers)
        assert asked.headers.get("Access-Control-Allow-Origin") == allowed
    assert len(await rows(office, "leads")) == 1
    _, anyone = await form(office)
    answer = await office.http.options(anyone, headers={"Origin": "https://evil.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


async def test_files_are_kept_with_the_lead(office: Office) -> None:
    _, path = await form(office)
    sent = [
        ("cv", ("../Резюме.pdf", b"%PDF" * 1000, "application/pdf")),
        ("photo", ("me.png", b"\x89PNG", "image/png")),
        ("empty", ("", b"", "application/octet-stream")),
    ]
    assert (await office.http.post(path, data=FORM, files=sent)).status_code == 200
    (lead,) = await rows(office, "leads")
    files = office.product.services.files
    page = await files.of_lead(office.owner, lead.id)
    assert {(one.name, one.mime, one.size) for one in page.files} == {
        ("Резюме.pdf", "application/pdf", 4000), ("me.png", "image/png", 4),
    }  # fmt: skip
    pdf = next(one for one in page.files if one.mime == "application/pdf")
    with await files.content(office.owner, pdf.id) as content:
        assert content.read() == b"%PDF" * 1000


async def test_a_form_may_leave_files_out(office: Office) -> None:
    _, path = await form(office, replace(SHORT, files=False))
    answer = await office.http.post(path, data=FORM, files={"cv": ("a.pdf", b"x", "application/pdf")})
    assert answer.status_code == 200
    assert (await rows(office, "uploads"), len(await rows(office, "leads"))) == ([], 1)


@pytest.mark.parametrize("kind", ["large", "many"])
async def test_too_much_is_refused(office: Office, kind: str) -> None:
    _, path = await form(office)
    content, count = (b"x" * (11 * 1024 * 1024), 1) if kind == "large" else (b"x", 6)
    sent = [(f"f{number}", (f"{number}.bin", content, "application/octet-stream")) for number in range(count)]
    answer = await office.http.post(path, data=FORM, files=sent)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    assert await rows(office, "inbox") == []


async def test_a_closed_form_is_an_unknown_address(office: Office) -> None:
    inlet, path = await form(office)
    await office.product.services.inlets.close(office.owner, inlet.id)
    assert (await office.http.post(path, json=FORM)).json()["code"] == "not_found"
