"""The record of actions and personal data, as the API takes and shows them."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from domain.audit import Entry
from domain.privacy import Abroad, Erasure, Holding
from web.api.models.activities import Moment
from web.api.models.base import Address, Given, Key, Paging, Shown

ActionKind = Literal["", "leads", "people", "crm", "doors", "files", "setup", "purchases", "privacy"]


class AuditAsked(Paging):
    """What of the record is looked for; `lead` is a lead's number."""

    kind: ActionKind = ""
    member_id: UUID | None = None
    entity_id: UUID | None = None
    lead: Annotated[int, Field(ge=0, le=2**53)] = 0
    since: Moment | None = None
    until: Moment | None = None


class AuditEntry(Shown):
    """Somebody did something. Without `actor_id`: the program, or a stranger at a door. `number` is its place
    in the chain, null for a second until it has one."""

    id: UUID
    number: int | None
    at: datetime
    actor_id: UUID | None
    actor_name: str
    address: str
    action: str
    entity: str
    entity_id: UUID | None
    subject: str
    data: dict[str, Any]


class PersonAsked(Given):
    """Somebody outside, by a phone or an e-mail."""

    person: Address


class PersonErased(Given):
    """Whose data goes for good; `confirm` is that of the answer to looking."""

    person: Address
    confirm: Key


class RecordAbroad(Shown):
    """A record at a CRM. `told`: the CRM is sent it empty; otherwise a person has to erase it there."""

    provider: str
    name: str
    external_id: str
    url: str
    told: bool


class PersonHeld(Shown):
    """How much is held on somebody."""

    counts: dict[str, int]
    lead_numbers: list[int]
    crm_records: list[RecordAbroad]
    confirm: str


class PersonFile(PersonHeld):
    """Everything that is held, by kind: lists of rows as they are kept."""

    data: dict[str, Any]


class PersonGone(Shown):
    """How many rows of each kind were emptied."""

    counts: dict[str, int]
    crm_records: list[RecordAbroad]


def entry_out(one: Entry) -> AuditEntry:
    return AuditEntry(
        id=one.id,
        number=one.seq,
        at=one.at,
        actor_id=one.actor_id,
        actor_name=one.actor_name,
        address=one.address,
        action=one.action,
        entity=one.entity,
        entity_id=one.entity_id,
        subject=one.subject,
        data=dict(one.data),
    )


def _abroad(found: tuple[Abroad, ...]) -> list[RecordAbroad]:
    return [
        RecordAbroad(
            provider=one.provider, name=one.name, external_id=one.external_id, url=one.url, told=one.told
        )
        for one in found
    ]


def held_out(one: Holding) -> PersonHeld:
    return PersonHeld(
        counts=dict(one.counts),
        lead_numbers=list(one.numbers),
        crm_records=_abroad(one.abroad),
        confirm=one.confirm,
    )


def file_out(one: Holding) -> PersonFile:
    return PersonFile(**held_out(one).model_dump(), data=dict(one.file))


def gone_out(one: Erasure) -> PersonGone:
    return PersonGone(counts=dict(one.counts), crm_records=_abroad(one.abroad))
