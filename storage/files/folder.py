"""Files in a folder, which all replicas share."""

import asyncio
import os
from collections.abc import AsyncGenerator
from pathlib import Path
from tempfile import NamedTemporaryFile

from domain.errors import FilesAway, NotFound
from domain.file_body import CHUNK, FileBody

UNFINISHED = "+"
"""What the name of a file begins with that is being written."""


class FolderStore:
    """A FileStore. What is being written has a name that no key has, and is synced before it gets its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def place(self) -> str:
        return str(self._folder)

    async def put(self, key: str, body: FileBody) -> None:
        try:
            await asyncio.to_thread(self._write, self._folder / key, body)
        except OSError as error:
            raise FilesAway(type(error).__name__) from error

    async def get(self, key: str) -> AsyncGenerator[bytes, None]:
        try:
            file = await asyncio.to_thread(open, self._folder / key, "rb")
        except FileNotFoundError:
            raise NotFound(what="file") from None
        except OSError as error:
            raise FilesAway(type(error).__name__) from error
        with file:
            while chunk := await asyncio.to_thread(file.read, CHUNK):
                yield chunk

    async def delete(self, key: str) -> None:
        try:
            await asyncio.to_thread((self._folder / key).unlink, missing_ok=True)
        except OSError as error:
            raise FilesAway(type(error).__name__) from error

    async def exists(self, key: str) -> bool:
        return await asyncio.to_thread((self._folder / key).is_file)

    async def aclose(self) -> None:
        """Nothing is open."""

    def _write(self, target: Path, body: FileBody) -> None:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=target.parent, prefix=UNFINISHED, delete=False) as part:
            try:
                for chunk in body.chunks():
                    part.write(chunk)
                part.flush()
                os.fsync(part.fileno())
                os.replace(part.name, target)
            except BaseException:
                Path(part.name).unlink(missing_ok=True)
                raise
