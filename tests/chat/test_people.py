"""The people: the list, cards, roles, pausing, removing, and what each of them is told."""

import pytest

from domain.errors import BadInput, NotFound
from domain.members import Role
from tests.chat.taps import english_owner, has, tap
from tests.product import OWNER, Running


async def test_the_list_is_searched_and_filtered_and_opens_cards(product: Running) -> None:
    owner = await english_owner(product)
    await product.member("Анна Королёва", "partner", phone="+79161112233")
    await product.member("Mila", "manager")
    await owner.say("/people")
    shown = await owner.gets("👥")
    assert {"Анна Королёва", "Mila"} <= {label.split(" · ")[0] for label in shown.labels}
    await tap(owner, "ppl:list:manager", shown)
    shown = await owner.gets("👥")
    assert not [label for label in shown.labels if "Анна" in label]
    await owner.press("All", shown)
    await owner.gets("3 people")
    for words in ("королева", "111-22-33", "анна кор"):
        await tap(owner, "ppl:find", await owner.last())
        await owner.gets("🔎")
        await owner.say(words)
        found = await owner.gets(f"🔎 {words}")
        assert [label for label in found.labels if "Анна Королёва" in label], words
    await owner.press("Анна Королёва")
    card = await owner.gets("👤 Анна Королёва")
    assert "+7 916 111-22-33" in card.text


async def test_a_search_that_finds_nobody_says_how_to_go_on(product: Running) -> None:
    owner = await english_owner(product)
    await owner.say("/people")
    await tap(owner, "ppl:find")
    await owner.gets("🔎")
    await owner.say("::::")
    await owner.gets("at least a letter")
    await owner.say("zzzz%_")
    await owner.gets("Nobody here")


async def test_a_role_is_changed_and_the_member_is_told(product: Running) -> None:
    owner = await english_owner(product)
    anna = await product.member("Anna", "partner", language="en")
    await anna.start()
    await owner.say("/people")
    await owner.press("Anna")
    await tap(owner, "stf:roles")
    await owner.press("Manager", await owner.gets("🎭"))
    await owner.gets("👤 Anna")
    told = await anna.sees("has made you")
    assert has(told, "menu:leads")


async def test_a_paused_member_can_do_nothing_until_restored(product: Running) -> None:
    owner = await english_owner(product)
    mila = await product.member("Mila", "manager", language="en")
    await mila.start()
    await mila.say("Ivan +7 999 123-45-67")
    await mila.press("Open")
    await mila.gets("Nobody has taken it yet")
    await mila.press("Take")
    await mila.gets("You are responsible")
    await owner.say("/people")
    await owner.press("Mila", await owner.gets("👥 People"))
    await tap(owner, "stf:suspend")
    sure = await owner.gets("⏸")
    assert "1" in sure.text
    await tap(owner, "stf:really_suspend")
    await owner.gets("👤 Mila")
    await mila.sees("has paused your access")
    await mila.say("/leads")
    await mila.gets("Your access is paused")
    await tap(owner, "stf:restore")
    await owner.gets("👤 Mila")
    await mila.sees("has restored your access")
    await mila.say("/leads")
    shown = await mila.gets("Leads")
    assert "1 in all" in shown.text


async def test_a_removed_member_comes_back_by_invite_alone(product: Running) -> None:
    owner = await english_owner(product)
    anna = await product.member("Anna", "partner", language="en")
    await anna.start()
    await owner.say("/people")
    await owner.press("Anna")
    await tap(owner, "stf:remove")
    await tap(owner, "stf:really_remove")
    shown = await owner.gets("👥")
    assert not [label for label in shown.labels if "Anna" in label]
    await anna.sees("has removed you")
    await anna.say("/leads")
    await anna.gets("You have been removed")
    await anna.start()
    await anna.gets("You have been removed")
    members = product.product.services.members
    boss = await members.current(OWNER)
    assert boss is not None
    invite = await members.invite(boss, Role.MANAGER)
    await anna.start(invite.code)
    await anna.gets("You are invited as manager")


async def test_the_last_owner_stays_an_owner(product: Running) -> None:
    owner = await english_owner(product)
    await owner.say("/people")
    await owner.press("Ольга")
    await tap(owner, "stf:roles")
    answer = await owner.answer(await owner.press("Manager", await owner.gets("🎭")))
    assert "last owner" in answer["text"]
    await owner.say("/profile")
    await tap(owner, "menu:settings")
    await tap(owner, "me:leave")
    answer = await owner.answer(await tap(owner, "me:really_leave"))
    assert "last owner" in answer["text"]


async def test_an_admin_cannot_rise_nor_touch_an_owner(product: Running) -> None:
    await english_owner(product)
    adam = await product.member("Adam", "admin", language="en")
    anna = await product.member("Anna", "partner", language="en")
    await adam.start()
    await anna.start()
    await adam.say("/people")
    await adam.press("Ольга")
    card = await adam.gets("👤")
    assert not has(card, "stf:roles")
    assert not has(card, "stf:remove")
    services = product.product.services
    admin = await services.members.current(adam.id)
    partner = await services.members.current(anna.id)
    boss = await services.members.current(OWNER)
    assert admin is not None
    assert partner is not None
    assert boss is not None
    with pytest.raises(BadInput, match="owner_only"):
        await services.standing.set_role(admin, partner.id, Role.OWNER)
    with pytest.raises(BadInput, match="yourself"):
        await services.standing.set_role(admin, admin.id, Role.MANAGER)
    with pytest.raises(BadInput, match="above_you"):
        await services.standing.suspend(admin, boss.id)


async def test_a_member_of_another_organization_is_not_there(product: Running) -> None:
    owner = await english_owner(product)
    anna = await product.member("Anna", "partner", language="en")
    stranger = await product.telegram.person("Stranger", language="en")
    await stranger.start()
    members = product.product.services.members
    partner = await members.current(anna.id)
    boss = await members.current(OWNER)
    assert partner is not None
    assert boss is not None
    made = await product.product.services.belongings.create(boss, "Another")
    with pytest.raises(NotFound):
        await product.product.services.people.card(made, partner.id)
    with pytest.raises(NotFound):
        await product.product.services.standing.remove(made, partner.id)
    await owner.say("/people")
    await owner.gets("👥")
