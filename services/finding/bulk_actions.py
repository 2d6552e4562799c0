"""What is done to one of many leads, and what speaks against it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from domain.bulk import ACTIONS, Order, read_tag
from domain.errors import BadInput, NotAllowed, NotFound
from domain.history import LIST
from domain.leads import Lead, Stage, StageKind
from domain.members import Member, Right
from domain.pipelines import missing
from services.leads.duplicates import may_see
from services.leads.lead_state import FIELDS, kept_now
from services.pipelines.gates import known_fields
from storage.db import Session
from storage.people import members as member_rows
from storage.pipelines import stages as stage_rows

FIELD_OF: Mapping[str, str] = {
    "assign": "assignee",
    "stage": "stage",
    "tag": "tags",
    "untag": "tags",
    "delete": "deleted",
}
"""The field of the history that an action writes."""


@dataclass(frozen=True, slots=True)
class Task:
    """An order as it is carried out: by whom, when it was asked, and the stage it leads to with the custom
    fields that it may ask for."""

    member: Member
    order: Order
    asked_at: datetime
    stage: Stage | None = None
    known: frozenset[str] = frozenset()


def refusal(task: Task, lead: Lead) -> str:
    """Why the lead is left alone, a key of BulkRun.skipped; empty when nothing speaks against it."""
    if lead.deleted_at is not None or not may_see(task.member, lead):
        return "gone"
    if lead.updated_at > task.asked_at:
        return "changed"
    if not _allowed(task, lead):
        return "rights"
    if lead.withdrawn_at is not None and task.order.action in ("assign", "stage"):
        return "withdrawn"
    return "fields" if task.stage is not None and missing(lead, task.stage, task.known) else ""


def _allowed(task: Task, lead: Lead) -> bool:
    """Whoever assigns may do anything; others work on their own leads, and take what is up for all."""
    member = task.member
    if member.may(Right.LEAD_ASSIGN):
        return True
    if task.order.action == "assign":
        return lead.is_up_for_all and task.order.value == str(member.id)
    return lead.assignee_id == member.id


async def carry_out(s: Session, task: Task, lead: Lead, now: datetime) -> list[tuple[str, str, str]]:
    """Write the new value; the history's entries, none where it is so already."""
    name = FIELD_OF[task.order.action]
    field = FIELDS[name]
    old = await field.now(s, lead)
    new = _wanted(task.order, old)
    if field.same(old, new):
        return []
    await field.put(s, lead, new, now)
    entries = [(name, await kept_now(s, field, old), await kept_now(s, field, new))]
    if task.stage is not None and task.stage.kind is StageKind.FAILED:
        entries.append(("reason", "", task.order.reason))
    return entries


def _wanted(order: Order, old: str) -> str:
    tags = {tag for tag in old.split(LIST) if tag}
    wanted: Mapping[str, str] = {
        "assign": order.value,
        "stage": order.value,
        "tag": LIST.join(sorted(tags | {order.value})),
        "untag": LIST.join(sorted(tags - {order.value})),
        "delete": "yes",
    }
    return wanted[order.action]


def needs_right(order: Order, member: Member) -> Right:
    """The right without which the order is refused as a whole."""
    takes = order.action == "assign" and order.value == str(member.id)
    return Right.LEAD_WORK if takes or order.action != "assign" else Right.LEAD_ASSIGN


def stage_id(order: Order) -> UUID | None:
    return UUID(order.value) if order.action == "stage" else None


async def read_order(s: Session, member: Member, order: Order, asked_at: datetime) -> Task:
    """What an order means. Raises NotAllowed, and BadInput or NotFound for a value that cannot be."""
    if order.action not in ACTIONS:
        raise BadInput("action", "unknown")
    right = needs_right(order, member)
    if not member.may(right):
        raise NotAllowed(right=right.value)
    if order.action in ("tag", "untag"):
        order = replace(order, value=read_tag(order.value))
    if order.action == "assign" and order.value:
        other = await member_rows.get_member(s, UUID(order.value))
        if other is None or not other.may(Right.LEAD_WORK):
            raise NotFound(what="member")
    stage = None
    if (wanted := stage_id(order)) is not None:
        stage = await stage_rows.stage_in_use(s, wanted)
        if stage is None:
            raise NotFound(what="stage")
    known = await known_fields(s, stage) if stage is not None else frozenset()
    return Task(member, order, asked_at, stage, known)
