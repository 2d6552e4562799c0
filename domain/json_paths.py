"""Paths in JSON: "contact.phones.0". What a person chooses from a sample, and finds again in what comes."""

import json
from collections.abc import Iterator, Mapping
from typing import Any
from zlib import crc32

MOST_PATHS = 200
DEEPEST = 12


def flat(value: Any) -> dict[str, str]:
    """Every path that leads to something, with its text. A list of plain values is one path, its texts with
    commas between."""
    found: dict[str, str] = {}
    for path, text in _walk("", value, 0):
        if len(found) >= MOST_PATHS:
            break
        if text.strip():
            found[path] = text
    return found


def _walk(path: str, value: Any, depth: int) -> Iterator[tuple[str, str]]:
    if depth > DEEPEST:
        return
    if isinstance(value, Mapping):
        for name, one in value.items():
            yield from _walk(f"{path}.{name}" if path else str(name), one, depth + 1)
    elif isinstance(value, list) and any(isinstance(one, Mapping | list) for one in value):
        for place, one in enumerate(value):
            yield from _walk(f"{path}.{place}" if path else str(place), one, depth + 1)
    elif value is not None and path:
        yield path, _text(value)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_text(one) for one in value if one is not None)
    return value if isinstance(value, str) else json.dumps(value)


def mark(path: str) -> str:
    """A short name of a path, which a button can carry."""
    return f"{crc32(path.encode()):08x}"
