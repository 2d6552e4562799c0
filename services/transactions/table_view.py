"""A table of purchases as people see it, and what its import keeps of that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.engine import Row

from domain.importing import ImportState
from domain.transactions import SourceTransaction
from services.transactions.table_rows import WrongRow

KEY = "purchases"
"""In an import's settings: what concerns purchases."""


@dataclass(frozen=True, slots=True)
class PurchaseTable:
    """A file as purchases. `first` are a few rows as they would be kept; `phoneless` ones come in without
    their buyer. `system` is what people call where it comes from; without a name tables with the same
    headings are of one system. While it is brought in, `done` of `total` rows are in; `counts` is None until
    all of them are: found, added, changed, unchanged, wrong, phoneless."""

    id: UUID
    name: str
    state: str
    header: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]
    columns: tuple[str, ...]
    total: int
    done: int
    system: str = ""
    first: Sequence[SourceTransaction | WrongRow] = ()
    good: int = 0
    wrong: int = 0
    phoneless: int = 0
    counts: Mapping[str, int] | None = None

    @property
    def failed(self) -> bool:
        return self.state == ImportState.PURCHASES_FAILED.value

    @property
    def waits(self) -> bool:
        return self.state == ImportState.PREVIEW.value


def shown(row: Row[Any], columns: tuple[str, ...]) -> PurchaseTable:
    """It as it stands, without its rows."""
    told = row.settings.get(KEY, {})
    return PurchaseTable(
        id=row.id,
        name=row.name,
        state=row.state,
        header=tuple(row.settings["header"]),
        sample=tuple(tuple(one) for one in row.settings["sample"]),
        columns=columns,
        total=row.total,
        done=row.done,
        system=told.get("system", ""),
        counts=told.get("counts"),
    )


def changed(row: Row[Any], **values: object) -> dict[str, Any]:
    """The settings of a table with these of purchases changed."""
    return {**row.settings, KEY: {**row.settings.get(KEY, {}), **values}}


def system_of(row: Row[Any]) -> str:
    """What it is said to come from, else its headings."""
    return row.settings.get(KEY, {}).get("system") or ", ".join(filter(None, row.settings["header"]))
