"""What every adapter promises, against its stand-in. A new provider runs through all of test_contract*."""

from datetime import timedelta

import pytest

from crm_adapters import PROVIDERS, base, build_adapter
from crm_adapters.http import CrmHttp
from domain.errors import (
    BadInput,
    CrmAccessLost,
    CrmRejected,
    CrmUnsupported,
)
from tests.crm_adapters.stand_ins import NATIVE_ID, STAND_INS, Side, lead

PROTOCOLS = {
    name: getattr(base, name)
    for name in (
        "Tests",
        "Leads",
        "Activities",
        "Stages",
        "Users",
        "Changes",
        "Webhooks",
        "WebhooksByHand",
        "LeadBatches",
        "Fields",
        "FieldMaker",
    )
}
# Who must be able to do what. A capability that an adapter loses, or gains unseen, fails here.
CAPABILITIES = {
    "espocrm": {"Fields", "Tests", "Leads", "Activities", "Stages", "Users", "Changes", "Webhooks"},
    "amocrm": {
        "Fields",
        "FieldMaker",
        "Tests",
        "Leads",
        "Activities",
        "Stages",
        "Users",
        "Changes",
        "Webhooks",
    },
    "retailcrm": {
        "Fields",
        "FieldMaker",
        "Tests",
        "Leads",
        "Activities",
        "Stages",
        "Users",
        "Changes",
        "WebhooksByHand",
    },
    "twenty": {
        "Fields",
        "FieldMaker",
        "Tests",
        "Leads",
        "LeadBatches",
        "Activities",
        "Stages",
        "Users",
        "Changes",
        "Webhooks",
    },
    "bitrix24": {
        "Fields",
        "FieldMaker",
        "Tests",
        "Leads",
        "LeadBatches",
        "Activities",
        "Stages",
        "Users",
        "Changes",
        "WebhooksByHand",
    },
}
# What some ways of connecting can do besides.
MORE = {("bitrix24", "oauth"): {"Webhooks"}, ("bitrix24", "oauth without leads"): {"Webhooks"}}


def test_every_provider_has_a_stand_in_and_pinned_capabilities() -> None:
    assert {one for one in PROVIDERS if "leads" in PROVIDERS[one].manifest.serves} == set(STAND_INS)
    assert set(STAND_INS) == set(CAPABILITIES)


@pytest.mark.parametrize("name", PROVIDERS)
def test_manifest(name: str) -> None:
    provider = PROVIDERS[name]
    assert provider.manifest.name == name
    assert provider.manifest.title
    assert {setting.name for setting in provider.manifest.settings if setting.secret}


@pytest.mark.parametrize("name", PROVIDERS)
async def test_settings_are_checked_before_anything_is_sent(name: str) -> None:
    with pytest.raises(BadInput):
        PROVIDERS[name].check_settings({})


async def test_unknown_provider(side: Side) -> None:
    with pytest.raises(CrmUnsupported):
        build_adapter("nosuch", side.crm.settings, {}, side.http, side.crm.now)


def test_capabilities(side: Side) -> None:
    able = {name for name, protocol in PROTOCOLS.items() if isinstance(side.adapter, protocol)}
    assert able == CAPABILITIES[side.provider] | MORE.get((side.provider, side.variant), set())


async def test_a_well_set_up_crm_has_no_problems(side: Side) -> None:
    report = await side.adapter.test()
    assert report.account
    assert report.version
    assert report.problems == ()
    assert report.usable


async def test_a_revoked_key_is_tried_once_only(side: Side) -> None:
    side.crm.revoke_key()
    before = side.crm.requests()
    with pytest.raises(CrmAccessLost):
        await side.adapter.test()
    assert side.crm.requests() - before <= 1


async def test_no_field_for_our_id_is_told_but_stops_nothing(side: Side) -> None:
    if side.provider in NATIVE_ID:
        pytest.skip("our id has a place in every record")
    side.crm.hide_our_id()
    report = await side.adapter.test()
    assert [problem.code for problem in report.problems] == ["no_external_id_field"]
    assert report.usable


async def test_a_listed_user_can_be_made_responsible(side: Side) -> None:
    users = await side.adapter.users()
    assert all(user.id and user.name for user in users)
    ref = await side.adapter.create_lead(lead(assignee_external_id=users[-1].id))
    assert users[-1].id in map(str, (await side.adapter.read_lead(ref.id)).raw.values())


async def test_changes_come_oldest_first_and_no_more_than_asked(side: Side) -> None:
    start = side.crm.now() - timedelta(seconds=1)
    made = [await side.adapter.create_lead(lead(our_id=f"id-{index}")) for index in range(3)]
    seen = await side.adapter.changed_since(start, 10)
    assert {remote.ref.id for remote in seen} == {ref.id for ref in made}
    moments = [remote.modified_at for remote in seen]
    assert moments == sorted(moments)
    assert len(await side.adapter.changed_since(start, 2)) == 2
    assert list(await side.adapter.changed_since(side.crm.now() + timedelta(minutes=5), 10)) == []


async def test_an_address_inside_our_network_is_not_called(side: Side) -> None:
    async with CrmHttp(now=side.crm.now) as closed:
        adapter = build_adapter(side.provider, side.crm.settings, {}, closed, side.crm.now)
        with pytest.raises(CrmRejected):
            await adapter.test()
    assert side.crm.requests() == 0
