"""Who may do what: rights by section as people read them, and how a member's own come about.

An organization keeps what it changed as {role: {"extra": [...], "taken": [...]}}, and so does a member for
themselves; what is not named there stays as it is by default, also when a later version brings a new right.
"""

from collections.abc import Iterable, Mapping, Sequence

from domain.members import DEFAULT_RIGHTS, Member, Right, Role

SECTIONS: dict[str, tuple[Right, ...]] = {
    "leads": (
        Right.LEAD_CREATE, Right.LEAD_WORK, Right.LEAD_ASSIGN, Right.LEAD_IMPORT, Right.LEAD_EXPORT,
    ),
    "rows": (Right.LEAD_SEE_OWN, Right.LEAD_SEE_UNASSIGNED, Right.LEAD_SEE_ALL),
    "people": (
        Right.MEMBER_APPROVE, Right.MEMBER_INVITE, Right.MEMBER_MANAGE, Right.MEMBER_PREVIEW,
        Right.RIGHTS_EDIT,
    ),
    "organization": (
        Right.ORGANIZATION_EDIT, Right.CRM_MANAGE, Right.API_MANAGE, Right.TEAM_MANAGE, Right.ANNOUNCE,
        Right.STATS_ALL, Right.AUDIT_SEE, Right.PRIVACY_MANAGE,
    ),
    "own": (Right.PROFILE_EDIT,),
}  # fmt: skip
"""Sections of the rights' screens in their order; `rows` says which leads somebody sees."""

EDITABLE_ROLES = (Role.ADMIN, Role.MANAGER, Role.PARTNER, Role.FRANCHISEE, Role.GUEST)
"""An owner may everything, always: nobody can lock an organization."""

LOOKING = frozenset({Right.LEAD_SEE_OWN, Right.LEAD_SEE_UNASSIGNED, Right.LEAD_SEE_ALL})
"""What is left of somebody's rights in a preview."""


def known_rights(names: Iterable[object]) -> frozenset[Right]:
    """The rights among these names; a right that an older version knew is passed over."""
    known = {right.value: right for right in Right}
    return frozenset(known[str(name)] for name in names if str(name) in known)


Change = Mapping[str, Sequence[str]]
"""What is given (extra) and what is taken, as names of rights."""


def changed(base: frozenset[Right], change: Change) -> frozenset[Right]:
    """The rights with what was given and without what was taken."""
    if not change:
        return base
    return (base | known_rights(change.get("extra", ()))) - known_rights(change.get("taken", ()))


def change_to(base: frozenset[Right], wanted: frozenset[Right]) -> dict[str, list[str]]:
    """How to keep that `wanted` is to hold where `base` would; empty when they are the same."""
    change = {"extra": sorted(wanted - base), "taken": sorted(base - wanted)}
    return {name: [str(right) for right in rights] for name, rights in change.items() if rights}


def of_role(role: Role, matrix: Mapping[str, Change]) -> frozenset[Right]:
    """The role's rights in an organization that keeps `matrix`."""
    return changed(DEFAULT_RIGHTS[role], {} if role is Role.OWNER else matrix.get(role.value, {}))


def effective(role: Role, matrix: Mapping[str, Change], own: Change) -> frozenset[Right]:
    """A member's rights: the role's, with what was given to them and without what was taken."""
    base = of_role(role, matrix)
    return base if role is Role.OWNER else changed(base, own)


def stands_below(member: Member, other: Member) -> bool:
    """Whether `other` may do nothing that `member` may not: only then `member` decides about them."""
    if other.role is Role.OWNER:
        return member.role is Role.OWNER
    return other.rights <= member.rights
