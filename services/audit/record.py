"""Looking into the record of actions."""

import csv
import io
import json
from zoneinfo import ZoneInfo

from domain.audit import ChainState, Entry, Sought
from domain.errors import BadInput
from domain.members import Member, Right
from domain.spreadsheets import safe_cell
from services.access import needs
from services.clock import Clock
from storage.db import Database
from storage.privacy import audit as rows

FILE_LIMIT = 20_000
"""Entries of a file: what fits into a message and opens in a spreadsheet."""

CHUNK = 1000
COLUMNS = ("seq", "at", "actor", "address", "action", "entity", "entity_id", "subject", "data", "id")


class AuditRecord:
    """Use cases on the record."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db, self.clock = db, clock

    @needs(Right.AUDIT_SEE)
    async def browse(
        self, member: Member, sought: Sought, limit: int, offset: int
    ) -> tuple[list[Entry], int]:
        """A page, the newest first, and how many fit in all."""
        async with self.db.reading(member.organization_id) as s:
            return await rows.page(s, sought, limit, offset), await rows.count(s, sought)

    @needs(Right.AUDIT_SEE)
    async def state(self, member: Member) -> ChainState:
        """Where the chain stands and when it was last verified."""
        async with self.db.reading(member.organization_id) as s:
            return await rows.chain_state(s)

    @needs(Right.AUDIT_SEE)
    async def file(self, member: Member, sought: Sought) -> tuple[bytes, int]:
        """What fits as CSV, the newest FILE_LIMIT of it, and how many entries that are. Raises
        BadInput("audit", "empty")."""
        async with self.db.transaction(member.organization_id) as s:
            found: list[Entry] = []
            while len(found) < FILE_LIMIT:
                more = await rows.page(s, sought, CHUNK, len(found))
                found += more
                if len(more) < CHUNK:
                    break
            if not found:
                raise BadInput("audit", "empty")
            said = {"entries": len(found), "kind": sought.kind}
            await rows.add_audit(s, member.id, "audit.export", "audit", None, self.clock(), said)
        return _csv(found, ZoneInfo(member.time_zone)), len(found)


def _csv(entries: list[Entry], zone: ZoneInfo) -> bytes:
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(COLUMNS)
    for one in entries:
        values = (
            one.seq, one.at.astimezone(zone).isoformat(timespec="seconds"), one.actor_name, one.address,
            one.action, one.entity, one.entity_id, one.subject,
            json.dumps(one.data, ensure_ascii=False) if one.data else "", one.id,
        )  # fmt: skip
        table.writerow([safe_cell("" if value is None else str(value)) for value in values])
    return ("\ufeff" + text.getvalue()).encode()
