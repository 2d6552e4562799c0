"""Stores of both kinds, each with nothing in it."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.s3.server import S3Sandbox
from storage.files.address import S3Address, read_address
from storage.files.folder import FolderStore
from storage.files.s3 import S3Store
from storage.files.store import FileStore


@pytest.fixture
async def s3() -> AsyncIterator[S3Sandbox]:
    async with S3Sandbox() as started:
        yield started


def in_bucket(s3: S3Sandbox, url: str = "", key: str = "", secret: str = "") -> S3Store:
    """A store that loses no time between two attempts."""
    address = read_address(url or s3.files_url("kept/here"))
    assert isinstance(address, S3Address)
    return S3Store(address, key or s3.key, secret or s3.secret, pauses=(0, 0))


@pytest.fixture(params=["folder", "s3"])
async def store(request: pytest.FixtureRequest, tmp_path: Path, s3: S3Sandbox) -> AsyncIterator[FileStore]:
    made = in_bucket(s3) if request.param == "s3" else FolderStore(tmp_path / "files")
    yield made
    await made.aclose()
