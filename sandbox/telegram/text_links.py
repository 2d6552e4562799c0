"""Which addresses Telegram takes in a text link or a button."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from .errors import Json

SCHEMES = {"http", "https", "tg", "ton", "ftp"}
USER_LINK = re.compile(r"tg://user\?id=(\d+)$")
SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")


def complaint(url: str) -> str | None:
    """Why Telegram refuses the address, in its words; None when it is fine."""
    scheme = SCHEME.match(url)
    if scheme and not re.match(r"[\w.-]+:\d", url) and scheme.group(1).lower() not in SCHEMES:
        return "Unsupported URL protocol"
    if scheme and scheme.group(1).lower() == "tg":
        return None
    if any(character.isspace() for character in url):
        return "Wrong HTTP URL"
    try:
        host = urlsplit(url if "://" in url else f"http://{url}").hostname or ""
    except ValueError:
        return "Wrong HTTP URL"
    return None if "." in host.strip(".") or ":" in host else "Wrong HTTP URL"


def normalized(url: str) -> str:
    """As Telegram stores it: with a scheme, and a slash after a bare host."""
    full = url if SCHEME.match(url) and "://" in url else f"http://{url}"
    parts = urlsplit(full)
    return f"{full}/" if parts.scheme in {"http", "https"} and not parts.path and not parts.query else full


def link_entity(entity: Json, url: str) -> Json | None:
    """The entity with its address; a mention for tg://user?id=N; None for an address not taken."""
    if mention := USER_LINK.match(url):
        return {**entity, "type": "text_mention", "user": {"id": int(mention.group(1))}}
    return None if complaint(url) else {**entity, "type": "text_link", "url": normalized(url)}
