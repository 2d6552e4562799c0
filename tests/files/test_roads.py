"""Files on their way through the product with a bucket: a form, the API, clearing up, commands."""

import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from domain.errors import FilesAway
from domain.hooks_in import HookKind
from sandbox.s3.server import S3Sandbox
from storage.files import s3 as s3_store
from storage.ids import new_id
from storage.tables import uploads as uploads_table
from tests.api.office import Office, open_office
from tests.hooks.seen import made, rows
from tests.privacy.conftest import environment_of
from tests.programs import run

SCAN = os.urandom(700_000)
HOUR = 3600


@dataclass
class Bucketed:
    """An office with its files in a bucket, and `python -m bot` beside it."""

    office: Office
    s3: S3Sandbox
    environment: dict[str, str]

    async def sends(self, phone: str = "+79161112233", **headers: str) -> int:
        """Somebody sends a form with a file; the answer's status."""
        inlet = await made(self.office, HookKind.WEBSITE, required=["name", "phone"])
        sent = {"scan": ("скан.pdf", SCAN, "application/pdf")}
        form = {"name": "Анна", "phone": phone}
        path = f"/hooks/website/{inlet.key}"
        answer = await self.office.http.post(path, data=form, files=sent, headers=headers)
        return answer.status_code

    async def commands(self, *arguments: str, **given: str) -> tuple[int, str]:
        return await run(list(arguments), {**self.environment, **given})

    async def file(self) -> dict[str, Any]:
        """The one file of the newest lead, with its bytes."""
        lead = (await rows(self.office, "leads"))[-1]
        (one,) = (await self.office.http.get(f"/api/files/lead/{lead.id}")).json()["items"]
        answer = await self.office.http.get(f"/api/files/{one['id']}/content")
        return {**one, "status": answer.status_code, "content": answer.content}


@pytest.fixture
async def bucketed(
    database_url: str, redis_url: str, s3: S3Sandbox, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Bucketed]:
    monkeypatch.setattr(s3_store, "PAUSES", (0, 0))
    keys = {"files_url": s3.files_url("files"), "files_key": s3.key, "files_secret": s3.secret}
    async with open_office(database_url, redis_url, **keys) as office:
        environment = {name.upper(): value for name, value in keys.items()}
        yield Bucketed(office, s3, {**environment_of(database_url), **environment})


async def test_a_form_with_a_file_is_kept_whole_or_not_at_all(bucketed: Bucketed) -> None:
    office, s3 = bucketed.office, bucketed.s3
    s3.fail("down", mode="503")
    assert await bucketed.sends() == 503
    assert await rows(office, "leads") == await rows(office, "inbox") == []
    lead = await office.lead(phones=["+79160000001"])
    path = f"/api/files/lead/{lead['id']}"
    answer = await office.http.post(path, params={"name": "a.bin"}, content=SCAN)
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    s3.heal()
    answer = await office.http.post(
        path, params={"name": "a.bin"}, content=SCAN, headers={"Idempotency-Key": "once"}
    )
    assert answer.status_code == 201, answer.text
    assert (await bucketed.file())["content"] == SCAN
    assert await bucketed.sends() == 200
    kept = await bucketed.file()
    assert (kept["name"], kept["content"] == SCAN) == ("скан.pdf", True)
    assert SCAN in [one.content for one in s3.objects().values()]
    assert all(row.content is None for row in await rows(office, "uploads"))
    s3.fail("down", mode="closed")
    assert (await bucketed.file())["status"] == 503
    s3.heal()
    # what was refused has left rows behind, and nothing refers to them
    assert (len(await rows(office, "uploads")), len(s3.objects())) == (4, 2)
    office.clock.advance(2 * HOUR)
    assert await office.product.services.stored_files.clear_up() == 2
    assert (len(await rows(office, "uploads")), len(s3.objects())) == (2, 2)


async def test_what_is_erased_goes_out_of_the_bucket(bucketed: Bucketed) -> None:
    office, s3, services = bucketed.office, bucketed.s3, bucketed.office.product.services
    assert await bucketed.sends() == 200
    office.clock.advance(2 * HOUR)
    assert (await services.stored_files.clear_up(), len(s3.objects())) == (0, 1)
    persons = services.personal_data
    held = await persons.look(office.owner, "+79161112233")
    await persons.erase(office.owner, "+79161112233", held.confirm)
    s3.fail("slow_down", 3)
    with pytest.raises(FilesAway):
        await services.stored_files.clear_up()
    assert (await services.stored_files.clear_up(), len(s3.objects())) == (1, 0)
    assert await rows(office, "uploads") == []


async def test_files_move_and_are_checked(bucketed: Bucketed, tmp_path: Path) -> None:
    office, s3, folder = bucketed.office, bucketed.s3, tmp_path / "files"
    assert await bucketed.sends() == 200
    kept = await bucketed.file()
    async with office.product.db.transaction(office.owner.organization_id) as s:
        # as the version before wrote it
        await s.execute(uploads_table.insert().values(
            id=new_id(), organization_id=s.tenant, name="old", mime="", size=3, content=b"old",
            created_at=office.clock()))  # fmt: skip
    moving = ("files", "move", "--from")
    code, said = await bucketed.commands(*moving, s3.files_url("files"), FILES_URL=str(folder))
    assert code == 0, said
    assert "1 file moved out of the database" in said
    assert "1 file copied from s3://voronka" in said
    assert s3.secret not in said
    assert {one.read_bytes() for one in folder.rglob("*") if one.is_file()} == {SCAN, b"old"}
    code, said = await bucketed.commands("files", "check", FILES_URL=str(folder))
    assert (code, "2 files are whole" in said) == (0, True), said
    s3.reset()
    assert (await bucketed.file())["status"] == 404
    code, said = await bucketed.commands("files", "check")
    assert (code, "is missing" in said) == (1, True), said
    code, said = await bucketed.commands(*moving, str(folder), "--delete")
    assert (code, "2 files copied" in said) == (0, True), said
    assert not [one for one in folder.rglob("*") if one.is_file()]
    assert (await bucketed.file())["content"] == kept["content"]
    code, said = await bucketed.commands(*moving, s3.files_url("files"))
    assert (code, "the same place" in said) == (2, True), said
