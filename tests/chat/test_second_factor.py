"""The second factor in the chat: turned on by a code, asked once, and what was pressed goes on."""

import base64
import os
import re
import time
from datetime import UTC, datetime

import sqlalchemy as sa

from domain import slots as names
from domain.one_time_codes import code_of
from handlers.security.picture import qr
from sandbox.telegram.person import Person
from services.entry.second_factor import BEGUN_FOR
from storage.tables import second_factor_passes, second_factors, slots
from tests.chat.around import admin
from tests.chat.taps import english_owner
from tests.chat.test_api_keys import key_in
from tests.product import OWNER, Running
from tests.programs import run


def code_now(secret: bytes, later: int = 0) -> str:
    return code_of(secret, int(time.time()) // 30 + later)


async def turned_on(person: Person) -> tuple[bytes, list[str]]:
    """The secret and the recovery codes."""
    await person.say("/security")
    await person.press("🔐 Turn it on", await person.gets("It is off"))
    shown = await person.gets("Turning it on")
    picture = await person.sees("take the key from this picture")
    [link] = [one["copy_text"]["text"] for row in shown.raw["reply_markup"]["inline_keyboard"] for one in row
              if one["text"] == "📋 Copy the link"]  # fmt: skip
    assert await person.download(picture.raw["photo"][-1]["file_id"]) == qr(link)
    found = re.search(r"(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}", shown.text)
    assert found is not None
    secret = base64.b32decode(found[0].replace(" ", ""))
    await person.say("no code")
    await person.gets("This code is wrong")
    await person.say(code_now(secret))
    codes = await person.gets("Your second factor is on")
    await person.until(lambda messages: not any("photo" in one.raw for one in messages))
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


async def minutes_later(product: Running) -> None:
    """Ten minutes after somebody has begun, and not finished."""
    async with product.product.db.transaction(system=True) as s:
        begun = second_factors.c.created_at
        long_ago = datetime.now(UTC) - BEGUN_FOR
        slot = names.factor_picture(await s.scalar(sa.select(begun)))
        await s.execute(second_factors.update().values(created_at=long_ago))
        await s.execute(
            slots.update().where(slots.c.slot == slot).values(slot=names.factor_picture(long_ago))
        )
    await product.product.services.second_factor.forget_old()


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


async def test_whoever_runs_the_server_helps_an_owner_who_is_alone(product: Running) -> None:
    owner = await english_owner(product)
    await turned_on(owner)
    settings = product.settings
    given = {
        "ENV_FILE": "", "DATABASE_URL": settings.database_url, "SECRET_KEY": settings.secret_key,
        "DEFAULT_LANGUAGE": "en",
    }  # fmt: skip
    code, said = await run(["second-factor", "list"], os.environ | given)
    assert (code, f"owner, Telegram id {OWNER}" in said) == (0, True), said
    assert (await run(["second-factor", "off", "7"], os.environ | given))[0] == 2
    code, said = await run(["second-factor", "off", str(OWNER)], os.environ | given)
    assert (code, "second factor of Ольга is off" in said) == (0, True), said
    product.product.signals.wake("notices")
    await owner.press("🔐 Turn it on", await owner.gets("Whoever runs the server of “Ромашка”"))
    await owner.gets("Turning it on")
    await owner.sees("take the key from this picture")
    await minutes_later(product)
    await owner.until(lambda messages: not any("photo" in one.raw for one in messages))
    await owner.say("123456")
    await owner.gets("Your second factor is off")
    # what was done is in the record, signed
    chain = product.product.services.audit_chain
    await chain.seal()
    assert (await chain.verify(product.product.organization_id)).broken is None
    await owner.say("/audit")
    await owner.press("🔑 Keys and hooks", await owner.gets("Who did what"))
    assert "turned somebody's second factor off" in (await owner.gets("🔑 Keys and hooks · 30 days")).text
