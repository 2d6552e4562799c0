"""An organization's own fields: set up by an admin, asked for, shown, changed, put back."""

from sandbox.telegram.person import Person
from tests.chat.around import admin, taken
from tests.chat.lead_cards import opened
from tests.chat.taps import tap
from tests.product import Running


async def test_preset_in_one_tap_and_again_adds_nothing(product: Running) -> None:
    ada = await admin(product)
    await ada.say("/fields")
    await ada.gets("None yet")
    await ada.press("📦 Ready-made sets")
    sets = await ada.gets("Which set?")
    query = await ada.press("🎓 Education", sets)
    assert (await ada.answer(query))["text"] == "5 fields added."
    listed = await ada.gets("Own fields of leads")
    assert "🔤 Field of study" in listed.labels
    await ada.press("Scholarship needed", listed)
    card = await ada.gets("Scholarship needed")
    assert "custom.scholarship" in card.text
    await ada.press("⬅️ To the fields", card)
    await ada.press("📦 Ready-made sets")
    query = await ada.press("🎓 Education")
    assert (await ada.answer(query))["text"] == "All of these fields are there already."


async def add_field(ada: Person, name: str, kind: str, choices: str = "") -> None:
    await ada.say("/fields")
    await ada.press("➕ Add a field")
    await ada.gets("What is it called?")
    await ada.say(name)
    await ada.gets("What does one fill in?")
    await ada.press(kind)
    if choices:
        await ada.gets("What can be chosen?")
        await ada.say(choices)
    await ada.gets("✅ Added.")


async def test_field_is_made_renamed_ordered_hidden_and_put_away(product: Running) -> None:
    ada = await admin(product)
    await add_field(ada, "Rooms", "🔢 Number")
    await ada.say("/fields")
    await ada.press("➕ Add a field")
    await ada.gets("What is it called?")
    await ada.say("rooms")
    await ada.gets("What does one fill in?")
    await ada.say("something")
    await ada.gets("Please press one of the buttons")
    await ada.press("🔘 One of several")
    await ada.gets("What can be chosen?")
    await ada.say("only one")
    await ada.gets("There must be at least two choices")
    await ada.say("House, Flat")
    await ada.gets("There is a field “Rooms” already")
    await ada.say("Kind <of> home")
    card = await ada.gets("✅ Added.")
    assert "Choices: House, Flat" in card.text
    await ada.press("⬆️ Up", card)
    await ada.gets("Place: 1 of 2")
    await ada.press("▫️ Required")
    await ada.gets("A new lead is asked for it.")
    await ada.press("✏️ Rename")
    await ada.gets("be called?")
    await ada.say("Home")
    await ada.gets("✏️ Renamed.")
    await ada.press("🔘 Choices")
    await ada.gets("What can be chosen?")
    await ada.say("House\nFlat\nRoom, shared")
    await ada.gets("Choices: House, Flat, Room, shared")
    await ada.press("👁 Who sees it")
    await ada.press("☑️ partner")
    await ada.gets("Who sees it?")
    await ada.press("⬅️ Back")
    await ada.gets("Hidden from: ")
    await ada.press("🗄 Put away")
    await ada.gets("no form asks for it")
    await ada.say("/fields")
    await ada.press("➕ Add a field")
    await ada.say("home")
    await ada.press("🔤 Text")
    await ada.gets("among those that were put away")
    await ada.press("✖️ Cancel")
    await ada.say("/fields")
    await ada.press("🗄 Home")
    await ada.press("♻️ Bring it back")
    await ada.gets("Place: 1 of 2")


async def test_required_fields_are_asked_for_a_new_lead(product: Running) -> None:
    ada = await admin(product)
    await add_field(ada, "Bank", "🔘 One of several", "Alfa, Sber")
    await ada.press("▫️ Required")
    await ada.gets("A new lead is asked")
    await add_field(ada, "Services", "🗂 Several of many", "Cut, Wash, Dry")
    await ada.press("▫️ Required")
    await ada.gets("A new lead is asked")
    await add_field(ada, "Passport", "📎 File")
    await ada.press("▫️ Required")
    await ada.gets("A new lead is asked")
    await add_field(ada, "Wishes", "🔤 Text")
    anna = await product.member("Anna", "partner", language="en")
    await anna.start()
    await anna.say("Ivan 8 999 123-45-67 mortgage 3 million")
    await anna.gets("Bank")
    await anna.say("Tinkoff")
    await anna.gets("“Bank” has other choices: Alfa, Sber")
    await anna.press("Sber")
    await anna.gets("Services")
    await anna.press("▫️ Wash")
    await anna.press("▫️ Cut")
    await anna.press("☑️ Wash")
    await anna.press("▫️ Dry")
    await anna.press("✅ Done: 2")
    await anna.gets("Passport")
    await anna.say("here")
    await anna.gets("Please press one of the buttons")
    await anna.send_document("passport.pdf", b"%PDF")
    await anna.gets("🧾")
    card = await opened(anna)
    for line in ("🧩 Bank: Sber", "🧩 Services: Cut, Dry", "🧩 Passport: passport.pdf"):
        assert line in card.text
    assert "Wishes" not in card.text
    assert "📎 Files 1" in card.labels


async def test_values_are_changed_on_the_lead_and_put_back(product: Running) -> None:
    ada = await admin(product)
    await add_field(ada, "Visit", "📅 Date")
    await add_field(ada, "Insured", "☑️ Yes or no")
    await add_field(ada, "Income", "💰 Money")
    _anna, mila, card = await taken(product)
    await mila.press("⋯ More", card)
    await mila.press("🧩 Own fields")
    await mila.gets("Visit: —")
    await mila.press("📅 Visit")
    await mila.gets("A date, for example")
    await mila.say("next week")
    await mila.gets("“Visit” is a date with a year")
    await mila.say("30.02.2026")
    await mila.gets("There is no such day")
    await mila.say("25.12.2026")
    done = await mila.gets("🧩 Visit: 25 Dec 2026")
    await mila.press("⋯ More", done)
    await mila.press("🧩 Own fields")
    await mila.press("☑️ Insured")
    await mila.gets("Choose an answer")
    await mila.press("Yes")
    done = await mila.gets("🧩 Insured: Yes")
    await mila.press("↩️ Undo", done)
    await mila.until(lambda all_: "Insured" not in next(m for m in all_ if m.id == done.id).text)
    card = await opened(mila)
    await mila.press("⋯ More", card)
    await mila.press("🧩 Own fields")
    await mila.press("📅 Visit")
    await mila.gets("Now: 25 Dec 2026")
    await mila.press("Skip")
    emptied = await mila.gets("✏️ Kept.")
    assert "Visit" not in emptied.text
    await mila.press("History", emptied)
    history = await mila.gets("🕓 #1")
    assert "Visit: 25 Dec 2026 → —" in history.text


async def test_field_hidden_from_partners_is_not_shown_to_them(product: Running) -> None:
    ada = await admin(product)
    await add_field(ada, "Margin", "🔢 Number")
    await ada.press("👁 Who sees it")
    await ada.press("☑️ partner")
    await ada.gets("Who sees it?")
    anna, mila, card = await taken(product)
    await mila.press("⋯ More", card)
    await mila.press("🧩 Own fields")
    await mila.press("🔢 Margin")
    await mila.say("12,5")
    await mila.gets("🧩 Margin: 12.5")
    theirs = await opened(anna)
    assert "Margin" not in theirs.text
    await anna.press("History", theirs)
    history = await anna.gets("🕓 #1")
    assert "Margin" not in history.text
    assert "12.5" not in history.text
    assert "A field that you do not see" in history.text


async def test_file_is_a_fields_value_and_goes_with_the_file(product: Running) -> None:
    ada = await admin(product)
    await add_field(ada, "Passport", "📎 File")
    _anna, mila, card = await taken(product)
    await mila.press("⋯ More", card)
    await mila.press("🧩 Own fields")
    await mila.press("📎 Passport")
    await mila.gets("it becomes the value")
    await mila.send_document("scan.pdf", b"%PDF")
    kept = await mila.gets("Kept with")
    shown = await opened(mila)
    assert "🧩 Passport: scan.pdf" in shown.text
    await mila.press("🗑 Not here", kept)
    await mila.gets("🗑 Deleted")
    shown = await opened(mila)
    assert "Passport" not in shown.text


async def test_only_admins_set_up_fields(product: Running) -> None:
    _anna, mila, _card = await taken(product)
    await mila.say("/fields")
    await mila.gets("Your role does not allow this")


async def test_preset_and_value_in_russian(product: Running) -> None:
    ada = await admin(product, "ru")
    await ada.say("/fields")
    await ada.press("flds:presets:")
    await ada.gets("🎓")
    await ada.answer(await ada.press("flds:preset:education"))
    services = product.product.services
    ruler = await services.members.current(ada.id)
    assert ruler is not None
    fields = await services.custom_fields.for_member(ruler)
    keys = [one.key for one in fields]
    assert keys == ["user_type", "field_of_study", "universities", "language", "scholarship"]
    _anna, mila, card = await taken(product, "ru")
    await tap(mila, "lead:more:", card)
    await tap(mila, "lead:fields:")
    await mila.press(fields[1].name)
    await mila.gets("🧩")
    await mila.say("Право")
    assert "Право" in (await mila.gets("Право")).text
