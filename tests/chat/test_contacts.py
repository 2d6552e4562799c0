"""Contacts of a lead, and its own phones and e-mails."""

from uuid import UUID

import pytest

from domain.errors import NotFound
from domain.files import DOWNLOAD_LIMIT
from domain.leads import LeadDraft
from tests.chat.around import more, taken
from tests.chat.lead_cards import opened
from tests.chat.taps import tap
from tests.product import Running

VCARDS = (
    "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Pavel Orlov\r\nTITLE:Accountant\r\nTEL:+79031112233\r\nEND:VCARD\r\n"
    "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Inna Zvereva\r\nEMAIL:inna@example.com\r\nEND:VCARD\r\n"
)


async def test_contacts_from_a_line_a_card_and_a_file_primary_first(product: Running) -> None:
    _anna, mila, card = await taken(product)
    await more(mila, "👥 Contacts", card)
    await mila.gets("Nobody yet")
    await mila.press("➕ Add a contact")
    await mila.gets("Send a contact card")
    await mila.say("Zoya Belova, director, +7 903 555-66-77, zoya@example.com")
    zoya = await mila.gets("✅ Added.")
    for part in ("Zoya Belova", "💼 director", "+7 903 555-66-77", "zoya@example.com", "⭐ Primary"):
        assert part in zoya.text
    assert [b.url for b in zoya.buttons if b.url] == [
        "https://wa.me/79035556677",
        "https://t.me/+79035556677",
    ]
    await mila.press("⬅️ Back", zoya)
    await mila.gets("Zoya Belova, director")
    await mila.press("➕ Add a contact")
    await mila.gets("Send a contact card")
    await mila.send_contact("Boris", "+79035550000")
    await mila.gets("What is the position?")
    await mila.press("Skip")
    await mila.gets("✅ Added.")
    await mila.press("⬅️ Back")
    await mila.press("➕ Add a contact")
    await mila.gets("Send a contact card")
    await mila.send_document("people.vcf", VCARDS.encode())
    listed = await mila.gets("✅ 2 contacts added.")
    order = ["⭐ Zoya Belova", "👤 Boris", "👤 Inna Zvereva", "👤 Pavel Orlov"]
    assert [label.split(" · ")[0] for label in listed.labels[:4]] == order
    await mila.press("Pavel Orlov", listed)
    await mila.gets("💼 Accountant")
    await mila.press("⭐ Make primary")
    await mila.gets("⭐ Primary: ring up first")
    await mila.press("🎩 Decides")
    await mila.gets("🎩 Decision maker")
    await mila.press("⬅️ Back")
    again = await mila.gets("👥 Contacts")
    assert again.labels[0].startswith("⭐🎩 Pavel Orlov")
    assert sum(label.startswith("⭐") for label in again.labels) == 1
    shown = await opened(mila)
    assert "⭐🎩 Pavel Orlov" in shown.text
    assert "… and 1 more" in shown.text
    await mila.press("⋯ More", shown)
    assert "👥 Contacts 4" in (await mila.gets("What else shall we do")).labels


async def test_contacts_count_in_the_duplicate_check(product: Running) -> None:
    anna, mila, card = await taken(product)
    await more(mila, "👥 Contacts", card)
    await mila.press("➕ Add a contact")
    await mila.gets("Send a contact card")
    await mila.say("Zoya +7 903 555-66-77")
    await mila.gets("position")
    await mila.press("Skip")
    await mila.gets("✅ Added.")
    # the lead's own phone stays its own
    shown = await opened(mila)
    assert shown.text.count("📞") == 1
    await anna.say("Peter +7 903 555-66-77")
    verdict = await anna.gets("+7 903 555-66-77")
    assert "#1" in " ".join([verdict.text, *verdict.labels]) or "Ivan" in verdict.text
    services = product.product.services
    sender = await services.members.current(anna.id)
    assert sender is not None
    other = await services.leads.create(sender, LeadDraft(name="Oleg", phones=("+79161110000",)))
    await more(mila, "👥 Contacts", shown)
    await mila.press("➕ Add a contact")
    await mila.gets("Send a contact card")
    await mila.say("Oleg +7 916 111-00-00, driver")
    refused = await mila.gets("Another lead has this phone or e-mail.")
    await mila.press("Open the other lead", refused)
    await mila.gets(f"#{other.number} · Oleg")


async def test_contact_is_corrected_and_deleted_and_the_next_is_primary(product: Running) -> None:
    _anna, mila, card = await taken(product)
    for line in ("Zoya, director, +7 903 555-66-77", "Boris, driver, +7 903 555-00-00"):
        await more(mila, "👥 Contacts", card)
        await mila.press("➕ Add a contact")
        await mila.gets("Send a contact card")
        await mila.say(line)
        await mila.gets("✅ Added.")
        card = await opened(mila)
    await more(mila, "👥 Contacts", card)
    await mila.press("⭐ Zoya")
    await mila.gets("director")
    await mila.press("📞 Phone")
    await mila.gets("What is the right phone?")
    await mila.say("12")
    await mila.gets("does not look like a phone")
    await mila.say("+7 903 555-00-00")
    await mila.gets("Boris is among the contacts already")
    await mila.say("+7 903 555-11-11")
    corrected = await mila.gets("✏️ Corrected.")
    assert "+7 903 555-11-11" in corrected.text
    await mila.press("📞 Call", corrected)
    await mila.until(lambda all_: any((m.contact or {}).get("phone_number") == "+79035551111" for m in all_))
    await mila.press("🗑 Delete", corrected)
    await mila.gets("Delete this contact?")
    await mila.press("🗑 Yes, delete")
    left = await mila.gets("👥 Contacts")
    assert left.labels[0] == "⭐ Boris · driver"
    await mila.press("⬅️ To the lead", left)
    await mila.press("🕓 History", left)
    history = await mila.gets("🕓 #1")
    assert "Contact: Zoya, director" in history.text


async def test_bad_contacts_are_refused_in_words(product: Running) -> None:
    _anna, mila, card = await taken(product)
    await more(mila, "👥 Contacts", card)
    await mila.press("➕ Add a contact")
    await mila.gets("Send a contact card")
    await mila.send_document("people.vcf", b"no card at all")
    await mila.gets("I found no person in this file")
    await more(mila, "👥 Contacts", card)
    await mila.press("➕ Add a contact")
    await mila.gets("Send a contact card")
    await mila.send_document("people.vcf", b"x" * (DOWNLOAD_LIMIT + 1))
    await mila.gets("too big: I can read at most 20000 KB")
    await more(mila, "👥 Contacts", card)
    await mila.press("➕ Add a contact")
    await mila.gets("Send a contact card")
    await mila.say("somebody")
    await mila.gets("does not look like a phone")
    await mila.press("Skip")
    await mila.gets("What is the name?")
    await mila.press("Skip")
    await mila.gets("What is the position?")
    await mila.press("Skip")
    await mila.gets("at least the name, the phone or the e-mail")


async def test_strangers_cannot_reach_a_contact_by_its_button(product: Running) -> None:
    _anna, mila, card = await taken(product)
    await more(mila, "👥 Contacts", card)
    await mila.press("➕ Add a contact")
    await mila.gets("Send a contact card")
    await mila.say("Zoya, director, +7 903 555-66-77")
    shown = await mila.gets("✅ Added.")
    [deleting] = [button.data for button in shown.buttons if "Delete" in button.text]
    services = product.product.services
    other = await product.member("Boris", "partner", language="en")
    await other.start()
    stranger = await services.members.current(other.id)
    assert stranger is not None
    contact_id = UUID(str(deleting).split(":")[2])
    for use_case in (services.contacts.get, services.contacts.remove, services.contacts.make_primary):
        with pytest.raises(NotFound):
            await use_case(stranger, contact_id)


async def test_many_phones_and_emails_of_the_lead_itself(product: Running) -> None:
    _anna, mila, card = await taken(product)
    await more(mila, "👥 Contacts", card)
    await mila.press("☎️ Phones, e-mails")
    await mila.gets("⭐ is the primary one")
    await mila.press("📞 Add a phone")
    await mila.gets("Which phone?")
    await mila.say("+7 999 123-45-67")
    await mila.gets("The lead has this phone already")
    await mila.say("+7 903 000-11-22")
    added = await mila.gets("✅ Added.")
    assert added.labels[:2] == ["⭐ +7 999 123-45-67", "+7 903 000-11-22"]
    await mila.press("✉️ Add an e-mail", added)
    await mila.gets("Which e-mail?")
    await mila.say("nothing")
    await mila.gets("does not look like an e-mail")
    await mila.say("Ivan@Example.com")
    await mila.gets("✅ Added.")
    await mila.press("+7 903 000-11-22")
    await mila.press("⭐ Make primary")
    turned = await mila.gets("⭐ is the primary one")
    assert turned.labels[:3] == ["⭐ +7 903 000-11-22", "+7 999 123-45-67", "⭐ ivan@example.com"]
    await mila.press("+7 999 123-45-67", turned)
    await mila.press("🗑 Remove")
    await mila.gets("⭐ is the primary one")
    await mila.press("ivan@example.com")
    await mila.press("🗑 Remove")
    left = await mila.gets("⭐ is the primary one")
    await mila.press("⭐ +7 903 000-11-22", left)
    query = await mila.press("🗑 Remove")
    assert "the only way to reach the person" in (await mila.answer(query))["text"]


async def test_contacts_in_russian(product: Running) -> None:
    _anna, mila, card = await taken(product, "ru")
    await tap(mila, "lead:more:", card)
    await tap(mila, "lead:contacts:")
    listed = await mila.gets("👥")
    [adding] = [button.data for button in listed.buttons if ":contact:" in str(button.data)]
    await mila.press(str(adding), listed)
    await mila.gets("👥")
    await mila.say("Зоя Белова, директор, 8 (903) 555-66-77")
    await mila.gets("Зоя Белова")
    shown = await opened(mila)
    assert "⭐ Зоя Белова, директор, +7 903 555-66-77" in shown.text
