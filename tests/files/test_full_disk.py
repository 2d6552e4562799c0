"""A disk that is full where files wait or are kept. /dev/full takes no byte, as such a disk does."""

import os
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO, Any

import pytest

from domain.hooks_in import HookKind
from storage.files import folder as folder_store
from tests.api.office import Office, open_office
from tests.hooks.seen import made, rows

FULL = "/dev/full"
SCAN = os.urandom(700_000)
"""Larger than what waits in memory."""


@pytest.fixture
async def office(database_url: str, redis_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(database_url, redis_url, files_url=str(tmp_path / "files")) as opened:
        yield opened


def where_files_wait(patch: pytest.MonkeyPatch) -> None:
    def full(*_given: Any, **_more: Any) -> IO[bytes]:
        return open(FULL, "w+b", buffering=0)

    patch.setattr(tempfile, "TemporaryFile", full)


def where_files_are_kept(patch: pytest.MonkeyPatch) -> None:
    usual = folder_store.NamedTemporaryFile

    def full(*, dir: Path, prefix: str, delete: bool) -> Any:
        part = usual(dir=dir, prefix=prefix, delete=delete)
        os.dup2(os.open(FULL, os.O_WRONLY), part.fileno())
        return part

    patch.setattr(folder_store, "NamedTemporaryFile", full)


@pytest.mark.parametrize("fill", [where_files_wait, where_files_are_kept])
async def test_a_file_that_finds_no_room_is_asked_for_again(
    office: Office, fill: Any, tmp_path: Path
) -> None:
    inlet = await made(office, HookKind.WEBSITE, required=["name", "phone"])
    path, form = f"/hooks/website/{inlet.key}", {"name": "Анна", "phone": "+79161112233"}
    scan = {"scan": ("скан.pdf", SCAN, "application/pdf")}
    lead = await office.lead(phones=["+79160000001"])
    with pytest.MonkeyPatch.context() as patch:
        fill(patch)
        assert (await office.http.post(path, data=form, files=scan)).status_code == 503
        answer = await office.http.post(
            f"/api/files/lead/{lead['id']}", params={"name": "a.bin"}, content=SCAN
        )
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert (await office.http.get("/api/leads")).json()["total"] == 1
        other = {"name": "Олег", "phone": "+79161112244"}
        assert (await office.http.post(path, data=other)).status_code == 200
    assert [one for one in (tmp_path / "files").rglob("*") if one.is_file()] == []
    assert (await office.http.post(path, data=form, files=scan)).status_code == 200
    assert {one.name for one in await rows(office, "leads")} == {"Иван", "Олег", "Анна"}
    (kept,) = [one for one in (tmp_path / "files").rglob("*") if one.is_file()]
    assert kept.read_bytes() == SCAN
