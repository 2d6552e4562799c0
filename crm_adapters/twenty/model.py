"""The data model of a workspace: which fields its objects have. Known for a short while only."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from crm_adapters.twenty.api import DENIED, Record, TwentyApi, inner
from domain.errors import CrmAccessLost

STAYS_KNOWN = timedelta(minutes=10)
OBJECTS = {"lead": "opportunity", "person": "person", "company": "company"}
"""The mapping's records and the objects they are there."""

TARGETS = ("opportunityId", "targetOpportunityId")
"""What the column is called, by version, that hangs a note or a task on an opportunity."""

# What every workspace has, for keys whose role may not see the data model.
STANDARD: Mapping[str, frozenset[str]] = {
    "opportunity": frozenset({"id", "name", "amount", "stage", "closeDate", "companyId", "pointOfContactId"}),
    "person": frozenset({"id", "name", "emails", "phones", "jobTitle", "city", "companyId"}),
    "company": frozenset({"id", "name", "domainName", "address"}),
}


class Model:
    """Asks once and remembers for ten minutes. Everything raises CrmError."""

    def __init__(self, api: TwentyApi, now: Callable[[], datetime]) -> None:
        self._api, self._now = api, now
        self._known: tuple[Mapping[str, Record] | None, datetime] | None = None

    async def objects(self) -> Mapping[str, Record] | None:
        """Objects by their singular; None when the key's role may not see them."""
        if self._known is None or self._known[1] <= self._now():
            self._known = (await self._read(), self._now() + STAYS_KNOWN)
        return self._known[0]

    def forget(self) -> None:
        """The model has changed: ask again next time."""
        self._known = None

    async def fields(self, singular: str) -> Sequence[Record] | None:
        """The fields of an object that are in use; None when they cannot be seen."""
        found = await self.objects()
        if found is None:
            return None
        listed = found.get(singular, {}).get("fields")
        if isinstance(listed, dict):  # the envelope of a nested list in some versions
            listed = [edge.get("node") for edge in listed.get("edges") or ()]
        return [one for one in listed or () if isinstance(one, dict) and one.get("isActive", True)]

    async def columns(self, singular: str) -> frozenset[str]:
        """What a body of that object may hold."""
        found = await self.fields(singular)
        if found is None:
            return STANDARD.get(singular, frozenset())
        return frozenset(filter(None, map(column_of, found)))

    async def target(self, link: str) -> str:
        """The column of `noteTarget` or `taskTarget` that names the opportunity."""
        columns = await self.columns(link)
        return next((name for name in TARGETS if name in columns), TARGETS[0])

    async def _read(self) -> Mapping[str, Record] | None:
        try:
            answer = await self._api.get("metadata/objects", {"limit": "1000"})
        except CrmAccessLost as error:
            if error.reason != DENIED:
                raise
            return None
        found = inner(answer if "pageInfo" not in answer else {"data": answer.get("data")})
        listed = found if isinstance(found, list) else []
        return {str(one.get("nameSingular")): one for one in listed if isinstance(one, dict)}


def column_of(field: Mapping[str, Any]) -> str:
    """What a record calls the field: relations have a column of their own, or none on this side."""
    name = str(field.get("name") or "")
    if field.get("type") not in ("RELATION", "MORPH_RELATION"):
        return name
    settings = field.get("settings")
    settings = settings if isinstance(settings, dict) else {}
    if settings.get("relationType", field.get("relationType")) == "ONE_TO_MANY":
        return ""
    return str(settings.get("joinColumnName") or f"{name}Id")
