"""The part of YAML that a mapping needs: maps in maps by indentation, texts, numbers, yes/no, lists of texts.

Anchors, tags, several documents and texts of several lines are refused with their line rather than guessed.
Plain `yes`, `no`, `on` and `off` are texts, as in YAML 1.2. Pure.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from domain.errors import BadInput

_PLAIN = re.compile(r"[^\W\d][\w ./@+-]*", re.UNICODE)
_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?([eE][-+]?\d+)?")
_WORDS = {"true": True, "false": False, "null": None, "~": None, "": None}
_KEY = re.compile(
    r"""(?P<key>"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^\s"'#\[\]{},&*!|>%@`-][^#"':]*?)\s*:(?:\s+|$)"""
)
_REFUSED = ("&", "*", "!", "|", ">", "{", "%", "@", "`", "---", "...")


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    indent: int
    text: str


def read(text: str) -> dict[str, Any]:
    """The tree. Raises BadInput("mapping", "syntax", line=, value=)."""
    lines = list(_lines(text))
    if not lines:
        return {}
    tree, rest = _map(lines, lines[0].indent)
    if rest:
        raise _bad(rest[0])
    return tree


def written(tree: Mapping[str, Any]) -> str:
    """The tree as YAML; what could be mistaken for anything but a text is quoted."""
    return "\n".join(_written(tree, 0)) + "\n"


def _written(tree: Mapping[str, Any], depth: int) -> Iterator[str]:
    for name, value in tree.items():
        start = f"{'  ' * depth}{_scalar(name)}:"
        if isinstance(value, Mapping) and value:
            yield start
            yield from _written(value, depth + 1)
        elif isinstance(value, Mapping):
            yield f"{start} {{}}"
        elif isinstance(value, list):
            yield f"{start} [{', '.join(map(_scalar, value))}]"
        else:
            yield f"{start} {_scalar(value)}"


def _scalar(value: Any) -> str:
    plain = isinstance(value, str) and _PLAIN.fullmatch(value) and value == value.strip()
    if plain and value.casefold() not in (*_WORDS, "yes", "no", "on", "off", "y", "n"):
        return str(value)
    return json.dumps(value, ensure_ascii=False)


def _lines(text: str) -> Iterator[_Line]:
    for number, raw in enumerate(text.split("\n"), 1):
        stripped = raw.strip()
        if not stripped or stripped.startswith("#"):
            continue
        indent = len(raw) - len(raw.lstrip(" "))
        line = _Line(number, indent, stripped)
        if "\t" in raw[: len(raw) - len(raw.lstrip())] or stripped.startswith(_REFUSED):
            raise _bad(line)
        yield line


def _bad(line: _Line) -> BadInput:
    return BadInput("mapping", "syntax", line=line.number, value=line.text[:80])


def _map(lines: list[_Line], indent: int) -> tuple[dict[str, Any], list[_Line]]:
    """The map that begins with the first line, and the lines after it."""
    made: dict[str, Any] = {}
    while lines and lines[0].indent == indent and not lines[0].text.startswith("- "):
        line, *lines = lines
        found = _KEY.match(line.text)
        if found is None:
            raise _bad(line)
        key = str(_read(found["key"], line) if found["key"][0] in "\"'" else found["key"])
        if key in made:
            raise _bad(line)
        tail = line.text[found.end() :].strip()
        if tail and not tail.startswith("#"):
            made[key] = _read(tail, line)
        else:
            made[key], lines = _inside(lines, line)
    if lines and lines[0].indent > indent:
        raise _bad(lines[0])
    return made, lines


def _inside(lines: list[_Line], above: _Line) -> tuple[Any, list[_Line]]:
    """What a key without a value holds: a deeper map, a list, or nothing, which is an empty map."""
    if lines and lines[0].text.startswith("- ") and lines[0].indent >= above.indent:
        return _list(lines, lines[0].indent)
    if lines and lines[0].indent > above.indent:
        return _map(lines, lines[0].indent)
    return {}, lines


def _list(lines: list[_Line], indent: int) -> tuple[list[Any], list[_Line]]:
    made = []
    while lines and lines[0].indent == indent and lines[0].text.startswith("- "):
        line, *lines = lines
        made.append(_read(line.text[2:].strip(), line))
    return made, lines


def _read(text: str, line: _Line) -> Any:
    """One value, with a comment behind it perhaps."""
    if text[0] in "\"'":
        return _quoted(text, line)
    if text.startswith("["):
        return _flow(text, line)
    plain = re.split(r"\s+#", text, maxsplit=1)[0].strip()
    if plain == "{}":
        return {}
    if plain.startswith(_REFUSED) or ": " in plain:
        raise _bad(line)
    if _NUMBER.fullmatch(plain):
        return float(plain) if re.search(r"[.eE]", plain) else int(plain)
    return _WORDS.get(plain.casefold(), plain)


def _quoted(text: str, line: _Line) -> str:
    value, rest = _cut(text, line)
    if rest.strip() and not rest.strip().startswith("#"):
        raise _bad(line)
    return value


def _cut(text: str, line: _Line) -> tuple[str, str]:
    """The quoted text at the beginning, and what follows it."""
    pattern = r'"(?:[^"\\]|\\.)*"' if text[0] == '"' else r"'(?:[^']|'')*'"
    found = re.match(pattern, text)
    if found is None:
        raise _bad(line)
    if text[0] == "'":
        return found[0][1:-1].replace("''", "'"), text[found.end() :]
    try:
        return str(json.loads(found[0])), text[found.end() :]
    except ValueError:
        raise _bad(line) from None


def _flow(text: str, line: _Line) -> list[Any]:
    """[one, "two"] on one line."""
    made: list[Any] = []
    rest = text[1:].lstrip()
    while not rest.startswith("]"):
        if not rest:
            raise _bad(line)
        if rest[0] in "\"'":
            value, rest = _cut(rest, line)
            made.append(value)
        else:
            found = re.match(r"[^,\]]*", rest)
            plain = found[0].strip() if found else ""
            if not plain:
                raise _bad(line)
            made.append(_read(plain, line))
            rest = rest[len(plain) :]
        rest = rest.lstrip()
        if rest.startswith(","):
            rest = rest[1:].lstrip()
        elif not rest.startswith("]"):
            raise _bad(line)
    tail = rest[1:].strip()
    if tail and not tail.startswith("#"):
        raise _bad(line)
    return made
