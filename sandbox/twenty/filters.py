"""The grammar of `filter=`: `field[op]:value`, commas, and(...), or(...), not(...)."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sandbox.twenty.answers import bad
from sandbox.twenty.schema import Object

Test = Callable[[Mapping[str, Any]], bool]
_CONDITION = re.compile(r"(?P<field>[\w.]+)\[(?P<op>\w+)\]:(?P<value>.*)", re.S)
_GROUP = re.compile(r"(?P<name>and|or|not)\((?P<rest>.*)\)", re.S)


def test_of(about: Object, text: str) -> Test:
    """Whether a record passes; Refusal 400 for a filter that cannot be read."""
    if not text.strip():
        return lambda record: True
    tests = [_one(about, part) for part in _parts(text)]
    return lambda record: all(test(record) for test in tests)


def _parts(text: str) -> Iterator[str]:
    """Split at commas outside quotes and brackets."""
    depth, quoted, begin, escaped = 0, False, 0, False
    for at, letter in enumerate(text):
        if escaped:
            escaped = False
        elif letter == "\\":
            escaped = True
        elif letter == '"':
            quoted = not quoted
        elif not quoted and letter in "([":
            depth += 1
        elif not quoted and letter in ")]":
            depth -= 1
        elif letter == "," and not quoted and not depth:
            yield text[begin:at]
            begin = at + 1
    if quoted or depth:
        raise bad(f"'filter' invalid. {text[:60]}")
    yield text[begin:]


def _one(about: Object, text: str) -> Test:
    if group := _GROUP.fullmatch(text.strip()):
        tests = [_one(about, part) for part in _parts(group["rest"])]
        if group["name"] == "or":
            return lambda record: any(test(record) for test in tests)
        if group["name"] == "not":
            return lambda record: not all(test(record) for test in tests)
        return lambda record: all(test(record) for test in tests)
    found = _CONDITION.fullmatch(text.strip())
    if found is None:
        raise bad(f"'filter' invalid for '{text[:60]}'. eg: price[gte]:10")
    name, op = found["field"], found["op"]
    if name.partition(".")[0] not in about.by_column():
        raise bad(f"field '{name}' does not exist in '{about.singular}' object")
    if op not in _OPS:
        raise bad(f"'filter' invalid for '{text[:60]}', operator {op} not available")
    wanted, compare = _value(found["value"]), _OPS[op]
    return lambda record: compare(_at(record, name), wanted)


def _value(text: str) -> Any:
    text = text.strip()
    if text.startswith("[") and text.endswith("]"):
        return [_value(part) for part in _parts(text[1:-1]) if part.strip()]
    try:
        return json.loads(text)
    except ValueError:
        return text


def _at(record: Mapping[str, Any], name: str) -> Any:
    head, _, rest = name.partition(".")
    value = record.get(head)
    if rest:
        value = value.get(rest) if isinstance(value, Mapping) else None
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value


def _like(found: Any, pattern: Any, flags: int) -> bool:
    """SQL's LIKE: % any text, _ any letter, a backslash takes their meaning away."""
    parts = re.findall(r"\\.|.", str(pattern), re.S)
    expression = "".join(
        ".*" if part == "%" else "." if part == "_" else re.escape(part[-1]) for part in parts
    )
    return found is not None and re.fullmatch(expression, str(found), flags | re.S) is not None


def _compared(test: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def compare(found: Any, wanted: Any) -> bool:
        if found is None:
            return False
        both_numbers = isinstance(found, int | float) and isinstance(wanted, int | float)
        return test(found, wanted) if both_numbers else test(str(found), str(wanted))

    return compare


_OPS: Mapping[str, Callable[[Any, Any], bool]] = {
    "eq": lambda found, wanted: found == wanted,
    "neq": lambda found, wanted: found != wanted,
    "in": lambda found, wanted: found in wanted,
    "containsAny": lambda found, wanted: any(str(one) in str(found) for one in wanted),
    "is": lambda found, wanted: (found is None) == (wanted == "NULL"),
    "gt": _compared(lambda found, wanted: found > wanted),
    "gte": _compared(lambda found, wanted: found >= wanted),
    "lt": _compared(lambda found, wanted: found < wanted),
    "lte": _compared(lambda found, wanted: found <= wanted),
    "startsWith": lambda found, wanted: str(found or "").startswith(str(wanted)),
    "endsWith": lambda found, wanted: str(found or "").endswith(str(wanted)),
    "like": lambda found, wanted: _like(found, wanted, 0),
    "ilike": lambda found, wanted: _like(found, wanted, re.IGNORECASE),
}
