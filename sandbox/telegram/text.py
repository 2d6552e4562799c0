"""Formatted text: parse mode or given entities in, trimmed text and its whole list of entities out."""

from __future__ import annotations

import re

from .errors import Json, bad_request
from .html_text import parse_html
from .markdown_text import parse_markdown, parse_markdown_v2
from .text_units import units

# Limits of the Bot API documentation: characters after entities parsing.
MAX_TEXT = 4096
MAX_CAPTION = 1024
MAX_RAW_BYTES = 1 << 15

PARSERS = {"html": parse_html, "markdownv2": parse_markdown_v2, "markdown": parse_markdown}
# Telegram finds these by itself; given by a bot they are ignored.
FOUND = (
    ("url", re.compile(r"(?<![\w@.])(?:https?://[^\s<>\"]+[^\s<>\".,;:!?)\]]|(?:[\w-]+\.)+(?:com|org|net|ru|io|me|dev)\b(?:/[^\s<>\"]*[^\s<>\".,;:!?)\]])?)")),
    ("email", re.compile(r"(?<![\w.+-])[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")),
    ("bot_command", re.compile(r"(?<![\w/@<>])/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?(?![\w/])")),
    ("mention", re.compile(r"(?<![\w@/.])@[A-Za-z][A-Za-z0-9_]{3,31}(?!\w)")),
    ("hashtag", re.compile(r"(?<![\w#])#(?=\w*[^\W\d])\w{1,256}")),
    ("phone_number", re.compile(r"(?<![\w+])\+\d[\d ()-]{8,16}\d(?!\w)")),
)  # fmt: skip
DETECTED = {kind for kind, _ in FOUND} | {"cashtag", "bank_card_number"}


def detect(text: str) -> list[Json]:
    """What Telegram marks in a text by itself: addresses, commands, mentions, tags, phones."""
    taken: list[tuple[int, int]] = []
    found: list[Json] = []
    for kind, pattern in FOUND:
        for match in pattern.finditer(text):
            start, end = match.span()
            if not any(start < right and left < end for left, right in taken):
                taken.append((start, end))
                found.append({"type": kind, "offset": units(text[:start]), "length": units(match.group())})
    return ordered(found)


def ordered(entities: list[Json]) -> list[Json]:
    return sorted(entities, key=lambda entity: (entity["offset"], -entity["length"]))


def merged(given: list[Json], text: str) -> list[Json]:
    """The given entities plus those found, except where code or a link already stands."""
    solid = [e for e in given if e["type"] in {"code", "pre", "text_link", "text_mention"}]
    free = [
        found
        for found in detect(text)
        if not any(
            e["offset"] < found["offset"] + found["length"] and found["offset"] < e["offset"] + e["length"]
            for e in solid
        )
    ]
    return ordered(given + free)


def trimmed(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Without white space around, the entities moved and cut to fit."""
    lead = units(text[: len(text) - len(text.lstrip())])
    body = text.strip()
    size = units(body)
    moved = []
    for entity in entities:
        start = max(entity["offset"] - lead, 0)
        end = min(entity["offset"] - lead + entity["length"], size)
        if end > start:
            moved.append({**entity, "offset": start, "length": end - start})
    return body, moved


def formatted(raw: str, parse_mode: str | None, given: list[Json] | None) -> tuple[str, list[Json]]:
    """Text and entities as Telegram would show them. Raises ApiError 400 for markup it cannot parse."""
    if len(raw.encode("utf-8", "surrogatepass")) > MAX_RAW_BYTES:
        raise bad_request("text is too long")
    mode = (parse_mode or "none").lower()
    if mode != "none" and raw:
        if mode not in PARSERS:
            raise bad_request("unsupported parse_mode")
        text, entities = PARSERS[mode](raw)
    else:
        text, entities = raw, [e for e in given or [] if e["type"] not in DETECTED]
    text, entities = trimmed(text.replace("\r\n", "\n"), entities)
    return text, merged(entities, text)


def message_text(raw: str, parse_mode: str | None, given: list[Json] | None) -> tuple[str, list[Json]]:
    """A message's own text, 1-4096 characters after parsing."""
    text, entities = formatted(raw, parse_mode, given)
    if not text:
        raise bad_request("message text is empty")
    if len(text) > MAX_TEXT:
        raise bad_request("message is too long")
    return text, entities


def caption_text(raw: str, parse_mode: str | None, given: list[Json] | None) -> tuple[str, list[Json]]:
    """A caption, 0-1024 characters after parsing."""
    text, entities = formatted(raw, parse_mode, given)
    if len(text) > MAX_CAPTION:
        raise bad_request("message caption is too long")
    return text, entities
