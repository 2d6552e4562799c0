"""A CRM that makes many leads in one request, over a dictionary, with faults to switch on."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from crm_adapters.base import Connection, Manifest, Provider
from domain.crm import ConnectionReport, CrmLead, Match, MatchedBy, RemoteLead, RemoteRef
from domain.errors import CrmError, CrmGone, CrmRejected, CrmUncertain

NAME = "batchcrm"


@dataclass
class State:
    """The CRM's records by their ids, what it was asked, and what is to go wrong next."""

    records: dict[str, CrmLead] = field(default_factory=dict)
    foreign: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, int]] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    lost: int = 0
    errors: list[CrmError] = field(default_factory=list)
    hangs: bool = False

    def of(self, our_id: str) -> list[str]:
        return [id for id, lead in self.records.items() if lead.our_id == our_id]

    def sizes(self, call: str) -> list[int]:
        return [size for name, size in self.asked if name == call]


class BatchCrm:
    """Fulfils Tests, Leads and LeadBatches."""

    batch_size = 50

    def __init__(self, state: State) -> None:
        self.state = state

    async def test(self) -> ConnectionReport:
        return ConnectionReport("bot", "1")

    def _found(self, lead: CrmLead) -> list[Match]:
        ours = self.state.of(lead.our_id)
        if ours:
            return [Match(_remote(id, lead.our_id), MatchedBy.OUR_ID) for id in ours]
        known = [id for id, phone in self.state.foreign.items() if phone in lead.phones]
        return [Match(_remote(id, ""), MatchedBy.CONTACT) for id in known]

    async def find_lead(self, lead: CrmLead) -> Sequence[Match]:
        self.state.asked.append(("find", 1))
        return self._found(lead)

    async def find_leads(self, leads: Sequence[CrmLead]) -> Sequence[Sequence[Match] | CrmError]:
        self.state.asked.append(("find_all", len(leads)))
        return [self._found(lead) for lead in leads]

    async def read_lead(self, external_id: str) -> RemoteLead:
        if external_id not in self.state.records:
            raise CrmGone
        return _remote(external_id, self.state.records[external_id].our_id)

    def _make(self, lead: CrmLead) -> RemoteRef | CrmError:
        if lead.name in self.state.refused:
            return CrmRejected("no such name")
        external_id = f"n{len(self.state.records) + 1}"
        self.state.records[external_id] = lead
        return RemoteRef(external_id)

    async def create_lead(self, lead: CrmLead) -> RemoteRef:
        self.state.asked.append(("create", 1))
        made = self._make(lead)
        if isinstance(made, CrmError):
            raise made
        return made

    async def create_leads(self, leads: Sequence[CrmLead]) -> Sequence[RemoteRef | CrmError]:
        self.state.asked.append(("create_all", len(leads)))
        if self.state.errors:
            raise self.state.errors.pop(0)
        made = [self._make(lead) for lead in leads]
        if self.state.hangs:
            await asyncio.Event().wait()
        if self.state.lost:
            self.state.lost -= 1
            raise CrmUncertain("answer lost")
        return made

    async def update_lead(self, external_id: str, lead: CrmLead, fields: frozenset[str]) -> RemoteRef:
        self.state.asked.append(("update", 1))
        self.state.foreign.pop(external_id, None)
        self.state.records[external_id] = lead
        return RemoteRef(external_id)

    def stage_status(self, key: str, kind: str) -> str:
        return kind


def _remote(external_id: str, our_id: str) -> RemoteLead:
    return RemoteLead(RemoteRef(external_id), our_id, "new")


def provider(state: State) -> Provider:
    def build(connection: Connection) -> BatchCrm:
        return BatchCrm(state)

    return Provider(
        manifest=Manifest(NAME, "Batch CRM", ()),
        build=build,
        default_mapping={},
        verify=lambda headers, body, external_id, secret: None,
        parse=lambda event, body: (),
        check_settings=lambda settings: None,
    )
