"""`$filter` and `$orderby` of OData v3, as far as lists are read with them."""

import re
from collections.abc import Callable
from typing import Any

Test = Callable[[dict[str, Any]], bool]
_TOKEN = re.compile(
    r"\s*(?:(?P<open>\()|(?P<close>\))|(?P<typed>(?:guid|datetime)'[^']*')|(?P<text>'(?:[^']|'')*')"
    r"|(?P<number>-?\d+(?:\.\d+)?)|(?P<word>[\w./]+))"
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": lambda a, b: bool(a == b),
    "ne": lambda a, b: bool(a != b),
    "gt": lambda a, b: bool(a > b),
    "ge": lambda a, b: bool(a >= b),
    "lt": lambda a, b: bool(a < b),
    "le": lambda a, b: bool(a <= b),
}


class BadQuery(ValueError):
    """The query cannot be read; `property_name` is set when it names what the entity lacks."""

    def __init__(self, text: str, property_name: str = "") -> None:
        super().__init__(text)
        self.property_name = property_name


def compiled(text: str, known: set[str]) -> Test:
    """A test of records. Raises BadQuery."""
    parser = _Parser(_tokens(text), known)
    test = parser.either()
    if parser.left:
        raise BadQuery(f"unexpected {parser.left[0][1]}")
    return test


def _tokens(text: str) -> list[tuple[str, str]]:
    found, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None:
            raise BadQuery(f"unexpected text at {at}")
        found.append((str(match.lastgroup), match[str(match.lastgroup)]))
        at = match.end()
    return found


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]], known: set[str]) -> None:
        self.left, self._known = tokens, known

    def either(self) -> Test:
        tests = [self._both()]
        while self._take("or"):
            tests.append(self._both())
        return lambda record: any(test(record) for test in tests)

    def _both(self) -> Test:
        tests = [self._one()]
        while self._take("and"):
            tests.append(self._one())
        return lambda record: all(test(record) for test in tests)

    def _one(self) -> Test:
        if self._next()[0] == "open":
            self.left.pop(0)
            inner = self.either()
            if self._next()[0] != "close":
                raise BadQuery("a bracket is open")
            self.left.pop(0)
            return inner
        if self._take("not"):
            inner = self._one()
            return lambda record: not inner(record)
        name, operator, (kind, value) = (
            self._word(),
            self._word(),
            self.left.pop(0) if self.left else ("", ""),
        )
        if operator not in _COMPARE:
            raise BadQuery(f"no operator {operator}")
        if name not in self._known:
            raise BadQuery(f"no property {name}", name)
        wanted, compare = _literal(kind, value), _COMPARE[operator]
        return lambda record: compare(record.get(name), wanted)

    def _next(self) -> tuple[str, str]:
        if not self.left:
            raise BadQuery("the text ends too early")
        return self.left[0]

    def _word(self) -> str:
        kind, value = self._next()
        if kind != "word":
            raise BadQuery(f"unexpected {value}")
        self.left.pop(0)
        return value

    def _take(self, word: str) -> bool:
        if self.left and self.left[0] == ("word", word):
            self.left.pop(0)
            return True
        return False


def _literal(kind: str, value: str) -> Any:
    if kind == "typed":
        return value.partition("'")[2].removesuffix("'")
    if kind == "text":
        return value[1:-1].replace("''", "'")
    if kind == "number":
        return float(value)
    if value in ("true", "false"):
        return value == "true"
    raise BadQuery(f"no literal {value}")


def ordered(records: list[dict[str, Any]], text: str, known: set[str]) -> list[dict[str, Any]]:
    """In the order of `$orderby`; without one in an order of its own, as the platform does."""
    if not text:
        return sorted(records, key=lambda record: str(record.get("Ref_Key"))[::-1])
    for part in reversed(text.split(",")):
        name, _, direction = part.strip().partition(" ")
        if name not in known:
            raise BadQuery(f"no property {name}", name)
        records = sorted(records, key=lambda record: str(record.get(name)), reverse=direction == "desc")
    return records
