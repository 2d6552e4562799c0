"""What is chosen in a list of leads, in words: one short chip a condition."""

from collections.abc import Awaitable, Callable
from datetime import date
from decimal import Decimal

from babel.dates import format_date

from domain.lead_query import FILLED, LeadQuery
from domain.leads import Money
from domain.members import Member
from handlers.cards import SOURCES, money, stage_name
from locales import _, current_language, ngettext
from services.registry import Services

Chip = tuple[str, str]
"""The condition's name and its words, as plain text."""

Speaker = Callable[[Services, Member, LeadQuery], Awaitable[str]]


def day(value: date) -> str:
    return format_date(value, "d MMM y", locale=current_language())


def amount(value: Decimal) -> str:
    return money(Money(value))


def source_name(source: str) -> str:
    return _(SOURCES[source]) if source in SOURCES else source


async def chips_of(services: Services, member: Member, query: LeadQuery) -> list[Chip]:
    """Everything that is chosen but the tab, in the order of the table."""
    found = []
    for name, speak in SPEAKERS.items():
        words = await speak(services, member, query)
        if words:
            found.append((name, words))
    return found


async def _text(_services: Services, _member: Member, query: LeadQuery) -> str:
    return f"🔎 {query.text}" if query.text else ""


async def _stage(services: Services, member: Member, query: LeadQuery) -> str:
    if query.stage is None:
        return ""
    stages = await services.pipeline.stages(member)
    return next((stage_name(one) for one in stages if one.id == query.stage), _("a stage that is gone"))


async def _assignee(services: Services, member: Member, query: LeadQuery) -> str:
    if query.assignee is None:
        return ""
    return "👤 " + (await services.finding.name_of(member, query.assignee) or "?")


async def _sender(services: Services, member: Member, query: LeadQuery) -> str:
    if query.sender is None:
        return ""
    return "📨 " + (await services.finding.name_of(member, query.sender) or "?")


async def _created(_services: Services, _member: Member, query: LeadQuery) -> str:
    if query.days == 1:
        return _("📅 today")
    if query.days:
        return "📅 " + ngettext("the last {n} day", "the last {n} days", query.days).format(n=query.days)
    if query.since and query.until:
        return f"📅 {day(query.since)} – {day(query.until)}"
    if query.since:
        return _("📅 from {day}").format(day=day(query.since))
    return _("📅 until {day}").format(day=day(query.until)) if query.until else ""


async def _amount(_services: Services, _member: Member, query: LeadQuery) -> str:
    if query.least is not None and query.most is not None:
        return f"💰 {amount(query.least)} – {amount(query.most)}"
    if query.least is not None:
        return _("💰 from {amount}").format(amount=amount(query.least))
    return _("💰 up to {amount}").format(amount=amount(query.most)) if query.most is not None else ""


async def _tags(_services: Services, _member: Member, query: LeadQuery) -> str:
    return " ".join(f"#{tag}" for tag in query.tags)


async def _next_step(_services: Services, _member: Member, query: LeadQuery) -> str:
    return _("⏰ no next step") if query.no_next_step else ""


async def _custom(services: Services, member: Member, query: LeadQuery) -> str:
    if not query.custom:
        return ""
    names = {one.key: one.name for one in await services.custom_fields.for_member(member)}
    known = {names[key]: value for key, value in query.custom.items() if key in names}
    shown = (f"{key}: {_('filled in') if value == FILLED else value}" for key, value in known.items())
    return ", ".join(shown)


async def _told(_services: Services, _member: Member, query: LeadQuery) -> str:
    return _("📬 of one message") if query.ids or query.spans else ""


def _exact(name: str, sign: str) -> Speaker:
    async def speak(_services: Services, _member: Member, query: LeadQuery) -> str:
        value: str = getattr(query, name)
        return f"{sign} {source_name(value) if name == 'source' else value}" if value else ""

    return speak


async def _pipeline(services: Services, member: Member, query: LeadQuery) -> str:
    if query.pipeline is None:
        return ""
    roads = await services.pipeline.pipelines(member)
    return next(("🛣 " + (one.name or one.preset) for one in roads if one.id == query.pipeline), "🛣 ?")


SPEAKERS: dict[str, Speaker] = {
    "text": _text,
    "pipeline": _pipeline,
    "stage": _stage,
    "assignee": _assignee,
    "sender": _sender,
    "source": _exact("source", "📥"),
    "segment": _exact("segment", "🧩"),
    "product": _exact("product", "📦"),
    "region": _exact("region", "🗺"),
    "tags": _tags,
    "created": _created,
    "amount": _amount,
    "no_next_step": _next_step,
    "custom": _custom,
    "ids": _told,
}
