"""What every adapter promises about the fields of its CRM: named as the mapping writes them, and makeable."""

import pytest

from crm_adapters import PROVIDERS, base, build_adapter, lost, mapping, mapping_fit
from crm_adapters.bitrix24.mapping import for_entity
from domain.crm import FieldType, RemoteField
from domain.errors import CrmAccessLost, CrmUnavailable
from tests.crm_adapters.stand_ins import Side, lead

PLACES = {
    "espocrm": "cChannel",
    "bitrix24": "UF_CRM_CHANNEL",
    "amocrm": "fields.CHANNEL",
    "retailcrm": "customFields.channel",
    "twenty": "channel",
}
OPTIONS = (("bot", "Bot"), ("site", "Website"))


@pytest.fixture(autouse=True)
def _tells_fields(side: Side) -> None:
    if not isinstance(side.adapter, base.Fields):
        pytest.skip("it tells no fields")


def names(found: list[RemoteField]) -> set[tuple[str, str]]:
    return {(one.record, name.casefold()) for one in found for name in (one.name, *one.also)}


async def test_every_shipped_rule_has_its_field(side: Side) -> None:
    found = list(await side.adapter.lead_fields())
    known = names(found)
    for record in {one.record for one in found}:
        for rule in mapping.rules(PROVIDERS[side.provider].default_mapping, record):
            assert (record, rule.attribute.casefold()) in known


async def test_fields_are_told_once_with_titles(side: Side) -> None:
    found = list(await side.adapter.lead_fields())
    assert all(one.title and one.name for one in found)
    keys = [(one.record, one.name) for one in found]
    assert len(keys) == len(set(keys))


async def test_stages_and_sources_are_choices(side: Side) -> None:
    found = list(await side.adapter.lead_fields())
    stages = {stage.id for stage in await side.adapter.stages()}
    holders = [one for one in found if stages <= {value for value, _ in one.options}]
    assert [one.type for one in holders] == [FieldType.CHOICE]


async def test_a_field_is_made_and_written(side: Side) -> None:
    if not isinstance(side.adapter, base.FieldMaker):
        pytest.skip("only an admin of the CRM can make fields there")
    wanted = RemoteField(PLACES[side.provider], "Channel of the lead", FieldType.TEXT, custom=True)
    made = await side.adapter.create_field(wanted)
    assert (made.type, made.custom, made.writable) == (FieldType.TEXT, True, True)
    found = {(one.record, one.name): one for one in await side.adapter.lead_fields()}
    assert found[made.record, made.name] == made
    overrides = {made.record: {made.name: {"from": "custom.channel"}}}
    adapter = build_adapter(side.provider, side.crm.settings, overrides, side.http, side.crm.now)
    ref = await adapter.create_lead(lead(custom={"channel": "fair in May"}))
    assert "fair in May" in str((await adapter.read_lead(ref.id)).raw)


@pytest.mark.parametrize("kind", [FieldType.CHOICE, FieldType.YES_NO, FieldType.NUMBER, FieldType.DATE])
async def test_every_type_can_be_made_once(side: Side, kind: FieldType) -> None:
    if not isinstance(side.adapter, base.FieldMaker):
        pytest.skip("only an admin of the CRM can make fields there")
    options = OPTIONS if kind is FieldType.CHOICE else ()
    wanted = RemoteField(PLACES[side.provider], "Channel", kind, custom=True, options=options)
    made = await side.adapter.create_field(wanted)
    again = await side.adapter.create_field(wanted)
    assert again == made
    assert made.type is kind
    assert len(made.options) == len(options)


async def test_a_key_without_access_is_told(side: Side) -> None:
    side.crm.revoke_key()
    with pytest.raises(CrmAccessLost):
        await side.adapter.lead_fields()


async def test_the_shipped_mapping_fits_a_prepared_crm(side: Side) -> None:
    found = await side.adapter.lead_fields()
    default = dict(PROVIDERS[side.provider].default_mapping)
    if side.provider == "bitrix24":
        default = dict(for_entity(default, side.crm.settings.get("entity", "lead")))
    assert mapping_fit.problems(default, found) == []


INN = {
    "espocrm": ("cInn", {"entity": "Lead", "field": "cInn"}),
    "bitrix24": ("UF_CRM_VORONKA_INN", {"type": "lead", "field": "UF_CRM_VORONKA_INN"}),
    "amocrm": ("fields.VORONKA_INN", {"entity": "leads", "field": "VORONKA_INN"}),
    "retailcrm": ("customFields.voronka_inn", {"entity": "order", "field": "voronka_inn"}),
    "twenty": ("voronkaInn", {"entity": "opportunity", "field": "voronkaInn"}),
}


async def test_a_field_that_is_gone_while_in_use_is_told(side: Side) -> None:
    """The value is not lost in silence: at the latest the second try names it, and the list shows why."""
    attribute, gone = INN[side.provider]
    record = side.crm.settings.get("entity", "lead")
    await side.adapter.create_lead(lead())
    side.crm.crm.fail("field_removed", **{**gone, **({"type": record} if "type" in gone else {})})
    second = lead(our_id="01936b1e-0000-7000-8000-000000000002", phones=("+79161234568",), emails=())
    with lost.watching() as names:
        try:
            await side.adapter.create_lead(second)
        except CrmUnavailable as changed:
            if "changed" not in changed.reason:
                raise
            await side.adapter.create_lead(second)
    assert attribute in names
    found = await side.adapter.lead_fields()
    default = PROVIDERS[side.provider].default_mapping
    place = mapping_fit.place(record, attribute)
    stopping = mapping_fit.stopping(default, found, {place})
    assert [(one.code, mapping_fit.place_of(one)) for one in stopping] == [("missing_field", place)]
    assert mapping_fit.stopping(default, found, ()) == []
