"""Hooks under strain: many at once, a database that is away, another organization's admin."""

import asyncio

import pytest

from domain.errors import NotFound
from domain.hooks_in import FormSettings, HookKind
from storage.db import Database
from tests.api.office import Office
from tests.hooks.seen import all_taken_in, made, rows, stranger

AWAY = "postgresql+asyncpg://nobody@127.0.0.1:1/none"


async def test_the_same_mail_at_once_is_one_lead(office: Office) -> None:
    inlet = await made(office, HookKind.MAKE)
    shown = {"X-Webhook-Secret": await office.product.services.hook_secrets.issue(office.owner, inlet.id)}
    mail = {"company_name": "A", "email": "a@b.ru", "stage": "Из почты"}
    answers = await asyncio.gather(
        *(office.http.post("/api/leads/webhook", json=mail, headers=shown) for _ in range(4))
    )
    assert sorted(one.status_code for one in answers) == [201, 409, 409, 409]
    assert len({one.json()["lead_id"] for one in answers}) == 1


async def test_clicks_of_one_visitor_at_once_are_one_lead(office: Office) -> None:
    inlet = await made(office, HookKind.CLICKS, telegram="a_bot", whatsapp="79161112233")
    path = f"/hooks/clicks/{inlet.key}"
    told = [
        {"channel": channel, "referral_code": "blog", "session_id": "v"}
        for channel in ("telegram", "whatsapp") * 5
    ]
    answers = await asyncio.gather(*(office.http.post(path, json=one) for one in told))
    assert {one.status_code for one in answers} == {200}
    await asyncio.gather(*(all_taken_in(office) for _ in range(3)))
    assert (len(await rows(office, "leads")), len(await rows(office, "activities"))) == (1, 2)


async def test_a_database_that_is_away_is_a_503(office: Office) -> None:
    services = office.product.services
    inlets = {kind: await made(office, kind) for kind in HookKind}
    secret = await services.hook_secrets.issue(office.owner, inlets[HookKind.MAKE].id)
    away = Database(AWAY)
    for one in (services.clicks, services.make_leads, services.json_hooks, services.website_form):
        one.db = one.kept.db = away
    services.hook_secrets.db = away
    asked = (
        ("GET", "/r/code/telegram"),
        ("POST", f"/hooks/clicks/{inlets[HookKind.CLICKS].key}"),
        ("POST", f"/hooks/in/{inlets[HookKind.OTHER].key}"),
        ("POST", f"/hooks/website/{inlets[HookKind.WEBSITE].key}"),
        ("POST", "/api/leads/webhook"),
    )
    for method, path in asked:
        answer = await office.http.request(method, path, json={}, headers={"X-Webhook-Secret": secret})
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable"), path
    await away.close()


@pytest.mark.parametrize("kind", list(HookKind))
async def test_another_organizations_hook_is_not_there(office: Office, kind: HookKind) -> None:
    inlet, eve = await made(office, kind), await stranger(office)
    services = office.product.services
    assert inlet.id not in {one.id for one in await services.inlets.browse(eve)}
    for attempt in (
        services.inlets.get(eve, inlet.id),
        services.inlets.close(eve, inlet.id),
        services.inlets.rename(eve, inlet.id, "Mine"),
        services.inlets.set_form(eve, inlet.id, FormSettings()),
        services.inlets.set_place(eve, inlet.id, "telegram", "evil_bot"),
        services.hook_secrets.issue(eve, inlet.id),
        services.hook_secrets.end_old(eve, inlet.id),
        services.json_hooks.map(eve, inlet.id, "name", "a"),
        services.json_hooks.paste(eve, inlet.id, '{"a": 1}'),
        services.json_hooks.live(eve, inlet.id, False),
    ):
        with pytest.raises(NotFound):
            await attempt
    assert await services.json_hooks.sample(eve, inlet.id) == {}
    assert await services.hook_secrets.standing(eve, inlet.id) == []
    assert (await services.inlets.get(office.owner, inlet.id)).name == inlet.name
