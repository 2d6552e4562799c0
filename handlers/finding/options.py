"""What each condition of the list can be set to: the values that are in use, as buttons."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from domain.lead_query import FILLED, LeadQuery
from domain.members import Member, Right
from handlers.buttons import short
from handlers.finding.query_words import amount, source_name
from handlers.pipelines.words import pipeline_name, place_name
from locales import N_, _, ngettext
from services.registry import Services

AMOUNTS = tuple(map(Decimal, (100_000, 500_000, 1_000_000, 3_000_000, 10_000_000)))
DAYS = (1, 7, 30, 90, 365)
LABEL_ROOM = 40


@dataclass(frozen=True, slots=True)
class Option:
    """One button: fields of the query and what they become."""

    label: str
    changes: Mapping[str, Any]

    @property
    def mark(self) -> str:
        """The option in a button: the same as long as it means the same."""
        return hashlib.sha256(json.dumps(self.changes, default=str).encode()).hexdigest()[:10]

    def applied(self, query: LeadQuery) -> LeadQuery:
        return replace(query, **self.changes)


Options = Callable[[Services, Member, LeadQuery], Awaitable[Sequence[Option]]]


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition: how it is called, what it takes back, its options. `typed` may be given in words too; who
    lacks the right is not offered it."""

    label: str
    fields: tuple[str, ...]
    options: Options
    typed: bool = False
    right: Right = Right.LEAD_SEE_OWN


async def _stages(services: Services, member: Member, query: LeadQuery) -> Sequence[Option]:
    roads = await services.pipeline.pipelines(member)
    chosen = [one for one in roads if query.pipeline in (None, one.id)]
    return [
        Option(place_name(stage, chosen), {"stage": stage.id}) for road in chosen for stage in road.stages
    ]


async def _pipelines(services: Services, member: Member, _query: LeadQuery) -> Sequence[Option]:
    return [
        Option(pipeline_name(one), {"pipeline": one.id, "stage": None})
        for one in await services.pipeline.pipelines(member)
    ]


def _people(column: str) -> Options:
    async def options(services: Services, member: Member, _query: LeadQuery) -> Sequence[Option]:
        found = await services.finding.people(member, column)
        return [Option(name or "?", {column: member_id}) for member_id, name in found]

    return options


def _values(column: str) -> Options:
    async def options(services: Services, member: Member, _query: LeadQuery) -> Sequence[Option]:
        found = await services.finding.values(member, column)
        return [Option(source_name(one) if column == "source" else one, {column: one}) for one in found]

    return options


async def _tags(services: Services, member: Member, query: LeadQuery) -> Sequence[Option]:
    options = []
    for tag in await services.finding.values(member, "tags"):
        chosen = tag in query.tags
        tags = tuple(one for one in query.tags if one != tag) if chosen else (*query.tags, tag)
        options.append(Option(("✅ " if chosen else "") + f"#{tag}", {"tags": tuple(sorted(tags))}))
    return options


async def _created(_services: Services, _member: Member, _query: LeadQuery) -> Sequence[Option]:
    def label(days: int) -> str:
        if days == 1:
            return _("Today")
        return ngettext("The last {n} day", "The last {n} days", days).format(n=days)

    return [Option(label(days), {"days": days, "since": None, "until": None}) for days in DAYS]


async def _amounts(_services: Services, _member: Member, _query: LeadQuery) -> Sequence[Option]:
    return [
        Option(_("from {amount}").format(amount=amount(least)), {"least": least, "most": None})
        for least in AMOUNTS
    ]


async def _next_step(_services: Services, _member: Member, _query: LeadQuery) -> Sequence[Option]:
    return [Option(_("Without a next step"), {"no_next_step": True})]


def custom(key: str, choices: Sequence[tuple[str, str]]) -> Options:
    """Options of a field of the organization's own: (value, label) of its choices, or filled in at all."""

    async def options(_services: Services, _member: Member, query: LeadQuery) -> Sequence[Option]:
        others = {name: value for name, value in query.custom.items() if name != key}
        given = [*choices, (FILLED, _("Filled in"))]
        return [Option(label, {"custom": {**others, key: value}}) for value, label in given]

    return options


CONDITIONS: Mapping[str, Condition] = {
    "pipeline": Condition(N_("🛣 Pipeline"), ("pipeline",), _pipelines),
    "stage": Condition(N_("🗂 Stage"), ("stage",), _stages),
    "assignee": Condition(N_("👤 Responsible"), ("assignee",), _people("assignee")),
    "sender": Condition(N_("📨 Sender"), ("sender",), _people("sender"), right=Right.LEAD_WORK),
    "created": Condition(N_("📅 Came in"), ("days", "since", "until"), _created, typed=True),
    "amount": Condition(N_("💰 Amount"), ("least", "most"), _amounts, typed=True),
    "source": Condition(N_("📥 Source"), ("source",), _values("source")),
    "segment": Condition(N_("🧩 Segment"), ("segment",), _values("segment")),
    "product": Condition(N_("📦 Product"), ("product",), _values("product")),
    "region": Condition(N_("🗺 Region"), ("region",), _values("region")),
    "tags": Condition(N_("🏷 Tags"), ("tags",), _tags),
    "no_next_step": Condition(N_("⏰ Next step"), ("no_next_step",), _next_step, right=Right.LEAD_WORK),
}


def button_mark(option: Option) -> str:
    """What the option's button carries: a stage by its short id, as in the list itself."""
    stage = option.changes.get("stage")
    return short(stage) if stage is not None and len(option.changes) == 1 else option.mark
