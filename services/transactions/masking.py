"""Raw records as those who repair them may see them. Sums and moments stay, as domain.masking, which is for
payloads at large, would not have it; all that may tell of a person is starred. Pure."""

import json
import re
from typing import Any

_OPEN = re.compile(
    r"(id|uid|guid|date|time|created|updated|changed|modified|status|state|type|kind|amount|sum|price|cost|paid|"
    r"currency|quantity|count|deleted|attendance|revision|version|number)s?$"
    # sum and date in Russian, with whatever follows: sums of documents
    "|(\u0441\u0443\u043c\u043c\u0430|\u0434\u0430\u0442\u0430).*"
)
"""Names of fields whose numbers, moments and words tell nothing of a person."""

_SAFE = re.compile(r"[-+0-9:.,TZ ]{0,40}|true|false|null|[A-Z]{3}")
LONGEST = 3500


def masked(raw: str) -> str:
    """A raw record as text: values are starred, but for sums, moments, states and ids of its own."""
    try:
        told = json.loads(raw)
    except ValueError:
        return "*" * min(len(raw), 20)
    return json.dumps(_masked(told, ""), ensure_ascii=False, indent=1)[:LONGEST]


def _masked(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        return {key: _masked(one, str(key)) for key, one in value.items()}
    if isinstance(value, list):
        return [_masked(one, name) for one in value]
    if value is None or isinstance(value, bool):
        return value
    text = str(value)
    word = re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower().rsplit("_", 1)[-1]
    if _OPEN.fullmatch(word) and _SAFE.fullmatch(text):
        return value
    return text[:1] + "***" if len(text) > 3 else "***"
