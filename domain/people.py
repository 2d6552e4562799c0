"""What lists about people hold."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.members import MemberStatus, Role


@dataclass(frozen=True, slots=True)
class Link:
    """An invite with how many have come by it."""

    id: UUID
    code: str
    role: Role
    uses_left: int
    used: int
    expires_at: datetime
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Belonging:
    """One of a person's organizations."""

    organization_id: UUID
    name: str
    role: Role
    status: MemberStatus
