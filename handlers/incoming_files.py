"""Files in messages: what Telegram tells of a photo, a document, a voice note and the like."""

import json
from collections.abc import Callable
from typing import Any

from aiogram.types import Message

from domain.errors import BadInput
from domain.files import FileKind, IncomingFile

MARK = "\x1ffile:"
"""Before a file that a form keeps as an answer: nobody can type it."""

_FOUND: tuple[tuple[FileKind, Callable[[Message], Any]], ...] = (
    (FileKind.VOICE, lambda message: message.voice),
    (FileKind.VIDEO_NOTE, lambda message: message.video_note),
    # an animation is a document, too
    (FileKind.ANIMATION, lambda message: message.animation),
    (FileKind.VIDEO, lambda message: message.video),
    (FileKind.AUDIO, lambda message: message.audio),
    (FileKind.DOCUMENT, lambda message: message.document),
    (FileKind.PHOTO, lambda message: message.photo[-1] if message.photo else None),
)


def incoming_file(message: Message) -> IncomingFile | None:
    """The file of a message; a caption is its name where it has none. None when there is no file."""
    for kind, find in _FOUND:
        found = find(message)
        if found is not None:
            return IncomingFile(
                kind=kind,
                file_id=found.file_id,
                name=(getattr(found, "file_name", None) or message.caption or "").strip(),
                mime=getattr(found, "mime_type", None) or "",
                size=found.file_size or 0,
                duration=getattr(found, "duration", None) or 0,
            )
    return None


def packed(file: IncomingFile) -> str:
    """The file as a form's answer."""
    return MARK + json.dumps(
        [file.kind.value, file.file_id, file.name, file.mime, file.size, file.duration], ensure_ascii=False
    )


def unpacked(answer: str) -> IncomingFile:
    """The file that a form has kept. Raises BadInput("custom_file", "required") for anything else."""
    if not answer.startswith(MARK):
        raise BadInput("custom_file", "required")
    kind, *rest = json.loads(answer.removeprefix(MARK))
    return IncomingFile(FileKind(kind), *rest)
