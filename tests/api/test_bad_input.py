"""What no sensible caller sends: every refusal is a problem with a code, and never a fault of ours."""

import json

import httpx
import pytest

from tests.api.office import Office

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"{", JSON, 400, "broken_json"),
        (b"\xff\xfe", JSON, 400, "broken_json"),
        (b"[]", JSON, 422, "bad_input"),
        (b"null", JSON, 422, "bad_input"),
        (b'"text"', JSON, 422, "bad_input"),
        (b"[" * 100_000, JSON, 400, "too_deep"),
        (b'{"a":' * 70 + b"1" + b"}" * 70, JSON, 400, "too_deep"),
        (b"{}", {"Content-Type": "text/plain"}, 415, "unsupported_media_type"),
        (b"name=x", {"Content-Type": "application/x-www-form-urlencoded"}, 415, "unsupported_media_type"),
        (json.dumps({"name": "x" * 2_000_000}).encode(), JSON, 413, "too_large"),
        (b'{"name": "\\ud800", "phones": ["+79161234567"]}', JSON, 422, "bad_input"),
        (b'{"name": "\\u0000", "phones": ["+79161234567"]}', JSON, 422, "bad_input"),
        (b'{"name": "x", "phones": ["+79161234567"], "utm": {"a": "\\u0000"}}', JSON, 422, "bad_input"),
        (b'{"name": "x", "phones": ["+79161234567"], "utm": {"\\u0000": "a"}}', JSON, 422, "bad_input"),
        (b'{"name": "x", "phones": ["+79161234567"], "amount": NaN}', JSON, 422, "bad_input"),
        (b'{"name": "x", "phones": ["+79161234567"], "amount": 1e400}', JSON, 422, "bad_input"),
        (b'{"name": "x", "phones": ["+79161234567"], "amount": 0.001}', JSON, 422, "bad_input"),
        (b'{"name": "x", "phones": "+79161234567"}', JSON, 422, "bad_input"),
    ],
)
async def test_bodies_that_cannot_be(
    office: Office, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    refused = await office.http.post("/api/leads", content=body, headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text
    assert refused.headers["Content-Type"].startswith("application/problem+json")
    assert (await office.http.get("/api/leads")).json()["total"] == 0


@pytest.mark.parametrize(
    "query",
    [
        "page=0", "page=-1", "page=1.5", "page=99999999999999999999", "limit=0", "limit=1001", "limit=x",
        "stage_id=7", "sort=password", "surname=x", "page=1&page=2", "created_from=0001-01-01",
        "created_to=9999-12-31", "amount_from=NaN", "amount_to=1e400", "search=%00", "tag=%00",
        f"search={'x' * 101}",
    ],
)  # fmt: skip
async def test_queries_that_cannot_be(office: Office, query: str) -> None:
    refused = await office.http.get(f"/api/leads?{query}")
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_input"), refused.text


async def test_addresses_that_are_not_there(office: Office) -> None:
    for method, path, status in (
        ("GET", "/api/leads/17", 404),
        ("GET", "/api/leads/00000000-0000-0000-0000-000000000000", 404),
        ("GET", "/api/secrets", 404),
        ("DELETE", "/api/leads", 405),
        ("PUT", "/api/me", 405),
    ):
        refused = await office.http.request(method, path)
        assert refused.status_code == status
        assert refused.headers["Content-Type"].startswith("application/problem+json")
    assert set((await office.http.delete("/api/leads")).headers["Allow"].split(",")) == {
        "GET",
        "HEAD",
        "POST",
    }


async def test_headers_that_cannot_be(office: Office) -> None:
    lead = await office.lead()
    path = f"/api/leads/{lead['id']}"
    for seen in ('"', "abc", 'W/"1"', '"1', "\xff"):
        headers = httpx.Headers({b"If-Match": seen.encode("latin-1")})
        assert (await office.http.patch(path, json={"name": "Х"}, headers=headers)).status_code in (200, 412)
    for language in (";;;", "ru;q=x", "\xff", "zz", "x" * 5000):
        headers = httpx.Headers({b"Accept-Language": language.encode("latin-1")})
        assert (await office.http.get(path, headers=headers)).status_code == 200
    long_key = await office.http.post("/api/leads", json={}, headers={"Idempotency-Key": "k" * 5000})
    assert long_key.status_code == 422
    assert (await office.speaks("", Authorization="Bearer").get(path)).status_code == 401
    assert (await office.speaks("", Authorization="Basic eDp4").get(path)).json()["code"] == "key_missing"


async def test_a_search_that_cannot_be_read_is_refused_and_wildcards_are_letters(office: Office) -> None:
    await office.lead()
    assert (await office.http.get("/api/leads", params={"search": "!!!"})).json()["errors"][0][
        "field"
    ] == "search"
    assert (await office.http.get("/api/leads", params={"search": "Ив%"})).json()["total"] in (0, 1)
    hostile = await office.http.get("/api/leads", params={"segment": "' OR 1=1 --"})
    assert hostile.json()["total"] == 0
