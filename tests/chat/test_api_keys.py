"""Keys of the API in the chat: made by a form, shown once, looked at, taken back; and what they open."""

import re
from typing import Any
from uuid import uuid4

import httpx

from handlers.security.api_keys import ApiKeyButton
from sandbox.telegram.person import Person
from sandbox.telegram.seen import Message
from tests.chat.around import admin
from tests.chat.forging import press_forged
from tests.product import Running
from tests.waiting import until


async def make(ada: Person, purpose: str = "⚠️ Everything", holder: str = "") -> Message:
    await ada.say("/api")
    await ada.press("➕ New key")
    await ada.gets("What is it for?")
    await ada.press("Make.com")
    await ada.gets("What shall it be good for?")
    await ada.press(purpose)
    if holder:
        # asked where there is somebody besides
        await ada.gets("With whose rights?")
        await ada.press(holder)
    await ada.gets("How long shall it open?")
    await ada.press("90 days")
    return await ada.gets("here is the key")


def key_in(message: Message) -> str:
    found = re.search(r"vk_[\w-]{43}", message.text)
    assert found is not None, message.text
    return found[0]


def client(product: Running, key: str) -> httpx.AsyncClient:
    shown = {"Authorization": f"Bearer {key}"}
    return httpx.AsyncClient(base_url=product.url, headers=shown, trust_env=False)


async def test_from_the_key_to_the_lead_in_the_crm(product: Running) -> None:
    ada = await admin(product)
    key = key_in(await make(ada))
    async with client(product, key) as http:
        made = await http.post("/api/leads", json={"name": "Иван Петров", "phones": ["8 916 123-45-67"]})
        assert made.status_code == 201, made.text
        path = made.headers["Location"]
        assert (await http.get("/api/leads")).json()["items"][0]["id"] == made.json()["id"]
        (record,) = await until(product.espocrm.leads)
        assert record["lastName"] == "Петров" or record["name"] == "Иван Петров"
        changed = await http.patch(path, json={"name": "Пётр"}, headers={"If-Match": made.headers["ETag"]})
        assert changed.status_code == 200
        refused = await http.patch(path, json={"email": "?"}, headers={"Accept-Language": "ru"})
        assert refused.headers["Content-Type"].startswith("application/problem+json")
        assert refused.json()["errors"][0]["field"] == "email"

        (connection,) = (await http.get("/api/integrations")).json()["items"]
        assert (connection["provider"], connection["active"]) == ("espocrm", True)
        assert product.espocrm.api_key not in str(connection)
        tested = await http.post(f"/api/integrations/{connection['id']}/test")
        assert (tested.status_code, tested.json()["usable"]) == (200, True), tested.text
        done = (await http.get("/api/operations", params={"state": "done"})).json()
        assert done["items"][-1]["kind"] == "lead.create"
        operation = f"/api/operations/{done['items'][-1]['id']}"
        assert (await http.get(operation)).json()["state"] == "done"
        again = await http.post(f"{operation}/replay")
        assert (again.status_code, again.json()["state"]) == (201, "pending"), again.text
        assert (await http.post(f"{operation}/drop")).status_code == 409
        await deliveries_are_seen(product, http, record["id"])
        await failures_are_settled(product, http)


async def failures_are_settled(product: Running, http: httpx.AsyncClient) -> None:
    """Writes that wait are tried at once or given up, and what needs a person is done once more."""
    product.espocrm.fail("down", mode="500")
    await http.post("/api/leads", json={"name": "Ольга", "phones": ["8 916 123-45-68"]})

    async def waiting() -> list[dict[str, Any]]:
        found = (await http.get("/api/operations", params={"state": "waiting"})).json()["items"]
        return [one for one in found if one["attempts"] and one["kind"] == "lead.create"]

    one = f"/api/operations/{(await until(waiting))[0]['id']}"

    async def done(what: str) -> dict[str, Any] | None:
        """The answer, once the write is not under way just then."""
        answer = await http.post(f"{one}/{what}")
        assert answer.status_code in (200, 409), answer.text
        return answer.json() if answer.status_code == 200 else None

    assert await until(lambda: done("retry"))
    assert (await until(lambda: done("drop")))["state"] == "dropped"
    replayed = await http.post("/api/operations/replay")
    assert (replayed.status_code, replayed.json()) == (200, {"operations": 0, "deliveries": 0})
    product.espocrm.heal()


async def deliveries_are_seen(product: Running, http: httpx.AsyncClient, record: str) -> None:
    """What the CRM has told is there as it came, and is worked off once more."""
    product.espocrm.change("Lead", record, status="In Process")

    async def told() -> list[dict[str, Any]]:
        found = (await http.get("/api/operations", params={"state": "incoming"})).json()["items"]
        return [one for one in found if one["done_at"]]

    path = f"/api/deliveries/{(await until(told))[0]['id']}"
    assert (await http.get(path)).json()["state"] in ("done", "ignored")
    again = await http.post(f"{path}/replay")
    assert (again.status_code, again.json()["state"]) == (200, "pending"), again.text


async def test_the_key_is_shown_once_looked_at_and_taken_back(product: Running) -> None:
    ada = await admin(product)
    shown = await make(ada, "👁 Read only")
    key = key_in(shown)
    async with client(product, key) as http:
        assert (await http.get("/api/leads")).status_code == 200
        assert (await http.post("/api/leads", json={})).json()["code"] == "scope_missing"
        await ada.press("🙈 I have it, hide it")
        card = await ada.gets("Good for: 👁 Read only")
        assert (card.id, key in card.text, key[:10] in card.text) == (shown.id, False, True)
        assert "127.0.0.1" in card.text
        assert not [one for one in await ada.messages() if key in one.text]
        await ada.press("🚫 Take back")
        await ada.gets("Take this key back?")
        await ada.press("🚫 Yes, take it back")
        await ada.gets("it opens nothing any more")
        assert (await http.get("/api/leads")).json()["code"] == "key_revoked"
    await ada.press("⬅️ To the keys")
    await ada.gets("There is none yet.")


async def test_a_key_may_act_for_somebody_with_fewer_rights(product: Running) -> None:
    ada = await admin(product)
    await product.member("Paul", "partner", language="en")
    key = key_in(await make(ada, holder="Paul"))
    async with client(product, key) as http:
        told = (await http.get("/api/me")).json()
        assert (told["member"]["name"], told["member"]["role"]) == ("Paul", "partner")
        assert (await http.get("/api/members")).json()["code"] == "not_allowed"


async def test_buttons_of_keys_are_nobody_elses(product: Running) -> None:
    ada = await admin(product)
    await make(ada)
    keys = product.product.services.api_keys
    boss = await product.product.services.members.current(ada.id)
    assert boss is not None
    (made,) = await keys.browse(boss)
    manager = await product.member("Mike", "manager", language="en")
    await manager.say("/menu")
    await manager.gets("Menu")
    assert "🔑 API keys" not in str(await manager.keyboard())
    await manager.say("/api")
    for do in ("list", "new", "show", "really_revoke"):
        await press_forged(product, manager, ApiKeyButton(do=do, key=made.id).pack())
    await press_forged(product, ada, ApiKeyButton(do="show", key=uuid4()).pack())
    (still,) = await keys.browse(boss)
    assert still == made
