"""What the docs promise: links and pictures that exist, commands that there are, the day of the demo."""

import base64
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.assembly import assemble
from bot.demo.command import MANAGER, OWNER
from bot.demo.day import live
from bot.settings import Settings, load_settings
from domain.activity_log import ActivityFilter
from domain.leads import LeadFilter, StageKind
from domain.plans import Span
from handlers import commands
from storage.migrations import upgrade

ROOT = Path(__file__).parent.parent
DOCS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "crm_adapters/README.md"])
PICTURES = ROOT / "docs/pictures"
MOST_PICTURES, LARGEST_PICTURE = 12, 120_000
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_COMMAND = re.compile(r"`/([a-z]+)\b[^`]*`")


def named(doc: Path) -> list[str]:
    """Where the links and pictures of a document lead, besides other sites and places in itself."""
    found = _LINK.findall(doc.read_text(encoding="utf-8"))
    return [one.split("#")[0] for one in found if not re.match(r"[a-z]+:|#", one)]


@pytest.mark.parametrize("doc", DOCS, ids=lambda doc: str(doc.relative_to(ROOT)))
def test_every_link_leads_somewhere(doc: Path) -> None:
    assert [one for one in named(doc) if not (doc.parent / one).exists()] == []


def test_the_links_are_seen_at_all() -> None:
    assert {"docs/manual.md", "docs/day-of-a-manager.md"} <= set(named(ROOT / "README.md"))
    assert "manual.md" in named(ROOT / "docs/architecture.md")


def test_the_day_is_told_in_small_pictures() -> None:
    drawn = {path.name: path.stat().st_size for path in PICTURES.glob("*.png")}
    shown = {Path(one).name for one in named(ROOT / "docs/day-of-a-manager.md") if one.endswith(".png")}
    assert shown == set(drawn)
    assert len(drawn) <= MOST_PICTURES
    assert {name: size for name, size in drawn.items() if size > LARGEST_PICTURE} == {}


@pytest.mark.parametrize("name", ["manual.md", "day-of-a-manager.md"])
def test_every_command_of_the_manual_is_one(name: str) -> None:
    known = {one[0] for one in (*commands.ADMIN_COMMANDS, *commands.WORKER_COMMANDS, commands.START)}
    told = set(_COMMAND.findall((ROOT / "docs" / name).read_text(encoding="utf-8")))
    assert told
    assert told - known == set()


def test_the_manual_names_every_command() -> None:
    told = set(_COMMAND.findall((ROOT / "docs/manual.md").read_text(encoding="utf-8")))
    assert {name for name, _ in commands.ADMIN_COMMANDS} - told == set()


def demo_settings(folder: Path) -> Settings:
    return load_settings(
        bot_token="1:x",
        database_url=f"sqlite+aiosqlite:///{folder / 'day.db'}",
        redis_url="",
        secret_key=base64.b64encode(b"k" * 32).decode(),
        admin_ids=(OWNER,),
        organization_name="Voronka Demo",
        default_language="en",
        crm_provider="none",
    )


async def test_the_demo_begins_with_a_working_day(tmp_path: Path) -> None:
    settings, end = demo_settings(tmp_path), datetime.now(UTC)
    await upgrade(settings.migrations_url)
    await live(settings, end)
    async with assemble(settings) as product:
        services = product.services
        owner, manager = [await services.members.current(one) for one in (OWNER, MANAGER)]
        assert owner is not None
        assert manager is not None
        leads = [
            lead
            for page in range(10)
            for lead in (await services.leads.browse(owner, LeadFilter(), page)).leads
        ]
        activities, count = await services.activity_log.listed(owner, ActivityFilter(), 200, 0)
        assert len(leads) >= 20
        assert count >= 30
        assert {lead.stage.kind for lead in leads} == set(StageKind)
        assert {lead.source for lead in leads} >= {"telegram", "website"}
        assert {one.type.value for one in activities} >= {"call", "meeting", "task", "note"}
        assert all(lead.created_at <= end for lead in leads)
        assert sum(lead.customer_id is not None for lead in leads) == 1
        assert any([await services.merging.candidates(owner, lead.id) for lead in leads])
        assert await services.agenda.overdue(manager) >= 2
        assert (await services.agenda.page(manager, Span.WEEK)).total >= 5
