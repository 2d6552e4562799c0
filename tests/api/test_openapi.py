"""The description of the API: whole, true to what is served, and readable without the outside world."""

import asyncio
import re
from collections.abc import Mapping
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tests.api.office import Office, open_office
from web.api.table import ENDPOINTS

S4 = (
    "GET /api/leads",
    "GET /api/leads/{id}",
    "POST /api/leads",
    "PUT /api/leads/{id}",
    "DELETE /api/leads/{id}",
    "PUT /api/leads/{id}/assign",
    "PUT /api/leads/{id}/stage",
    "POST /api/leads/{id}/qualify",
    "GET /api/lead-contacts/lead/{lead_id}",
    "GET /api/lead-contacts/{id}",
    "POST /api/lead-contacts/lead/{lead_id}",
    "PUT /api/lead-contacts/{id}",
    "DELETE /api/lead-contacts/{id}",
    "PATCH /api/lead-contacts/{id}/set-primary",
    "GET /api/lead-stages",
    "GET /api/lead-stages/{id}",
    "POST /api/lead-stages",
    "PUT /api/lead-stages/{id}",
    "DELETE /api/lead-stages/{id}",
    "GET /api/activities",
    "GET /api/activities/{id}",
    "POST /api/activities",
    "PUT /api/activities/{id}",
    "DELETE /api/activities/{id}",
    "PATCH /api/activities/{id}/complete",
    "PATCH /api/activities/{id}/reopen",
    "GET /api/activities/upcoming/my",
    "GET /api/activities/overdue/my",
)
"""The endpoints of the contract S4 besides its two webhooks."""

WEBHOOK = {"name": "Site", "url": "http://127.0.0.1:1/in", "events": ["lead.created"]}
EXAMPLES = {"sqlite": 2, "postgres": 4}
"""Requests of each kind that are made up for an operation; PostgreSQL is the stricter one."""


async def test_the_document_names_every_endpoint_of_the_contract(database_url: str) -> None:
    async with open_office(database_url) as office:
        told = (await office.speaks("").get("/api/openapi.json")).json()
        assert told["openapi"] == "3.1.0"
        served = {f"{method.upper()} {path}" for path, one in told["paths"].items() for method in one}
        assert not set(S4) - served
        names = [one["operationId"] for path in told["paths"].values() for one in path.values()]
        assert len(names) == len(set(names))
        referred = set(re.findall(r'"#/components/schemas/([^"]+)"', str(told).replace("'", '"')))
        assert not referred - set(told["components"]["schemas"])


async def test_every_endpoint_that_is_told_of_is_there_and_needs_a_key(database_url: str) -> None:
    async with open_office(database_url) as office:
        nobody = office.speaks("")
        told = (await nobody.get("/api/openapi.json")).json()
        for path, operations in told["paths"].items():
            for method, one in operations.items():
                if "security" in one:
                    continue  # a door with a right of its own
                address = re.sub(r"\{\w+\}", str(UUID(int=1)), path)
                refused = await nobody.request(method.upper(), address, json={})
                assert refused.status_code in (401, 429), (method, path)


def test_the_docs_list_every_endpoint() -> None:
    listed = (Path(__file__).parents[2] / "docs/api.md").read_text(encoding="utf-8")
    told = {
        f"{method} {path}"
        for methods, path in re.findall(r"`((?:[A-Z]+ )+)(/[^`]*)`", listed)
        for method in methods.split()
    }
    assert {f"{one.method} {one.path}" for one in ENDPOINTS} - told == set()


@pytest.mark.parametrize(("language", "word"), [("en", "Parameters"), ("ru", "REST API")])
async def test_the_page_needs_nothing_from_outside(database_url: str, language: str, word: str) -> None:
    async with open_office(database_url) as office:
        shown = await office.speaks("").get("/api/docs", headers={"Accept-Language": language})
        assert shown.headers["Content-Type"].startswith("text/html")
        assert "default-src 'none'" in shown.headers["Content-Security-Policy"]
        assert word in shown.text
        assert "<script" not in shown.text
        outside = [link for link in re.findall(r'(?:src|href)="([^"#]+)"', shown.text) if "://" in link]
        assert not outside
        for line in S4:
            assert line.split()[1] in shown.text


async def test_schemathesis_finds_no_fault_and_no_breach(database_url: str, redis_url: str, leg: str) -> None:
    schemathesis = import_module("schemathesis")
    async with open_office(
        database_url, redis_url, api_rate=1_000_000, egress_allow=("127.0.0.1:1",)
    ) as office:
        told = (await office.speaks("").get("/api/openapi.json")).json()
        key = office.http.headers["Authorization"]
        known, count = await records(office), EXAMPLES[leg]
        done = await asyncio.to_thread(attack, schemathesis, told, office.url, key, known, count)
        assert done > len(S4) * count


async def records(office: Office) -> dict[str, str]:
    """Ids of records that are there, by the part of the address that they stand behind."""
    lead = await office.lead(contacts=[{"full_name": "Анна"}], tags=["vip"])
    customer = await office.http.post(f"/api/leads/{lead['id']}/qualify")
    at = (office.clock() + timedelta(hours=1)).isoformat()
    plan = {"type": "task", "lead_id": lead["id"], "scheduled_at": at}
    field = await office.http.post("/api/custom-fields", json={"name": "Банк"})
    other = await office.hire("Анна", "manager", 2001)
    return {
        "leads": lead["id"],
        "lead": lead["id"],
        "lead-contacts": lead["contacts"][0]["id"],
        "lead-stages": lead["stage_id"],
        "pipelines": lead["pipeline_id"],
        "activities": (await office.http.post("/api/activities", json=plan)).json()["id"],
        "customers": customer.json()["customer_id"],
        "custom-fields": field.json()["id"],
        "members": str(other.id),
        "webhooks": (await office.http.post("/api/webhooks", json=WEBHOOK)).json()["id"],
    }


def attack(
    schemathesis: Any, told: dict[str, Any], url: str, key: str, known: Mapping[str, str], examples: int
) -> int:
    """Ask every operation what its description allows and what it forbids; returns how often."""
    load_all_checks = import_module("schemathesis.checks").load_all_checks
    load_all_checks()
    checks = import_module("schemathesis.specs.openapi.checks")
    wanted = [
        schemathesis.checks.not_a_server_error,
        checks.status_code_conformance,
        checks.content_type_conformance,
        checks.response_schema_conformance,
        checks.response_headers_conformance,
    ]
    count = 0
    every = [found.ok() for found in schemathesis.openapi.from_dict(told).get_all_operations()]
    for operation in sorted(every, key=lambda one: bool(one.method.upper() == "DELETE")):
        behind = re.findall(r"([\w-]+)/\{(\w+)\}", operation.path)
        there = {name: known[part] for part, name in behind if part in known}
        for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE):
            for number, case in enumerate(made_up(operation.as_strategy(generation_mode=mode), examples)):
                if there and number % 4:
                    case.path_parameters = dict(there)
                case.call_and_validate(base_url=url, headers={"Authorization": key}, checks=wanted)
                count += 1
    return count


def made_up(strategy: Any, most: int) -> list[Any]:
    """Examples of a strategy, the same in each run."""
    found: list[Any] = []

    @settings(
        max_examples=most, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=strategy)
    def kept(case: Any) -> None:
        found.append(case)

    kept()
    return found
