"""Roles in words."""

from domain.members import Role
from locales import N_, _

ROLES: dict[Role, str] = {
    Role.OWNER: N_("owner"),
    Role.ADMIN: N_("admin"),
    Role.MANAGER: N_("manager"),
    Role.PARTNER: N_("partner"),
    Role.FRANCHISEE: N_("franchisee"),
    Role.GUEST: N_("guest"),
}
LABELS: dict[Role, str] = {
    Role.OWNER: N_("👑 Owner"),
    Role.ADMIN: N_("🛡 Admin"),
    Role.MANAGER: N_("💼 Manager"),
    Role.PARTNER: N_("🤝 Partner"),
    Role.FRANCHISEE: N_("🏢 Franchisee"),
    Role.GUEST: N_("👤 Guest"),
}
APPROVABLE = (Role.PARTNER, Role.FRANCHISEE, Role.MANAGER, Role.ADMIN)
"""What an admin can make of a candidate; owners are made by owners alone."""


def role_name(role: Role | None) -> str:
    """The role inside a sentence, in the current language."""
    return _(ROLES[role or Role.GUEST])


def role_label(role: Role) -> str:
    """The role on a button."""
    return _(LABELS[role])
