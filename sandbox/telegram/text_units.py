"""Lengths and offsets the way Telegram counts them."""

from __future__ import annotations


def units(text: str) -> int:
    """Length in UTF-16 code units."""
    return len(text) + sum(character > "\uffff" for character in text)


def byte_offset(text: str, position: int) -> int:
    """Offset in bytes of UTF-8 of the character at `position`."""
    return len(text[:position].encode("utf-8", "surrogatepass"))


def cut(text: str, offset: int, length: int) -> str:
    """The part of the text that an entity covers; offset and length in UTF-16 code units."""
    raw = text.encode("utf-16-le", "surrogatepass")
    return raw[offset * 2 : (offset + length) * 2].decode("utf-16-le", "replace")
