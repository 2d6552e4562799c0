"""Everything that a database holds, as one text: nothing of somebody may be in it any more."""

import json

import sqlalchemy as sa

from storage.db import Database
from storage.tables import metadata


async def texts(db: Database) -> dict[str, str]:
    """Every table's rows as a text, by the table's name; bytes as they would be read."""
    found: dict[str, str] = {}
    async with db.reading(system=True) as s:
        for table in metadata.sorted_tables:
            rows = await s.rows(sa.select(table))
            found[table.name] = "\n".join(_line(list(row)) for row in rows)
    return found


def _line(values: list[object]) -> str:
    plain = [one.decode("utf-8", "replace") if isinstance(one, bytes) else one for one in values]
    return json.dumps(plain, ensure_ascii=False, default=str)


def holding(found: dict[str, str], *wanted: str) -> dict[str, list[str]]:
    """Which of the texts are where."""
    said = {
        name: [one for one in wanted if one.casefold() in text.casefold()] for name, text in found.items()
    }
    return {name: some for name, some in said.items() if some}
