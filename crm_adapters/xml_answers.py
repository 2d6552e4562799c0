"""Answers of strangers, in JSON or XML, in whatever encoding.

XML is read without entities, without a document type, to a certain depth and size. A document type is refused
as a whole: entities that multiply ("bomb") and those that fetch files are declared nowhere else. The encoding
is the one that the declaration names.
"""

import json
import re
from typing import Any
from xml.etree.ElementTree import Element
from xml.parsers import expat

from crm_adapters.http import Answer

DEEPEST = 40
MOST_ELEMENTS = 400_000
MARK = b"\xef\xbb\xbf"
_CHARSET = re.compile(r"charset=\"?([\w-]{1,40})", re.ASCII)


class _Builder:
    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[Element] = []
        self._count = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if len(self._open) >= DEEPEST or self._count > MOST_ELEMENTS:
            raise ValueError("too deep or too long")
        made = Element(local(tag), {local(name): value for name, value in attributes.items()})
        if self._open:
            self._open[-1].append(made)
        else:
            self.root = made
        self._open.append(made)

    def end(self, tag: str) -> None:
        self._open.pop()

    def text(self, data: str) -> None:
        here = self._open[-1]
        if len(here):
            here[-1].tail = (here[-1].tail or "") + data
        else:
            here.text = (here.text or "") + data

    def refuse(self, *_: Any) -> None:
        raise ValueError("a document type is not read")


def local(name: str) -> str:
    """A name without its prefix."""
    return name.rpartition(":")[2]


def read_xml(body: bytes) -> Element:
    """The root element; names are without prefixes. Raises ValueError."""
    builder, parser = _Builder(), expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = builder.start, builder.end
    parser.CharacterDataHandler = builder.text
    parser.StartDoctypeDeclHandler = builder.refuse
    parser.EntityDeclHandler = builder.refuse
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    try:
        parser.Parse(body.strip(), True)
    except (expat.ExpatError, LookupError):
        raise ValueError("not XML") from None
    if builder.root is None:
        raise ValueError("not XML")
    return builder.root


def plain(element: Element) -> Any:
    """An element as JSON would have it: a leaf is its text, equal names side by side are a list."""
    if not len(element) and not element.attrib:
        return (element.text or "").strip()
    made: dict[str, Any] = dict(element.attrib)
    if not len(element) and (element.text or "").strip():
        made["text"] = (element.text or "").strip()
    for child in element:
        value = plain(child)
        if child.tag not in made:
            made[child.tag] = value
        elif isinstance(made[child.tag], list):
            made[child.tag].append(value)
        else:
            made[child.tag] = [made[child.tag], value]
    return made


def is_xml(answer: Answer) -> bool:
    """By what the body begins with: the header is often wrong."""
    return answer.body.lstrip(MARK + b" \t\r\n").startswith(b"<")


def read_answer(answer: Answer) -> Any:
    """JSON decoded, XML as its root element, None for nothing. Raises ValueError.

    Some write a mark of UTF-8 before JSON, old services answer in windows-1251: the header may say so.
    """
    if not answer.body.strip():
        return None
    if is_xml(answer):
        return read_xml(answer.body)
    named = _CHARSET.search(answer.headers.get("content-type", "").lower())
    try:
        return json.loads(answer.body)
    except (UnicodeDecodeError, RecursionError):
        pass
    try:
        return json.loads(answer.body.decode(named[1] if named else "cp1251"))
    except (LookupError, RecursionError):
        raise ValueError("unknown encoding") from None
