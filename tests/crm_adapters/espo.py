"""EspoCRM with its admin at hand: an adapter, a role to change, fields to change."""

from collections.abc import Mapping
from typing import Any

import aiohttp

from crm_adapters import build_adapter
from crm_adapters.http import CrmHttp
from sandbox.espocrm.server import EspoSandbox

NO_RIGHT = {"create": "no", "read": "no", "edit": "no", "delete": "no", "stream": "no"}


def adapter(
    crm: EspoSandbox, http: CrmHttp, overrides: Mapping[str, Any] | None = None, **settings: str
) -> Any:
    given = {"url": crm.url, "api_key": crm.api_key, **settings}
    return build_adapter("espocrm", given, overrides or {}, http, crm.clock.now)


def change_role(crm: EspoSandbox, field_data: Mapping[str, Any] | None = None, **rights: Any) -> None:
    """Change rights of the integrations' role, as the admin does."""
    (role,) = (role for role in crm.records("Role") if role["name"] == "Integrations")
    changes: dict[str, Any] = {"data": {**role["data"], **rights}}
    if field_data is not None:
        changes["fieldData"] = field_data
    crm.change("Role", role["id"], "admin", **changes)


async def set_options(crm: EspoSandbox, field: str, options: list[str]) -> None:
    """What the admin does in the field manager."""
    login = {"Authorization": aiohttp.encode_basic_auth("admin", crm.keys.admin_password)}
    async with (
        aiohttp.ClientSession(headers=login) as session,
        session.put(f"{crm.url}/api/v1/Admin/fieldManager/Lead/{field}", json={"options": options}) as answer,
    ):
        assert answer.status == 200
