"""A mapping as a file: written and read as TOML or YAML, whatever editor it has been through. Pure."""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from domain.errors import BadInput
from services.mapping import yaml_file as mapping_yaml

FILE_LIMIT = 200_000
"""Bytes of a file that is read; the largest shipped mapping has ten thousand."""

LONGEST_WORD = 200
MOST_ENTRIES = 5_000
KINDS = ("toml", "yaml")
_YAML = (".yaml", ".yml")
_BARE = re.compile(r"[A-Za-z0-9_-]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_AT_LINE = re.compile(r"\(at line (\d+)")
_ORDER = ("lead", "deal", "contact", "company", "customer")


def decoded(content: bytes) -> str:
    """The file's text: UTF-8 with or without a mark, UTF-16 with one, else Windows-1251. Raises
    BadInput("mapping", file_too_big | not_text | file_empty)."""
    if len(content) > FILE_LIMIT:
        raise BadInput("mapping", "file_too_big", limit=FILE_LIMIT // 1000)
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp1251"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if _CONTROLS.search(text):
            break
        if not text.strip():
            raise BadInput("mapping", "file_empty")
        return text.replace("\r\n", "\n").replace("\r", "\n")
    raise BadInput("mapping", "not_text")


def read(name: str, text: str) -> dict[str, Any]:
    """The tree in the text; the kind is told by the file's name, TOML unless it is YAML's. Raises
    BadInput("mapping", "syntax", line=, at=) or ("mapping", "too_many_entries")."""
    reader = mapping_yaml.read if name.casefold().endswith(_YAML) else _toml
    tree = reader(text)
    if sum(1 for _ in _leaves(tree)) > MOST_ENTRIES:
        raise BadInput("mapping", "too_many_entries", limit=MOST_ENTRIES)
    return tree


def written(tree: Mapping[str, Any], kind: str, provider: str) -> bytes:
    """The whole tree as a file with a head that explains it."""
    head = [
        f"# Mapping of {provider}: which of our values becomes which field there.",
        "# Change it and send the file back: it is checked as a whole before anything is put in force.",
        "",
    ]
    body = mapping_yaml.written(_ordered(tree)) if kind == "yaml" else "\n".join(_tables(_ordered(tree)))
    return ("\n".join(head) + body + "\n").encode()


def line_of(text: str, at: str) -> int:
    """The line where a place such as lead.source.map stands in the file; 0 when it cannot be told."""
    table, _, rest = at.partition(".")
    names = [rest, rest.rpartition(".")[0], table] if rest else [table]
    for name in filter(None, names):
        pattern = re.compile(
            rf'^\s*(?:\[\s*{re.escape(table)}\s*\.\s*["\']?{re.escape(name)}["\']?\s*\]'
            rf'|\[\s*{re.escape(name)}\s*\]|["\']?{re.escape(name)}["\']?\s*[:=])'
        )
        for number, line in enumerate(text.split("\n"), 1):
            if pattern.match(line):
                return number
    return 0


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _AT_LINE.search(str(error))
        line = int(found[1]) if found else text.count("\n") + 1
        raise BadInput("mapping", "syntax", line=line, value=_line(text, line)) from None
    except RecursionError:
        raise BadInput("mapping", "syntax", line=0, value="") from None


def _line(text: str, number: int) -> str:
    lines = text.split("\n")
    return lines[number - 1].strip()[:80] if 0 < number <= len(lines) else ""


def _leaves(tree: Any) -> Iterator[Any]:
    if isinstance(tree, Mapping):
        for value in tree.values():
            yield from _leaves(value)
    yield tree


def _ordered(tree: Mapping[str, Any]) -> dict[str, Any]:
    """The lead's tables first, tables of words last."""

    def place(name: str) -> tuple[int, str]:
        first = _ORDER.index(name) if name in _ORDER else len(_ORDER)
        return (len(_ORDER) + 1 if name == "enums" else first, name)

    return {name: tree[name] for name in sorted(tree, key=place)}


def _tables(tree: Mapping[str, Any]) -> Iterator[str]:
    for name, table in tree.items():
        if not table:
            yield f"[{_key(name)}]\n"
        for inner, values in table.items():
            yield f"[{_key(name)}.{_key(inner)}]"
            yield from (f"{_key(key)} = {_value(value)}" for key, value in values.items())
            yield ""


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _value(name)


def _value(value: Any) -> str:
    """JSON's texts, numbers, booleans and lists are TOML's as well, but for one control character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
