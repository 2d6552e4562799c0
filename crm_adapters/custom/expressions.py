"""How a mapping says where a value is.

$.customer.phone, customer.phone   JSONPath in a JSON answer (json_path.py)
./customer/phone, customer/@id     XPath in an XML answer: the part that ElementTree knows, which has no
                                   functions, and @attribute or text() at the end
=RUB                               always this text
{{ number }} of {{ shop | upper }} a text with values in it: Jinja2 in a sandbox, see template.py
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element

from crm_adapters.custom.json_path import JsonPath, compiled
from crm_adapters.xml_answers import plain

LONGEST = 500
MOST_BELOW = 1
TEMPLATE = ("{{", "{%", "{#")
_LAST = re.compile(r"(?P<path>.*?)/?(?P<last>@[\w.-]+|text\(\))")

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
    if any(mark in text for mark in TEMPLATE):
        return Expression(text, _template(text))
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


def _template(text: str) -> Find:
    # connectors with templates are few, and the library is heavier than the rest of the adapter
    from crm_adapters.custom.template import compiled as filled

    fill = filled(text)

    def find(record: Any) -> list[Any]:
        made = fill(plain(record) if isinstance(record, Element) else record)
        return [] if made is None else [made]

    return find


def text_of(value: Any) -> str:
    """A value as a text; an element is its own text, a map or a list is nothing."""
    if isinstance(value, Element):
        value = (value.text or "").strip()
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else ""
