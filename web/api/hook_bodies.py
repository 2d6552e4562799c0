"""Bodies of webhooks that are sent: the same models that the API answers with."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from domain.hooks_out import (
    ASSIGNED,
    CHANGED,
    CONTACT_CHANGED,
    MERGED,
    STAGE_CHANGED,
    TEST,
    Sending,
)
from locales import use_language
from services.api.wording import Wording
from services.hooks_out.bodies import Found
from web.api.models.activities import activity_out
from web.api.models.around import customer_out
from web.api.models.base import Shown
from web.api.models.contacts import contact_out
from web.api.models.events import (
    ActivityHappened,
    ContactsChanged,
    CustomerHappened,
    LeadAssigned,
    LeadChanged,
    LeadHappened,
    LeadMerged,
    LeadMoved,
    Tested,
)
from web.api.models.leads import LeadOut, lead_fields

FIELDS = {
    "company": "company_name",
    "note": "notes",
    "phone": "phones",
    "email": "emails",
    "customer": "customer_id",
    "withdrawn": "withdrawn_at",
}
"""Fields of a lead's history in the words of the API; own fields become custom_fields.<key>."""


class HookBodies:
    """Puts what has happened into `data`; names that go by a key are in the given language."""

    def __init__(self, words: Wording) -> None:
        self._words = words

    def __call__(self, sending: Sending, found: Found, language: str) -> dict[str, Any]:
        with use_language(language):
            said = self._said(sending, found)
        shown: dict[str, Any] = said.model_dump(mode="json")
        return shown

    def _said(self, sending: Sending, found: Found) -> Shown:
        told = sending.params
        by = {"actor_id": _id(told, "actor"), "origin": told.get("origin", "")}
        if sending.type == TEST:
            return Tested(**by)
        if found.activity is not None:
            by["actor_id"] = by["actor_id"] or found.activity.author_id
            return ActivityHappened(**by, activity=activity_out(found.activity))
        if found.customer is not None:
            return CustomerHappened(**by, customer=customer_out(found.customer))
        assert found.lead is not None
        if sending.type == CONTACT_CHANGED:
            people = [contact_out(one) for one in found.contacts]
            return ContactsChanged(**by, lead_id=found.lead.id, contacts=people)
        by["lead"] = LeadOut.model_validate(lead_fields(found.lead, self._words))
        return _of_lead(sending.type, told, by)


def _of_lead(kind: str, told: Mapping[str, Any], known: dict[str, Any]) -> LeadHappened:
    if kind == CHANGED:
        return LeadChanged(**known, changed=[_named(one) for one in told["changed"]])
    if kind == STAGE_CHANGED:
        return LeadMoved(**known, from_stage_id=_id(told, "from"), to_stage_id=_id(told, "to"))
    if kind == ASSIGNED:
        return LeadAssigned(**known, from_member_id=_id(told, "from"), to_member_id=_id(told, "to"))
    if kind == MERGED:
        return LeadMerged(**known, merged_lead_id=_id(told, "merged"))
    return LeadHappened(**known)


def _named(field: str) -> str:
    start, dot, key = field.partition(".")
    return f"custom_fields.{key}" if dot and start == "custom" else FIELDS.get(field, field)


def _id(told: Mapping[str, Any], name: str) -> UUID | None:
    """The id that is told; history of long ago may hold something else."""
    try:
        return UUID(told.get(name) or "")
    except ValueError:
        return None
