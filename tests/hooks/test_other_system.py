"""Any system's JSON: a sample first, then live; repeats, secrets, and what is wrong in the sender's words."""

from typing import Any

import pytest

from domain.errors import BadInput
from domain.hooks_in import HookKind
from domain.json_paths import flat
from services.hooks_in.inlets import Inlet
from tests.api.office import Office
from tests.hooks.seen import made, rows

QUIZ = {
    "id": "q-1",
    "answers": [{"q": "Когда?", "a": "Завтра"}],
    "client": {"fio": "Анна Лис", "phones": ["+79161234567", "+74951234567"], "mail": "anna@example.com"},
}
MAPPING = {"name": "client.fio", "phone": "client.phones", "note": "answers.0.a", "event_id": "id"}


async def live(office: Office, **settings: Any) -> tuple[Inlet, str]:
    inlet = await made(office, HookKind.OTHER, mapping=MAPPING, live=True, **settings)
    return inlet, f"/hooks/in/{inlet.key}"


async def test_until_it_is_live_what_comes_is_a_sample(office: Office) -> None:
    inlet = await made(office, HookKind.OTHER)
    hooks = office.product.services.json_hooks
    answer = await office.http.post(f"/hooks/in/{inlet.key}", json=QUIZ)
    assert answer.json() == {"status": "sample"}
    assert await rows(office, "leads") == []
    sample = await hooks.sample(office.owner, inlet.id)
    assert sample["client.phones"] == "+79161234567, +74951234567"
    # what the names tell is proposed, the rest is for the admin
    assert (await office.product.services.inlets.get(office.owner, inlet.id)).settings["mapping"] == {
        "phone": "client.phones", "email": "client.mail",
    }  # fmt: skip
    with pytest.raises(BadInput):
        await hooks.live(office.owner, inlet.id, True)
    await hooks.map(office.owner, inlet.id, "name", "client.fio")
    await hooks.live(office.owner, inlet.id, True)
    assert (await office.http.post(f"/hooks/in/{inlet.key}", json=QUIZ)).json() == {"status": "accepted"}
    (lead,) = await rows(office, "leads")
    assert (lead.name, lead.source) == ("Анна Лис", "hook")


async def test_repeats_are_harmless(office: Office) -> None:
    _, path = await live(office)
    told = [(await office.http.post(path, json=QUIZ)).json()["status"] for _ in range(3)]
    told.append((await office.http.post(path, json={**QUIZ, "more": 1})).json()["status"])
    assert told == ["accepted", "duplicate", "duplicate", "duplicate"]
    assert (len(await rows(office, "leads")), await rows(office, "activities")) == (1, [])


async def test_what_is_wrong_is_named_by_the_senders_path(office: Office) -> None:
    _, path = await live(office)
    bad = {**QUIZ, "client": {"fio": "Анна", "phones": ["12"]}}
    answer = await office.http.post(path, json=bad)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "client.phones"
    # the refused delivery's id is free for the corrected one
    assert (await office.http.post(path, json=QUIZ)).json() == {"status": "accepted"}


async def test_a_guarded_one_asks_for_its_own_secret(office: Office) -> None:
    inlet, path = await live(office, guarded=True)
    other, _ = await live(office)
    secrets = office.product.services.hook_secrets
    mine, foreign = [await secrets.issue(office.owner, one.id) for one in (inlet, other)]
    for shown, status in (("", 401), (foreign, 401), (mine, 200)):
        headers = {"X-Webhook-Secret": shown} if shown else {}
        assert (await office.http.post(path, json=QUIZ, headers=headers)).status_code == status
    refused = await office.http.post("/hooks/in/nosuch", json=QUIZ)
    assert (refused.status_code, refused.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("body", ['{"a":' * 80 + "1" + "}" * 80, "{", '"text"', ""])
async def test_what_is_no_json_object_is_refused(office: Office, body: str) -> None:
    _, path = await live(office)
    answer = await office.http.post(path, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 400
    assert await rows(office, "inbox") == []


async def test_a_form_encoded_body_is_json_to_it(office: Office) -> None:
    inlet = await made(office, HookKind.OTHER, mapping={"name": "fio", "phone": "t"}, live=True)
    answer = await office.http.post(f"/hooks/in/{inlet.key}", data={"fio": "Анна", "t": "+79161234567"})
    assert (answer.status_code, len(await rows(office, "leads"))) == (200, 1)


def test_paths_of_odd_json() -> None:
    assert flat({"a": None, "b": "", "c": 0, "d": True, "e": [1, "x"], "f": [[1], {"g": " "}]}) == {
        "c": "0", "d": "true", "e": "1, x", "f.0": "1",
    }  # fmt: skip
    assert flat([{"a": "1"}]) == {"0.a": "1"}
    assert flat("text") == {}
