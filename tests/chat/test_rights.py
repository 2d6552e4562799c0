"""Rights as data: per role and per member, what nobody may do, and seeing through somebody's eyes."""

import pytest
import sqlalchemy as sa

from domain.errors import BadInput, NotAllowed, NotFound
from domain.members import Right, Role
from domain.rights import SECTIONS
from storage.people import people
from storage.tables import audit
from tests.chat.taps import english_owner, has, tap
from tests.product import OWNER, Running

LINE = "Ivan +7 999 123-45-67"


def test_every_right_stands_in_one_section() -> None:
    listed = [right for rights in SECTIONS.values() for right in rights]
    assert sorted(listed) == sorted(Right)


async def test_a_role_gets_a_right_and_its_members_have_it_at_once(product: Running) -> None:
    owner = await english_owner(product)
    anna = await product.member("Anna", "partner", language="en")
    await anna.start()
    await owner.say("/roles")
    await owner.press("Partner", await owner.gets("Roles and rights"))
    await tap(owner, "rgt:on:partner:lead.see_all")
    shown = await owner.gets("Partner")
    assert has(shown, "rgt:off:partner:lead.see_all")
    assert has(shown, "rgt:reset:partner")
    await anna.sees("has changed your rights")
    member = await product.product.services.members.current(anna.id)
    assert member is not None
    assert member.may(Right.LEAD_SEE_ALL)
    await tap(owner, "rgt:reset:partner")
    await owner.gets("Partner")
    member = await product.product.services.members.current(anna.id)
    assert member is not None
    assert not member.may(Right.LEAD_SEE_ALL)


async def test_one_member_loses_a_right_and_others_keep_it(product: Running) -> None:
    owner = await english_owner(product)
    mila = await product.member("Mila", "manager", language="en")
    oleg = await product.member("Oleg", "manager", language="en")
    await mila.start()
    await owner.say("/people")
    await owner.press("Mila")
    await tap(owner, "rgt:show")
    await tap(owner, "rgt:off:", await owner.gets("🔐"))
    await mila.sees("has changed your rights")
    members = product.product.services.members
    one, other = await members.current(mila.id), await members.current(oleg.id)
    assert one is not None
    assert other is not None
    assert one.rights < other.rights
    await mila.say(LINE)
    assert "#1" not in (await mila.gets()).text


async def test_nobody_hands_out_more_than_they_have_nor_changes_their_own(product: Running) -> None:
    owner = await english_owner(product)
    adam = await product.member("Adam", "admin", language="en")
    await adam.start()
    services = product.product.services
    boss, admin = await services.members.current(OWNER), await services.members.current(adam.id)
    assert boss is not None
    assert admin is not None
    await services.rights.turn_member(boss, admin.id, Right.CRM_MANAGE, False)
    admin = await services.members.current(adam.id)
    assert admin is not None
    for attempt in (
        services.rights.turn_member(admin, admin.id, Right.CRM_MANAGE, True),
        services.rights.turn_role(admin, Role.ADMIN, Right.CRM_MANAGE, False),
        services.rights.turn_role(admin, Role.MANAGER, Right.CRM_MANAGE, True),
        services.rights.turn_member(admin, boss.id, Right.CRM_MANAGE, False),
        services.rights.turn_role(admin, Role.OWNER, Right.CRM_MANAGE, False),
        services.members.invite(admin, Role.ADMIN),
    ):
        with pytest.raises(BadInput):
            await attempt
    await adam.say("/roles")
    await adam.press("Manager", await adam.gets("Roles and rights"))
    answer = await adam.answer(await tap(adam, "rgt:on:manager:crm.manage"))
    assert "only what you may yourself" in answer["text"]
    await owner.say("/roles")
    await owner.gets("Roles")


async def test_a_partner_is_refused_kindly(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    await anna.start()
    for command in ("/roles", "/people", "/as", "/team", "/announce"):
        await anna.say(command)
        await anna.gets("Your role does not allow this")


async def test_an_old_button_of_a_right_that_is_gone_says_so(product: Running) -> None:
    owner = await english_owner(product)
    await owner.say("/roles")
    await owner.gets("Roles")
    services = product.product.services
    boss = await services.members.current(OWNER)
    assert boss is not None
    async with product.product.db.transaction(boss.organization_id) as s:
        settings = await people.organization_settings(s)
        changed = {"partner": {"extra": ["lead.fly"], "taken": ["lead.create"]}}
        await people.keep_organization_settings(s, {**settings, "rights": changed})
    anna = await product.member("Anna", "partner", language="en")
    member = await services.members.current(anna.id)
    assert member is not None
    assert not member.may(Right.LEAD_CREATE)


async def test_seeing_as_a_partner_shows_their_leads_alone_and_is_told(product: Running) -> None:
    owner = await english_owner(product)
    anna = await product.member("Anna", "partner", language="en")
    boris = await product.member("Boris", "partner", language="en")
    for person, line in ((anna, LINE), (boris, "Petr +7 999 765-43-21")):
        await person.start()
        await person.say(line)
        await person.sees("Accepted")
    await owner.say("/as")
    await owner.press("Anna", await owner.gets("👁"))
    await owner.gets("Anna (partner) sees")
    await anna.sees("through your eyes")
    await tap(owner, "as:list")
    shown = await owner.gets("Leads they see: 1")
    assert not [label for label in shown.labels if "Petr" in label]
    await owner.press("Ivan", shown)
    card = await owner.gets("Their buttons")
    assert "+7 999 123-45-67" in card.text
    assert {(button.data or "").split(":")[0] for button in card.buttons} == {"as"}
    assert has(card, "as:leave")
    await tap(owner, "as:leave")
    await owner.gets("☰ Menu")
    async with product.product.db.reading(system=True) as s:
        rows = await s.rows(sa.select(audit.c.action).where(audit.c.action.like("preview.%")))
    assert sorted(row.action for row in rows) == ["preview.begin", "preview.lead", "preview.list"]


async def test_a_preview_opens_no_lead_that_they_would_not_see(product: Running) -> None:
    owner = await english_owner(product)
    anna = await product.member("Anna", "partner", language="en")
    await owner.say(LINE)
    await owner.sees("Accepted")
    services = product.product.services
    boss, partner = await services.members.current(OWNER), await services.members.current(anna.id)
    assert boss is not None
    assert partner is not None
    with pytest.raises(NotFound):
        await services.previews.lead(boss, partner.id.hex, 1)
    with pytest.raises(NotFound):
        await services.previews.begin(boss, "no-such-person")
    preview = await services.previews.begin(boss, partner.id.hex)
    with pytest.raises(NotAllowed):
        await services.pipeline.take(preview.eyes, partner.id)
