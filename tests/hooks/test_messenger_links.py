"""Messenger links: the redirect, clicks as activities, the unfinished lead that a form completes."""

import json
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from domain.hooks_in import HookKind
from services.hooks_in.inlets import Inlet
from storage.tables import members as member_table
from tests.api.office import Office
from tests.hooks.seen import all_taken_in, made, rows, stranger

PLACES = {"telegram": "school_bot", "whatsapp": "79161112233", "instagram": "my.school"}
FORM = {"name": "Анна", "phone": "+79161234567", "email": "anna@example.com", "session_id": "visit-1"}


async def links(office: Office) -> Inlet:
    return await made(office, HookKind.CLICKS, **PLACES)


async def form_path(office: Office) -> str:
    inlet = await made(office, HookKind.WEBSITE, required=["name", "phone"])
    return f"/hooks/website/{inlet.key}"


def visitor(office: Office) -> httpx.AsyncClient:
    browser = httpx.AsyncClient(base_url=office.url, trust_env=False, headers={"User-Agent": "Mozilla/5.0"})
    office.clients.append(browser)
    return browser


async def test_each_messenger_gets_the_code(office: Office) -> None:
    await links(office)
    code, browser = office.owner.referral_code, visitor(office)
    found = {}
    for channel in PLACES:
        answer = await browser.get(f"/r/{code}/{channel}")
        assert (answer.status_code, answer.headers["Cache-Control"]) == (302, "no-store")
        found[channel] = answer.headers["Location"]
    assert found["telegram"] == f"https://t.me/school_bot?start=ref_{code}"
    assert found["whatsapp"] == f"https://wa.me/79161112233?text={code}"
    assert parse_qs(urlsplit(found["instagram"]).query) == {"ref": [code]}
    assert (await browser.get(f"/r/{code}/icq")).status_code == 404


async def test_a_click_with_a_code_makes_an_unfinished_lead_that_the_form_completes(office: Office) -> None:
    await links(office)
    code = office.owner.referral_code
    query = "session_id=visit-1&utm_source=vk&page=/grants"
    await visitor(office).get(f"/r/{code}/whatsapp?{query}")
    assert await rows(office, "leads") == []
    await all_taken_in(office)
    (stub,) = await rows(office, "leads")
    assert (stub.name, stub.source, stub.sender_id) == (f"WhatsApp · {code}", "messenger", office.owner.id)
    (click,) = await rows(office, "activities")
    assert click.type == "messenger_click"
    assert all(one in click.text for one in ("WhatsApp", code, "visit-1", "/grants", "utm_source: vk"))

    assert (await office.http.post(await form_path(office), json=FORM)).status_code == 200
    (lead,) = await rows(office, "leads")
    assert (lead.id, lead.name, lead.source, lead.utm) == (stub.id, "Анна", "website", {"source": "vk"})
    points = {(one.kind, one.value) for one in await rows(office, "contact_points")}
    assert points == {("phone", "+79161234567"), ("email", "anna@example.com")}


async def test_the_form_of_a_known_person_takes_the_click_along(office: Office) -> None:
    await links(office)
    known = await office.lead(phones=["+79161234567"])
    await visitor(office).get(f"/r/{office.owner.referral_code}/telegram?session_id=visit-1")
    await all_taken_in(office)
    await office.http.post(await form_path(office), json=FORM)
    left = [one for one in await rows(office, "leads") if one.deleted_at is None]
    assert [str(one.id) for one in left] == [known["id"]]
    kinds = {one.type for one in await rows(office, "activities") if str(one.lead_id) == known["id"]}
    assert kinds == {"messenger_click", "note"}
    later = await visitor(office).get(f"/r/{office.owner.referral_code}/whatsapp?session_id=visit-1")
    assert later.status_code == 302
    await all_taken_in(office)
    assert {str(one.lead_id) for one in await rows(office, "activities")} == {known["id"]}


async def test_clicks_without_a_code_wait_for_the_form(office: Office) -> None:
    inlet = await links(office)
    path = f"/hooks/clicks/{inlet.key}"
    told = {"channel": "instagram", "session_id": "visit-1", "utm_source": "blog"}
    beacon = {"Content-Type": "text/plain;charset=UTF-8"}
    assert (await office.http.post(path, content=json.dumps(told), headers=beacon)).status_code == 200
    await all_taken_in(office)
    assert (await rows(office, "leads"), await rows(office, "activities")) == ([], [])
    await office.http.post(await form_path(office), json=FORM)
    (activity,) = await rows(office, "activities")
    assert activity.text.startswith("Instagram")


async def test_repeated_clicks_are_one(office: Office) -> None:
    inlet = await links(office)
    path, told = f"/hooks/clicks/{inlet.key}", {"channel": "telegram", "referral_code": "blog"}
    statuses = [(await office.http.post(path, json={**told, "event_id": "1"})).json() for _ in range(3)]
    assert [one["status"] for one in statuses] == ["accepted", "duplicate", "duplicate"]
    browser = visitor(office)
    for _ in range(3):
        await browser.get("/r/blog/telegram")
    await all_taken_in(office)
    assert len(await rows(office, "leads")) == 2
    assert len(await rows(office, "activities")) == 2
    office.clock.advance(61)
    await browser.get("/r/blog/telegram")
    await all_taken_in(office)
    assert (len(await rows(office, "leads")), len(await rows(office, "activities"))) == (2, 3)


async def test_previews_and_head_are_no_clicks(office: Office) -> None:
    await links(office)
    path, browser = f"/r/{office.owner.referral_code}/telegram", visitor(office)
    assert (await browser.head(path)).status_code == 302
    for headers in ({"User-Agent": "TelegramBot (like TwitterBot)"}, {"Sec-Purpose": "prefetch;prerender"}):
        assert (await browser.get(path, headers=headers)).status_code == 302
    assert await rows(office, "inbox") == []


@pytest.mark.parametrize(("change", "field"), [({"channel": "icq"}, "channel"), ({"channel": ""}, "channel")])
async def test_what_is_no_click_is_named(office: Office, change: dict[str, str], field: str) -> None:
    inlet = await links(office)
    answer = await office.http.post(f"/hooks/clicks/{inlet.key}", json={"referral_code": "x", **change})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)


async def test_a_code_of_two_organizations_leads_nowhere(office: Office) -> None:
    await links(office)
    other = (await stranger(office)).organization_id
    async with office.product.db.transaction(other) as s:
        await s.execute(
            member_table.update()
            .where(member_table.c.organization_id == other)
            .values(referral_code=office.owner.referral_code)
        )
    path = f"/r/{office.owner.referral_code}/telegram"
    assert (await visitor(office).get(path)).status_code == 404
    assert (await visitor(office).get("/r/nobodys/telegram")).status_code == 404
