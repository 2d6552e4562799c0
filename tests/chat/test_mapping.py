"""What goes where in the CRM: looked at and changed in the chat, by buttons and by file; what breaks it."""

import tomllib
from typing import Any

import pytest

from domain.leads import LeadDraft
from domain.members import Member
from sandbox.telegram.person import Person
from tests.product import OWNER, Running
from tests.waiting import until

PHONE = "+79991234567"


async def owner_of(product: Running) -> Person:
    owner = await product.owner()
    await product.product.services.members.change_language(OWNER, "en")
    return owner


async def member_of(product: Running) -> Member:
    member = await product.product.services.members.current(OWNER)
    assert member is not None
    return member


def add_field(product: Running, name: str, kind: str = "varchar", **more: Any) -> str:
    """A custom field, as the CRM's admin makes it; returns the name that it gets."""
    from sandbox.espocrm import admin

    admin.create_field(product.espocrm.state, "Lead", {"name": name, "type": kind, **more})
    return admin.custom_name(name)


async def send(product: Running, name: str, phone: str = PHONE, **values: Any) -> None:
    member = await member_of(product)
    await product.product.services.leads.create(member, LeadDraft(name=name, phones=(phone,), **values))


async def file_of(owner: Person, kind: str) -> tuple[str, bytes]:
    """The mapping as the bot sends it."""
    await owner.say("/mapping")
    await owner.press("File")
    await owner.press(kind)
    message = await owner.gets("Which field goes where. Change it")
    assert message.document is not None
    return message.document["file_name"], await owner.download(message.document["file_id"])


async def test_rules_are_listed_in_pages_and_one_is_dropped_and_brought_back(product: Running) -> None:
    owner = await owner_of(product)
    await owner.say("/mapping")
    card = await owner.sees("Fields: EspoCRM")
    assert "Name → firstName" in card.labels
    await owner.press("▶️")
    await owner.sees("Page 2 of")
    await owner.press("Note → description")
    await owner.press("Send nothing")
    await owner.sees("Nothing of ours goes to")
    await send(product, "Ivan Petrov", note="secret wish")
    await until(lambda: bool(product.espocrm.leads()), seconds=30)
    assert product.espocrm.leads()[0].get("description") in (None, "")
    await owner.say("/mapping")
    await owner.press("Undo")
    await owner.sees("New: lead.description")


async def test_a_live_field_is_found_and_gets_a_field_of_ours(product: Running) -> None:
    owner = await owner_of(product)
    add_field(product, "channel", label="Channel of the lead")
    await owner.say("/mapping")
    await owner.press("Another field")
    await owner.press("Search")
    await owner.say("channel of")
    await owner.press("Channel of the lead")
    await owner.sees("What shall go to")
    await owner.press("Another field of our forms")
    await owner.say("Bad key!")
    await owner.say("city")
    await owner.sees("Put in force")
    await send(product, "Anna", custom={"city": "Tomsk"})
    await until(lambda: bool(product.espocrm.leads()), seconds=30)
    assert product.espocrm.leads()[0]["cChannel"] == "Tomsk"


async def test_segment_product_and_region_can_go_and_follow_a_change(product: Running) -> None:
    owner = await owner_of(product)
    add_field(product, "kind", label="Kind of client")
    add_field(product, "wish", label="Wished product")
    for title, ours in (("Kind of client", "Segment"), ("Wished product", "Product")):
        await owner.say("/mapping")
        await owner.press("Another field", await owner.gets("Fields: EspoCRM"))
        await owner.press("Search")
        await owner.say(title)
        await owner.press(title)
        await owner.press(ours, await owner.gets("What shall go to"))
        await owner.gets(f"{ours} →")
    services, member = product.product.services, await member_of(product)
    lead = await services.leads.create(member, LeadDraft(name="Anna", phones=(PHONE,)))
    await services.leads.change(member, lead.id, {"segment": "VIP", "product": "mortgage", "region": "Tomsk"})
    await until(lambda: bool(product.espocrm.leads()), seconds=30)

    def held() -> list[object]:
        record = product.espocrm.leads()[0]
        return [record.get(name) for name in ("cKind", "cWish", "addressState")]

    async def becomes(*values: str) -> None:
        await until(lambda: held() == list(values))

    await becomes("VIP", "mortgage", "Tomsk")
    await services.leads.change(member, lead.id, {"segment": "mass", "region": "Omsk"})
    await becomes("mass", "mortgage", "Omsk")


async def test_words_are_chosen_from_the_crms_own_list(product: Running) -> None:
    owner = await owner_of(product)
    await owner.say("/mapping")
    await owner.press("Source → source")
    await owner.press("Words")
    await owner.press("the website →")
    await owner.press("Campaign")
    await owner.sees("Put in force")
    await send(product, "Anna", source="website")
    await until(lambda: bool(product.espocrm.leads()), seconds=30)
    assert product.espocrm.leads()[0]["source"] == "Campaign"


async def test_a_file_goes_out_and_comes_back_changed(product: Running) -> None:
    owner = await owner_of(product)
    for kind in ("YAML", "TOML"):
        name, content = await file_of(owner, kind)
        await owner.send_document(name, content)
        await owner.gets("Nothing differs")
    tree = tomllib.loads(content.decode())
    assert tree["lead"]["cInn"] == {"from": "inn", "optional": True}
    changed = content.decode().replace(
        'from = "inn"\noptional = true', 'from = "inn"\nformat = "INN {value}"'
    )
    await owner.send_document(name, changed.encode("utf-16"))
    await owner.gets("Changed: lead.cInn")
    await send(product, "Anna", inn="7707083893")
    await until(lambda: bool(product.espocrm.leads()), seconds=30)
    assert product.espocrm.leads()[0]["cInn"] == "INN 7707083893"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("m.toml", b'[lead.cInn]\nfrom = "inn', "Line 2 cannot be read"),
        ("m.toml", b'[lead.cInn]\nfrom = "innn"\n', "Line 1. lead.cInn: we have no field"),
        ("m.toml", b'[lead.a]\nfrom = "=b"\n[lead.b]\nfrom = "=a"\n', "it is made of itself: a → b → a"),
        ("m.toml", b'[lead.status]\nfrom = "stage"\nmap = "nosuch"\n', "there is no table of words"),
        ("m.yaml", "lead:\n  cInn:\n    from: [Ж\n".encode("cp1251"), "Line 3 cannot be read"),
        ("m.toml", b"\x89PNG\r\n\x1a\n\x00\x00\x00", "This is no text file"),
        ("m.toml", b"#" * 200_001, "The file is too big"),
        ("m.toml", b" \n", "The file is empty"),
    ],
)
async def test_a_spoilt_file_changes_nothing(product: Running, name: str, content: bytes, said: str) -> None:
    owner = await owner_of(product)
    member = await member_of(product)
    before = await product.product.services.mappings.export(member)
    await owner.send_document(name, content)
    answer = await owner.gets("Nothing has changed")
    assert said in answer.text
    assert await product.product.services.mappings.export(member) == before


async def test_a_field_that_is_gone_blocks_and_nothing_is_doubled(product: Running) -> None:
    owner = await owner_of(product)
    channel = add_field(product, "channel")
    member = await member_of(product)
    mappings = product.product.services.mappings
    await mappings.set_source(member, "lead", channel, "custom.city")
    await send(product, "First", custom={"city": "Tomsk"})
    await until(lambda: len(product.espocrm.leads()) == 1, seconds=30)
    product.espocrm.fail("field_removed", entity="Lead", field=channel)
    await send(product, "Second", "+79991234568", custom={"city": "Omsk"})
    alert = await owner.sees("The CRM did not get it", 30)
    assert f"lead.{channel} missing_field" in alert.text
    await send(product, "Third", "+79991234569", custom={"city": "Perm"})
    product.espocrm.heal()
    await owner.say("/mapping")
    await owner.press("Check")
    await until(
        lambda: sorted(str(one.get(channel)) for one in product.espocrm.leads()) == ["Omsk", "Perm", "Tomsk"],
        seconds=30,
    )
    assert len(product.espocrm.leads()) == 3


async def test_an_optional_field_that_was_there_is_missed_too(product: Running) -> None:
    owner = await owner_of(product)
    await product.product.services.mappings.check(await member_of(product))
    product.espocrm.fail("field_removed", entity="Lead", field="cReferralCode")
    await send(product, "Anna", referral_code="promo7")
    alert = await owner.sees("The CRM did not get it", 30)
    assert "lead.cReferralCode" in alert.text
    await owner.say("/mapping")
    await owner.press("Check")
    card = await owner.sees("Leads wait until this is mended")
    assert "cReferralCode" in card.text
    assert "only be made by an admin" in card.text
    await owner.press("All fields")
    await owner.press("▶️")
    await owner.press("Referral code →")
    await owner.press("Send nothing")
    await until(lambda: len(product.espocrm.leads()) == 1, seconds=30)


async def test_a_wrong_option_blocks_with_its_name(product: Running) -> None:
    owner = await owner_of(product)
    member = await member_of(product)
    await product.product.services.mappings.set_option(member, "source", "website", "Billboard")
    await send(product, "Anna", source="website")
    alert = await owner.sees("The CRM did not get it", 30)
    assert "lead.source enum_option_missing Billboard" in alert.text
    await product.product.services.mappings.undo(member)
    await until(lambda: len(product.espocrm.leads()) == 1, seconds=30)
    assert product.espocrm.leads()[0]["source"] == "Web Site"


async def test_two_crms_are_compared_as_a_document(product: Running) -> None:
    owner = await owner_of(product)
    await owner.say("/mapping diff bitrix espo")
    message = await owner.sees("Bitrix24 — EspoCRM")
    assert message.document is not None
    assert message.document["file_name"] == "bitrix24-espocrm.html"
    await owner.say("/mapping")
    await owner.press("Compare CRMs")
    await owner.press("amoCRM")
    await owner.sees("amoCRM, compared with which one?")
    await owner.press("RetailCRM")
    await owner.sees("amoCRM — RetailCRM")
    await owner.say("/mapping diff bitrix24 nosuch")
    await owner.sees("name two different CRMs")


async def test_partners_have_no_part_in_it(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    await anna.start()
    await anna.gets()
    await anna.say("/mapping")
    await anna.gets("Your role does not allow this")
    await anna.send_document("m.toml", b"[lead]")
    await anna.gets("I cannot read files here")
