"""/forms in the chat: each kind is made, set and tried over real HTTP; strangers' buttons do nothing."""

import json
import re

from handlers.hooks_in.buttons import InletButton
from sandbox.telegram.person import Person
from sandbox.telegram.world import DEFAULT_USERNAME
from tests.chat.around import admin, more
from tests.chat.forging import press_forged
from tests.chat.lead_cards import opened
from tests.product import Running
from tests.waiting import until


async def shows(person: Person, label: str) -> None:
    """A button with this label is there."""
    await person.until(lambda seen: any(label in one.labels for one in seen))


async def new(ada: Person, kind: str, name: str) -> None:
    await ada.say("/forms")
    await ada.press("➕ One more")
    await ada.gets("What shall send leads?")
    await ada.press(kind)
    await ada.gets("what shall it be called?")
    await ada.say(name)


async def test_a_form_is_set_in_the_chat_and_takes_a_file(product: Running) -> None:
    ada = await admin(product)
    await new(ada, "🌍 Website form", "Grants")
    card = await ada.gets("/hooks/website/")
    path = re.search(r"/hooks/website/[\w-]+", card.text)
    assert path is not None
    await ada.press("☑️ Required fields")
    await ada.gets("Without which fields")
    for field in ("E-mail", "Referral code"):
        await ada.press(f"✅ {field}")
        await shows(ada, f"▫️ {field}")
    await ada.press("⬅️ Back")
    await ada.gets("It must have: name, phone.")
    await ada.press("🌐 Sites")
    await ada.gets("From which sites")
    await ada.say("not a site!")
    await ada.gets("This is no address of a site")
    await ada.say("school.example, https://xn--e1aybc.example/")
    await ada.gets("https://school.example, https://xn--e1aybc.example")
    await ada.press("🪤 Trap")
    await ada.gets("hidden field")
    await ada.press("fax")
    await ada.gets("fax")

    url, site = product.url + path[0], {"Origin": "https://school.example"}
    form = {"name": "Vera", "phone": "+79161234567"}
    await product.http.post(url, data={**form, "fax": "1"}, headers=site)
    refused = await product.http.post(url, data=form, headers={"Origin": "https://evil.example"})
    assert refused.status_code == 403
    sent = {"cv": ("cv.txt", b"I can count", "text/plain")}
    answer = await product.http.post(url, data=form, files=sent, headers=site)
    assert answer.status_code == 200, answer.text
    card = await opened(ada)
    await more(ada, "📎 Files", card)
    await ada.press("cv.txt", await ada.gets("it stays with this lead"))
    await ada.press("📥 Show it", await ada.gets("cv.txt"))
    seen = await ada.until(lambda all_: any("document" in one.raw for one in all_))
    (file,) = [one for one in seen if "document" in one.raw]
    assert await ada.download(file.raw["document"]["file_id"]) == b"I can count"


async def test_make_com_from_the_chat_to_the_crm(product: Running) -> None:
    ada = await admin(product)
    await new(ada, "📮 Make.com", "Mailbox")
    shown = await ada.gets("here is the secret")
    secret = re.search(r"whs_[\w-]{43}", shown.text)
    assert secret is not None
    await ada.press("🙈 I have it, hide it")
    await ada.gets("/api/leads/webhook")
    assert not [one for one in await ada.messages() if secret[0] in one.text]
    mail = {"company_name": "Daisy", "email": "a@daisy.example", "contact_name": "Ann",
            "meeting_scheduled_at": "2027-12-24T15:30"}  # fmt: skip
    url, headers = f"{product.url}/api/leads/webhook", {"X-Webhook-Secret": secret[0]}
    assert (await product.http.post(url, json=mail, headers=headers)).status_code == 201
    (meeting,) = await until(lambda: list(product.espocrm.records("Meeting")))
    assert meeting["name"] == "Daisy"
    (record,) = product.espocrm.leads()
    assert record["emailAddressData"][0]["emailAddress"] == "a@daisy.example"

    await ada.say("/forms")
    await ada.press("📮 Mailbox")
    await ada.press("🔁 New secret")
    second = await ada.gets("The one before opens for 7 days still")
    newer = re.search(r"whs_[\w-]{43}", second.text)
    assert newer is not None
    for value in (secret[0], newer[0]):
        told = await product.http.get(f"{url}/health", headers={"X-Webhook-Secret": value})
        assert told.status_code == 200
    await ada.press("🙈 I have it, hide it")
    await ada.press("🚫 End the old secret now")
    await ada.until(lambda seen: not any("🚫 End the old secret now" in one.labels for one in seen))
    assert (await product.http.get(f"{url}/health", headers=headers)).status_code == 401


async def test_a_mapping_is_made_from_a_sample(product: Running) -> None:
    ada = await admin(product)
    await new(ada, "🧩 Another system", "Quiz")
    card = await ada.gets("Not live")
    path = re.search(r"/hooks/in/[\w-]+", card.text)
    assert path is not None
    await ada.press("📋 Paste a sample")
    await ada.gets("Send me the JSON")
    await ada.say("{broken")
    await ada.gets("This is not JSON")
    quiz = {"client": {"fio": "Vera <b>", "tel": "+79161234567"}, "q1": "tomorrow"}
    await ada.say(json.dumps(quiz))
    await ada.gets("client.tel")
    await ada.press("👁 Preview")
    await ada.gets("would be refused")
    await ada.press("🧭 Fields")
    await ada.press("▫️ Name")
    await ada.gets("Choose from the sample")
    await ada.press("client.fio")
    await ada.gets("client.fio")
    await ada.press("👁 Preview")
    await ada.gets("Vera <b>")
    await ada.press("▶️ Go live")
    await ada.gets("▶️ Live")
    answer = await product.http.post(product.url + path[0], json=quiz)
    assert answer.json() == {"status": "accepted"}
    await ada.gets("#1")


async def test_messenger_links_know_the_bot_and_lead_on(product: Running) -> None:
    ada = await admin(product)
    await new(ada, "💬 Messenger links", "Links")
    card = await ada.gets("/telegram")
    link = re.search(r"/r/[\w-]+/telegram", card.text)
    assert link is not None
    await ada.press("WhatsApp")
    await ada.gets("Which number")
    await ada.say("+7 916 111-22-33")
    await ada.gets("79161112233")
    answer = await product.http.get(product.url + link[0], headers={"User-Agent": "Mozilla/5.0"})
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(f"https://t.me/{DEFAULT_USERNAME}?start=ref_")
    await ada.gets("Telegram · ")
    (note,) = await until(lambda: list(product.espocrm.notes()))
    assert note["post"].startswith("Telegram · ")


async def test_buttons_of_hooks_are_nobody_elses(product: Running) -> None:
    ada = await admin(product)
    await new(ada, "📮 Make.com", "Mailbox")
    await ada.gets("here is the secret")
    services = product.product.services
    boss = await services.members.current(ada.id)
    assert boss is not None
    before = await services.inlets.browse(boss)
    mailbox = next(one for one in before if one.name == "Mailbox")
    manager = await product.member("Mike", "manager", language="en")
    await manager.say("/menu")
    await manager.gets("Menu")
    for do in ("list", "show", "really_close", "secret", "end_old", "files", "map", "choose"):
        await press_forged(product, manager, InletButton(do=do, hook=mailbox.id, extra="0.").pack())
    for extra in ("99.", "x", "0.00000000"):
        await press_forged(product, ada, InletButton(do="choose", hook=mailbox.id, extra=extra).pack())
    assert await services.inlets.browse(boss) == before
    assert len(await services.hook_secrets.standing(boss, mailbox.id)) == 1
