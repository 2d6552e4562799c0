"""Rules and people for tests about sharing out."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from domain.answer_times import AnswerTime
from domain.leads import Lead, LeadDraft, LeadFilter
from domain.members import Member
from domain.sharing import Share
from sandbox.telegram.person import Person
from storage.tables import leads
from tests.product import OWNER, Running


async def as_member(product: Running, person: Person | int) -> Member:
    """The person as the use cases know them."""
    telegram_id = person if isinstance(person, int) else person.id
    found = await product.product.services.members.current(telegram_id)
    assert found is not None
    return found


async def started(product: Running, name: str, role: str = "manager") -> Person:
    """Somebody who has opened the bot: one who has not cannot be written to, as if they had blocked it."""
    person = await product.member(name, role, language="en")
    await person.start()
    await person.gets()
    return person


async def rule(
    product: Running, name: str, *people: Person, weights: tuple[int, ...] = (), cap: int = 0, **asks: str
) -> UUID:
    """A rule of the owner's; `asks` are conditions with one value each."""
    rules, owner = product.product.services.rules, await as_member(product, OWNER)
    members = [(await as_member(product, person)).id for person in people]
    made = (await rules.add(owner, name, members)).rule.id
    for place, member_id in enumerate(members):
        weight = weights[place] if weights else 1
        await rules.set_share(owner, made, Share(member_id, weight, cap))
    for condition, value in asks.items():
        await rules.turn_value(owner, made, condition, value)
    return made


async def send(product: Running, number: int, sender: int = OWNER, **values: object) -> Lead:
    """A lead as the sender sends it in the chat."""
    draft = LeadDraft(name=f"Lead {number}", phones=(f"+7999000{number:04d}",), **values)  # type: ignore[arg-type]
    services = product.product.services
    return await services.leads.create(await as_member(product, sender), draft, receipt=False)


async def lead_of(product: Running, number: int = 1) -> Lead:
    """The lead with this number, as the owner sees it."""
    services, owner = product.product.services, await as_member(product, OWNER)
    page = 0
    while True:
        found = await services.leads.browse(owner, LeadFilter(), page)
        for lead in found.leads:
            if lead.number == number:
                return lead
        page += 1
        assert page < found.pages, f"no lead {number}"


async def run_out(product: Running, lead_id: UUID) -> None:
    """As if the time to answer were over, and the job does what follows."""
    past = datetime.now(UTC) - timedelta(seconds=1)
    async with product.product.db.transaction(product.product.organization_id) as s:
        ours = (leads.c.id == lead_id, leads.c.organization_id == s.tenant)
        await s.execute(leads.update().where(*ours).values(escalate_at=past))
    await product.product.services.escalation.run()


async def answer_within(product: Running, minutes: int) -> UUID:
    """The answer time of the default pipeline, day and night; the pipeline."""
    services, owner = product.product.services, await as_member(product, OWNER)
    road = (await services.pipeline.pipelines(owner))[0]
    await services.pipelines_setup.set_answer_time(owner, road.id, AnswerTime(minutes))
    return road.id
