"""The REST API from outside: no endpoint shows, takes or changes what another organization has."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, get_args
from uuid import UUID

import httpx
import pytest
import sqlalchemy as sa
from pydantic import BaseModel

from domain.api_keys import SCOPES
from domain.files import FileKind, IncomingFile
from storage.delivery import integrations
from storage.ids import new_id
from storage.row_security import OWN
from storage.tables import (
    hook_sendings,
    hooks,
    inbox,
    loyalty_accounts,
    metadata,
    operations,
    redemptions,
    transaction_sources,
    transactions,
    unreadable_transactions,
)
from tests.api.office import Office
from tests.isolation.everything import add_known
from web.api.endpoint import Endpoint
from web.api.table import ENDPOINTS

NOW = datetime(2027, 1, 1, tzinfo=UTC)
Ids = dict[str, str]
"""What the other organization has: ids by the name of what they are of."""

PLACES = {
    "/api/leads/{}": "lead",
    "/api/leads/bulk/{}": "run",
    "/api/lead-contacts/{}": "contact",
    "/api/lead-contacts/lead/{}": "lead",
    "/api/lead-stages/{}": "stage",
    "/api/activities/{}": "activity",
    "/api/customers/{}": "customer",
    "/api/pipelines/{}": "pipeline",
    "/api/custom-fields/{}": "field",
    "/api/members/{}": "member",
    "/api/files/{}": "file",
    "/api/files/lead/{}": "lead",
    "/api/integrations/{}": "integration",
    "/api/operations/{}": "operation",
    "/api/deliveries/{}": "delivery",
    "/api/webhooks/{}": "webhook",
    "/api/webhook-deliveries/{}": "sending",
    "/api/transaction-sources/{}": "source",
    "/api/transaction-tables/{}": "table",
    "/api/unreadable-transactions/{}": "unreadable",
    "/api/redemptions/{}": "redemption",
    "/api/loyalty-rules/{}": "rule",
}
"""What a path's id is of, by the path before it."""

NAMED = {
    "lead_id": "lead",
    "lead_ids": "lead",
    "customer_id": "customer",
    "stage_id": "stage",
    "pipeline_id": "pipeline",
    "assigned_to": "member",
    "assignee_id": "member",
    "created_by": "member",
    "sender_id": "member",
    "head_id": "member",
    "member_id": "member",
    "activity_id": "activity",
    "entity_id": "lead",
    "source_id": "source",
}
"""What an id in a query or a body is of, by its name."""

BODIES: dict[str, dict[str, Any]] = {
    "create_contact": {"full_name": "X"},
    "create_loyalty_rule": {"name": "X", "percent": "5"},
    "repair_transaction": {"amount": "10", "happened_at": "2026-01-01"},
    "reserve_bonuses": {"phone": "+79161234567", "amount": "10", "key": "k"},
    "patch_customer": {"notes": "X"},
    "patch_member": {"suspended": True},
    "assign_lead": {"assigned_to": None},
    "move_lead": {"stage_id": str(new_id())},
    "create_lead": {"name": "X", "phones": ["+79160000003"]},
    "create_activity": {"type": "note", "notes": "X"},
    "create_stage": {"name": "X"},
    "create_pipeline": {"name": "X"},
    "create_custom_field": {"name": "X"},
    "change_leads": {"action": "tag", "value": "x"},
    "create_leads": {"leads": [{"name": "X", "phones": ["+79160000003"]}]},
    "create_webhook": {"name": "X", "url": "https://93.184.216.34/in", "events": ["lead.created"]},
}
"""What a request must give to be understood, where {} is not enough."""


QUERIES = {"get_bonuses": {"phone": "+79161234567"}}
"""What a query must give."""


async def made_by(office: Office, path: str, given: object = None) -> dict[str, Any]:
    answer = await office.http.post(path, json=given)
    assert answer.is_success, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def furnish(office: Office) -> Ids:
    """Something of everything."""
    services, owner = office.product.services, office.owner
    made: Ids = {"member": str(owner.id), "integration": str(new_id())}
    async with office.product.db.transaction(owner.organization_id) as s:
        await integrations.add(s, UUID(made["integration"]), "espocrm", {"url": "http://crm.example"}, NOW)
        await integrations.only_active(s, UUID(made["integration"]))
    made["webhook"] = (await made_by(office, "/api/webhooks", BODIES["create_webhook"]))["id"]
    lead = await office.lead(contacts=[{"full_name": "Анна"}], custom_fields={})
    made |= {"lead": lead["id"], "contact": lead["contacts"][0]["id"], "stage": lead["stage_id"]}
    made["pipeline"] = lead["pipeline_id"]
    plan = {
        "type": "task",
        "lead_id": lead["id"],
        "scheduled_at": (office.clock() + timedelta(1)).isoformat(),
    }
    made["activity"] = (await made_by(office, "/api/activities", plan))["id"]
    made["field"] = (await made_by(office, "/api/custom-fields", {"name": "Банк"}))["id"]
    given = IncomingFile(FileKind.DOCUMENT, "telegram-id", "договор.pdf", "application/pdf", 1000)
    made["file"] = str((await services.files.add(owner, UUID(lead["id"]), given)).id)
    many = {"action": "tag", "value": "vip", "lead_ids": [lead["id"]]}
    made["run"] = (await made_by(office, "/api/leads/bulk", many))["id"]
    made["customer"] = (await made_by(office, f"/api/leads/{lead['id']}/qualify"))["customer_id"]
    made["rule"] = (await made_by(office, "/api/loyalty-rules", BODIES["create_loyalty_rule"]))["id"]
    table = await office.http.post(
        "/api/transaction-tables",
        content=b"date,amount\n2026-01-01,10\n",
        headers={"Content-Type": "text/csv"},
    )
    made["table"] = table.json()["id"]
    return {**made, **await _owed(office, made)}


async def _owed(office: Office, made: Ids) -> Ids:
    """What goes out and what has come in."""
    organization, integration = {OWN: office.owner.organization_id}, UUID(made["integration"])
    hook, delivery = new_id(), new_id()
    came = {"hook_id": hook, "event_id": "e", "body": b"[]", "due_at": NOW, "received_at": NOW}
    door = {"key": "k", "provider": "espocrm", "integration_id": integration, "created_at": NOW}
    async with office.product.db.transaction(office.owner.organization_id) as s:
        await s.execute(hooks.insert().values(**organization, id=hook, **door))
        await s.execute(inbox.insert().values(**organization, id=delivery, **came))
        operation = await s.scalar(sa.select(operations.c.id).where(operations.c.organization_id == s.tenant))
        sending = await s.scalar(
            sa.select(hook_sendings.c.id).where(hook_sendings.c.organization_id == s.tenant)
        )
        known = {"transaction_sources": await add_known(s, transaction_sources, {}, provider="onec")}
        unreadable = await add_known(s, unreadable_transactions, known)
        await add_known(s, transactions, known, amount=Decimal(10), currency="RUB", phone="+79161234567")
        known["loyalty_accounts"] = await add_known(s, loyalty_accounts, known)
        redemption = await add_known(s, redemptions, known, amount=Decimal(10))
    bonuses = {"source": known["transaction_sources"], "unreadable": unreadable, "redemption": redemption}
    owed = {"delivery": delivery, "operation": operation, "sending": sending, **bonuses}
    return {name: str(one) for name, one in owed.items()}


def address(endpoint: Endpoint, ids: Ids) -> str:
    path = endpoint.path
    for name in endpoint.places:
        before = path.partition(f"{{{name}}}")[0] + "{}"
        assert before in PLACES, f"say in PLACES what {before} is of"
        path = path.replace(f"{{{name}}}", ids[PLACES[before]])
    return path


async def ask(client: httpx.AsyncClient, endpoint: Endpoint, path: str, **given: Any) -> httpx.Response:
    body = given.get("json", BODIES.get(endpoint.name, {}))
    if endpoint.takes_file:
        kind = {"Content-Type": "application/pdf"}
        return await client.request(
            endpoint.method, path, params={"name": "x.pdf"}, content=b"%PDF", headers=kind
        )
    params = given.get("params")
    if endpoint.body is None:
        return await client.request(endpoint.method, path, params=params)
    return await client.request(endpoint.method, path, params=params, json=body)


async def rows_of(office: Office) -> dict[str, set[str]]:
    """Every row of the organization, besides who came in when."""
    found = {}
    async with office.product.db.reading(office.owner.organization_id) as s:
        for name, table in metadata.tables.items():
            if OWN in table.c and not name.startswith(("api_", "audit")):
                rows = await s.rows(sa.select(table).where(table.c[OWN] == s.tenant))
                found[name] = set(map(str, rows))
    return found


@pytest.fixture
async def ids(office: Office) -> Ids:
    return await furnish(office)


@pytest.fixture
async def stranger(office: Office, ids: Ids) -> httpx.AsyncClient:
    """Speaks for the owner of another organization, with every right there."""
    owner = await office.product.services.belongings.create(office.owner, "Вторая")
    key, _ = await office.product.services.api_keys.make(owner, "x", SCOPES)
    return office.speaks(key)


async def test_no_path_leads_to_what_others_have(
    office: Office, ids: Ids, stranger: httpx.AsyncClient
) -> None:
    before, open_ways = await rows_of(office), []
    for endpoint in ENDPOINTS:
        if endpoint.places:
            path = address(endpoint, ids)
            if endpoint.method == "GET" and not endpoint.files:
                assert (await office.http.get(path)).status_code == 200, path
            refused = await ask(stranger, endpoint, path)
            if refused.status_code != 404 or refused.json()["code"] != "not_found":
                open_ways.append((endpoint.name, refused.status_code, refused.text))
    assert open_ways == []
    assert await rows_of(office) == before


def named_ids(model: type[BaseModel] | None) -> Iterator[tuple[str, bool]]:
    """The fields of a model that are ids, and whether each is a list of them."""
    for name, field in (model.model_fields if model is not None else {}).items():
        text = str(field.annotation)
        if "UUID" in text and not any(issubclass(one, BaseModel) for one in models_in(field.annotation)):
            yield name, "list" in text


def models_in(annotation: Any) -> Iterator[type]:
    if isinstance(annotation, type):
        yield annotation
    for one in get_args(annotation):
        yield from models_in(one)


async def test_no_query_and_no_body_reaches_what_others_have(
    office: Office, ids: Ids, stranger: httpx.AsyncClient
) -> None:
    before, asked = await rows_of(office), 0
    for endpoint in ENDPOINTS:
        if endpoint.places or endpoint.open:
            continue
        for model in (endpoint.query, endpoint.body):
            for name, many in named_ids(model):
                assert name in NAMED, f"say in NAMED what {name} is of"
                foreign = ids[NAMED[name]]
                given: Any = [foreign] if many else foreign
                if model is endpoint.query:
                    query = {**QUERIES.get(endpoint.name, {}), name: given}
                    answer = await ask(stranger, endpoint, endpoint.path, params=query)
                    found = answer.json().get("total", 0) if answer.status_code == 200 else 0
                    assert found == 0, (endpoint.name, name, answer.text)
                else:
                    body = {**BODIES.get(endpoint.name, {}), name: given}
                    answer = await ask(stranger, endpoint, endpoint.path, json=body)
                    assert answer.status_code in (404, 422), (endpoint.name, name, answer.text)
                asked += 1
    assert asked >= 12
    assert await rows_of(office) == before


async def test_no_list_tells_of_what_others_have(
    office: Office, ids: Ids, stranger: httpx.AsyncClient
) -> None:
    theirs = {one for name, one in ids.items()}
    for endpoint in ENDPOINTS:
        if endpoint.method == "GET" and not endpoint.places and not endpoint.files:
            answer = await stranger.get(endpoint.path, params=QUERIES.get(endpoint.name))
            assert answer.status_code == 200, (endpoint.name, answer.text)
            assert not [one for one in theirs if one in answer.text], endpoint.name
