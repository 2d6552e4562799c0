"""parse_mode=MarkdownV2 (and the old Markdown): text and entities, or TDLib's own complaint."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .errors import ApiError, Json, bad_request
from .text_links import link_entity
from .text_units import byte_offset, units

RESERVED = frozenset("_*[]()~`>#+-=|{}.!")
# The longer marker stands first: "__" is an underline, not two italics.
MARKERS = (
    ("```", "Pre", "pre"),
    ("__", "Underline", "underline"),
    ("||", "Spoiler", "spoiler"),
    ("![", "CustomEmoji", "custom_emoji"),
    ("*", "Bold", "bold"),
    ("_", "Italic", "italic"),
    ("~", "Strikethrough", "strikethrough"),
    ("`", "Code", "code"),
    ("[", "TextUrl", "text_link"),
)
TYPES = {title: kind for _, title, kind in MARKERS} | {"PreCode": "pre"}
ENDS = {title: marker for marker, title, _ in MARKERS} | {
    "PreCode": "```",
    "TextUrl": "]",
    "CustomEmoji": "]",
}
VERBATIM = {"Code", "Pre", "PreCode"}
LANGUAGE = re.compile(r"([^\s`]+)(?=\s)")
ADDRESS = re.compile(r"\(((?:\\[\x01-\x7e]|[^)\\]|\\)*)\)")
EMOJI_LINK = re.compile(r"tg://emoji\?id=(\d+)$")


@dataclass
class _Open:
    title: str
    offset: int
    at: int
    start: int
    language: str = ""


def _fail(text: str) -> ApiError:
    return bad_request(f"can't parse entities: {text}")


class MarkdownParser:
    """One pass over one text; use `parse_markdown_v2`."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._text = ""
        self._length = 0
        self._open: list[_Open] = []
        self._entities: list[Json] = []
        self._quote: int | None = None

    def parse(self) -> tuple[str, list[Json]]:
        while self._at < len(self._source):
            self._step()
        if self._quote is not None:
            self._end_quote(self._length)
        if self._open:
            raise self._unfinished()
        return self._text, self._entities

    def _unfinished(self) -> ApiError:
        last = self._open[-1]
        offset = byte_offset(self._source, last.at)
        return _fail(f"Can't find end of {last.title} entity at byte offset {offset}")

    def _take(self, piece: str, width: int) -> None:
        self._text += piece
        self._length += units(piece)
        self._at += width

    def _step(self) -> None:
        char = self._source[self._at]
        following = self._source[self._at + 1 : self._at + 2]
        if char == "\\" and following and ord(following) <= 126:
            return self._take(following, 2)
        if self._open and self._ends(self._open[-1].title, following):
            return self._close()
        if self._open and self._open[-1].title in VERBATIM:
            if char != "`":
                return self._take(char, 1)
            return self._begin()
        if char == "\n" and self._quote is not None and following != ">":
            return self._finish_quote()
        if char == ">" and (not self._text or self._text.endswith("\n")):
            return self._start_quote()
        if char in RESERVED:
            return self._begin()
        return self._take(char, 1)

    def _ends(self, title: str, following: str) -> bool:
        # "_" followed by "_" begins or ends an underline, never an italic.
        if title == "Italic" and following == "_":
            return False
        return self._source.startswith(ENDS[title], self._at)

    def _begin(self) -> None:
        for marker, title, _ in MARKERS:
            if self._source.startswith(marker, self._at):
                opened = _Open(title, self._length, self._at, len(self._text))
                self._at += len(marker)
                if title == "Pre":
                    self._skip_language(opened)
                self._open.append(opened)
                return
        char = self._source[self._at]
        raise _fail(f"Character '{char}' is reserved and must be escaped with the preceding '\\'")

    def _skip_language(self, opened: _Open) -> None:
        if language := LANGUAGE.match(self._source, self._at):
            opened.title, opened.language = "PreCode", language.group()
            self._at = language.end()
        for line_end in ("\r\n", "\n\r", "\n", "\r"):
            if self._source.startswith(line_end, self._at):
                self._at += len(line_end)
                break

    def _close(self) -> None:
        opened = self._open.pop()
        self._at += len(ENDS[opened.title])
        entity: Json = {"type": TYPES[opened.title], "offset": opened.offset}
        entity["length"] = self._length - opened.offset
        found: Json | None = entity
        if opened.title == "TextUrl":
            found = link_entity(entity, self._address() or self._text[opened.start :])
        elif opened.title == "CustomEmoji":
            entity["custom_emoji_id"] = self._emoji()
        elif opened.language:
            entity["language"] = opened.language
        if found is not None and entity["length"]:
            self._entities.append(found)

    def _address(self) -> str:
        if not self._source.startswith("(", self._at):
            return ""
        match = ADDRESS.match(self._source, self._at)
        if match is None:
            offset = byte_offset(self._source, self._at + 1)
            raise _fail(f"Can't find end of a URL at byte offset {offset}")
        self._at = match.end()
        return re.sub(r"\\([\x01-\x7e])", r"\1", match.group(1))

    def _emoji(self) -> str:
        if not self._source.startswith("(", self._at):
            raise _fail("The entity must contain a tg://emoji or tg://time URL")
        match = EMOJI_LINK.match(self._address())
        if match is None:
            raise _fail("Invalid tg://emoji or tg://time URL specified")
        return match.group(1)

    def _start_quote(self) -> None:
        if self._quote is None:
            self._quote = self._length
        self._at += 1

    def _finish_quote(self) -> None:
        self._take("\n", 1)
        self._end_quote(self._length - 1)

    def _end_quote(self, end: int) -> None:
        """A quotation that ends with "||" is the expandable one."""
        kind = "blockquote"
        if self._open and self._open[-1].title == "Spoiler" and self._open[-1].offset >= end:
            self._open.pop()
            kind = "expandable_blockquote"
        if self._open:
            raise self._unfinished()
        start = self._quote or 0
        self._quote = None
        if end > start:
            self._entities.append({"type": kind, "offset": start, "length": end - start})


def parse_markdown_v2(source: str) -> tuple[str, list[Json]]:
    """Text and entities (UTF-16 offsets). Raises ApiError 400 with TDLib's wording."""
    return MarkdownParser(source).parse()


OLD = re.compile(
    r"\\(?P<escaped>[_*`\[])|(?P<pre>```)|(?P<mark>[_*`\[])",
)
OLD_TYPES = {"_": "italic", "*": "bold", "`": "code", "[": "text_link", "```": "pre"}


def parse_markdown(source: str) -> tuple[str, list[Json]]:
    """The old Markdown: no nesting, no reserved characters."""
    text, at, entities = "", 0, list[Json]()
    while match := OLD.search(source, at):
        text += source[at : match.start()]
        if match["escaped"]:
            text, at = text + match["escaped"], match.end()
            continue
        marker = match["pre"] or match["mark"]
        closing = {"[": "]"}.get(marker, marker)
        end = source.find(closing, match.end())
        if end < 0:
            offset = byte_offset(source, match.start())
            raise _fail(f"Can't find end of the entity starting at byte offset {offset}")
        inner = source[match.end() : end]
        entity: Json | None = {"type": OLD_TYPES[marker], "offset": units(text), "length": units(inner)}
        at = end + len(closing)
        if marker == "[":
            address = ADDRESS.match(source, at)
            entity = link_entity(entity or {}, address.group(1) if address else inner)
            at = address.end() if address else at
        text += inner
        if entity is not None and inner:
            entities.append(entity)
    return text + source[at:], entities
