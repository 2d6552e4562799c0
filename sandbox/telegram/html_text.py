"""parse_mode=HTML: the text without tags and its entities, or Telegram's own complaint.

Wording and byte offsets of the errors are those of TDLib's HTML parser.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .errors import Json, bad_request
from .text_links import link_entity
from .text_units import byte_offset, units

TAGS = {
    "b": "bold", "strong": "bold", "i": "italic", "em": "italic", "u": "underline", "ins": "underline",
    "s": "strikethrough", "strike": "strikethrough", "del": "strikethrough", "tg-spoiler": "spoiler",
    "span": "spoiler", "code": "code", "pre": "pre", "blockquote": "blockquote", "a": "text_link",
    "tg-emoji": "custom_emoji",
}  # fmt: skip
NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
PLAIN = re.compile(r"[^<&]+")
REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]+)|#([0-9]+)|([A-Za-z]+));?")
NAME = re.compile(r"<([^\s>]*)")
END_TAG = re.compile(r"</([^\s>]*)\s*")
ATTRIBUTE = re.compile(r"\s*([^\s=>/\"']+)\s*(=?)\s*")
QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")
TOKEN = re.compile(r"[A-Za-z0-9.-]*")


@dataclass
class _Open:
    tag: str
    attributes: dict[str, str]
    offset: int
    start: int


def dereference(match: re.Match[str]) -> str:
    """The character a reference stands for, or the reference itself when HTML of Telegram has none."""
    hexadecimal, decimal, name = match.groups()
    if name is not None:
        return NAMED.get(name, match.group())
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    if code == 0 or code >= 0x10FFFF or 0xD800 <= code <= 0xDFFF or len(match.group()) > 10:
        return match.group()
    return chr(code)


class HtmlParser:
    """One pass over one text; use `parse_html`."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._at = 0
        self._text = ""
        self._length = 0
        self._open: list[_Open] = []
        self._entities: list[Json] = []

    def parse(self) -> tuple[str, list[Json]]:
        while self._at < len(self._source):
            if plain := PLAIN.match(self._source, self._at):
                self._take(plain.group(), plain.end())
            elif self._source[self._at] == "&":
                self._reference()
            elif self._source.startswith("</", self._at):
                self._end_tag()
            else:
                self._start_tag()
        if self._open:
            tag = self._open[-1].tag
            raise self._fail(f'Can\'t find end tag corresponding to start tag "{tag}"')
        return self._text, self._entities

    def _fail(self, text: str) -> Exception:
        return bad_request(f"can't parse entities: {text}")

    def _bytes(self, position: int) -> int:
        return byte_offset(self._source, position)

    def _take(self, piece: str, end: int) -> None:
        self._text += piece
        self._length += units(piece)
        self._at = end

    def _reference(self) -> None:
        match = REFERENCE.match(self._source, self._at)
        if match is None:
            self._take("&", self._at + 1)
        else:
            self._take(dereference(match), match.end())

    def _start_tag(self) -> None:
        begin = self._at
        match = NAME.match(self._source, begin)
        assert match is not None
        tag = match.group(1).lower()
        if match.end() == len(self._source):
            raise self._fail(f"Unclosed start tag at byte offset {self._bytes(begin)}")
        if tag not in TAGS:
            raise self._fail(f'Unsupported start tag "{tag}" at byte offset {self._bytes(begin)}')
        self._at = match.end()
        attributes = self._attributes(tag, begin)
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            at = self._bytes(begin)
            raise self._fail(f'Tag "span" must have class "tg-spoiler" at byte offset {at}')
        self._open.append(_Open(tag, attributes, self._length, len(self._text)))

    def _attributes(self, tag: str, begin: int) -> dict[str, str]:
        found: dict[str, str] = {}
        while True:
            rest = self._source[self._at :]
            self._at += len(rest) - len(rest.lstrip())
            if self._source.startswith(">", self._at):
                self._at += 1
                return found
            match = ATTRIBUTE.match(self._source, self._at)
            if self._at >= len(self._source):
                raise self._fail(f'Unclosed start tag "{tag}" at byte offset {self._bytes(begin)}')
            if match is None:
                at = self._bytes(begin)
                raise self._fail(f'Empty attribute name in the tag "{tag}" at byte offset {at}')
            self._at = match.end()
            found[match.group(1)] = self._value(begin) if match.group(2) else ""

    def _value(self, begin: int) -> str:
        if self._source[self._at : self._at + 1] in {"'", '"'}:
            quoted = QUOTED.match(self._source, self._at)
            if quoted is None:
                raise self._fail(f"Unclosed start tag at byte offset {self._bytes(begin)}")
            self._at = quoted.end()
            return REFERENCE.sub(dereference, quoted.group(1) or quoted.group(2) or "")
        start = self._at
        token = TOKEN.match(self._source, start)
        assert token is not None
        self._at = token.end()
        following = self._source[self._at : self._at + 1]
        if following and not following.isspace() and following != ">":
            raise self._fail(f"Unexpected end of name token at byte offset {self._bytes(start)}")
        return token.group().lower()

    def _end_tag(self) -> None:
        begin = self._at
        if not self._open:
            raise self._fail(f"Unexpected end tag at byte offset {self._bytes(begin)}")
        match = END_TAG.match(self._source, begin)
        assert match is not None
        if not self._source.startswith(">", match.end()):
            raise self._fail(f"Unclosed end tag at byte offset {self._bytes(begin)}")
        opened, found = self._open.pop(), match.group(1).lower()
        if found and found != opened.tag:
            raise self._fail(
                f"Unmatched end tag at byte offset {self._bytes(begin)}, "
                f'expected "</{opened.tag}>", found "</{found}>"'
            )
        self._at = match.end() + 1
        if self._length > opened.offset:
            self._close(opened)

    def _close(self, opened: _Open) -> None:
        entity: Json = {
            "type": TAGS[opened.tag],
            "offset": opened.offset,
            "length": self._length - opened.offset,
        }
        if opened.tag == "a":
            entity_or_none = link_entity(entity, opened.attributes.get("href") or self._text[opened.start :])
            if entity_or_none is not None:
                self._entities.append(entity_or_none)
            return
        if opened.tag == "tg-emoji":
            entity["custom_emoji_id"] = self._emoji(opened.attributes.get("emoji-id", ""))
        if opened.tag == "blockquote" and "expandable" in opened.attributes:
            entity["type"] = "expandable_blockquote"
        if not (opened.tag in {"pre", "code"} and self._merge_code(opened, entity)):
            self._entities.append(entity)

    def _emoji(self, identifier: str) -> str:
        if not identifier.isdigit() or int(identifier) == 0:
            raise self._fail("Invalid custom emoji identifier specified")
        return identifier

    def _merge_code(self, opened: _Open, entity: Json) -> bool:
        """<pre><code class="language-x"> is one `pre` entity with a language."""
        css = opened.attributes.get("class", "")
        if opened.tag == "code" and css.startswith("language-"):
            entity["_language"] = css.removeprefix("language-")
        if opened.tag != "pre" or not self._entities:
            return False
        last = self._entities[-1]
        same = (last["offset"], last["length"]) == (entity["offset"], entity["length"])
        if last["type"] != "code" or not same or not last.get("_language"):
            return False
        last["type"], last["language"] = "pre", last.pop("_language")
        return True


def parse_html(source: str) -> tuple[str, list[Json]]:
    """Text and entities (UTF-16 offsets). Raises ApiError 400 with TDLib's wording."""
    text, entities = HtmlParser(source).parse()
    for entity in entities:
        entity.pop("_language", None)
    return text, entities
