"""Watches that what the organization counts on in its mapping has a field in the CRM.

An operation that the mapping spoils is blocked, not retried: nothing is lost, an admin mends the CRM or the
mapping, and it goes on. What is healthy costs nothing: the field list is read when a value was not kept,
when the data was refused, and now and then.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from crm_adapters import PROVIDERS, base, mapping, mapping_fit
from domain.crm import Problem, RemoteField
from domain.errors import CrmAccessLost, CrmError, CrmMisconfigured, CrmRejected, CrmUnavailable
from services.clock import Clock
from services.connections.adapters import Connected
from storage.db import Database
from storage.delivery import mappings
from storage.delivery.integrations import Integration

log = structlog.get_logger()

STAYS_FRESH = timedelta(minutes=10)
A_MOMENT = timedelta(seconds=5)
MOST_NAMED = 3
MISSING = "missing_field"
TOLD_BY_TESTS = frozenset({MISSING, "enum_option_missing"})


@dataclass(frozen=True, slots=True)
class _Known:
    read_at: datetime
    broken: bool
    stopping: Sequence[Problem] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """All that does not fit, and that part of it which holds writes back, missing fields first."""

    problems: Sequence[Problem]
    stopping: Sequence[Problem]


class MappingGuard:
    """One for all integrations; keeps only when each was looked at last and how that ended."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db, self.clock = db, clock
        self._known: dict[UUID, _Known] = {}

    async def before(self, connected: Connected) -> None:
        """Raise CrmMisconfigured as long as a mapping known to be broken is not mended."""
        known = self._known.get(connected.row.id)
        if known is None or (not known.broken and known.read_at + STAYS_FRESH > self.clock()):
            return
        await self.insist(connected)

    async def insist(self, connected: Connected, names: Collection[str] = (), *, fresh: bool = True) -> None:
        """Look at the CRM's fields now, and raise CrmMisconfigured for what cannot be written: for the
        attributes that were in the way (`names`), and for fields that are missing altogether. A field list
        that cannot be read now decides nothing. Unless it must be `fresh`, a look of a moment ago will do
        where it tells what is wrong."""
        known = self._known.get(connected.row.id)
        if known and not fresh and known.read_at + A_MOMENT > self.clock():
            _refuse(known.stopping, names)
        try:
            found = await self.stopping(connected)
        except CrmError as error:
            log.info("mapping.not_checked", integration=str(connected.row.id), code=error.code)
            return
        _refuse(found, names)

    async def stopping(self, connected: Connected) -> Sequence[Problem]:
        """What keeps writes back, by the field list of this moment. Raises CrmError."""
        fields = await fields_of(connected)
        return (await self.look(connected.row, fields)).stopping if fields else []

    async def look(self, row: Integration, fields: Sequence[RemoteField]) -> Look:
        """Compare the mapping in force with the CRM's fields, and remember which of them are there."""
        tree = effective(row, fields)
        async with self.db.transaction(row.organization_id) as session:
            stored = await mappings.read(session, row.id, to_change=True)
            found = mapping_fit.stopping(tree, fields, stored.seen)
            counted_on = stored.seen.intersection(map(mapping_fit.place_of, found))
            seen = {*counted_on, *mapping_fit.present(tree, fields)}
            await mappings.remember_seen(session, row.id, sorted(seen))
        broken = any(one.code == MISSING for one in found)
        stopping = sorted(found, key=lambda one: one.code != MISSING)
        self._known[row.id] = _Known(self.clock(), broken, stopping)
        return Look(mapping_fit.problems(tree, fields), stopping)

    async def report(self, connected: Connected) -> Sequence[Problem]:
        """What a test of the connection has to tell of the mapping beyond what the adapter's test tells."""
        try:
            fields = await fields_of(connected)
        except CrmError:
            return ()
        found = (await self.look(connected.row, fields)).problems if fields else ()
        return [one for one in found if one.code not in TOLD_BY_TESTS]

    async def explained(self, connected: Connected, error: CrmError) -> CrmError:
        """The error that the mapping explains, else `error` itself."""
        field = error.field if isinstance(error, CrmRejected) else ""
        if field or (isinstance(error, CrmUnavailable) and "changed" in error.reason):
            try:
                await self.insist(connected, [field] if field else [], fresh=False)
            except CrmMisconfigured as better:
                return better
        return error

    def forget(self, integration_id: UUID) -> None:
        """The mapping or the CRM was mended: what was known is not believed any more."""
        known = self._known.get(integration_id)
        if known is not None:
            self._known[integration_id] = replace(known, broken=True)


def _refuse(problems: Sequence[Problem], names: Collection[str]) -> None:
    """Raise CrmMisconfigured for what concerns these names, else for what is missing, if anything does."""
    named = [one for one in problems if any(_same(one.params["field"], name) for name in names)]
    found = named or [one for one in problems if one.code == MISSING]
    if found:
        raise CrmMisconfigured(reason_of(found))


def _same(attribute: str, named: str) -> bool:
    """Whether a CRM means the mapping's attribute by the field it names: X of fields.X, or X of XData."""
    name, field = attribute.casefold(), named.casefold()
    return name.rpartition(".")[2] == field.rpartition(".")[2] or name.startswith(field)


async def fields_of(connected: Connected) -> Sequence[RemoteField] | None:
    """The live field list; None where the CRM tells none. Raises CrmError."""
    if not isinstance(connected.adapter, base.Fields):
        return None
    try:
        return await connected.adapter.lead_fields() or None
    except CrmAccessLost as error:
        log.info("mapping.fields_unreadable", integration=str(connected.row.id), reason=error.reason)
        return None


def effective(row: Integration, fields: Sequence[RemoteField] = ()) -> dict[str, object]:
    """The mapping in force: the shipped one with the organization's changes."""
    merged = mapping.overlay(PROVIDERS[row.provider].default_mapping, row.mapping)
    if "deal" in mapping_fit.records_of(fields):
        enums = dict(merged.get("enums", {}))
        enums |= {name: enums.get(f"deal_{name}", {}) for name in ("stage", "stage_kind")}
        merged["enums"] = enums
    return merged


def reason_of(problems: Sequence[Problem]) -> str:
    """The first few as one line: `lead.cChannel missing_field; ...`. No data of people in it."""
    lines = [
        " ".join(filter(None, (mapping_fit.place_of(one), one.code, one.params.get("option", ""))))
        for one in problems[:MOST_NAMED]
    ]
    return "; ".join(lines)[:300]
