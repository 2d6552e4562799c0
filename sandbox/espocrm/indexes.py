"""Records by the value of an attribute, as a database's indexes find them: a search for equal values must not
take longer the more there are."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

Values = Callable[[Mapping[str, Any]], list[Any]]
"""The values of a record by which it is found."""

Found = dict[str | None, dict[str, None]]


class Indexes:
    """Made for an attribute when it is searched by for the first time. What they find is to be held against
    the search still: an old value goes on leading to its record, and what is no text is found by any."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, str], tuple[Values, Found]] = {}

    def add(self, entity: str, record: Mapping[str, Any]) -> None:
        """A new or a changed record."""
        for (own, _), (values, found) in self._made.items():
            if own == entity:
                _note(found, values, record)

    def ids(
        self, entity: str, attribute: str, wanted: str, values: Values, records: Iterable[Mapping[str, Any]]
    ) -> set[str]:
        """Ids of all records that may have the wanted value; `records` are all there are."""
        if (entity, attribute) not in self._made:
            made = self._made[entity, attribute] = (values, {})
            for record in records:
                _note(made[1], values, record)
        found = self._made[entity, attribute][1]
        return {*found.get(wanted.casefold(), ()), *found.get(None, ())}


def _note(found: Found, values: Values, record: Mapping[str, Any]) -> None:
    for value in values(record):
        if value is not None:
            key = value.casefold() if isinstance(value, str) else None
            found.setdefault(key, {})[record["id"]] = None
