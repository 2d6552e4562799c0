"""Guesses at a door: counted cheaply, logged once, and told to admins once a burst."""

import time
from dataclasses import dataclass, field
from datetime import timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from uuid import UUID

import structlog

from domain.members import Right
from services.access import open_to
from services.clock import Clock
from services.messages.notices import Notices
from storage.db import Database, Session
from storage.entry import entry_bursts as rows
from storage.entry.entry_bursts import Burst as Burst  # edges know it from here
from storage.people import members as member_rows

log = structlog.get_logger()

BURST = "entry.burst"
QUIET = timedelta(minutes=15)
"""After how long without a guess the next one begins a new burst."""

WRITTEN_EVERY = 10.0
"""Seconds between two rows of one door: what 10,000 guesses cost the database is a handful of them."""

TOLD_AGAIN = 4
"""The card of admins is brought up to date once there are so many times the guesses that it tells of."""


@dataclass(slots=True)
class _Door:
    """What this process has not written down yet."""

    count: int = 0
    write_at: float = 0.0
    heard_at: float = field(default_factory=time.monotonic)


class Bursts:
    """Counts them."""

    def __init__(self, db: Database, clock: Clock, notices: Notices) -> None:
        self.db, self.clock, self.notices = db, clock, notices
        self._doors: dict[tuple[str, UUID | None], _Door] = {}

    @open_to("the doors")
    async def add(self, door: str, shown: str, organization_id: UUID | None = None, count: int = 1) -> None:
        """Count guesses. `shown` is who guesses, as admins may see it; without an organization those of the
        first one are told, who run this server. A database that does not answer costs the alert alone."""
        now = time.monotonic()
        kept = self._doors.get((door, organization_id))
        if kept is None or now - kept.heard_at > QUIET.total_seconds():
            kept = self._doors[door, organization_id] = _Door()
            log.warning("api.locked_out", door=door, address=shown)
        kept.count, kept.heard_at = kept.count + count, now
        if now < kept.write_at:
            return
        kept.write_at, count, kept.count = now + WRITTEN_EVERY, kept.count, 0
        try:
            await self._write(door, shown, organization_id, count)
        except Exception:
            log.exception("entry.burst_not_written", door=door)

    async def _write(self, door: str, shown: str, organization_id: UUID | None, count: int) -> None:
        if organization_id is None:
            async with self.db.reading(system=True) as system:
                organization_id = await rows.first_organization(system)
        if organization_id is None:
            return
        async with self.db.transaction(organization_id) as s:
            burst = await rows.add(s, door, shown, count, self.clock(), QUIET)
            if burst.count >= TOLD_AGAIN * burst.told:
                await rows.told(s, burst.id, burst.count)
                await self._tell(s, burst)

    async def _tell(self, s: Session, burst: Burst) -> None:
        slot = f"burst:{burst.id}:{int(burst.first_at.timestamp())}"
        for admin in await member_rows.active_with(s, Right.API_MANAGE):
            await self.notices.to_member(s, admin.id, BURST, {"burst": str(burst.id)}, slot)

    @open_to("the sender")
    async def get(self, organization_id: UUID, burst_id: UUID) -> Burst | None:
        """How a burst stands."""
        async with self.db.reading(organization_id) as s:
            return await rows.get(s, burst_id)


def network_of(address: str) -> str:
    """Who counts as one: an IPv4 address, or the network of an IPv6 one, of which everybody has a great
    many."""
    try:
        ip = _ip(address)
    except ValueError:
        return address
    return str(ip) if ip.version == 4 else str(ip_network((ip, 64), strict=False))


def _ip(address: str) -> IPv4Address | IPv6Address:
    """An IPv4 address that a socket of both kinds has written as IPv6 is one of IPv4 again."""
    ip = ip_address(address)
    return (ip.ipv4_mapped or ip) if isinstance(ip, IPv6Address) else ip


def masked(address: str) -> str:
    """An address as admins see it: enough to know a neighbour, not the person."""
    try:
        ip = _ip(address)
    except ValueError:
        return "?"
    if ip.version == 4:
        return ".".join(str(ip).split(".")[:3]) + ".*"
    return ":".join(ip.exploded.split(":")[:3]) + ":*"
