"""Fields of the organization's own among the conditions of the list."""

from collections.abc import Mapping

from domain.custom_fields import CHOOSING, CustomField, FieldType
from domain.members import Member
from handlers.finding.options import CONDITIONS, Condition, custom
from locales import _
from services.registry import Services

OWN = "c."
"""Begins the name of such a condition in a button."""

MOST = 12


async def with_own(services: Services, member: Member) -> Mapping[str, Condition]:
    """All conditions of this member by name; an own field's is "c.<key>"."""
    fields = await services.custom_fields.for_member(member)
    own = {OWN + one.key: Condition(one.name, (), custom(one.key, _values(one))) for one in fields[:MOST]}
    return {**CONDITIONS, **own}


def _values(field: CustomField) -> list[tuple[str, str]]:
    if field.type is FieldType.YES_NO:
        return [("yes", _("Yes")), ("no", _("No"))]
    return [(one, one) for one in field.choices] if field.type in CHOOSING else []
