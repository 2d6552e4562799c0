"""The second factor in the chat: turned on by a code, asked once, and what was pressed goes on."""

import base64
import re
import time

import sqlalchemy as sa

from domain.one_time_codes import code_of
from sandbox.telegram.person import Person
from storage.tables import second_factor_passes
from tests.chat.around import admin
from tests.chat.test_api_keys import key_in
from tests.product import Running


def code_now(secret: bytes, later: int = 0) -> str:
    return code_of(secret, int(time.time()) // 30 + later)


async def turned_on(person: Person) -> tuple[bytes, list[str]]:
    """The secret and the recovery codes."""
    await person.say("/security")
    await person.press("🔐 Turn it on", await person.gets("It is off"))
    shown = await person.gets("Turning it on")
    found = re.search(r"(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}", shown.text)
    assert found is not None
    secret = base64.b32decode(found[0].replace(" ", ""))
    await person.say("no code")
    await person.gets("This code is wrong")
    await person.say(code_now(secret))
    codes = await person.gets("Your second factor is on")
    recovery = re.findall(r"[a-z2-7]{4}(?:-[a-z2-7]{4}){3}", codes.text)
    assert len(recovery) == 10
    await person.press("🙈 I have them, hide them", codes)
    await person.gets("10 recovery codes are left")
    assert not [one for one in await person.messages() if recovery[0] in one.text or found[0] in one.text]
    return secret, recovery


async def forget(product: Running) -> None:
    """Ten minutes have gone by."""
    async with product.product.db.transaction(system=True) as s:
        await s.execute(sa.delete(second_factor_passes))


async def until_the_last_question(ada: Person) -> None:
    await ada.say("/api")
    await ada.press("➕ New key")
    await ada.press("Make.com", await ada.gets("What is it for?"))
    await ada.press("👁 Read only", await ada.gets("What shall it be good for?"))
    await ada.press("90 days", await ada.gets("How long shall it open?"))


async def test_a_key_is_made_once_a_code_was_given_and_nothing_is_lost(product: Running) -> None:
    ada = await admin(product)
    secret, recovery = await turned_on(ada)
    await forget(product)
    await until_the_last_question(ada)
    asked = await ada.gets("A code of your second factor, please")
    await ada.say("Ivan 8 999 123-45-67")
    await ada.gets("This is no code")
    await ada.say("123456" if code_now(secret) != "123456" else "654321")
    await ada.gets("This code is wrong, or was used before")
    await ada.say(code_now(secret, 1))
    key = key_in(await ada.gets("here is the key"))
    await ada.sees("Code accepted")
    assert not [one for one in await ada.messages() if one.text == code_now(secret, 1)]
    assert key not in asked.text
    # it is not asked again for a while: another key is there at once
    await until_the_last_question(ada)
    assert key_in(await ada.gets("here is the key")) != key

    await forget(product)
    await until_the_last_question(ada)
    await ada.press("✖️ Leave it", await ada.gets("A code of your second factor, please"))
    await ada.gets("Left it: nothing was changed")
    # the form stands where it stood
    await ada.say("/menu")
    await ada.press("▶️ Go on", await ada.gets("You have begun something"))
    await ada.gets("A code of your second factor, please")
    await ada.say(recovery[0].upper())
    assert key_in(await ada.gets("here is the key")) != key
    await ada.say("/security")
    await ada.gets("9 recovery codes are left")


async def test_a_role_is_given_by_the_button_that_was_pressed(product: Running) -> None:
    owner = await product.owner()
    await owner.say("/language")
    await owner.press("English")
    await product.member("Mila", "manager", language="en")
    _secret, recovery = await turned_on(owner)
    await forget(product)
    await owner.say("/people")
    await owner.press("Mila")
    await owner.press("🎭 Role", await owner.gets("Sees leads"))
    roles = await owner.gets("Which role instead?")
    await owner.press("Admin", roles)
    await owner.gets("A code of your second factor, please")
    await owner.say(recovery[1])
    card = await owner.gets("Role: admin")
    assert card.id == roles.id


async def test_an_owner_is_told_of_guesses_and_helps_who_lost_their_telephone(product: Running) -> None:
    owner = await product.owner()
    await owner.say("/language")
    await owner.press("English")
    mila = await product.member("Mila", "manager", language="en")
    await turned_on(mila)
    for _ in range(12):
        await product.http.get(f"{product.url}/api/me", headers={"Authorization": "Bearer vk_guess"})
    told = await owner.gets("Somebody guesses at keys and tokens of the API")
    assert "At least 10 tries from 127.0.0.*" in told.text

    await owner.say("/people")
    await owner.press("Mila")
    await owner.press("🔓 Reset the second factor", await owner.gets("Sees leads"))
    await owner.press("🔓 Turn it off", await owner.gets("Turn off the second factor of Mila?"))
    await mila.gets("An owner of “Ромашка” has turned your second factor off")
    await mila.press("🔐 Turn it on")
    await mila.gets("Turning it on")


async def test_what_runs_after_the_answer_is_asked_before_it(product: Running) -> None:
    ada = await admin(product)
    _secret, recovery = await turned_on(ada)
    await forget(product)
    await ada.say("/crm")
    await ada.press("🔌 Disconnect", await ada.gets("EspoCRM"))
    await ada.press("Yes, disconnect", await ada.gets("Disconnect the CRM?"))
    await ada.gets("A code of your second factor, please")
    await ada.say(recovery[0])
    await ada.gets("The CRM is disconnected")
