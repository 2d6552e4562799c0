"""The bytes of a file on their way: from a door to where files are kept, and from there to whoever asked."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile, SpooledTemporaryFile
from types import TracebackType
from typing import Self

IN_MEMORY = 256 * 1024
"""Bytes: what is larger waits in a file without a name, which is gone with whoever held it."""

CHUNK = 64 * 1024


class FileBody:
    """Written once, then read as often as wanted, a chunk at a time. Close it in the end."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  (closed with this object)
        self._sum = hashlib.sha256()
        self.size = 0

    @classmethod
    def of(cls, content: bytes) -> Self:
        made = cls()
        made.write(content)
        return made

    @property
    def sha256(self) -> str:
        """The sum of what was written, in hexadecimal digits."""
        return self._sum.hexdigest()

    def write(self, chunk: bytes) -> None:
        self._file.write(chunk)
        self._sum.update(chunk)
        self.size += len(chunk)

    def chunks(self) -> Iterator[bytes]:
        """All of it, from the beginning. One reader at a time."""
        self._file.seek(0)
        while chunk := self._file.read(CHUNK):
            yield chunk

    def read(self) -> bytes:
        return b"".join(self.chunks())

    def saved(self) -> Path:
        """A file with a name and the same bytes, which is the caller's to delete. Blocks: call it in a
        thread."""
        with NamedTemporaryFile(prefix="voronka-file-", delete=False) as target:
            for chunk in self.chunks():
                target.write(chunk)
        return Path(target.name)

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
