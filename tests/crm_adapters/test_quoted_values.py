"""Other systems like to repeat in an error what they were sent. What an error of ours carries goes into logs
and operations: none of it may be the lead's."""

import asyncio
import traceback
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from crm_adapters import build_adapter
from crm_adapters.http import CrmHttp
from domain.errors import CrmError
from domain.transactions import Window
from tests.crm_adapters.stand_ins import STAND_INS, lead
from tests.sources.every import SOURCES

PHONE, EMAIL, NAME = "+79161234567", "anna@example.com", "Анна Кузнецова"
QUOTED = f"{NAME} {PHONE} {EMAIL} 7707083893"
CANARIES = (NAME, "Кузнецова", PHONE.removeprefix("+"), EMAIL, "7707083893")
STATUSES = (200, 302, 400, 401, 403, 404, 409, 422, 429, 500, 503)

SHAPES: tuple[Any, ...] = (
    {
        "error": QUOTED, "error_description": QUOTED, "errorMsg": QUOTED, "errors": [QUOTED],
        "success": False, "errorDescription": QUOTED, "message": QUOTED, "title": QUOTED,
        "detail": QUOTED, "hint": QUOTED,
        "messageTranslation": {"label": QUOTED, "data": {"field": QUOTED}}, "meta": {"message": QUOTED},
        "validation-errors": [{"errors": [{"code": QUOTED, "path": QUOTED, "detail": QUOTED}]}],
    },
    {
        "error": {"code": QUOTED, "message": QUOTED}, "errors": {QUOTED: QUOTED}, "success": False,
        "meta": {"errors": {QUOTED: [QUOTED]}}, "type": "duplicate", "data": [{"name": QUOTED}],
    },
    {
        "errors": [{"message": QUOTED, "extensions": {"code": QUOTED, "userFriendlyMessage": QUOTED}}],
        "data": None, "statusCode": 400,
    },
    [{"id": QUOTED, "name": QUOTED}],
    QUOTED,
)  # fmt: skip


@asynccontextmanager
async def quoting() -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """A server that answers everything with what `now` holds: its address, and `now`."""
    now: dict[str, Any] = {}

    async def answer(_request: web.Request) -> web.Response:
        said = {"X-Status-Reason": f"{PHONE} {EMAIL}", "Location": f"/?{EMAIL}"}
        return web.json_response(now["body"], status=now["status"], headers=said)

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"127.0.0.1:{runner.addresses[0][1]}", now
    finally:
        await runner.cleanup()


async def purchases(adapter: Any, now: Any) -> None:
    await adapter.transactions(Window(now() - timedelta(days=5), now(), first=True), "")


async def lead_of(adapter: Any, _now: Any) -> None:
    await adapter.create_lead(lead())


ALL = [
    *((name, next(iter(variants.values())), lead_of) for name, variants in STAND_INS.items()),
    *((name, next(iter(variants.values())), purchases) for name, variants in SOURCES.items()),
]


@pytest.mark.parametrize(
    ("provider", "make", "call"), ALL, ids=[f"{one[0]} {one[2].__name__}" for one in ALL]
)
async def test_no_error_carries_what_the_other_side_quotes(provider: str, make: Any, call: Any) -> None:
    async with make() as there, quoting() as (address, now):
        settings: Mapping[str, str] = {
            key: str(value).replace(there.address, address) for key, value in there.settings.items()
        }
        found, kinds = dict[str, str](), set[str]()
        for status in STATUSES:
            for number, body in enumerate(SHAPES):
                now |= {"status": status, "body": body}
                async with CrmHttp(now=there.now, time_limit=5.0, allow=[address]) as http:
                    adapter = build_adapter(
                        provider, settings, getattr(there, "mapping", {}), http, there.now
                    )
                    try:
                        async with asyncio.timeout(5):
                            await call(adapter, there.now)
                    except CrmError as error:
                        kinds.add(error.code)
                        told = (
                            f"{error!r} {error} {error.params} {''.join(traceback.format_exception(error))}"
                        )
                        if any(one in told for one in CANARIES):
                            found[f"{status} {number}"] = f"{error!r}"
    assert found == {}
    assert len(kinds) >= 3, "most of what was said was taken for an error of its own kind"
