"""Files on leads: kept by Telegram, known to us by its file_id."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

DOWNLOAD_LIMIT = 20_000_000
"""Bytes a bot can fetch of a file (https://core.telegram.org/bots/api#getfile). What is only kept and sent
again by its file_id may be bigger."""

FILES_LIMIT = 200
"""Files a lead may have."""


class FileKind(StrEnum):
    """How Telegram shows it."""

    DOCUMENT = "document"
    PHOTO = "photo"
    VOICE = "voice"
    VIDEO_NOTE = "video_note"
    VIDEO = "video"
    AUDIO = "audio"
    ANIMATION = "animation"


@dataclass(frozen=True, slots=True)
class IncomingFile:
    """A file somebody has sent: `size` in bytes, `duration` in seconds, 0 where Telegram does not tell."""

    kind: FileKind
    file_id: str
    name: str = ""
    mime: str = ""
    size: int = 0
    duration: int = 0


@dataclass(frozen=True, slots=True)
class LeadFile:
    """`field` is the key of the custom field whose value it is, empty for none."""

    id: UUID
    lead_id: UUID
    kind: FileKind
    file_id: str
    name: str
    mime: str
    size: int
    duration: int
    field: str
    added_by: UUID | None
    added_name: str
    created_at: datetime
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class FilePage:
    files: tuple[LeadFile, ...]
    total: int
    page: int
    pages: int
