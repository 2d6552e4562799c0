"""The demo's bot with a working day behind it: `python -m bot.demo.day` lives the day, then runs the bot.

Everything is done through the use cases behind the chat, by members, at moments that a clock walks through;
the last of them is a few minutes ago. What follows from it (history, pushes, what the CRM is owed) is what
the product makes of it, and is worked off when the bot runs.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.assembly import Product, assemble
from bot.demo.command import AGENCY, COLLEAGUE, MANAGER, OWNER
from bot.demo.stories import DAY, STORIES, Step, Story
from bot.settings import Settings, load_settings
from bot.watching.logs import set_up_logs
from domain.activities import ActivityType, CallResult
from domain.contacts import ContactDraft
from domain.leads import Lead, LeadDraft
from domain.members import Member, Role
from domain.plans import Plan, Subject
from handlers.fields.presets import PRESETS, fields_of
from handlers.joining.consent import VERSION, consent_text
from handlers.pipelines.words import reason_word
from locales import N_, _, use_language
from services.registry import Services
from storage.migrations import upgrade

JOINING: Mapping[str, tuple[int, Role, str, str]] = {
    "manager": (MANAGER, Role.MANAGER, "demo_manager", N_("Manager Mary")),
    "colleague": (COLLEAGUE, Role.MANAGER, "demo_colleague", N_("Manager Max")),
    "agency": (AGENCY, Role.PARTNER, "demo_agency", N_("Agency North")),
}
TEMPLATES = (
    (N_("First letter"), N_("Hello, {name}! This is {manager} of {organization}. When may I call you?")),
    (N_("Papers"), N_("{name}, please send me your passport and the proof of your income. {manager}")),
)
TICK = timedelta(milliseconds=5)
"""Nothing happens at the same moment as something else."""

ROUND = timedelta(minutes=5)
"""People plan for round times."""

FOUNDED = 7 * DAY
DIGEST_AGO = 480


class WalkingClock:
    """A clock that stands where it is put, and ticks when it is looked at."""

    def __init__(self, end: datetime, ago: float) -> None:
        self.end = end
        self._now = self.at(ago)

    def __call__(self) -> datetime:
        self._now += TICK
        return self._now

    def at(self, ago: float) -> datetime:
        """The moment so many minutes before the end."""
        return self.end - timedelta(minutes=ago)

    def go(self, ago: float) -> None:
        """On to that moment; never back."""
        self._now = max(self._now, self.at(ago))


@dataclass(slots=True)
class Course:
    """A story under way: its lead, and what is planned for it now."""

    story: Story
    lead: UUID | None = None
    worker: str = "manager"
    plan: UUID | None = None

    @property
    def lead_id(self) -> UUID:
        assert self.lead is not None, "a story begins with its lead"
        return self.lead


@dataclass(slots=True)
class Day:
    """The people of the day, and the verbs of their stories."""

    product: Product
    clock: WalkingClock
    people: dict[str, Member] = field(default_factory=dict)
    stages: dict[str, UUID] = field(default_factory=dict)

    @property
    def services(self) -> Services:
        return self.product.services

    async def live(self) -> None:
        """The organization is set up, people come in, and then everything happens in its order."""
        await self._found()
        courses = [Course(story) for story in STORIES]
        happens: list[tuple[int, Callable[[], Awaitable[None]]]] = [
            (DIGEST_AGO, self._digest),
            *((one.story.came, self._come_of(one)) for one in courses),
            *((step[0], self._step_of(one, step)) for one in courses for step in one.story.steps),
        ]
        for ago, act in sorted(happens, key=lambda one: -one[0]):
            self.clock.go(ago)
            await act()

    async def _found(self) -> None:
        services, members = self.services, self.services.members
        await members.arrive(OWNER, "demo_owner", _("Admin Olga"), self._language, "")
        owner = self.people["owner"] = await self._who(OWNER)
        await services.organizations.finish_set_up(owner)
        await services.custom_fields.add_preset(owner, fields_of(PRESETS["credit"]))
        for key, (identity, role, username, name) in JOINING.items():
            invite = await members.invite(owner, role)
            arrival = await members.arrive(identity, username, _(name), self._language, invite.code)
            text = consent_text(arrival.member.organization_name)
            agreed = await members.give_consent(arrival.member, VERSION, text)
            self.people[key] = await members.register(agreed, f"+7916000{identity}", role)
        for stage in await services.pipeline.stages(owner):
            self.stages.setdefault(stage.key or "", stage.id)
        road = (await services.pipelines_setup.all(owner))[0]
        await services.pipelines_setup.set_head(owner, road.id, self.people["manager"].id)
        await services.stages_setup.require(owner, self.stages["negotiation"], ("amount",))
        for name, text in TEMPLATES:
            await services.templates.add(owner, _(name), _(text))
        await self._wish_digest()

    async def _wish_digest(self) -> None:
        manager = self.people["manager"]
        begins = self.clock.at(DIGEST_AGO).astimezone(ZoneInfo(manager.time_zone))
        await self.services.own_settings.set_digest(manager, f"{begins.hour}:00")

    async def _digest(self) -> None:
        await self.services.digests.owe_due()

    def _come_of(self, course: Course) -> Callable[[], Awaitable[None]]:
        async def come() -> None:
            story = course.story
            if story.by == "site":
                key = await self.services.website_form.key(self.people["owner"])
                form = {
                    "name": _(story.name), "phone": story.phone, "email": story.email or _address(story),
                    "note": _(story.note) if story.note else "", "referral_code": "site", "utm_source": "vk",
                }  # fmt: skip
                outcome = await self.services.website_form.submit(key, form)
                course.lead = outcome.lead_id
            else:
                course.lead = (await self._send(story)).id

        return come

    async def _send(self, story: Story) -> Lead:
        sender = self.people[story.by]
        draft = LeadDraft(
            name=_(story.name),
            company=_(story.company) if story.company else "",
            phones=(story.phone,),
            emails=(story.email,) if story.email else (),
            amount=Decimal(story.amount) if story.amount else None,
            note=_(story.note) if story.note else "",
            custom=await self.services.custom_fields.read(sender, None, _said(story.custom)),
        )
        return await self.services.leads.create(sender, draft)

    def _step_of(self, course: Course, step: Step) -> Callable[[], Awaitable[None]]:
        async def act() -> None:
            _ago, verb, *words = step
            await VERBS[verb](self, course, *words)

        return act

    async def take(self, course: Course, who: str) -> None:
        """Take the lead, and write down what its sender could not."""
        course.worker, story = who, course.story
        member = self.people[who]
        await self.services.pipeline.take(member, course.lead_id)
        known: dict[str, str | Decimal] = {**_said(story.more)}
        if story.by == "site":
            if story.amount:
                known["amount"] = Decimal(story.amount)
            read = await self.services.custom_fields.read(member, None, _said(story.custom))
            known |= {f"custom.{key}": value for key, value in read.items()}
        await self.services.leads.change(member, course.lead_id, known)

    async def call(self, course: Course, result: str, text: str = "") -> None:
        await self.services.activities.log_call(
            self._worker(course), course.lead_id, CallResult(result), _(text) if text else ""
        )

    async def note(self, course: Course, text: str) -> None:
        await self.services.activities.add_note(self._worker(course), course.lead_id, _(text))

    async def write(self, course: Course, who: str, text: str) -> None:
        await self.services.activities.write(self.people[who], course.lead_id, _(text))

    async def contact(self, course: Course, name: str, position: str, phone: str) -> None:
        draft = ContactDraft(_(name), _(position), phone, decides=True)
        await self.services.contacts.add(self._worker(course), course.lead_id, draft)

    async def plan(self, course: Course, kind: str, ahead: str, title: str) -> None:
        moment = self.clock.at(-int(ahead))
        moment -= timedelta(seconds=moment.timestamp() % ROUND.total_seconds())
        made: Plan = await self.services.plans.schedule(
            self._worker(course), Subject("lead", course.lead_id), ActivityType(kind), moment, _(title)
        )
        course.plan = made.id

    async def done(self, course: Course, result: str, text: str = "") -> None:
        assert course.plan is not None, "what is done was planned"
        member = self._worker(course)
        await self.services.plans.complete(member, course.plan, result)
        if text:
            await self.services.plans.comment(member, course.plan, _(text))

    async def move(self, course: Course, stage: str) -> None:
        await self.services.pipeline.move(self._worker(course), course.lead_id, self.stages[stage])

    async def refuse(self, course: Course, reason: str) -> None:
        stage = self.stages["refused"]
        await self.services.pipeline.move(self._worker(course), course.lead_id, stage, reason_word(reason))

    async def customer(self, course: Course) -> None:
        await self.services.customers.qualify(self._worker(course), course.lead_id)

    async def hand(self, course: Course, note: str) -> None:
        to = self.people["colleague"]
        worker = self._worker(course)
        await self.services.hand_overs.give(worker, course.lead_id, to.id, _(note), worker.id)
        course.worker = "colleague"

    def _worker(self, course: Course) -> Member:
        return self.people[course.worker]

    async def _who(self, telegram_id: int) -> Member:
        found = await self.services.members.current(telegram_id)
        assert found is not None
        return found

    @property
    def _language(self) -> str:
        return self.product.settings.default_language


VERBS: Mapping[str, Callable[..., Awaitable[None]]] = {
    "take": Day.take,
    "call": Day.call,
    "note": Day.note,
    "write": Day.write,
    "contact": Day.contact,
    "plan": Day.plan,
    "done": Day.done,
    "move": Day.move,
    "refuse": Day.refuse,
    "customer": Day.customer,
    "hand": Day.hand,
}


def _said(values: Mapping[str, str]) -> dict[str, str]:
    return {key: _(value) for key, value in values.items()}


def _address(story: Story) -> str:
    return f"client{story.phone[-2:]}@example.com"


async def live(settings: Settings, end: datetime | None = None) -> int:
    """Live the day that ends at `end` (now) on the database of the settings; how many leads it has."""
    clock = WalkingClock(end or datetime.now(UTC), FOUNDED)
    with use_language(settings.default_language):
        async with assemble(settings, clock) as product:
            await Day(product, clock).live()
    return len(STORIES)


async def _prepare() -> None:
    settings = load_settings()
    set_up_logs(settings.log_level, settings.log_format, settings.secrets)
    await upgrade(settings.migrations_url, serving=settings.database_url)
    await live(settings)


def main() -> int:
    from bot.__main__ import main as command

    asyncio.run(_prepare())
    return command(["run"])


if __name__ == "__main__":
    sys.exit(main())
