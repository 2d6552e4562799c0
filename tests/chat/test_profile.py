"""The profile card, its forms, and what they say to wrong values."""

import asyncio

import pytest

from tests.product import Running


async def test_every_field_can_be_filled_at_once(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    await anna.say("/profile")
    await anna.press("Fill in everything at once")
    assert (await anna.sees("Which city")).text.startswith("1/7")
    await anna.say("Tver <3")
    await anna.gets("What do you deal in")
    await anna.press("Skip")
    await anna.press("Self-employed")
    await anna.sees("company called")
    await anna.press("Skip")
    await anna.sees("Your INN")
    await anna.say("500100732259")
    await anna.sees("Your e-mail")
    await anna.say("Anna@Example.com")
    await anna.press("Vladivostok")
    card = await anna.sees("My profile")
    for line in ("City: Tver <3", "Legal form: Self-employed", "INN: 500100732259",
                 "E-mail: anna@example.com", "Time zone: Vladivostok", "Niche: —"):  # fmt: skip
        assert line in card.text


@pytest.mark.parametrize(
    ("field", "wrong", "told", "right"),
    [
        ("INN", "7707083894", "its check digits do not fit", "7707083893"),
        ("INN", "12345", "10 digits (company) or 12", "500100732259"),
        ("E-mail", "anna at example", "does not look like an e-mail", "anna@example.com"),
        ("Time zone", "Atlantis", "I do not know this time zone", "Moscow"),
        ("City", "x" * 101, "at most 100", "Tver"),
        ("Phone", "twelve", "does not look like a phone", "8 916 123-45-67"),
    ],
)
async def test_wrong_value_is_explained(
    product: Running, field: str, wrong: str, told: str, right: str
) -> None:
    anna = await product.member("Anna", "partner", language="en")
    await anna.say("/profile")
    await anna.press(f"✏️ {field}")
    await anna.say(wrong)
    await anna.gets(told)
    await anna.say(right)
    await anna.gets("My profile")


async def test_city_is_known_in_russian_too(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    await anna.say("/profile")
    await anna.press("✏️ Time zone")
    await anna.say("Екатеринбург")
    assert "Time zone: Yekaterinburg" in (await anna.gets("My profile")).text


async def test_cancel_leaves_the_profile_as_it_was(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    await anna.say("/profile")
    await anna.press("✏️ Phone")
    await anna.sees("Share my phone")
    await anna.press("Cancel")
    await anna.gets("The profile stays as it was")
    assert await anna.keyboard() == []
    await anna.say("/cancel")
    await anna.gets("There is nothing to cancel")


async def test_what_is_not_understood_is_answered(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    await anna.say("hello there")
    await anna.gets("did not find a phone")
    await anna.send_sticker()
    await anna.gets("A fine sticker")
    await anna.send_voice()
    await anna.gets("cannot listen")
    await anna.say("/whatever")
    await anna.gets("I do not know this command")
    await anna.say("/people")
    await anna.gets("Your role does not allow this")


async def test_menu_leads_back_into_an_unfinished_form(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    await anna.say("/profile")
    await anna.press("Fill in everything at once")
    await anna.say("Tver")
    await anna.gets("What do you deal in")
    await anna.say("/menu")
    await anna.gets("You have begun something")
    await anna.press("Go on")
    await anna.gets("What do you deal in")
    await anna.say("/menu")
    await anna.press("Leave it")
    await anna.gets("The profile stays as it was")


async def test_answered_question_keeps_the_answer_and_loses_its_buttons(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    await anna.say("/profile")
    await anna.press("Fill in everything at once")
    old = await anna.sees("Which city")
    await anna.say("Tver")
    await anna.gets("What do you deal in")
    found = {message.id: message for message in await anna.messages()}
    assert found[old.id].text.endswith("➡️ Tver")
    assert not found[old.id].buttons
    await anna.say("x" * 101)
    wrong = await anna.gets("Too long")
    await anna.say("Mortgages")
    await anna.gets("How do you work")
    found = {message.id: message for message in await anna.messages()}
    assert "What do you deal in" in found[wrong.id].text
    assert found[wrong.id].text.endswith("➡️ Mortgages")
    assert not found[wrong.id].buttons
    assert len([one for one in found.values() if one.from_bot and "deal in" in one.text and one.buttons]) == 0


async def test_field_can_be_emptied(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    await anna.say("/profile")
    await anna.press("✏️ City")
    asked = await anna.gets("Which city")
    assert "🗑 Leave it empty" not in asked.labels
    await anna.say("Tver")
    await anna.gets("City: Tver")
    await anna.press("✏️ City")
    await anna.press("Leave it empty")
    await anna.gets("City: —")
    await anna.press("✏️ Name")
    asked = await anna.gets("What is your name")
    assert "🗑 Leave it empty" not in asked.labels


async def test_double_tap_answers_one_question(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    await anna.say("/profile")
    await anna.press("Fill in everything at once")
    city = await anna.sees("Which city")
    skip = next(button for row in city.rows for button in row if "Skip" in button.text)
    assert skip.data is not None
    await asyncio.gather(anna.press(skip.data, city), anna.press(skip.data, city))
    niche = await anna.sees("What do you deal in")
    await anna.press("Skip", niche)
    await anna.sees("How do you work")


async def test_commands_menu_is_shown(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    await anna.start()
    await anna.sees("Menu")
    assert {"menu", "new", "profile", "help", "cancel"} <= set(await anna.commands())
