"""People, the organizations they belong to, and what their roles allow."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class Role(StrEnum):
    OWNER = "owner"
    ADMIN = "admin"
    MANAGER = "manager"
    PARTNER = "partner"
    FRANCHISEE = "franchisee"
    GUEST = "guest"


class MemberStatus(StrEnum):
    """registering: form not finished; pending: waits for an admin; the rest speak for themselves."""

    REGISTERING = "registering"
    PENDING = "pending"
    ACTIVE = "active"
    DECLINED = "declined"
    SUSPENDED = "suspended"
    LEFT = "left"
    REMOVED = "removed"


class Right(StrEnum):
    LEAD_CREATE = "lead.create"
    LEAD_SEE_OWN = "lead.see_own"
    LEAD_SEE_UNASSIGNED = "lead.see_unassigned"
    LEAD_SEE_ALL = "lead.see_all"
    LEAD_WORK = "lead.work"
    LEAD_ASSIGN = "lead.assign"
    LEAD_IMPORT = "lead.import"
    LEAD_EXPORT = "lead.export"
    MEMBER_APPROVE = "member.approve"
    MEMBER_INVITE = "member.invite"
    CRM_MANAGE = "crm.manage"
    API_MANAGE = "api.manage"
    ORGANIZATION_EDIT = "organization.edit"
    PROFILE_EDIT = "profile.edit"
    MEMBER_MANAGE = "member.manage"
    MEMBER_PREVIEW = "member.preview"
    RIGHTS_EDIT = "rights.edit"
    TEAM_MANAGE = "team.manage"
    ANNOUNCE = "announce"
    STATS_ALL = "stats.all"
    AUDIT_SEE = "audit.see"
    PRIVACY_MANAGE = "privacy.manage"


_SENDER = frozenset({Right.LEAD_CREATE, Right.LEAD_SEE_OWN, Right.PROFILE_EDIT})
_WORKER = _SENDER | {Right.LEAD_SEE_UNASSIGNED, Right.LEAD_WORK, Right.LEAD_IMPORT, Right.LEAD_EXPORT}
_ADMIN = frozenset(Right)

DEFAULT_RIGHTS: dict[Role, frozenset[Right]] = {
    Role.OWNER: _ADMIN,
    Role.ADMIN: _ADMIN,
    Role.MANAGER: _WORKER,
    Role.PARTNER: _SENDER,
    Role.FRANCHISEE: _SENDER,
    Role.GUEST: frozenset({Right.PROFILE_EDIT}),
}

WISHABLE_ROLES = (Role.PARTNER, Role.FRANCHISEE, Role.MANAGER)


@dataclass(frozen=True, slots=True)
class Organization:
    id: UUID
    name: str
    language: str
    region: str
    time_zone: str
    set_up: bool
    duplicate_free_days: int = 90


@dataclass(frozen=True, slots=True)
class Member:
    """A person in one organization.

    `rights` are those of the role after the organization's changes, and after what was given to or taken
    from this member alone. `settings` are the member's own (see domain/own_settings.py).
    """

    id: UUID
    organization_id: UUID
    telegram_id: int
    role: Role
    status: MemberStatus
    name: str
    language: str
    time_zone: str
    region: str = "RU"
    phone: str | None = None
    wished_role: Role | None = None
    referral_code: str = ""
    username: str | None = None
    profile: dict[str, str] = field(default_factory=dict)
    consent_at: datetime | None = None
    rights: frozenset[Right] = frozenset()
    organization_name: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    away_until: datetime | None = None

    def may(self, right: Right) -> bool:
        return self.status is MemberStatus.ACTIVE and right in self.rights


@dataclass(frozen=True, slots=True)
class Invite:
    id: UUID
    organization_id: UUID
    code: str
    role: Role
    expires_at: datetime
    uses_left: int
