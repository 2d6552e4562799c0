"""A first mapping out of a sample: which list holds the purchases, and which of its fields is what. Pure.

A guess is checked against the values: a date must read as one, a sum and a phone too. People correct it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from crm_adapters import mapping as rules
from crm_adapters.purchase_values import Own, phone_in, signed
from domain.errors import BadInput
from domain.json_paths import flat
from domain.transaction_values import read_moment

GUESSES: Mapping[str, Sequence[str]] = rules.load(Path(__file__).with_name("guesses.toml"))
DEEPEST, SAMPLES = 6, 20
_PLAIN = re.compile(r"[^\s.\[\]'\"*]+")

Keys = tuple[str, ...]


def suggested(sample: Any, own: Own, *, xml: bool) -> Mapping[str, Any]:
    """An overlay of the connector's mapping: format, records and fields; empty where no list of objects is.
    `sample` is what Custom.sample brings."""
    keys, records = max(_lists(sample, ()), key=lambda one: len(one[1]), default=((), []))
    if not records:
        return {}
    place = "./" + "/".join(keys) if xml else "$" + "".join(map(_step, keys)) + "[*]"
    fields = _fields(records[:SAMPLES], own)
    if xml:
        fields = {name: path and _below(path) for name, path in fields.items()}
    return {"format": "xml" if xml else "json", "records": place, "fields": fields}


def places(sample: Any, *, xml: bool) -> Sequence[str]:
    """Where a value of a record may be, as expressions of the mapping; empty where no list of objects is."""
    _keys, records = max(_lists(sample, ()), key=lambda one: len(one[1]), default=((), []))
    found = dict.fromkeys(path for record in records[:SAMPLES] for path in flat(record))
    return [_below(path) if xml else path for path in found]


def _below(path: str) -> str:
    """A path of `flat` for a record of XML, where a short one would be an XPath, which knows attributes by
    another spelling."""
    return "$" + "".join(f"[{one}]" if one.isdigit() else _step(one) for one in path.split("."))


def _lists(value: Any, keys: Keys) -> Iterator[tuple[Keys, list[Any]]]:
    """Every list of objects, those nearer to the top first."""
    if isinstance(value, list):
        if value and all(isinstance(one, Mapping) for one in value):
            yield keys, value
    elif isinstance(value, Mapping) and len(keys) < DEEPEST:
        for name, one in value.items():
            yield from _lists(one, (*keys, str(name)))


def _step(name: str) -> str:
    return f".{name}" if _PLAIN.fullmatch(name) else f"['{name}']"


def _fields(records: Sequence[Mapping[str, Any]], own: Own) -> Mapping[str, Any]:
    values: dict[str, list[str]] = {}
    for record in records:
        for path, text in flat(record).items():
            values.setdefault(path, []).append(text)
    found: dict[str, Any] = {}
    for field, names in GUESSES.items():
        fitting = [path for path in values if path not in found.values() and _fits(field, values[path], own)]
        found[field] = _best(fitting, names)
    return found


def _best(paths: Sequence[str], names: Sequence[str]) -> str | None:
    """The path whose last name, or whose last two together, is the likeliest; the shortest of equal ones."""
    ranked = []
    for path in paths:
        parts = [re.sub(r"[\W_]", "", part).casefold() for part in path.split(".")]
        for words in (parts[-1], "".join(parts[-2:])):
            if words in names:
                ranked.append((names.index(words), len(parts), path))
    return min(ranked)[2] if ranked else None


def _fits(field: str, texts: Sequence[str], own: Own) -> bool:
    try:
        if field in ("date", "changed_at"):
            return all(read_moment(text, own.zone) for text in texts)
        if field == "amount":
            return all(signed(text, own.currency, point="") for text in texts)
    except BadInput:
        return False
    return field != "phone" or any(phone_in(text, own.region) for text in texts)
