"""Moving to another CRM in the chat: a plan, a bar that moves in place, a report, and three decisions."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from domain.leads import LeadDraft
from sandbox.telegram.person import Person
from tests.crm_adapters.retail import RetailStandIn
from tests.product import OWNER, Running, running
from tests.waiting import until


@dataclass
class Two:
    """The product between two CRMs, and its owner."""

    product: Running
    retail: RetailStandIn
    owner: Person

    async def send(self, number: int) -> None:
        services = self.product.product.services
        member = await services.members.current(OWNER)
        assert member is not None
        draft = LeadDraft(name=f"Lead {number}", phones=(f"+7999{number:07d}",))
        await services.leads.create(member, draft)

    async def both_hold(self, espo: int, retail: int) -> None:
        await until(
            lambda: (len(self.product.espocrm.leads()), len(self.retail.leads())) == (espo, retail),
            seconds=30,
        )

    async def begin(self) -> None:
        """As far as the plan."""
        await self.owner.say("/crm")
        await self.owner.press("EspoCRM")
        await self.owner.press("Move to another CRM")
        await self.owner.gets("Where to?")
        await self.owner.press("RetailCRM")
        await self.owner.gets("Moving to RetailCRM")


@pytest.fixture
async def two(database_url: str, redis_url: str) -> AsyncIterator[Two]:
    async with (
        RetailStandIn() as retail,
        running(database_url, redis_url, allow=(retail.address,)) as product,
    ):
        owner = await product.owner()
        services = product.product.services
        await services.members.change_language(OWNER, "en")
        member = await services.members.current(OWNER)
        assert member is not None
        report = await services.integrations.connect(member, "retailcrm", retail.settings, another=True)
        assert report.usable
        yield Two(product, retail, owner)


async def test_the_whole_move(two: Two) -> None:
    owner = two.owner
    for number in range(1, 6):
        await two.send(number)
    await two.both_hold(5, 0)
    await two.begin()
    assert not two.retail.leads()
    await owner.press("Start copying")
    await owner.sees("The move to RetailCRM has begun")
    done = await owner.sees("All is copied", 30)
    assert "▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓ 100 %" in done.text
    assert "5 of 5 leads are there" in done.text
    # the bar moved in place: one message shows the move
    assert len([one for one in await owner.messages() if "EspoCRM → RetailCRM" in one.text]) == 1
    await two.send(6)
    await two.both_hold(6, 6)
    await owner.press("Report")
    sent = await owner.sees("0 differences")
    table = (await owner.download(sent.raw["document"]["file_id"])).decode("utf-8-sig")
    assert table.splitlines() == ["Lead,Name,What,Field,EspoCRM,RetailCRM,Link"]
    await owner.press("Make RetailCRM active", message=done)
    await owner.press("Yes, make it active")
    await owner.sees("The new CRM is the active one")
    await two.send(7)
    await two.both_hold(7, 7)
    await owner.press("Stop writing to EspoCRM", message=done)
    await owner.press("Yes, stop it")
    await owner.sees("The move is complete")
    await two.send(8)
    await two.both_hold(7, 8)


async def test_a_move_is_called_off(two: Two) -> None:
    owner = two.owner
    await two.send(1)
    await two.both_hold(1, 0)
    await two.begin()
    await owner.press("Start copying")
    bar = await owner.sees("All is copied", 30)
    await owner.press("Call it off", message=bar)
    await owner.press("Back")
    await owner.sees("All is copied")
    await owner.press("Call it off", message=bar)
    await owner.press("Yes, call it off")
    await owner.sees("The move was called off")
    await two.send(2)
    await two.both_hold(2, 1)


async def test_a_target_that_does_not_answer_is_told(two: Two) -> None:
    owner = two.owner
    two.retail.go_down()
    await owner.say("/crm")
    await owner.press("EspoCRM")
    await owner.press("Move to another CRM")
    await owner.press("RetailCRM")
    await owner.gets("The CRM does not answer now")
    two.retail.heal()
    await owner.press("Try again")
    await owner.gets("0 leads in all")


async def test_the_target_of_a_move_points_to_it(two: Two) -> None:
    owner = two.owner
    await owner.say("/crm")
    await owner.press("RetailCRM")
    reserve = await owner.gets("In reserve")
    await two.begin()
    await owner.press("Start copying")
    await owner.sees("All is copied", 30)
    await owner.press("Make active", reserve)
    await owner.press("Yes, make active")
    await owner.gets("A move between CRMs is under way")
    await owner.say("/crm")
    assert "a move is under way: it gets every write as well" in (await owner.gets("CRM connections")).text
    await owner.press("🔁 RetailCRM")
    card = await owner.gets("what is written to the active CRM is written here as well")
    assert not {"✅ Make active", "🗑 Remove"} & set(card.labels)
    await owner.press("🔁 To the move", card)
    await owner.gets("EspoCRM → RetailCRM")
