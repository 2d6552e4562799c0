"""Webhooks that we send: what they tell of, how they are signed, when they are tried again.

The signature is that of Standard Webhooks: HMAC-SHA256 over `id.timestamp.body`.
"""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.history import exact_in, shown_in
from domain.plans import CANCELLED

NAME_LIMIT = 64
ADDRESS_LIMIT = 500
HOOKS_LIMIT = 10

CREATED, CHANGED, STAGE_CHANGED = "lead.created", "lead.changed", "lead.stage_changed"
ASSIGNED, MERGED, DELETED = "lead.assigned", "lead.merged", "lead.deleted"
CONTACT_CHANGED = "contact.changed"
ACTIVITY_CREATED, ACTIVITY_COMPLETED = "activity.created", "activity.completed"
CUSTOMER_CREATED = "customer.created"
TEST = "test"
"""Sent by a button; nobody subscribes to it."""

EVENTS = (
    CREATED,
    CHANGED,
    STAGE_CHANGED,
    ASSIGNED,
    MERGED,
    DELETED,
    CONTACT_CHANGED,
    ACTIVITY_CREATED,
    ACTIVITY_COMPLETED,
    CUSTOMER_CREATED,
)
"""What may be subscribed to."""

LADDER = (
    *(timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30)),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
"""How long after each failed attempt the next one comes: ten attempts within 75 hours 35 minutes."""

DISABLED_AFTER = timedelta(days=5)
"""A hook to which nothing has got through for so long is switched off."""

OLD_SECRET_FOR = timedelta(hours=24)
"""How long the secret before signs along after a rotation."""

KEPT_FOR = timedelta(days=30)
"""How long a delivery that has ended stays in the log."""

AT_ONCE_EACH, AT_ONCE_FAILING = 4, 1
"""Deliveries of one hook that are under way at once; of one whose last attempt failed."""

PREFIX, SECRET_BYTES = "whsec_", 32


class HookState(StrEnum):
    """paused by a person; disabled by us, since nothing got through."""

    ON = "on"
    PAUSED = "paused"
    DISABLED = "disabled"


class SendState(StrEnum):
    """failed: given up, and to be sent anew by a person; dropped: there is nothing to tell any more."""

    PENDING = "pending"
    SENDING = "sending"
    DELIVERED = "delivered"
    FAILED = "failed"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class Event:
    """Something that has happened. `params` holds ids, names of fields, who did it and by which way; what the
    record looks like is read when it is sent for the first time."""

    type: str
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Hook:
    """A subscription as admins see it. `host` is what may be shown anywhere; the whole address may hold a
    secret. `failing_since`: nothing has got through since then. Moments are UTC."""

    id: UUID
    organization_id: UUID
    name: str
    host: str
    events: tuple[str, ...]
    state: HookState
    why: str
    created_at: datetime
    failing_since: datetime | None
    delivered_at: datetime | None
    secret_at: datetime
    old_until: datetime | None


@dataclass(frozen=True, slots=True)
class Sending:
    """One delivery of an event to one hook. `status` is the last answer's, 0 without one; `took` is in
    milliseconds; `due_at` says when it is tried again."""

    id: UUID
    organization_id: UUID
    hook_id: UUID
    event_id: UUID
    type: str
    params: Mapping[str, Any]
    happened_at: datetime
    body: str | None = field(repr=False)
    state: SendState
    attempts: int
    due_at: datetime
    tried_at: datetime | None
    status: int
    error: str
    took: int


LEAD_FIELDS = frozenset(
    {
        "name",
        "company",
        "inn",
        "amount",
        "note",
        "source",
        "segment",
        "product",
        "region",
        "referral_code",
        "phone",
        "email",
        "tags",
        "customer",
        "withdrawn",
    }
)
"""Entries of a lead's history that are changes of the lead itself, besides own fields."""

_OWN_FIELD = "custom."


def events_of(
    lead_id: UUID, actor_id: UUID | None, origin: str, changes: Sequence[tuple[str, str, str]]
) -> list[Event]:
    """What entries of a lead's history are to those outside; entries are (field, old, new) as they are kept.

    A lead that goes tells of nothing else; merging tells of both leads.
    """
    way = origin.partition(":")[0]
    about = {"lead": str(lead_id), "actor": str(actor_id) if actor_id else "", "origin": way}
    new = {name: value for name, _old, value in changes}
    if new.get("deleted"):
        return [Event(DELETED, about)]
    found = [Event(CREATED, about)] if "created" in new else []
    if new.get("merged"):
        found.append(Event(MERGED, {**about, "merged": exact_in(new["merged"])}))
    found += [
        Event(kind, {**about, **_values(change)}) for change in changes if (kind := _OWN.get(change[0]))
    ]
    fields = [name for name in new if name in LEAD_FIELDS or name.startswith(_OWN_FIELD)]
    fields += ["restored"] if "deleted" in new else []
    if fields:
        found.append(Event(CHANGED, {**about, "changed": fields}))
    return found


_OWN = {"stage": STAGE_CHANGED, "assignee": ASSIGNED, "contact": CONTACT_CHANGED}


def _values(change: tuple[str, str, str]) -> dict[str, str]:
    """The ids before and after, where the history keeps ids."""
    name, old, new = change
    return {} if name == "contact" else {"from": _id_in(old), "to": _id_in(new)}


def _id_in(value: str) -> str:
    exact = exact_in(value)
    return exact if exact != shown_in(value) else ""


def activity_events(activity_id: UUID, made: bool, values: Mapping[str, object]) -> list[Event]:
    """What writing an activity is to those outside; one that is called off has not been completed."""
    about = {"activity": str(activity_id)}
    found = [Event(ACTIVITY_CREATED, about)] if made else []
    if values.get("completed_at") is not None and values.get("result") != CANCELLED:
        found.append(Event(ACTIVITY_COMPLETED, about))
    return found


def new_secret() -> str:
    """A secret as Standard Webhooks writes it."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """`v1,<base64>` of one message; `timestamp` is in seconds."""
    key = base64.b64decode(secret.removeprefix(PREFIX))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def message_id_of(event_id: UUID) -> str:
    """The `webhook-id` of an event's messages."""
    return f"msg_{event_id.hex}"


def signed_headers(secrets_now: Sequence[str], event_id: UUID, now: datetime, body: bytes) -> dict[str, str]:
    """The headers of one attempt: the message keeps its id, the timestamp is that of the attempt."""
    message_id, timestamp = message_id_of(event_id), int(now.timestamp())
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signature(one, message_id, timestamp, body) for one in secrets_now),
        "Content-Type": "application/json; charset=utf-8",
    }
