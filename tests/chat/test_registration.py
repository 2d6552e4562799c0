"""From a stranger's first /start to the menu, and everything that can go differently on the way."""

import asyncio

import pytest

from domain.members import MemberStatus, Role
from sandbox.telegram.person import Person
from tests.product import OWNER, Running

pytestmark = pytest.mark.main_road


async def owner_of(product: Running) -> Person:
    owner = await product.owner()
    await product.product.services.members.change_language(OWNER, "en")
    return owner


async def status_of(product: Running, person: Person) -> MemberStatus:
    member = await product.product.services.members.current(person.id)
    assert member is not None
    return member.status


async def to_phone(person: Person) -> None:
    """Through language and consent to the question for the phone."""
    await person.press("English")
    await person.press("I agree")
    await person.sees("Your phone number")


async def test_stranger_becomes_partner(product: Running) -> None:
    owner = await owner_of(product)
    anna = await product.telegram.person("Anna <b>", language="en")
    await anna.start()
    question = await anna.sees("Which language")
    assert question.text.startswith("1/4")
    assert question.rows[0][0].text == "✅ English"
    await anna.press("English")
    assert (await anna.sees("Do you agree")).text.startswith("2/4")
    await anna.press("Read the whole text")
    assert "Purpose: to register me" in (await anna.gets("Consent to the processing")).text
    await anna.press("I agree")
    assert (await anna.sees("Your phone number")).text.startswith("3/4")
    await anna.share_contact()
    assert (await anna.sees("How would you like to work")).text.startswith("4/4")
    assert await anna.keyboard() == []
    await anna.press("Partner")
    await anna.sees("Your request is with the admins")
    assert await status_of(product, anna) is MemberStatus.PENDING

    wish = await owner.sees("Request to join")
    assert "Anna <b>" in wish.text
    assert "Wishes to be: partner" in wish.text
    await owner.press("Approve as partner")
    await owner.sees("Approved as partner by Ольга")
    await anna.sees("You are in! Your role: partner")
    await anna.press("Help")
    await anna.sees("Send a lead")


async def test_declined_person_gets_a_kind_answer(product: Running) -> None:
    owner = await owner_of(product)
    boris = await product.telegram.person("Boris", language="en")
    await boris.start()
    await to_phone(boris)
    await boris.say("8 (999) 123-45-67")
    await boris.sees("+7 999 123-45-67")
    await boris.press("Manager")
    await boris.sees("with the admins")
    await owner.press("Decline")
    await boris.sees("has not accepted your request")
    await boris.say("Ivan +7 999 123-45-68")
    assert "has not accepted" in (await boris.gets()).text
    await boris.start()
    assert "has not accepted" in (await boris.gets()).text


async def test_admin_gives_another_role_and_the_second_admin_sees_it(product: Running) -> None:
    owner = await owner_of(product)
    second = await product.member("Second", "admin", language="en")
    await second.start()
    vera = await product.telegram.person("Vera", language="en")
    await vera.start()
    await to_phone(vera)
    await vera.share_contact()
    await vera.press("Franchisee")
    await owner.press("Other role")
    await second.sees("Request to join")
    card = await owner.sees("Request to join")
    await owner.press("Manager", card)
    await vera.sees("Your role: manager")
    await second.sees("Approved as manager by Ольга")
    member = await product.product.services.members.current(vera.id)
    assert member is not None
    assert member.role is Role.MANAGER


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("call me", "does not look like a phone number"),
        ("12345", "does not look like a phone number"),
        ("9" * 60, "too long for a phone number"),
    ],
)
async def test_wrong_phone_is_explained_and_asked_again(product: Running, typed: str, told: str) -> None:
    gleb = await product.telegram.person("Gleb", language="en")
    await gleb.start()
    await to_phone(gleb)
    await gleb.say(typed)
    await gleb.gets(told)
    await gleb.say("+7 916 123-45-67")
    await gleb.gets("How would you like to work")


async def test_only_the_own_contact_counts(product: Running) -> None:
    dora = await product.telegram.person("Dora", language="en")
    await dora.start()
    await to_phone(dora)
    await dora.send_contact("Somebody", "+79161112233")
    await dora.gets("somebody else's contact")
    await dora.send_sticker()
    await dora.gets("I can only read text here")
    await dora.share_contact()
    await dora.gets("How would you like to work")


async def test_without_consent_nothing_goes_on(product: Running) -> None:
    egor = await product.telegram.person("Egor", language="en")
    await egor.start()
    await egor.press("English")
    await egor.press("I do not agree")
    await egor.gets("That is your right")
    await egor.say("I agree, fine")
    await egor.gets("press one of the buttons")
    await egor.press("✅ I agree")
    await egor.gets("Your phone number")


async def test_consent_says_when_it_was_given_and_the_phone_is_confirmed(product: Running) -> None:
    inna = await product.telegram.person("Inna", language="en")
    await inna.start()
    await inna.press("English")
    question = await inna.gets("Do you agree")
    await inna.press("I agree")
    await inna.sees("Your phone number")
    [agreed] = [one for one in await inna.messages() if one.id == question.id]
    assert "Do you agree" in agreed.text
    assert "✅ Consent given on " in agreed.text
    assert not agreed.buttons
    await inna.say("+7 916 123-45-67")
    await inna.gets("✅ Your phone: +7 916 123-45-67. To change it later: /profile")


async def test_back_returns_and_old_buttons_say_so(product: Running) -> None:
    inna = await product.telegram.person("Inna", language="en")
    await inna.start()
    first = await inna.sees("Which language")
    assert not any("Back" in button.text for row in first.rows for button in row)
    await to_phone(inna)
    await inna.press("Back")
    await inna.gets("Do you agree")
    await inna.press("✅ I agree")
    await inna.gets("Your phone number")
    await inna.say("+7 916 123-45-67")
    role = await inna.gets("How would you like to work")
    await inna.press("Partner", role)
    await inna.sees("with the admins")
    query = await inna.press("Language")
    assert query is not None
    await inna.sees("Which language shall we speak")


async def test_registration_survives_a_restart_and_a_pause(product: Running) -> None:
    kira = await product.telegram.person("Kira", language="en")
    await kira.start()
    await to_phone(kira)
    await kira.say("+7 916 123-45-67")
    await kira.sees("How would you like to work")
    await product.restart()
    await kira.say("/cancel")
    await kira.gets("The registration is paused")
    await kira.say("Ivan +7 999 123-45-67")
    kept = await kira.gets("please register")
    assert "send it once more" in kept.text
    await kira.start()
    await kira.gets("How would you like to work")
    await kira.press("Partner")
    await kira.sees("with the admins")
    member = await product.product.services.members.current(kira.id)
    assert member is not None
    assert member.phone == "+79161234567"


async def test_invited_manager_needs_no_approval(product: Running) -> None:
    owner = await owner_of(product)
    await owner.say("/invite")
    await owner.press("Manager")
    link = (await owner.sees("Invite: manager")).text.split("?start=")[1].split()[0]
    lev = await product.telegram.person("Lev", language="en")
    await lev.start(link)
    await lev.sees("You are invited as manager")
    assert (await lev.sees("Which language")).text.startswith("1/3")
    await to_phone(lev)
    await lev.share_contact()
    await lev.sees("Welcome, Lev!")
    assert await status_of(product, lev) is MemberStatus.ACTIVE
    await lev.start(link)
    await lev.gets("You are a member already")


async def test_unknown_link_is_said_and_the_conversation_goes_on(product: Running) -> None:
    mila = await product.telegram.person("Mila", language="en")
    await mila.start("inv_does-not-exist")
    await mila.sees("I do not know this link")
    await mila.sees("Which language")


async def test_referral_link_names_the_inviter(product: Running) -> None:
    partner = await product.member("Petra", "partner", language="en")
    await partner.say("/invite")
    screen = await partner.gets("Your referral link")
    assert "Invite without approval" not in screen.text
    code = screen.text.split("?start=")[1].split()[0]
    nina = await product.telegram.person("Nina", language="en")
    await nina.start(code)
    await nina.sees("You come by the recommendation of Petra")


async def test_who_waits_can_fill_in_the_profile_and_change_the_language(product: Running) -> None:
    owner = await owner_of(product)
    oleg = await product.telegram.person("Oleg", language="en")
    await oleg.start()
    await to_phone(oleg)
    await oleg.share_contact()
    await oleg.press("Partner")
    await oleg.press("Fill in my profile")
    await oleg.press("City")
    await oleg.say("Kazan")
    await oleg.gets("City: Kazan")
    await owner.sees("City: Kazan")
    await oleg.press("Menu")
    await oleg.gets("with the admins")
    await oleg.say("/leads")
    await oleg.gets("with the admins")
    await oleg.press("Language")
    await oleg.press("Русский")
    await oleg.gets()
    member = await product.product.services.members.current(oleg.id)
    assert member is not None
    assert member.language == "ru"


async def test_two_admins_decide_at_once(product: Running) -> None:
    owner = await owner_of(product)
    second = await product.member("Second", "admin", language="en")
    await second.start()
    petr = await product.telegram.person("Petr", language="en")
    await petr.start()
    await to_phone(petr)
    await petr.share_contact()
    await petr.press("Partner")
    await owner.sees("Request to join")
    await second.sees("Request to join")
    await asyncio.gather(owner.press("Approve"), second.press("Decline"))
    await owner.until(lambda seen: any(" by " in one.text for one in seen))
    decided = await second.sees(" by ")
    told = await petr.sees("You are in!" if "Approved" in decided.text else "has not accepted")
    answers = [toast["text"] for toast in [*await owner.toasts(), *await second.toasts()]]
    assert sum("I have written to Petr" in text for text in answers) == 1
    assert sum("decided already" in text for text in answers) == 1
    assert [message.text for message in await petr.messages()].count(told.text) == 1


async def test_stranger_who_just_writes_is_led_to_the_registration(product: Running) -> None:
    rita = await product.telegram.person("Rita", language="en")
    await rita.say("Ivan +7 999 123-45-67")
    assert "send it once more" in (await rita.gets("please register")).text
    await rita.press("Go on with the registration")
    await rita.gets("Which language")


async def test_invite_lets_in_those_who_wait_and_those_who_were_declined(product: Running) -> None:
    owner = await owner_of(product)
    await owner.say("/invite")
    await owner.press("Partner")
    link = (await owner.sees("Invite: partner")).text.split("?start=")[1].split()[0]
    sofia = await product.telegram.person("Sofia", language="en")
    await sofia.start()
    await to_phone(sofia)
    await sofia.share_contact()
    await sofia.press("Manager")
    await sofia.sees("with the admins")
    await owner.sees("Sofia")
    await sofia.start(link)
    await sofia.gets("Welcome, Sofia! You are in as partner")
    await owner.sees("In as partner")

    timur = await product.telegram.person("Timur", language="en")
    await timur.start()
    await to_phone(timur)
    await timur.share_contact()
    await timur.press("Partner")
    await owner.press("Decline", await owner.sees("Timur"))
    await timur.sees("has not accepted")
    await timur.start(link)
    await timur.gets("Your phone number")
    await timur.share_contact()
    await timur.gets("Welcome, Timur!")


async def test_blocked_person_gets_nothing_until_they_return(product: Running) -> None:
    anna = await product.member("Anna", "admin", language="en")
    await anna.start()
    await anna.gets("Menu")
    await anna.block()
    uma = await product.telegram.person("Uma", language="en")
    await uma.start()
    await to_phone(uma)
    await uma.share_contact()
    await uma.press("Partner")
    await uma.sees("with the admins")
    await anna.unblock()
    await anna.say("/people")
    await anna.gets("Requests to join")
    await anna.press("Uma")
    await anna.gets("Request to join")
    await anna.press("Approve as partner")
    await uma.sees("You are in!")
