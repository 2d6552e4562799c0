"""Files of the stand-in: kept in memory, found by file_id or by download path."""

from __future__ import annotations

import base64
import hashlib
import itertools
import struct
from dataclasses import dataclass

from .errors import ApiError, Json, bad_request

# https://core.telegram.org/bots/api#sending-files and #getfile
MAX_DOWNLOAD = 20 * 1024 * 1024
MAX_UPLOAD = 50 * 1024 * 1024
MAX_PHOTO = 10 * 1024 * 1024
FOLDERS = {
    "document": "documents", "photo": "photos", "voice": "voice", "sticker": "stickers",
    "audio": "music", "video": "videos", "animation": "animations", "video_note": "video_notes",
}  # fmt: skip


@dataclass(frozen=True)
class Upload:
    """Bytes that came with a call."""

    name: str
    content_type: str
    data: bytes


@dataclass(frozen=True)
class StoredFile:
    file_id: str
    unique_id: str
    kind: str
    path: str
    name: str
    content_type: str
    data: bytes

    def reference(self) -> Json:
        """The fields every kind of file has in a message."""
        size = len(self.data)
        return {"file_id": self.file_id, "file_unique_id": self.unique_id, "file_size": size}


def _opaque(*parts: object, size: int) -> str:
    digest = hashlib.sha512(repr(parts).encode()).digest()[:size]
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def image_size(data: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG, GIF, WebP or JPEG; None when it is no picture."""
    if data.startswith(b"\x89PNG\r\n\x1a\n") and len(data) >= 24:
        return struct.unpack(">II", data[16:24])
    if data[:6] in {b"GIF87a", b"GIF89a"}:
        return struct.unpack("<HH", data[6:10])
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return (512, 512)
    return _jpeg_size(data) if data.startswith(b"\xff\xd8") else None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 < len(data) and data[at] == 0xFF:
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return (width, height)
        at += 2 + length
    return None


class Files:
    """All files by id and by path."""

    def __init__(self) -> None:
        self._by_id: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}
        self._numbers = itertools.count()

    def add(self, kind: str, upload: Upload) -> StoredFile:
        if len(upload.data) > MAX_UPLOAD:
            raise ApiError(413, "Request Entity Too Large")
        if not upload.data:
            raise bad_request("file must be non-empty")
        number = next(self._numbers)
        ending = upload.name.rpartition(".")[2] if "." in upload.name else "bin"
        path = f"{FOLDERS[kind]}/file_{number}.{ending}"
        unique = "AgAD" + _opaque(upload.data, size=9)
        identifier = "BQACAgI" + _opaque(number, kind, unique, size=45)
        file = StoredFile(identifier, unique, kind, path, upload.name, upload.content_type, upload.data)
        self._by_id[identifier] = self._by_path[path] = file
        return file

    def find(self, file_id: str) -> StoredFile | None:
        return self._by_id.get(file_id)

    def at_path(self, path: str) -> StoredFile | None:
        return self._by_path.get(path)
