"""Files in both directions: uploads, file_id reuse, albums, getFile."""

from __future__ import annotations

import functools
import secrets
from collections.abc import Callable

from .api import Call, Method, post, writable
from .errors import Json, bad_request
from .files import MAX_DOWNLOAD, MAX_PHOTO, StoredFile, image_size
from .methods_send import caption_content

Extra = Json


def _document(file: StoredFile, _extra: Extra) -> Json:
    return file.reference() | {"file_name": file.name, "mime_type": file.content_type}


def _photo(file: StoredFile, _extra: Extra) -> list[Json]:
    size = image_size(file.data)
    if size is None or len(file.data) > MAX_PHOTO:
        raise bad_request("IMAGE_PROCESS_FAILED" if size is None else "file is too big")
    return [file.reference() | {"width": size[0], "height": size[1]}]


def _voice(file: StoredFile, extra: Extra) -> Json:
    return file.reference() | {"duration": extra.get("duration", 0), "mime_type": file.content_type}


def _audio(file: StoredFile, extra: Extra) -> Json:
    named = {name: extra[name] for name in ("performer", "title") if name in extra}
    return _voice(file, extra) | {"file_name": file.name} | named


def _video(file: StoredFile, extra: Extra) -> Json:
    size = {name: extra.get(name, 640 if name == "width" else 360) for name in ("width", "height")}
    return _voice(file, extra) | {"file_name": file.name} | size


def _video_note(file: StoredFile, extra: Extra) -> Json:
    length = int(extra.get("length", 240))
    return file.reference() | {"duration": extra.get("duration", 0), "length": length}


def _sticker(file: StoredFile, extra: Extra) -> Json:
    emoji = {"emoji": extra["emoji"]} if extra.get("emoji") else {}
    shape = {"type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False}
    return file.reference() | shape | emoji


BUILDERS: dict[str, Callable[[StoredFile, Extra], Json | list[Json]]] = {
    "document": _document,
    "photo": _photo,
    "voice": _voice,
    "audio": _audio,
    "video": _video,
    "animation": _video,
    "sticker": _sticker,
    "video_note": _video_note,
}
TITLES = {kind: kind.title().replace("_", "") for kind in BUILDERS}
CAPTIONED = set(BUILDERS) - {"sticker", "video_note"}
ALBUM_ALONE = {"document", "audio"}


def _file(call: Call, kind: str, value: object, field: str) -> StoredFile:
    """The file a parameter means: an upload, attach://name, or the file_id of a known file."""
    files = call.api.state.files
    name = str(value).removeprefix("attach://") if str(value).startswith("attach://") else None
    upload = call.uploads.get(name or field)
    if upload is not None:
        return files.add(kind, upload)
    if name is not None or not value:
        raise bad_request(f"there is no {kind} in the request")
    if str(value).startswith(("http://", "https://")):
        # The stand-in never leaves the machine.
        raise bad_request("failed to get HTTP URL content")
    found = files.find(str(value))
    if found is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if found.kind != kind and not (kind == "document" and found.kind in {"audio", "video"}):
        raise bad_request(f"can't use file of type {TITLES[found.kind]} as {TITLES[kind]}")
    return found


def media_content(call: Call, kind: str, source: Json, value: object) -> Json:
    """The part of a message that holds one file with its caption."""
    file = _file(call, kind, value, kind)
    content: Json = {kind: BUILDERS[kind](file, source)}
    if kind == "animation":
        content["document"] = _document(file, source)
    return content | (caption_content(call, source) if kind in CAPTIONED else {})


async def _send(call: Call, *, kind: str) -> Json:
    chat = writable(call)
    return post(call, chat, media_content(call, kind, call.params, call.params.get(kind)))[0]


async def send_media_group(call: Call) -> list[Json]:
    items: list[Json] = call.params["media"]
    if not items:
        raise bad_request("there are no messages to send")
    if len(items) > 10:
        raise bad_request("too many messages to send as an album")
    kinds = {item["type"] for item in items}
    if len(kinds) > 1 and kinds & ALBUM_ALONE:
        raise bad_request(f"{sorted(kinds & ALBUM_ALONE)[0]} can't be mixed with other media types")
    chat = writable(call)
    contents = [media_content(call, item["type"], item, item["media"]) for item in items]
    group = {"media_group_id": str(secrets.randbits(53))}
    return post(call, chat, *(content | group for content in contents))


async def get_file(call: Call) -> Json:
    file = call.api.state.files.find(call.params["file_id"])
    if file is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if len(file.data) > MAX_DOWNLOAD:
        raise bad_request("file is too big")
    return file.reference() | {"file_path": file.path}


METHODS: dict[str, Method] = {
    f"send{TITLES[kind]}": functools.partial(_send, kind=kind) for kind in BUILDERS
} | {"sendMediaGroup": send_media_group, "getFile": get_file}
