"""People of an EspoCRM, and who answers for what we write."""

from collections.abc import Sequence

from crm_adapters.espocrm.api import KEY_REFUSED, EspoApi, Record, Where, equals
from domain.crm import RemoteUser
from domain.errors import CrmAccessLost, CrmRejected

_MOST_USERS = 1000
_ACTIVE: Where = {"type": "isTrue", "attribute": "isActive"}
_PEOPLE: Where = {"type": "in", "attribute": "type", "value": ["regular", "admin"]}


class People:
    """Reads users; who stands in where a lead has nobody is remembered."""

    def __init__(self, api: EspoApi) -> None:
        self._api, self._fallback_assignee = api, ""

    async def all(self) -> Sequence[RemoteUser]:
        """Those who can be made responsible."""
        select = ["id", "name", "userName", "emailAddress", "phoneNumber"]
        found = await self._api.search("User", [_PEOPLE, _ACTIVE], select, limit=_MOST_USERS)
        return [
            RemoteUser(
                user["id"],
                user.get("name") or user.get("userName") or "",
                user.get("emailAddress") or "",
                user.get("phoneNumber") or "",
            )
            for user in found
        ]

    async def whoever_has(self, lead: Record) -> str:
        """API users must name an assignee: whoever has the lead, else the first active regular user, else
        the API user itself, which EspoCRM accepts too."""
        owner = lead.get("assignedUserId")
        if owner:
            return str(owner)
        if not self._fallback_assignee:
            self._fallback_assignee = await self._first_person() or await self._own_id()
        return self._fallback_assignee

    async def _first_person(self) -> str:
        regular = [equals("type", "regular"), _ACTIVE]
        try:
            people = await self._api.search("User", regular, ["id"], limit=1)
        except (CrmAccessLost, CrmRejected) as error:
            if error.reason == KEY_REFUSED:
                raise
            return ""
        return str(people[0]["id"]) if people else ""

    async def _own_id(self) -> str:
        answer = await self._api.get("App/user")
        return str(answer["user"]["id"])
