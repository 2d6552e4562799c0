"""Tables of purchases as the API takes and shows them."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from services.transactions.table_view import PurchaseTable
from web.api.models.base import PRINTABLE, Given, Resource


class TableBrought(Given):
    """What a table is called, and, separated by commas, what its columns are where the guess is wrong: id,
    date, amount, phone, currency, description, kind, customer, cancelled, or nothing for one left out.
    `system` is where it comes from; without it tables with the same headings are of one system, within which
    rows without an id are told apart."""

    name: Annotated[str, Field(max_length=200, pattern=PRINTABLE)] = ""
    columns: Annotated[str, Field(max_length=1000, pattern=PRINTABLE)] = ""
    system: Annotated[str, Field(max_length=64, pattern=PRINTABLE)] = ""


class TableOut(Resource):
    """A table of purchases. While it is brought in, `done` of `total` rows are; `counts` come with the end:
    found, added, changed, unchanged, wrong, phoneless (in, but without a buyer). `failed`: given up after
    several tries."""

    id: UUID
    name: str
    columns: list[str]
    total: int
    done: int
    finished: bool
    failed: bool
    counts: dict[str, int]


def table_out(one: PurchaseTable) -> TableOut:
    return TableOut(
        id=one.id, name=one.name, columns=list(one.columns), total=one.total, done=one.done,
        finished=one.counts is not None, failed=one.failed, counts=dict(one.counts or {}),
    )  # fmt: skip
