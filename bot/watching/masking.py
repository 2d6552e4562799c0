"""Takes personal data and secrets out of what is about to be logged.

Structured values are masked by their key; any text, exception text included, by its look. Names cannot
be told from other words, so they must be logged under a key of PERSONAL, or better not at all.
"""

import re
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

HIDDEN = "***"
DEPTH = 6
SHORT = 64
"""Characters of a text whose masked form is remembered."""

_KEY_WORD = r"(?:api[-_]?key|apikey|token|secret|passw(?:or)?d|authorization|signature|credentials|cookie)"
_SECRET_KEY = re.compile(_KEY_WORD, re.IGNORECASE)
PERSONAL = frozenset(
    {
        *("name", "first_name", "last_name", "full_name", "username", "person", "company", "inn"),
        *("phone", "phones", "email", "emails", "contact", "contacts", "address"),
        *("note", "text", "caption", "typed", "params", "body"),
    }
)

_BETWEEN = r"(?:[\s().+\-\u2010-\u2015]|%[0-9A-Fa-f]{2}){0,3}"
_GIVEN = r"(?:\"[^\"\n]*\"|'[^'\n]*'|[^\n,;&]{1,2000})"
_RULES: tuple[tuple[str, str], ...] = (
    # moments, record ids and addresses of machines look like phones and stay
    ("keep", r"(?<![\w+-])(?:19|20)\d\d-[01]\d-[0-3]\d(?:[T ][\d:.]{5,15}(?:Z|[+-]\d\d:?\d\d)?)?(?![\w-])"),
    ("keep", r"(?<![\w-])[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?![\w-])"),
    ("keep", r"(?<![\w.+-])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w.-])"),
    ("head", r"\[parameters:[^\n]*"),
    ("head", r"input_value=[^\n]*"),
    ("head", r"Key \([^)\n]*\)=\([^\n]*"),
    ("head", r"/(?:web)?hooks/\w+/[\w-]+"),
    ("head", r"/(?:file/)?bot\d+:[\w-]+"),
    ("head", r"otpauth://\S+"),
    ("mask", r"://[^/\s]{0,300}@"),
    ("head", rf"[\w-]{{0,40}}{_KEY_WORD}[\w-]{{0,40}}[\"']?\s{{0,3}}[:=]\s{{0,3}}{_GIVEN}"),
    ("head", r"\b(?:Bearer|Basic|HMAC)\s+[\w+/=.~:-]{4,}"),
    ("mask", r"[\w.+%-]{1,64}(?:@|%40)[\w.+-]{1,255}"),
    ("mask", r"(?:\d{4,20})?:[\w-]{25,}"),
    ("mask", r"(?<![0-9A-Za-z])(?=[A-Za-z]*\d)[0-9A-Za-z]{32,}"),
    ("mask", rf"\+\s?\d(?:{_BETWEEN}\d){{6,}}"),
    ("mask", rf"\d(?:{_BETWEEN}\d){{9,}}"),
)
_RULE = re.compile(
    "|".join(f"(?P<{kind}{index}>{rule})" for index, (kind, rule) in enumerate(_RULES)), re.IGNORECASE
)
_HEAD = re.compile(
    r"/(?:web)?hooks/\w+/|/(?:file/)?bot|[\w-]+(?: \([^)\n]*\))?[\"']?\s*[:=]|\[parameters:|\w+"
)
# no rule fits a short word without a digit
_ONE_WORD = re.compile(r"[A-Za-z_.-]{0,31}")
_PLAIN = (int, float, bool, UUID, date, timedelta, type(None))


def mask_text(text: str) -> str:
    """The text without phones, e-mails, tokens, keys, passwords, and values quoted by database errors."""
    if _ONE_WORD.fullmatch(text):
        return text
    return _RULE.sub(_replacement, text)


def _replacement(match: re.Match[str]) -> str:
    found, kind = match[0], (match.lastgroup or "")[:4]
    if kind == "keep":
        return found
    head = _HEAD.match(found) if kind == "head" else None
    return (head[0] if head else "") + HIDDEN


def mask_value(value: Any, depth: int = DEPTH) -> Any:
    """The same for a value of any shape; what is no plain value becomes its masked text."""
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, UUID | date | timedelta):
        return str(value)
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, bytes | bytearray):
        return f"<{len(value)} bytes>"
    if depth and isinstance(value, Mapping):
        return {mask_text(str(key)): _under(str(key), one, depth - 1) for key, one in value.items()}
    if depth and isinstance(value, list | tuple | set | frozenset):
        return [mask_value(one, depth - 1) for one in value]
    return mask_text(str(value))


@lru_cache(maxsize=2048)
def _short(key: str, value: str) -> str:
    """Most of what is logged is said again and again: names of events, routes, methods."""
    return HIDDEN if key.lower() in PERSONAL or _SECRET_KEY.search(key) else mask_text(value)


def _under(key: str, value: Any, depth: int) -> Any:
    if type(value) is str and len(value) <= SHORT:
        return _short(key, value)
    if value is None or isinstance(value, bool):
        return value
    if key.lower() in PERSONAL or _SECRET_KEY.search(key):
        return HIDDEN
    return mask_value(value, depth)


def masking(secrets: Iterable[str]) -> Callable[[Any, str, MutableMapping[str, Any]], Mapping[str, Any]]:
    """A structlog processor. `secrets` are exact texts to hide wherever they stand."""
    known = sorted({secret for secret in secrets if len(secret) >= 4}, key=len, reverse=True)
    exact = re.compile("|".join(re.escape(secret) for secret in known)) if known else None

    def hide(value: Any) -> Any:
        if isinstance(value, str):
            return exact.sub(HIDDEN, value) if exact else value
        if isinstance(value, dict):
            return {key: hide(one) for key, one in value.items()}
        return [hide(one) for one in value] if isinstance(value, list) else value

    def process(logger: Any, method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
        return {hide(key): hide(_under(key, value, DEPTH)) for key, value in event.items()}

    return process
