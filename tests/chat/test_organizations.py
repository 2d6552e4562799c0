"""Several organizations of one person, leaving, the consent, one's own settings, invite links."""

import pytest

from domain.errors import NotFound
from domain.members import MemberStatus, Role
from domain.own_settings import digest_time, span_of
from tests.chat.taps import english_owner, has, tap
from tests.product import OWNER, Running


async def test_an_owner_makes_another_organization_and_switches(product: Running) -> None:
    owner = await english_owner(product)
    await owner.say("/new_organization")
    await owner.gets("called")
    await owner.say("Василёк")
    await owner.sees("Василёк is there")
    await owner.say("/switch")
    shown = await owner.gets("Your organizations")
    assert len([label for label in shown.labels if "Ромашка" in label or "Василёк" in label]) == 2
    await owner.press("Ромашка", shown)
    menu = await owner.gets("Menu")
    assert "Ромашка" in menu.text
    await owner.say("/new_organization")
    await owner.gets("called")
    await owner.say("василёк")
    await owner.gets("already")


async def test_a_partner_cannot_make_one(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    await anna.start()
    await anna.say("/new_organization")
    await anna.gets("Only an owner")


async def test_an_invite_of_another_organization_joins_it_and_both_stay(product: Running) -> None:
    owner = await english_owner(product)
    anna = await product.member("Anna", "partner", language="en")
    await anna.start()
    await owner.say("/new_organization")
    await owner.gets("called")
    await owner.say("Other")
    await owner.sees("Other is there")
    services = product.product.services
    boss = await services.members.current(OWNER)
    assert boss is not None
    assert boss.organization_name == "Other"
    invite = await services.members.invite(boss, Role.MANAGER)
    await anna.start(invite.code)
    await anna.sees("invited as manager")
    await anna.say("/switch")
    shown = await anna.gets("Your organizations")
    assert len([label for label in shown.labels if "Other" in label or "Ромашка" in label]) == 2
    await anna.press("Ромашка", shown)
    assert "Ромашка" in (await anna.gets("Menu")).text


async def test_a_button_with_somebody_elses_organization_opens_nothing(product: Running) -> None:
    owner = await english_owner(product)
    await owner.say("/new_organization")
    await owner.gets("called")
    await owner.say("Other")
    await owner.sees("Other is there")
    anna = await product.member("Anna", "partner", language="en")
    services = product.product.services
    boss = await services.members.current(OWNER)
    assert boss is not None
    belongings = await services.belongings.of(OWNER)
    theirs = {one.organization_id for one in await services.belongings.of(anna.id)}
    [other] = [one for one in belongings if one.organization_id not in theirs]
    with pytest.raises(NotFound):
        await services.belongings.switch(anna.id, other.organization_id)


async def test_leaving_frees_the_leads_and_one_may_ask_to_come_back(product: Running) -> None:
    owner = await english_owner(product)
    mila = await product.member("Mila", "manager", language="en")
    await mila.start()
    await mila.say("Ivan +7 999 123-45-67")
    await mila.press("Open")
    await mila.gets("Nobody has taken it yet")
    await mila.press("Take")
    await mila.gets("You are responsible")
    await mila.say("/profile")
    await mila.press("My settings")
    await tap(mila, "me:leave")
    await tap(mila, "me:really_leave")
    await mila.sees("You have left. 1 lead has new hands")
    await owner.sees("Mila has left")
    await mila.press("Start again")
    await mila.gets("Your phone number")


async def test_withdrawing_the_consent_is_asked_twice_and_erases(product: Running) -> None:
    owner = await english_owner(product)
    anna = await product.member("Anna", "partner", language="en")
    await anna.start()
    before = await product.product.services.members.current(anna.id)
    assert before is not None
    await anna.say("/profile")
    await anna.press("My settings")
    await tap(anna, "me:consent")
    await anna.gets("Your consent")
    await tap(anna, "me:withdraw")
    await anna.gets("Withdraw the consent?")
    await tap(anna, "me:withdraw_again")
    await anna.gets("For the last time")
    await tap(anna, "me:really_withdraw")
    await anna.sees("The consent is withdrawn")
    told = await owner.sees("has withdrawn the consent")
    assert before.referral_code in told.text
    after = await product.product.services.members.current(anna.id)
    assert after is not None
    assert (after.name, after.phone, after.profile, after.consent_at) == ("", None, {}, None)
    assert after.status is MemberStatus.LEFT


async def test_hours_are_set_by_button_and_by_words_and_refused_when_unreadable(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    await anna.start()
    await anna.say("/profile")
    await anna.press("My settings")
    await tap(anna, "me:quiet")
    await anna.gets("quiet")
    for wrong, answer in (("25-99", "could not read"), ("9-9", "same time"), ("soon", "could not read")):
        await anna.say(wrong)
        await anna.gets(answer)
    await anna.say("22-8:30")
    await anna.gets("Quiet hours: 22:00–08:30")
    await tap(anna, "me:hours")
    await anna.gets("When do you work")
    await anna.say("18-9")
    await anna.gets("ends before")
    await anna.press("09:00-18:00")
    shown = await anna.gets("Working hours: 09:00–18:00")
    await tap(anna, "me:day:4", shown)
    await anna.gets("Working hours: 09:00–18:00")
    await tap(anna, "me:digest")
    await anna.gets("digest")
    await anna.say("7.45")
    await anna.gets("Daily digest: 07:45")
    member = await product.product.services.members.current(anna.id)
    assert member is not None
    hours = span_of(member.settings, "hours")
    assert hours is not None
    assert hours.days == (0, 1, 2, 3)
    assert str(digest_time(member.settings)) == "07:45:00"


async def test_an_invite_link_is_limited_and_taken_back(product: Running) -> None:
    owner = await english_owner(product)
    await owner.say("/invite")
    await owner.press("Manager")
    made = await owner.gets("Invite: manager")
    await tap(owner, "lnk:days", made)
    await owner.gets("Invite: manager")
    await tap(owner, "lnk:uses", made)
    limited = await owner.gets("for up to 1 people")
    code = next(word for word in limited.text.split() if "start=" in word).split("start=")[1]
    await tap(owner, "lnk:list")
    shown = await owner.gets("Links that are out")
    assert has(shown, "lnk:show")
    await tap(owner, "lnk:show")
    await tap(owner, "lnk:revoke")
    await owner.gets("Take the link back?")
    await tap(owner, "lnk:really_revoke")
    await owner.gets("opens nothing any more")
    late = await product.telegram.person("Late", language="en")
    await late.start(code)
    await late.sees("I do not know this link")
