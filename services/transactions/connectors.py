"""Custom connectors in the making: a sample is asked for, a mapping suggested from it and tried. Nothing of
it is kept; `TransactionSources.connect` keeps what has worked."""

import copy
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from crm_adapters import PROVIDERS, build_adapter
from crm_adapters.custom.config import config_of
from crm_adapters.custom.suggesting import places, suggested
from crm_adapters.mapping import overlay
from crm_adapters.purchase_values import own_of
from domain.errors import NotFound
from domain.members import Member, Right
from domain.transactions import SourceTransaction, Unreadable, Window
from services.access import needs
from services.connections.settings import read_settings
from services.transactions.sources import TransactionSources, demanded, place_of
from storage.delivery import integrations
from storage.delivery.integrations import Integration

CUSTOM = "custom"
LAST = timedelta(days=30)
SHOWN = 5
MOST_PLACES = 40
SANDBOX_PAGES = 20


@dataclass(frozen=True, slots=True)
class Sample:
    """What a first answer suggests: `mapping` over the connector's own, empty where no list of records was
    found; `places` where values of a record may be."""

    mapping: Mapping[str, Any]
    places: Sequence[str]


@dataclass(frozen=True, slots=True)
class Tried:
    """What a mapping reads of the last 30 days. `first` are a few of the records as they would be kept;
    `wrong` counts unreadable ones by (field, problem); `ended` says whether that was all there is."""

    first: Sequence[SourceTransaction | Unreadable] = ()
    pages: int = 0
    read: int = 0
    cancelled: int = 0
    doubled: int = 0
    without_phone: int = 0
    wrong: Mapping[tuple[str, str], int] = field(default_factory=dict)
    sums: Mapping[str, Decimal] = field(default_factory=dict)
    ended: bool = True


class Connectors:
    """Use cases on connectors that are being made. Calls run outside any transaction."""

    def __init__(self, sources: TransactionSources) -> None:
        self.sources, self.db, self.clock = sources, sources.db, sources.clock

    @needs(Right.CRM_MANAGE)
    async def sample(self, member: Member, settings: Mapping[str, str]) -> Sample:
        """Ask the address once and guess. Raises BadInput for settings, CrmError when nobody answers."""
        given = await self._given(member, settings)
        answer, xml = await self._adapter(given, {}).look()
        overrides = suggested(answer, own_of(given), xml=xml) or {"format": "xml" if xml else "json"}
        return Sample(overrides, places(answer, xml=xml)[:MOST_PLACES])

    @needs(Right.CRM_MANAGE)
    async def tried(
        self, member: Member, settings: Mapping[str, str], mapping: Mapping[str, Any], pages: int = 1
    ) -> Tried:
        """Read the last 30 days with a mapping, at most so many pages of them; nothing is kept. Raises
        BadInput("mapping", "invalid"), CrmError."""
        adapter = self._adapter(await self._given(member, settings), mapping)
        now, place = self.clock(), ""
        window, found = Window(now - LAST, now + timedelta(days=1), first=True), list[Any]()
        asked = 0
        while asked < min(pages, SANDBOX_PAGES):
            page = await adapter.transactions(window, place)
            found += page.found
            asked, place = asked + 1, page.next
            if not place:
                break
        return _tried(found, asked, ended=not place)

    @needs(Right.CRM_MANAGE)
    async def settings_of(self, member: Member, source_id: UUID) -> dict[str, str]:
        """The settings of a connector that is live, secret ones too, for the moment of a call. Raises
        NotFound."""
        return self.sources.integrations.connections.settings_of(await self._row(member, source_id))

    @needs(Right.CRM_MANAGE)
    async def mapping_of(self, member: Member, source_id: UUID) -> dict[str, Any]:
        """What a connector that is live reads by, over the connector's own. Raises NotFound."""
        return copy.deepcopy(dict((await self._row(member, source_id)).mapping))

    async def _row(self, member: Member, source_id: UUID) -> Integration:
        async with self.db.reading(member.organization_id) as session:
            source = await demanded(session, source_id)
            row = await integrations.get(session, source.integration_id) if source.integration_id else None
        if row is None or row.provider != CUSTOM:
            raise NotFound(record="source")
        return row

    @needs(Right.CRM_MANAGE)
    async def demand(self, member: Member, mapping: Mapping[str, Any]) -> None:
        """Raises BadInput("mapping", "invalid", at=...) for a mapping that cannot be followed."""
        config_of(overlay(PROVIDERS[CUSTOM].default_mapping, mapping))

    async def _given(self, member: Member, settings: Mapping[str, str]) -> dict[str, str]:
        given = read_settings(CUSTOM, settings)
        async with self.db.reading(member.organization_id) as session:
            return {**await place_of(session), **given}

    def _adapter(self, given: Mapping[str, str], mapping: Mapping[str, Any]) -> Any:
        connections = self.sources.integrations.connections
        http, paces = connections.http, connections.paces
        return build_adapter(CUSTOM, given, mapping, http, self.clock, None, paces)


def _tried(found: Sequence[SourceTransaction | Unreadable], pages: int, *, ended: bool) -> Tried:
    good = [one for one in found if isinstance(one, SourceTransaction)]
    wrong = Counter((one.field, one.problem) for one in found if isinstance(one, Unreadable))
    sums: dict[str, Decimal] = {}
    for one in good:
        if not one.cancelled:
            currency = one.amount.currency
            sums[currency] = sums.get(currency, Decimal(0)) + one.amount.amount
    return Tried(
        first=found[:SHOWN],
        pages=pages,
        read=len(good),
        cancelled=sum(one.cancelled for one in good),
        doubled=len(good) - len({one.external_id for one in good}),
        without_phone=sum(not one.phone and not one.customer for one in good),
        wrong=wrong,
        sums=sums,
        ended=ended,
    )
