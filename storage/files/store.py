"""What keeps files, whatever it is."""

from collections.abc import AsyncGenerator
from typing import Protocol

from domain.errors import FilesAway
from domain.file_body import FileBody


class FileStore(Protocol):
    """Keeps files under keys: relative paths of Latin letters, digits, `-`, `_`, `.` and `/`.

    Everything raises FilesAway where the store does not answer, or refuses.
    """

    @property
    def place(self) -> str:
        """Where it is, as an address without a secret."""
        ...

    async def put(self, key: str, body: FileBody) -> None:
        """Keep a file as a whole or not at all; one that is there is replaced by it."""
        ...

    def get(self, key: str) -> AsyncGenerator[bytes, None]:
        """The file, a chunk at a time. Raises NotFound before the first."""
        ...

    async def delete(self, key: str) -> None:
        """Take a file out for good; one that is not there is no error."""
        ...

    async def exists(self, key: str) -> bool: ...

    async def aclose(self) -> None: ...


async def fetched(store: FileStore, key: str, sha256: str) -> FileBody:
    """The whole file, which is the caller's to close. Raises NotFound; FilesAway("damaged") where it is not
    what was kept."""
    body = FileBody()
    try:
        async for chunk in store.get(key):
            body.write(chunk)
        if sha256 and body.sha256 != sha256:
            raise FilesAway("damaged")
    except BaseException:
        body.close()
        raise
    return body
