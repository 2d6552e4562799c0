"""What the doctor says of where files are kept."""

import os
from pathlib import Path

from bot.operating.file_check import check_files
from bot.operating.findings import State
from bot.settings import load_settings
from sandbox.s3.server import S3Sandbox


async def told(s3: S3Sandbox, **given: str) -> str:
    keys = {"files_url": s3.files_url(), "files_key": s3.key, "files_secret": s3.secret}
    (found,) = await check_files(load_settings(needed=(), **{**keys, **given}))
    assert s3.secret not in found.said + found.todo
    return "" if found.state is State.OK else found.todo


async def test_what_is_wrong_is_named(s3: S3Sandbox) -> None:
    assert await told(s3) == ""
    assert "Copy FILES_KEY" in await told(s3, files_secret="other")
    assert "Make the bucket" in await told(s3, files_url=s3.files_url(bucket="elsewhere"))
    assert "Mend the region" in await told(s3, files_url=f"s3://voronka?endpoint={s3.url}")
    s3.fail("read_only")
    assert "Let FILES_KEY put" in await told(s3)
    s3.heal()
    s3.clock.advance(3600)
    assert "time synchronisation" in await told(s3)
    assert not s3.objects()


async def test_a_folder_is_tried_once_it_is_there(s3: S3Sandbox, tmp_path: Path) -> None:
    assert await told(s3, files_url=str(tmp_path / "new")) == ""
    assert not (tmp_path / "new").exists()
    assert await told(s3, files_url=str(tmp_path)) == ""
    assert not any(names for _place, _folders, names in os.walk(tmp_path))
