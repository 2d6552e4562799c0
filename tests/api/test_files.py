"""Files of leads by the API: brought as they are and in forms, fetched as nothing that runs, refused soon."""

import json
from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest
from aiohttp import web

from domain.files import DOWNLOAD_LIMIT, FileKind, IncomingFile
from tests.api.office import Office, open_office

PDF = b"%PDF-1.7 \x00\xff"
NAME = 'договор "№ 7"\r\nX-Evil: 1.html'


async def bring(office: Office, lead: str, content: bytes, **more: object) -> httpx.Response:
    return await office.http.post(f"/api/files/lead/{lead}", content=content, **more)  # type: ignore[arg-type]


async def test_a_file_comes_and_goes_as_it_is(office: Office) -> None:
    lead = (await office.lead())["id"]
    headers = {"Content-Type": "application/pdf", "Idempotency-Key": "f1"}
    made = await bring(office, lead, PDF, params={"name": "offer.pdf"}, headers=headers)
    assert made.status_code == 201, made.text
    file = made.json()
    assert (file["name"], file["mime"], file["size"]) == ("offer.pdf", "application/pdf", len(PDF))
    again = await bring(office, lead, PDF, params={"name": "offer.pdf"}, headers=headers)
    assert (again.json()["id"], again.headers["Idempotent-Replayed"]) == (file["id"], "true")
    other = await bring(office, lead, PDF + b"!", params={"name": "offer.pdf"}, headers=headers)
    assert other.json()["code"] == "idempotency_key_reused"
    got = await office.http.get(f"/api/files/{file['id']}/content")
    assert (got.content, got.headers["Content-Type"]) == (PDF, "application/pdf")
    assert got.headers["Content-Disposition"] == 'attachment; filename="offer.pdf"'
    assert (await office.http.get(f"/api/files/lead/{lead}")).json()["total"] == 1
    await office.http.delete(f"/api/files/{file['id']}")
    assert (await office.http.get(f"/api/files/{file['id']}/content")).status_code == 404


async def test_a_file_that_would_run_in_a_browser_is_bytes(office: Office) -> None:
    lead = (await office.lead())["id"]
    sent = {"file": (NAME, b"<script>alert(1)</script>", "text/html")}
    made = await office.http.post(f"/api/files/lead/{lead}", files=sent)
    assert made.status_code == 201, made.text
    got = await office.http.get(f"/api/files/{made.json()['id']}/content")
    assert got.headers["Content-Type"] == "application/octet-stream"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in got.headers["Content-Security-Policy"]
    assert got.headers["Content-Disposition"].startswith("attachment; filename=")
    assert "X-Evil" not in got.headers


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({"content": b""}, 422, "bad_input"),
        ({"content": PDF}, 422, "bad_input"),
        ({"json": {"file": "x"}}, 415, "unsupported_media_type"),
        ({"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}, 400, "broken_form"),
        ({"files": {"a": ("a", b"1"), "b": ("b", b"2")}}, 422, "bad_input"),
        ({"content": PDF, "params": {"name": "x", "field": "nothing"}}, 404, "not_found"),
    ],
)
async def test_what_is_no_file(office: Office, given: dict[str, object], status: int, code: str) -> None:
    lead = (await office.lead())["id"]
    refused = await office.http.post(f"/api/files/lead/{lead}", **given)  # type: ignore[arg-type]
    assert (refused.status_code, refused.json()["code"]) == (status, code), refused.text


async def test_a_file_that_is_too_large_is_refused_before_it_is_here(office: Office) -> None:
    lead = (await office.lead())["id"]

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(DOWNLOAD_LIMIT // 1_000_000 + 1):
            yield b"x" * 1_000_000

    refused = await office.http.post(
        f"/api/files/lead/{lead}?name=x", content=endless(), headers={"Content-Type": "image/png"}
    )
    assert (refused.status_code, refused.json()["code"]) == (413, "too_large")


async def test_a_file_of_telegram_is_fetched_there(database_url: str) -> None:
    """A file that somebody sent to the bot is not kept here."""
    asked: list[str] = []

    async def serve(request: web.Request) -> web.Response:
        asked.append(request.path)
        if request.query.get("file_id") == "gone":
            return web.Response(status=400, text=json.dumps({"ok": False}))
        if request.path.endswith("getFile"):
            return web.json_response({"ok": True, "result": {"file_path": "voice/1.oga"}})
        return web.Response(body=b"OggS")

    app = web.Application()
    app.router.add_get("/{path:.*}", serve)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with open_office(database_url, bot_api_url=url) as office:
        lead = await office.lead()
        files, found = office.product.services.files, []
        for file_id, size in (("f1", 4), ("gone", 4), ("big", DOWNLOAD_LIMIT + 1)):
            given = IncomingFile(FileKind.VOICE, file_id, "", "audio/ogg", size)
            file = await files.add(office.owner, UUID(lead["id"]), given)
            found.append(await office.http.get(f"/api/files/{file.id}/content"))
        assert (found[0].content, found[0].headers["Content-Type"]) == (b"OggS", "audio/ogg")
        assert [one.status_code for one in found[1:]] == [404, 422]
        assert asked[:2] == ["/bot1:a/getFile", "/file/bot1:a/voice/1.oga"]
        await runner.cleanup()
        file = await files.add(office.owner, UUID(lead["id"]), IncomingFile(FileKind.VOICE, "f2", size=4))
        away = await office.http.get(f"/api/files/{file.id}/content")
        assert (away.status_code, away.json()["code"]) == (503, "unavailable")
