"""Message templates: made by an admin, filled in from a lead's card, sent and noted."""

from urllib.parse import parse_qs, urlsplit

from sandbox.telegram.person import Person
from tests.chat.around import LINE, TAKE, admin, more, taken
from tests.chat.lead_cards import opened
from tests.chat.smtp import smtp
from tests.chat.taps import tap
from tests.product import Running, running
from tests.waiting import until

TEXT = "Hello {name}! {manager} of {organization} here, about {amount}. {{x}}"


async def make_template(ada: Person, name: str = "Greeting", text: str = TEXT) -> None:
    await ada.say("/templates")
    await ada.press("➕ Add a template")
    await ada.gets("What is it called?")
    await ada.say(name)
    await ada.gets("What is the text?")
    await ada.say(text)
    await ada.gets("What is the subject of the e-mail?")
    await ada.press("Skip")
    await ada.gets("✅ Added.")


async def test_unknown_field_is_refused_with_the_list(product: Running) -> None:
    ada = await admin(product)
    await ada.say("/templates")
    await ada.press("➕ Add a template")
    await ada.gets("What is it called?")
    await ada.say("Greeting")
    asked = await ada.gets("What is the text?")
    assert "{manager}" in asked.text
    await ada.say("Hello {nmae}")
    # the text is looked at when the form is done
    await ada.press("Skip")
    refused = await ada.gets("I do not know the field {nmae}")
    assert "{name}, {company}" in refused.text
    await ada.say("Hello {name")
    await ada.gets("A brace is left alone. A field looks like {name}")
    await ada.say("Hello {name}")
    await ada.gets("✅ Added.")
    await ada.say("/templates")
    await ada.press("➕ Add a template")
    await ada.gets("What is it called?")
    await ada.say("greeting")
    await ada.gets("What is the text?")
    await ada.say("x")
    await ada.press("Skip")
    await ada.gets("There is a template “greeting” already")


async def test_template_is_previewed_changed_and_deleted(product: Running) -> None:
    ada = await admin(product)
    _anna, mila, card = await taken(product)
    await make_template(ada)
    await ada.press("👁 With a lead")
    seen = await ada.gets("Hello Ivan!")
    assert "RUB" in seen.text
    await ada.press("⬅️ Back")
    await ada.gets("Greeting")
    await ada.press("📝 Text")
    await ada.gets("Write the text anew")
    await ada.say("Hi {name}, {company}.")
    await ada.gets("✏️ Corrected.")
    await ada.press("👁 With a lead")
    await ada.gets("This lead has nothing for: {company}")
    await more(mila, "✉️ Message", card)
    await mila.press("Greeting")
    old = await mila.gets("Hi Ivan,")
    await ada.press("⬅️ Back")
    await ada.press("🗑 Delete")
    await ada.press("🗑 Yes, delete")
    await ada.gets("Message templates")
    query = await mila.press("✅ WhatsApp", old)
    assert "no longer here" in (await mila.answer(query))["text"]


async def test_message_goes_by_a_messenger_and_is_noted(product: Running) -> None:
    ada = await admin(product)
    anna, mila, card = await taken(product)
    await make_template(ada)
    await more(mila, "✉️ Message", card)
    await mila.gets("Which message?")
    await mila.press("Greeting")
    shown = await mila.gets(
        "Hello Ivan! Mila of Ромашка here, about RUB 3,000,000. {x}".replace("RUB ", "RUB\xa0")
    )
    urls = {button.text: button.url for button in shown.buttons if button.url}
    text = parse_qs(urlsplit(str(urls["WhatsApp"])).query)["text"][0]
    assert text.startswith("Hello Ivan! Mila")
    assert str(urls["Telegram"]).startswith("https://t.me/+79991234567?text=Hello")
    [copied] = [button.raw["copy_text"]["text"] for button in shown.buttons if "copy_text" in button.raw]
    assert copied == text
    await mila.press("📱 SMS", shown)
    await mila.gets("Tap the card to write an SMS")
    await mila.press("✅ WhatsApp", shown)
    await mila.gets("Noted: the message went by WhatsApp")
    await mila.press("To the lead")
    await mila.gets("You are responsible")
    await mila.press("History")
    assert "Message to the client: WhatsApp: Hello Ivan!" in (await mila.gets("🕓 #1")).text
    theirs = await opened(anna)
    assert "✉️ Message" not in theirs.labels
    await anna.press("History", theirs)
    assert "Hello Ivan" not in (await anna.gets("🕓 #1")).text


async def test_letter_goes_out_by_smtp_and_a_failed_one_is_told(database_url: str, redis_url: str) -> None:
    async with smtp() as server:
        server.failures = 1
        url = f"smtp://127.0.0.1:{server.port}"
        mail = "hello@romashka.example"
        async with running(database_url, redis_url, smtp_url=url, smtp_from=mail) as product:
            ada = await admin(product)
            _anna, mila, card = await taken(product, line="Ivan 8 999 123-45-67 ivan@example.com")
            await make_template(ada)
            await more(mila, "✉️ Message", card)
            await mila.press("Greeting")
            await mila.gets("Hello Ivan!")
            await mila.press("✉️ Send by e-mail")
            await mila.gets("The letter to ivan@example.com is on its way")
            [letter] = await until(lambda: server.letters)
            assert server.tried == 2
            assert letter["To"] == "ivan@example.com"
            assert letter["From"] == "Mila <hello@romashka.example>"
            assert letter["Subject"] == "Greeting"
            assert "Hello Ivan! Mila of Ромашка here" in letter.get_content()
            server.unknown.add("ivan@example.com")
            card = await opened(mila)
            await more(mila, "✉️ Message", card)
            await mila.press("Greeting")
            await mila.gets("Hello Ivan!")
            await mila.press("✉️ Send by e-mail")
            await mila.sees("The letter to ivan@example.com could not be sent")
            assert len(server.letters) == 1


async def test_without_smtp_the_letter_is_for_the_persons_own_program(product: Running) -> None:
    ada = await admin(product)
    _anna, mila, card = await taken(product, line="Ivan ivan@example.com")
    await make_template(ada)
    await more(mila, "✉️ Message", card)
    await mila.press("Greeting")
    shown = await mila.gets("Nothing to fill in for: {amount}")
    assert not [button for button in shown.buttons if button.url]
    await mila.press("✉️ E-mail", shown)
    letter = await mila.gets("ivan@example.com")
    assert letter.entities("email")
    await mila.press("✅ E-mail", letter)
    await mila.gets("Noted: the message went by E-mail")


async def test_only_admins_make_templates(product: Running) -> None:
    _anna, mila, _card = await taken(product)
    await mila.say("/templates")
    await mila.gets("Your role does not allow this")


async def test_message_in_russian(product: Running) -> None:
    ada = await admin(product)
    await make_template(ada, "Привет", "Здравствуйте, {name}! Сумма: {amount}")
    anna = await product.member("Анна", "partner")
    mila = await product.member("Мила", "manager")
    await mila.start()
    await anna.say(LINE)
    await mila.press(TAKE["ru"])
    card = await mila.gets("#1")
    await tap(mila, "lead:more:", card)
    await tap(mila, "lead:message:")
    await mila.press("Привет")
    shown = await mila.gets("Здравствуйте, Ivan!")
    assert "3 000 000 ₽".replace(" ", "\xa0") in shown.text.replace("\u202f", "\xa0")
