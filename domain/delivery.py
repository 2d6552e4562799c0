"""Writes owed to a CRM: their states, and what a sender is told about them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any
from uuid import UUID

from domain.errors import CrmRejected


class OperationKind(StrEnum):
    LEAD_CREATE = "lead.create"
    LEAD_UPDATE = "lead.update"
    ACTIVITY_CREATE = "activity.create"


class OperationState(StrEnum):
    """blocked: the CRM refuses our key, an admin must act; permanently_failed: the ladder is used up, or
    the CRM will never take it as it is; dropped: a person gave it up."""

    PENDING = "pending"
    RUNNING = "running"
    DONE = "done"
    PERMANENTLY_FAILED = "permanently_failed"
    BLOCKED = "blocked"
    DROPPED = "dropped"


class Priority(IntEnum):
    """Who waits for it: somebody in a chat, or nobody in particular (imports, changes of many leads)."""

    PERSON = 0
    BULK = 1


FINISHED = frozenset({OperationState.DONE, OperationState.DROPPED})
"""What lets the next operation of the same record go ahead."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A record of the CRM that may be the lead: what a person needs to tell it from the others."""

    id: str
    number: str
    name: str
    url: str


CANDIDATES, CHOSEN = "candidates", "chosen"
"""Keys of a payload: the records among which a person must choose, and the choice: a record's id, or an
empty text for a new record."""

REPLAY_OF = "replay_of"
"""Key of a payload: the operation that this one repeats."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A write owed to one integration. `record_id` is the lead whose order is kept, `entity_id` what is
    written (the lead or its activity). `intent` is set before a create call goes out: a record may exist.
    `recorded` is what a trial run found out instead of writing: see trials.read_trial. `cause` names the
    update, the request or the job that it comes from, for the log."""

    id: UUID
    organization_id: UUID
    integration_id: UUID
    kind: OperationKind
    record_id: UUID
    entity_id: UUID
    payload: Mapping[str, Any]
    state: OperationState
    attempts: int
    intent: bool
    due_at: datetime
    lease_owner: str
    error: str
    error_reason: str
    created_at: datetime
    done_at: datetime | None
    recorded: Mapping[str, Any] = field(default_factory=dict, repr=False)
    cause: str = ""

    @property
    def fields(self) -> frozenset[str]:
        """Names of CrmLead's fields that an update brings up to date."""
        return frozenset(self.payload.get("fields", ()))

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """Records among which a person must choose; empty when there is nothing to choose."""
        return tuple(Candidate(**one) for one in self.payload.get(CANDIDATES, ()))

    @property
    def is_replay(self) -> bool:
        """Whether a person wants it written once more, even if nothing has changed since."""
        return REPLAY_OF in self.payload


class Delivery(StrEnum):
    """none: no CRM is owed this lead; stuck: will be tried again, or waits for an admin; failed: nothing
    more happens until an admin decides; dropped: an admin decided that the CRM will not get it."""

    NONE = "none"
    QUEUED = "queued"
    SENDING = "sending"
    DELIVERED = "delivered"
    STUCK = "stuck"
    FAILED = "failed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class DeliveryState:
    """How far a lead is on its way into the active CRM. `number` and `url` are the CRM's, as soon as it has
    the record; `error` is a code of domain.errors; `next_try_at` is None when only a person can go on."""

    state: Delivery
    number: str = ""
    url: str = ""
    delivered_at: datetime | None = None
    error: str = ""
    next_try_at: datetime | None = None
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Link:
    """Our record and theirs. `status` is the CRM's status as last seen or written; `sent_hash` tells what
    was written last: one of the marks below, or a digest of the whole lead. `seen` is what both sides held
    when they were last compared: see domain.two_ways.Seen."""

    id: UUID
    integration_id: UUID
    entity: str
    entity_id: UUID
    external_id: str
    url: str
    number: str
    status: str
    sent_hash: str
    synced_at: datetime
    seen: Mapping[str, Any] = field(default_factory=dict)


ADOPTED = ""
"""Mark of a link to a record that somebody else made: our part is still to be written."""

RECOVERED = "recovered"
"""Mark of a link to a record made by an earlier attempt of ours: what it holds is not known."""

CHANGED_THERE = "changed_there"
"""Mark of a link whose record was changed in the CRM: an equal digest would prove nothing."""


GONE_THERE = "gone_there"
"""Mark of a link whose record was deleted in the CRM: a person has to decide, nothing is written."""

LEFT_OUT = "left_out"
"""Mark of a link whose record is gone for good: a person decided that the CRM shall not have the lead."""

MERGED_THERE = "merged_there"
"""Mark of a link whose record became one with the record of another lead of ours: nothing is written."""

NOT_WRITTEN = frozenset({GONE_THERE, LEFT_OUT, MERGED_THERE})


class AmbiguousMatch(CrmRejected):
    """Several records of the CRM have this contact: a person must choose among `candidates`."""

    code = "ambiguous"

    def __init__(self, candidates: tuple[Candidate, ...] = ()) -> None:
        self.candidates = candidates
        super().__init__(str(len(candidates)))


class FaultOfOurs(CrmRejected):
    """Our own code failed on this operation; `reason` is the id under which the log has the trace."""

    code = "unexpected"
