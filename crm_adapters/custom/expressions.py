"""How a mapping says where a value is: an expression, which is data and never code.

$.customer.phone, customer.phone   JSONPath in a JSON answer (json_path.py)
./customer/phone, customer/@id     XPath in an XML answer: the part that ElementTree knows, which has no
                                   functions, and @attribute or text() at the end
=RUB                               always this text
{{ number }} of {{ shop | upper }} a text with values in it, in the spelling of Jinja: paths, and the
                                       filters of FILTERS; no statements, calls, arithmetic
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from crm_adapters.custom.json_path import JsonPath, compiled
from crm_adapters.xml_answers import plain

LONGEST = 500
MOST_PLACES = 20
MOST_BELOW = 1
LONGEST_TEXT = 2000
_PLACE = re.compile(r"\{\{(?P<inside>[^{}]*)\}\}")
_PATH_IN_TEXT = re.compile(r"[^\s|(){}%]{1,200}")
_LAST = re.compile(r"(?P<path>.*?)/?(?P<last>@[\w.-]+|text\(\))")

Filter = Callable[[str], str]
FILTERS: Mapping[str, Filter] = {
    "trim": str.strip,
    "upper": str.upper,
    "lower": str.lower,
    "digits": lambda text: re.sub(r"\D", "", text),
    "first": lambda text: text.split()[0] if text.split() else "",
    "date": lambda text: text[:10],
}

Find = Callable[[Any], list[Any]]
"""(a record) -> all values that an expression leads to in it."""


@dataclass(frozen=True, slots=True)
class Expression:
    """`text` as a person wrote it; `find` never raises."""

    text: str
    find: Find

    def one(self, record: Any) -> Any:
        """The first value that is not empty; None without one."""
        return next((value for value in self.find(record) if value not in (None, "", [], {})), None)


def expression(text: Any, *, xml: bool) -> Expression:
    """Raises ValueError for what cannot be followed."""
    if not isinstance(text, str) or not text.strip() or len(text) > LONGEST:
        raise ValueError("no expression")
    if text.startswith("="):
        constant = text[1:]
        return Expression(text, lambda record: [constant])
    if "{{" in text or "{%" in text or "{#" in text:
        return Expression(text, _template(text, xml=xml))
    return Expression(text, _path(text.strip(), xml=xml))


def _path(text: str, *, xml: bool) -> Find:
    if xml and not text.startswith("$"):
        return _xpath(text)
    path: JsonPath = compiled(text)
    return lambda record: path.find(plain(record) if isinstance(record, Element) else record)


def _xpath(text: str) -> Find:
    match = _LAST.fullmatch(text)
    path, last = (match["path"], match["last"]) if match else (text, "")
    path = f".{path}" if path.startswith("/") else path or "."
    if path.count("//") > MOST_BELOW:
        raise ValueError("no path")
    try:
        Element("x").findall(path)
    except (SyntaxError, KeyError, TypeError, ValueError) as error:
        raise ValueError("no path") from error

    def find(record: Any) -> list[Any]:
        if not isinstance(record, Element):
            return []
        found = record.findall(path)
        if last.startswith("@"):
            return [value for one in found if (value := one.get(last[1:])) is not None]
        return found if not last else [(one.text or "").strip() for one in found]

    return find


def _template(text: str, *, xml: bool) -> Find:
    parts = _PLACE.split(text)
    plain_parts, inside = parts[::2], parts[1::2]
    if len(inside) > MOST_PLACES or any(
        mark in part for part in plain_parts for mark in ("{{", "{%", "{#", "}}")
    ):
        raise ValueError("no template")
    places = [_place(one, xml=xml) for one in inside]

    def find(record: Any) -> list[Any]:
        made = plain_parts[0]
        for place, following in zip(places, plain_parts[1:], strict=True):
            made += place(record) + following
        return [made[:LONGEST_TEXT]]

    return find


def _place(inside: str, *, xml: bool) -> Callable[[Any], str]:
    path, *names = (part.strip() for part in inside.split("|"))
    if not _PATH_IN_TEXT.fullmatch(path) or "__" in path or len(names) > len(FILTERS):
        raise ValueError("no template")
    find, unknown = _path(path, xml=xml), [name for name in names if name not in FILTERS]
    if unknown:
        raise ValueError("no such filter")
    filters = [FILTERS[name] for name in names]

    def value(record: Any) -> str:
        text = text_of(next(iter(find(record)), None))
        for change in filters:
            text = change(text)
        return text

    return value


def text_of(value: Any) -> str:
    """A value as a text; an element is its own text, a map or a list is nothing."""
    if isinstance(value, Element):
        value = (value.text or "").strip()
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else ""
