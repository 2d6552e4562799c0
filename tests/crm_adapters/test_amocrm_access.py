"""amoCRM: what an admin pastes, and pairs of tokens that may be refreshed once only."""

import asyncio
from collections.abc import AsyncIterator, Mapping

import pytest

from crm_adapters import PROVIDERS
from crm_adapters.credentials import Refresh
from crm_adapters.http import CrmHttp
from domain.errors import BadInput, CrmAccessLost, CrmRejected, CrmUnavailable
from sandbox.amocrm import AmoSandbox
from tests.crm_adapters.amo import adapter, oauth_settings
from tests.crm_adapters.stand_ins import lead

OAUTH = {"client_id": "a", "client_secret": "b", "redirect_uri": "https://bot.example/x"}


@pytest.fixture
async def amo() -> AsyncIterator[AmoSandbox]:
    async with AmoSandbox(per_second=0) as running:
        yield running


@pytest.fixture
async def http(amo: AmoSandbox) -> AsyncIterator[CrmHttp]:
    async with CrmHttp(now=amo.clock.now, allow=[amo.url.removeprefix("http://")]) as client:
        yield client


class Kept:
    """Where the product keeps the settings: one at a time, and what is new is kept before it is used."""

    def __init__(self, crm: AmoSandbox, settings: Mapping[str, str]) -> None:
        self.crm, self.settings = crm, dict(settings)
        self.refreshed = 0
        self.requests_when_kept: list[int] = []
        self._lock = asyncio.Lock()

    async def renew(self, refused: Mapping[str, str], refresh: Refresh) -> Mapping[str, str]:
        async with self._lock:
            held = {
                name: self.settings[name]
                for name in self.settings
                if self.settings[name] != refused.get(name)
            }
            if held:
                return held
            fresh = await refresh(self.settings)
            self.refreshed += 1
            self.settings |= fresh
            self.requests_when_kept.append(len(self.crm.requests()))
            return fresh


class Unguarded(Kept):
    """Keeps them, but lets several processes refresh at once."""

    async def renew(self, refused: Mapping[str, str], refresh: Refresh) -> Mapping[str, str]:
        held = {
            name: self.settings[name] for name in self.settings if self.settings[name] != refused.get(name)
        }
        if held:
            return held
        fresh = await refresh(refused)
        self.settings |= fresh
        self.refreshed += 1
        return fresh


@pytest.mark.parametrize("page", ["", "/", "/leads/pipeline/5001/", "/settings/widgets/?x=1"])
async def test_the_address_is_taken_as_people_copy_it(amo: AmoSandbox, http: CrmHttp, page: str) -> None:
    report = await adapter(amo, http, api_key=amo.token, url=f" {amo.url}{page}").test()
    assert (report.account, report.version) == ("ООО Лён", "v4.14")


@pytest.mark.parametrize(
    ("settings", "field", "reason"),
    [
        ({}, "url", "invalid"),
        ({"url": "acme.amocrm.ru"}, "url", "scheme"),
        ({"url": "https://user:pass@acme.amocrm.ru"}, "url", "userinfo"),
        ({"url": "https://acme.amocrm.ru"}, "api_key", "required"),
        ({"url": "https://acme.amocrm.ru", "api_key": "a b"}, "api_key", "invalid"),
        ({"url": "https://acme.amocrm.ru", "api_key": "ключ"}, "api_key", "invalid"),
        ({"url": "https://acme.amocrm.ru", "client_id": "a"}, "client_secret", "required"),
        ({"url": "https://acme.amocrm.ru", **OAUTH}, "auth_code", "required"),
    ],
)
def test_a_setting_that_cannot_be_right(settings: dict[str, str], field: str, reason: str) -> None:
    with pytest.raises(BadInput) as caught:
        PROVIDERS["amocrm"].check_settings(settings)
    assert (caught.value.field, caught.value.reason) == (field, reason)


@pytest.mark.parametrize("more", [{"auth_code": "c"}, {"refresh_token": "r"}, {"api_key": "t"}])
def test_settings_that_are_enough(more: dict[str, str]) -> None:
    PROVIDERS["amocrm"].check_settings({"url": "https://acme.amocrm.ru", **OAUTH, **more})


async def test_an_address_without_an_amocrm(amo: AmoSandbox, http: CrmHttp) -> None:
    amo.fail("html_200")
    with pytest.raises(CrmUnavailable):
        await adapter(amo, http).test()
    async with CrmHttp(now=amo.clock.now) as closed:
        with pytest.raises(CrmRejected):
            await adapter(amo, closed).test()


async def test_a_code_is_exchanged_and_the_pair_is_kept_before_its_use(
    amo: AmoSandbox, http: CrmHttp
) -> None:
    kept = Kept(amo, oauth_settings(amo))
    crm = adapter(amo, http, renew=kept.renew, **kept.settings)
    await crm.create_lead(lead())
    assert (kept.refreshed, kept.requests_when_kept) == (1, [0])
    assert kept.settings["auth_code"] == ""
    assert kept.settings["refresh_token"].startswith("def502")
    again = adapter(amo, http, renew=kept.renew, **kept.settings)
    await again.users()
    assert kept.refreshed == 1


async def test_a_pair_is_renewed_shortly_before_its_end(amo: AmoSandbox, http: CrmHttp) -> None:
    kept = Kept(amo, oauth_settings(amo))
    crm = adapter(amo, http, renew=kept.renew, **kept.settings)
    await crm.users()
    amo.clock.advance(86_400 - 200)
    await crm.users()
    assert kept.refreshed == 2
    assert {seen.status for seen in amo.requests()} == {200}


async def test_a_refused_token_is_refreshed_and_the_request_sent_again(
    amo: AmoSandbox, http: CrmHttp
) -> None:
    kept = Kept(amo, oauth_settings(amo))
    crm = adapter(amo, http, renew=kept.renew, **kept.settings)
    await crm.users()
    amo.expire_access()
    await crm.create_lead(lead())
    assert (kept.refreshed, len(amo.leads())) == (2, 1)
    assert [seen.status for seen in amo.requests()].count(401) == 1


async def test_many_tasks_of_two_workers_refresh_once(amo: AmoSandbox, http: CrmHttp) -> None:
    kept = Kept(amo, oauth_settings(amo))
    workers = [adapter(amo, http, renew=kept.renew, **kept.settings) for _ in range(2)]
    await asyncio.gather(*(crm.users() for crm in workers for _ in range(5)))
    assert kept.refreshed == 1
    amo.expire_access()
    await asyncio.gather(*(crm.users() for crm in workers for _ in range(5)))
    assert kept.refreshed == 2


async def test_another_process_that_was_faster_is_followed(amo: AmoSandbox, http: CrmHttp) -> None:
    kept = Unguarded(amo, oauth_settings(amo))
    before = dict(kept.settings)
    await adapter(amo, http, renew=kept.renew, **before).users()
    after, kept.settings = kept.settings, before

    async def late(refused: Mapping[str, str], refresh: Refresh) -> Mapping[str, str]:
        """The first look still shows the old pair: the other process keeps the new one a moment later."""
        try:
            return await kept.renew(refused, refresh)
        finally:
            kept.settings = after

    assert await adapter(amo, http, renew=late, **before).users()
    assert kept.refreshed == 1


@pytest.mark.parametrize("with_source", [True, False])
async def test_a_pair_that_is_used_up_for_good(amo: AmoSandbox, http: CrmHttp, with_source: bool) -> None:
    settings = {**oauth_settings(amo), "refresh_token": amo.pair()["refresh_token"]}
    kept = Kept(amo, settings)
    await adapter(amo, http, renew=kept.renew, **settings).users()
    stale = Kept(amo, settings)
    crm = adapter(amo, http, renew=stale.renew if with_source else None, **settings)
    with pytest.raises(CrmAccessLost) as caught:
        await crm.users()
    assert "refresh token" in caught.value.reason
    assert settings["refresh_token"] not in repr(caught.value)


async def test_an_outage_while_refreshing_is_an_outage(amo: AmoSandbox, http: CrmHttp) -> None:
    crm = adapter(amo, http, **oauth_settings(amo))
    amo.fail("drop_after_commit", path="oauth2/access_token")
    with pytest.raises(CrmUnavailable):
        await crm.create_lead(lead())


async def test_without_a_place_to_keep_them_pairs_live_in_memory(amo: AmoSandbox, http: CrmHttp) -> None:
    crm = adapter(amo, http, **oauth_settings(amo))
    await crm.users()
    amo.expire_access()
    await crm.users()
    assert amo.requests()[-1].status == 200


async def test_a_long_lived_token_is_never_refreshed(amo: AmoSandbox, http: CrmHttp) -> None:
    crm = adapter(amo, http, api_key="wrong", **oauth_settings(amo))
    with pytest.raises(CrmAccessLost):
        await crm.users()
    assert len(amo.requests()) == 1
