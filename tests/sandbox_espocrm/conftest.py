"""The world of the exchanges: API users with different rights, three leads and what hangs on them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from string import Template
from typing import Any

import httpx
import pytest

from sandbox.espocrm import EspoSandbox, admin, seed, stream

FULL = {"create": "yes", "read": "all", "edit": "all", "delete": "no", "stream": "all"}
SCOPES = ("Contact", "Account", "Opportunity", "Task", "Meeting", "Call")
USER_READ = {"User": {"read": "all", "edit": "no"}}
BOT = {**dict.fromkeys(SCOPES, FULL), "Lead": {**FULL, "delete": "own"}, "Webhook": True}
OWN = {"create": "yes", "read": "own", "edit": "own", "delete": "no", "stream": "own"}
NOTHING = {"create": "yes", "read": "no", "edit": "no", "delete": "no", "stream": "no"}
CLOSED = {"read": "no", "edit": "no"}

ROLES: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "bot": ({**BOT, **USER_READ}, {}, "all"),
    "nouser": (BOT, {}, "all"),
    "noassign": ({**BOT, **USER_READ}, {}, "no"),
    "create": ({"Lead": NOTHING}, {}, "not-set"),
    "own": ({"Lead": OWN}, {"Lead": {"description": CLOSED}}, "not-set"),
    "fields": (BOT, {"Lead": {"phoneNumber": {"read": "yes", "edit": "no"}, "description": CLOSED}}, "all"),
}


@dataclass
class World:
    """The stand-in, the keys by name, the ids by name, and a client."""

    crm: EspoSandbox
    keys: dict[str, str]
    ids: dict[str, str]
    client: httpx.AsyncClient

    def fill(self, value: Any) -> Any:
        """Put ids for `$names`."""
        if isinstance(value, str):
            return Template(value).safe_substitute(self.ids)
        if isinstance(value, dict):
            return {self.fill(key): self.fill(item) for key, item in value.items()}
        return [self.fill(item) for item in value] if isinstance(value, list) else value

    async def ask(
        self, key: str, request: str, body: Any = None, headers: dict[str, str] | None = None, **more: Any
    ) -> httpx.Response:
        """A request of a key by its name: `-` is none, `admin` is Basic."""
        method, _, path = request.partition(" ")
        sent = dict(headers or {})
        if key != "-" and key != "admin":
            sent["X-Api-Key"] = self.keys.get(key, key)
        auth = ("admin", self.crm.keys.admin_password) if key == "admin" else None
        if body is not None:
            more["json"] = self.fill(body)
        url = f"{self.crm.url}/api/v1/{self.fill(path)}"
        return await self.client.request(method, url, headers=sent, auth=auth, **more)


def build(crm: EspoSandbox, client: httpx.AsyncClient) -> World:
    crm.reset()
    state, chief = crm.state, seed.user_named(crm.state, "admin")
    keys = {"hmac": crm.hmac_key}
    ids = {name: crm.user_id(name) for name in ("anna", "oleg")}
    for name, (rights, fields, assignment) in ROLES.items():
        role = crm.create(
            "Role", "admin", name=name, data=rights, fieldData=fields, assignmentPermission=assignment
        )
        user = {"userName": name, "type": "api", "authMethod": "ApiKey", "rolesIds": [role["id"]]}
        made = admin.create_user(state, chief, user)
        keys[name], ids[name] = made["apiKey"], made["id"]
    keys["none"] = admin.create_user(state, chief, {"userName": "none", "type": "api"})["apiKey"]
    options = {"options": ["Telegram", "WhatsApp"], "default": "Telegram"}
    admin.create_field(state, "Lead", {"name": "channel", "type": "enum", **options})
    admin.create_field(state, "Lead", {"name": "score", "type": "int", "min": 0, "max": 100})
    ids |= records(crm)
    return World(crm, keys, ids, client)


def records(crm: EspoSandbox) -> dict[str, str]:
    first = crm.create(
        "Lead",
        "admin",
        firstName="Иван",
        lastName="Петров",
        emailAddress="Ivan.Petrov@Example.com",
        phoneNumber="+79161234567",
        website="https://example.com",
        opportunityAmount=150000,
        accountName="ООО Ромашка",
        assignedUserId=crm.user_id("anna"),
        cExternalId="lead-1",
    )
    second = crm.create("Lead", "admin", lastName="Второй", cExternalId="lead-2")
    numbers = [
        {"phoneNumber": "+79160000001", "primary": True},
        {"phoneNumber": "+79160000002", "primary": False, "type": "Home"},
    ]
    third = crm.create("Lead", "admin", lastName="Третий", phoneNumberData=numbers)
    parent = {"parentType": "Lead", "parentId": first["id"], "assignedUserId": crm.user_id("anna")}
    task = crm.create("Task", "admin", name="Связаться", **parent)
    dates = {"dateStart": "2026-11-22 10:00:00", "dateEnd": "2026-11-22 10:15:00"}
    call = crm.create("Call", "admin", name="Перезвонить", **dates, **parent)
    bot = seed.user_named(crm.state, "bot")
    note = stream.post(crm.state, bot, {"parentType": "Lead", "parentId": first["id"], "post": "заметка"})
    made = {"lead": first, "second": second, "third": third, "task": task, "call": call, "note": note}
    return {name: record["id"] for name, record in made.items()}


@pytest.fixture(scope="session")
async def stands() -> AsyncIterator[dict[str, tuple[EspoSandbox, httpx.AsyncClient]]]:
    async with (
        EspoSandbox(version="9.2.7") as old,
        EspoSandbox(version="10.0.0") as new,
        httpx.AsyncClient() as client,
    ):
        yield {"9.2.7": (old, client), "10.0.0": (new, client)}


@pytest.fixture(params=["9.2.7", "10.0.0"])
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def world(stands: dict[str, tuple[EspoSandbox, httpx.AsyncClient]], version: str) -> World:
    return build(*stands[version])
