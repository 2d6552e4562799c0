"""Personal data made unreadable for eyes that only need to see what a payload looks like.

A value stays as it is only under a key that is known to hold none; of every other text the first letter
and the length remain. Phones keep their last two digits, so that people can tell two of them apart.
"""

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

PLAIN = frozenset(
    {
        *("id", "ids", "number", "fields", "kind", "type", "event", "events", "state", "status", "stage"),
        *("statusid", "stageid", "leadid", "replayof", "chosen", "createdat", "modifiedat", "deleted", "at"),
        *("utmsource", "utmmedium", "utmcampaign", "source", "language", "externalid", "candidates", "ts"),
    }
)
"""Keys in lower case without _ and -, whose values name no person."""

_PHONE = re.compile(r"\+?\d(?:[\s().-]{0,2}\d){6,}")
_EMAIL = re.compile(r"[\w.+%-]+@[\w.-]+")
_HARMLESS = re.compile(r"[\w:.+-]{0,40}", re.ASCII)
DEPTH = 8


def mask(value: Any, key: str = "", depth: int = DEPTH) -> Any:
    """The value with the same shape, safe to show."""
    if isinstance(value, Mapping):
        return {str(name): mask(one, str(name), depth - 1) for name, one in value.items()} if depth else "…"
    if isinstance(value, list | tuple):
        return [mask(one, key, depth - 1) for one in value] if depth else "…"
    if isinstance(value, str):
        return _mask_text(value, key)
    return value if isinstance(value, bool) or value is None or _plain(key) else mask(str(value), key)


def mask_phone(phone: str) -> str:
    """A phone of which the country and the last two digits remain."""
    digits = re.sub(r"\D", "", phone)
    return f"{'+' if phone.startswith('+') else ''}{digits[:1]}***{digits[-2:]}"


def mask_word(text: str) -> str:
    """The first letter and how long it was: enough to recognise what one knows already."""
    return f"{text[:1]}… ({len(text)})" if text else ""


def mask_body(body: bytes) -> str:
    """A stored delivery, JSON or form-encoded, masked; for anything else only its size."""
    text = body.decode("utf-8", "replace")
    try:
        return json.dumps(mask(json.loads(text)), ensure_ascii=False, indent=1)
    except ValueError:
        pairs = parse_qsl(text)
    if pairs:
        return "\n".join(f"{name}={mask(value, re.split(r'[][]+', name)[-2:][0])}" for name, value in pairs)
    return f"({len(body)})"


def _plain(key: str) -> bool:
    return re.sub(r"[_-]", "", key).lower() in PLAIN


def _mask_text(text: str, key: str) -> str:
    if _PHONE.fullmatch(text.strip()) and not _plain(key):
        return mask_phone(text.strip())
    if _EMAIL.fullmatch(text.strip()):
        return f"{text[:1]}***@***"
    if _plain(key) and _HARMLESS.fullmatch(text):
        return text
    return mask_word(text)
