"""One archive with all that cannot be made again: the database and the files, each part with its sum.

It is a gzipped tar. Secrets in it stay sealed with SECRET_KEY, which is not in it; people's data are in
clear, as in the database: only its owner may read the file, and where it goes is up to them.
"""

import asyncio
import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from locales import _
from storage.copies import dumps, sqlite_copies
from storage.files.folder import UNFINISHED

MANIFEST = "manifest.json"
FORMAT = 1
SQLITE_NAME = "voronka.db"
SPEED = 3
"""Of gzip: nine is three times slower for a tenth less."""


class ArchiveBroken(Exception):
    """It cannot be brought back. The text says why, in the language that is spoken."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """`database` is sqlite or postgresql, `made_at` is UTC, `sums` are SHA-256 by the part's name."""

    database: str
    revision: str
    made_at: str
    counts: Mapping[str, int]
    files: int
    sums: Mapping[str, str] = field(default_factory=dict)
    format: int = FORMAT


def kind_of(url: str) -> str:
    return make_url(url).get_backend_name()


def sqlite_file(url: str) -> Path:
    return Path(make_url(url).database or "")


def is_missing(url: str) -> bool:
    """Whether it is a SQLite file that is not there; to open it would make it."""
    return kind_of(url) == "sqlite" and not sqlite_file(url).exists()


async def write(archive: Path, url: str, files: Path | None) -> Manifest:
    """Write the archive, read it back, and only then give it its name. Raises FileExistsError, OSError."""
    if archive.exists():
        raise FileExistsError(archive)
    archive.parent.mkdir(parents=True, exist_ok=True)
    part = archive.with_name(archive.name + ".part")
    with tempfile.TemporaryDirectory(dir=archive.parent, prefix=".voronka-") as directory:
        staged = Path(directory)
        revision, counts = await _dump(url, staged)
        try:
            made = await asyncio.to_thread(_pack, part, staged, files, kind_of(url), revision, counts)
            await asyncio.to_thread(check, part)
            part.rename(archive)
        finally:
            part.unlink(missing_ok=True)
    return made


async def _dump(url: str, staged: Path) -> tuple[str, dict[str, int]]:
    if kind_of(url) != "sqlite":
        return await dumps.dump(url, staged)
    copied = staged / SQLITE_NAME
    await asyncio.to_thread(sqlite_copies.copy, sqlite_file(url), copied)
    return await asyncio.to_thread(sqlite_copies.counts_of, copied)


def _pack(
    part: Path, staged: Path, files: Path | None, kind: str, revision: str, counts: Mapping[str, int]
) -> Manifest:
    sums: dict[str, str] = {}
    kept = 0
    part.touch(mode=0o600)
    with part.open("wb") as raw:
        with tarfile.open(fileobj=raw, mode="w:gz", compresslevel=SPEED) as tar:
            for file in sorted(staged.iterdir()):
                sums[f"database/{file.name}"] = _add(tar, file, f"database/{file.name}")
            for file in _files(files):
                assert files is not None
                name = f"files/{file.relative_to(files).as_posix()}"
                try:
                    sums[name] = _add(tar, file, name)
                    kept += 1
                except FileNotFoundError:
                    continue  # deleted while the copy was being made
            made = Manifest(kind, revision, datetime.now(UTC).isoformat(), counts, kept, sums)
            text = json.dumps(asdict(made), ensure_ascii=False, indent=1).encode()
            entry = tarfile.TarInfo(MANIFEST)
            entry.size = len(text)
            tar.addfile(entry, io.BytesIO(text))
        raw.flush()
        os.fsync(raw.fileno())
    return made


def _files(folder: Path | None) -> Iterator[Path]:
    if folder is not None and folder.is_dir():
        found = (file for file in folder.rglob("*") if file.is_file() and not file.is_symlink())
        yield from sorted(file for file in found if not file.name.startswith(UNFINISHED))


class _Summed:
    """A file that is read once, for its sum and for whoever reads it."""

    def __init__(self, file: Any) -> None:
        self._file, self.sum = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        found: bytes = self._file.read(size)
        self.sum.update(found)
        return found


def _add(tar: tarfile.TarFile, file: Path, name: str) -> str:
    with file.open("rb") as opened:
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = os.fstat(opened.fileno()).st_size, 0o600
        summed = _Summed(opened)
        tar.addfile(entry, summed)
    return summed.sum.hexdigest()


def check(archive: Path) -> Manifest:
    """Read all of it and compare the sums. Raises ArchiveBroken, OSError."""
    with _opened(archive, None) as manifest:
        return manifest


@contextmanager
def unpacked(archive: Path, into: Path) -> Iterator[tuple[Manifest, Path]]:
    """The checked parts of the archive, in a folder of `into` that is removed in the end."""
    with (
        tempfile.TemporaryDirectory(dir=into, prefix=".voronka-") as directory,
        _opened(archive, Path(directory)) as manifest,
    ):
        yield manifest, Path(directory)


@contextmanager
def _opened(archive: Path, into: Path | None) -> Iterator[Manifest]:
    sums: dict[str, str] = {}
    manifest: Manifest | None = None
    try:
        with tarfile.open(archive, mode="r:gz") as tar:
            for entry in tar:
                if entry.name == MANIFEST:
                    manifest = _manifest(tar.extractfile(entry))
                elif _is_ours(entry):
                    sums[entry.name] = _take(tar, entry, into)
                else:
                    why = _("it holds {name}, which no backup of ours does")
                    raise ArchiveBroken(why.format(name=repr(entry.name)))
    except (tarfile.TarError, EOFError, ValueError, KeyError, TypeError) as error:
        why = _("it cannot be read ({reason})").format(reason=type(error).__name__)
        raise ArchiveBroken(why) from error
    if manifest is None:
        raise ArchiveBroken(_("it ends too early"))
    wrong = sorted(set(sums.items()) ^ set(manifest.sums.items()))
    if wrong:
        raise ArchiveBroken(_("{name} is not what was written").format(name=wrong[0][0]))
    yield manifest


def _is_ours(entry: tarfile.TarInfo) -> bool:
    parts = entry.name.split("/")
    known = parts[0] in ("database", "files") and len(parts) > 1
    return known and entry.isfile() and not {"", ".", ".."} & set(parts)


def _take(tar: tarfile.TarFile, entry: tarfile.TarInfo, into: Path | None) -> str:
    source = tar.extractfile(entry)
    assert source is not None
    summed = _Summed(source)
    if into is None:
        while summed.read(1 << 20):
            pass
        return summed.sum.hexdigest()
    target = into / entry.name
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        shutil.copyfileobj(summed, file, 1 << 20)
    return summed.sum.hexdigest()


def _manifest(file: Any) -> Manifest:
    told = json.loads(file.read())
    if told.get("format") != FORMAT:
        why = _("a newer program has written it (format {format}): start that one")
        raise ArchiveBroken(why.format(format=told.get("format")))
    return Manifest(**told)
