"""Hooks of our own: their kinds, and what an admin may set about each."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from urllib.parse import quote, urlsplit

from domain.errors import BadInput


class HookKind(StrEnum):
    """What comes in: a website's form, clicks on messenger links, Make.com's leads, anybody's JSON."""

    WEBSITE = "website"
    CLICKS = "clicks"
    MAKE = "make"
    OTHER = "other"


WITH_SECRET = (HookKind.MAKE, HookKind.OTHER)
"""Kinds whose callers show a secret in a header; the key of the others is in their address."""

NAME_LIMIT = 64
MOST_HOOKS = 20
MOST_ORIGINS = 20
REQUIRED = ("name", "phone", "email", "referral_code")
"""What a form must have until an admin chooses otherwise."""

HONEYPOT = "_gotcha"
FIELD_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
CHANNELS: Mapping[str, str] = {"telegram": "Telegram", "whatsapp": "WhatsApp", "instagram": "Instagram"}
_PLACES = {
    "telegram": re.compile(r"[A-Za-z][A-Za-z0-9_]{3,31}"),
    "whatsapp": re.compile(r"[1-9][0-9]{7,14}"),
    "instagram": re.compile(r"[A-Za-z0-9_.]{1,30}"),
}
START = re.compile(r"[A-Za-z0-9_-]{1,60}")
"""What may stand behind ref_ in Telegram's start parameter."""


@dataclass(frozen=True, slots=True)
class FormSettings:
    """`required` fields; the `honeypot` field that people do not see (empty: none); the `origins` of the
    pages that may send (empty: any); whether `files` are kept."""

    required: tuple[str, ...] = REQUIRED
    honeypot: str = HONEYPOT
    origins: tuple[str, ...] = ()
    files: bool = True


def form_settings(settings: Mapping[str, Any]) -> FormSettings:
    """The settings of a form's hook; what was never set is as FormSettings has it."""
    usual = FormSettings()
    return FormSettings(
        required=tuple(settings.get("required", usual.required)),
        honeypot=str(settings.get("honeypot", usual.honeypot)),
        origins=tuple(settings.get("origins", ())),
        files=bool(settings.get("files", usual.files)),
    )


@dataclass(frozen=True, slots=True)
class JsonSettings:
    """`mapping`: the path in the JSON by our field; `live`: leads are made of what comes; `guarded`: callers
    must show the secret."""

    mapping: Mapping[str, str] = field(default_factory=dict)
    live: bool = False
    guarded: bool = False


def json_settings(settings: Mapping[str, Any]) -> JsonSettings:
    mapping = settings.get("mapping", {})
    return JsonSettings(
        {str(name): str(path) for name, path in mapping.items()} if isinstance(mapping, dict) else {},
        bool(settings.get("live")),
        bool(settings.get("guarded")),
    )


def read_origin(typed: str) -> str:
    """The origin of a page, such as https://example.com; a bare host means https. Raises BadInput."""
    text = typed.strip().rstrip("/")
    parts = urlsplit(text if "://" in text else f"https://{text}")
    try:
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        raise BadInput("origin", "invalid") from None
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not re.fullmatch(r"[a-z0-9.-]{1,253}", _ascii(host)):
        raise BadInput("origin", "invalid")
    return f"{parts.scheme}://{_ascii(host)}{port}"


def _ascii(host: str) -> str:
    """The host as a browser writes it."""
    try:
        return host.encode("idna").decode().lower()
    except UnicodeError:
        return ""


def read_origins(typed: str) -> tuple[str, ...]:
    """Several origins with commas or spaces between. Raises BadInput."""
    found = tuple(dict.fromkeys(read_origin(one) for one in re.split(r"[\s,;]+", typed) if one))
    if len(found) > MOST_ORIGINS:
        raise BadInput("origin", "too_many", limit=MOST_ORIGINS)
    return found


def read_field_name(typed: str) -> str:
    """The name of a field of a form. Raises BadInput."""
    name = typed.strip()
    if not FIELD_NAME.fullmatch(name):
        raise BadInput("honeypot", "invalid")
    return name


def read_place(channel: str, typed: str) -> str:
    """Where a messenger link leads: a bot's or an account's name, a phone number. Raises BadInput."""
    text = typed.strip().rstrip("/").rsplit("/", 1)[-1].lstrip("@")
    if channel == "whatsapp":
        text = re.sub(r"[^0-9]", "", text)
    if channel not in _PLACES or not _PLACES[channel].fullmatch(text):
        raise BadInput(f"place_{channel}", "invalid")
    return text


def messenger_link(channel: str, place: str, code: str) -> str:
    """The messenger's own address, with the code carried."""
    if channel == "telegram":
        start = f"?start=ref_{code}" if START.fullmatch(code) else ""
        return f"https://t.me/{place}{start}"
    if channel == "whatsapp":
        return f"https://wa.me/{place}?text={quote(code, safe='')}"
    return f"https://ig.me/m/{place}?ref={quote(code, safe='')}"
