"""/audit, /privacy and /retention in the chat, and what a CRM is told of an erasure."""

import csv
import io
import json

import pytest

from sandbox.telegram.person import Person
from storage.tables import audit
from tests.chat.around import admin
from tests.chat.taps import english_owner
from tests.privacy.dump import holding, texts
from tests.product import Running
from tests.waiting import until

PHONE, NAME = "+79161112233", "Канарейкин"


async def file(person: Person, caption: str) -> bytes:
    sent = await person.gets(caption)
    return await person.download(sent.raw["document"]["file_id"])


async def sent_lead(product: Running, ada: Person) -> None:
    await ada.say(f"{NAME} Иван {PHONE} ипотека 3 млн")
    await ada.gets("Accepted")
    await until(lambda: product.espocrm.leads())


@pytest.mark.main_road
async def test_somebody_is_erased_here_and_in_the_crm(product: Running) -> None:
    ada = await admin(product)
    await sent_lead(product, ada)
    await ada.say("/privacy")
    await ada.press("🔎 Data of a person outside")
    await ada.gets("Whose data?")
    await ada.say("8 916 111-22-33")
    shown = await ada.gets("Leads: 1")
    assert "is told to empty the record" in shown.text
    await ada.press("📄 Everything as a file")
    assert NAME in json.dumps(json.loads(await file(ada, "Everything that is held")), ensure_ascii=False)
    await ada.press("🗑 Erase…", shown)
    await ada.gets("Erase all of it for good?")
    await ada.press("🗑 Yes, erase for good")
    await ada.gets("Erased:")

    def emptied() -> bool:
        (record,) = product.espocrm.leads()
        return NAME not in json.dumps(record, ensure_ascii=False) and "1112233" not in json.dumps(record)

    await until(emptied)

    async def nothing_left() -> bool:
        return holding(await texts(product.product.db), "9161112233", "916 111-22-33", NAME) == {}

    await until(nothing_left)


async def test_the_record_is_looked_through(product: Running) -> None:
    ada = await admin(product)
    await ada.say(f"Иван {PHONE}")
    await ada.gets("Accepted")
    await product.product.services.audit_chain.seal()
    await product.product.services.audit_chain.verify_due()
    await ada.say("/audit")
    shown = await ada.gets("Who did what")
    assert "a new lead · #1" in shown.text
    assert "Verified on" in shown.text
    assert PHONE not in shown.text
    await ada.press("👥 People", shown)
    assert "a new lead" not in (await ada.gets("👥 People · 30 days")).text
    await ada.say("/audit 1")
    assert "a new lead" in (await ada.gets("lead #1")).text
    await ada.press("📄 As a file")
    assert b"lead.create" in await file(ada, "1 entry")
    anna = await product.member("Anna", "partner", language="en")
    await anna.start()
    await anna.say("/audit")
    await anna.gets("Your role does not allow this")

    owner = await english_owner(product)
    async with product.product.db.transaction(system=True) as s:
        await s.execute(audit.update().where(audit.c.seq == 1).values(action="lead.deleted"))
    await product.product.services.audit_chain.verify(product.product.organization_id)
    assert "entry 1 was changed" in (await owner.gets("I say this once")).text
    await ada.say("/health")
    card = await ada.gets("The record of actions does not hold: entry 1 was changed")
    await ada.press("🧾 Who did what", card)
    await ada.gets("🚨 The record of actions does not hold")


async def test_no_cell_of_the_records_file_is_a_formula(product: Running) -> None:
    ada = await admin(product)
    bad = await product.member("=cmd|' /C calc'!A0", "partner", language="en")
    await bad.start()
    await bad.say(f"Иван {PHONE}")
    await bad.gets("Accepted")
    await ada.say("/audit 1")
    await ada.gets("lead #1")
    await ada.press("📄 As a file")
    table = csv.DictReader(io.StringIO((await file(ada, "1 entry")).decode("utf-8-sig")))
    assert [row["actor"] for row in table] == ["'=cmd|' /C calc'!A0"]


async def test_ones_own_data_and_how_long_things_are_kept(product: Running) -> None:
    ada = await admin(product)
    anna = await product.member("Anna", "partner", language="en")
    await anna.start()
    await anna.say("/privacy")
    shown = await anna.gets("Personal data")
    assert not any("outside" in label for label in shown.labels)
    await anna.press("📄 Everything about me, as a file")
    said = json.loads(await file(anna, "Everything about you"))
    assert said["member"]["name"] == "Anna"
    assert [one["version"] for one in said["consents"]] == ["1"]
    await ada.say("/retention")
    await ada.press("Clicks on messenger links")
    await ada.gets("how many days")
    await ada.say("3651")
    await ada.gets("From 1 to 3650 days")
    await ada.say("10")
    assert "Clicks on messenger links: 10 days" in (await ada.gets("How long things are kept")).text
