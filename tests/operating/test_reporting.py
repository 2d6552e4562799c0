"""Sentry: an error is told with its place and ids, and with nothing that somebody has said."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from bot.watching.reporting import FRAME, TOLD, stripped
from tests.operating.compose import ROOT

SECRETS = ("Zebedee Quux", "+7 999 123-45-67", "quux@example.com", "topsecrettoken", "of a local variable")


@pytest.fixture
async def sentry() -> AsyncIterator[tuple[str, list[bytes]]]:
    """A stand-in for Sentry: its DSN, and the bodies that it was sent."""
    sent: list[bytes] = []

    async def take(request: web.Request) -> web.Response:
        sent.append(await request.read())
        return web.json_response({})

    app = web.Application()
    app.router.add_post("/api/1/envelope/", take)
    async with TestServer(app) as server:
        yield f"http://public@127.0.0.1:{server.port}/1", sent


async def test_an_error_leaves_without_what_it_says(sentry: tuple[str, list[bytes]]) -> None:
    dsn, sent = sentry
    # in a process of its own: the client is one for the whole process
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.operating.report_one"),
        cwd=ROOT,
        env={"DSN": dsn, "SECRETS": json.dumps(SECRETS)},
    )
    assert await process.wait() == 0
    [envelope] = sent
    text = envelope.decode()
    assert not [secret for secret in SECRETS if secret in text], text
    event = json.loads(text.splitlines()[-1])
    assert event["message"] == "update.failed"
    assert event["tags"] == {"update": "123", "error_id": "ab12cd", "job": "imports"}
    told = event["exception"]["values"]
    assert [one["type"] for one in told] == ["KeyError", "ValueError"]
    assert told[-1]["stacktrace"]["frames"][-1]["function"] == "fail"
    assert set(told[-1]["stacktrace"]["frames"][-1]) <= set(FRAME)
    assert set(event) <= {*TOLD, "exception"}


def test_whatever_a_later_client_adds_stays_here() -> None:
    event = {
        "event_id": "1",
        "user": {"email": "quux@example.com"},
        "request": {"data": "Zebedee"},
        "contexts": {"new": "Zebedee"},
        "exception": {
            "values": [
                {
                    "type": "E",
                    "value": "Zebedee",
                    "stacktrace": {"frames": [{"function": "f", "vars": {"a": "Zebedee"}}]},
                }
            ]
        },
    }
    left = stripped(event, None)
    assert "Zebedee" not in str(left)
    assert "quux" not in str(left)
    assert left["exception"]["values"][0]["stacktrace"]["frames"] == [{"function": "f"}]
