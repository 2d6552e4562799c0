"""What the columns of a table most likely mean: by their names first, then by what stands in them."""

import re
from collections.abc import Callable, Collection, Sequence
from zoneinfo import ZoneInfo

from domain.custom_fields import CustomField
from domain.errors import BadInput
from domain.fields import read_email, read_inn
from domain.importing import IGNORE, SEVERAL, Table
from domain.phone_columns import PhoneColumn
from domain.words import fold
from services.importing.moments import read_moment
from services.importing.vocabulary import Vocabulary

ENOUGH = 0.6
"""Share of the filled cells that must be of a kind."""

_WORDS = re.compile(r"[^\W_]+")
_PERSON = re.compile(r"[^\W\d_][^\W\d_.'-]+(?: [^\W\d_][^\W\d_.'-]*){1,3}")


def guess(
    table: Table, vocabulary: Vocabulary, fields: Sequence[CustomField], region: str
) -> tuple[str, ...]:
    """A field or IGNORE for each column; a field that only one column may be is given to the first."""
    found = [IGNORE] * table.width
    for place, title in enumerate(table.header):
        name = _by_title(title, vocabulary, fields)
        if name and _free(name, found):
            found[place] = name
    for place in range(table.width):
        if found[place] == IGNORE:
            cells = [row[place].strip() for row in table.sample if place < len(row) and row[place].strip()]
            name = _by_contents(cells, region) if cells else ""
            if name and _free(name, found) and not _says_otherwise(table, place, name):
                found[place] = name
    return tuple(found)


def header_mark(header: Collection[str], width: int) -> str:
    """The same for tables with the same columns."""
    return "\x1f".join(fold(" ".join(title.split())) for title in header) or f"#{width}"


def _free(name: str, taken: Sequence[str]) -> bool:
    return name in SEVERAL or name not in taken


def _by_title(title: str, vocabulary: Vocabulary, fields: Sequence[CustomField]) -> str:
    plain = fold(" ".join(_WORDS.findall(title.replace("_", " "))))
    if not plain:
        return ""
    for one in fields:
        if plain in (fold(" ".join(_WORDS.findall(one.name))), fold(one.key.replace("_", " "))):
            return one.path
    for name, titles in vocabulary.headers.items():
        if plain in titles or plain == name.replace("_", " "):
            return name
    # "Phone 2", "Client e-mail": a column's name holds the words of a field
    words = plain.split()
    runs = {" ".join(words[start:end]) for start in range(len(words)) for end in range(start + 1, start + 3)}
    for name in ("phone", "email", "inn", "company"):
        if runs & vocabulary.headers.get(name, frozenset()):
            return name
    return ""


def _by_contents(cells: Sequence[str], region: str) -> str:
    if _share(cells, _is_email) >= ENOUGH:
        return "email"
    if _share(cells, _is_inn) >= ENOUGH:
        return "inn"
    phones = PhoneColumn(region)
    if _share(cells, lambda text: _is_phone(phones, text)) >= ENOUGH:
        return "phone"
    zone = ZoneInfo("UTC")
    if _share(cells, lambda text: len(text) > 5 and read_moment(text, zone) is not None) >= ENOUGH:
        return "created_at"
    return "name" if _share(cells, lambda text: bool(_PERSON.fullmatch(text))) >= ENOUGH else ""


def _says_otherwise(table: Table, place: int, name: str) -> bool:
    """Dates and names under a title that we do not know may be anything; phones and e-mails speak for
    themselves."""
    titled = place < len(table.header) and bool(table.header[place])
    return titled and name in ("created_at", "name", "inn")


def _share(cells: Sequence[str], fits: Callable[[str], bool]) -> float:
    return sum(1 for cell in cells if fits(cell)) / len(cells)


def _is_email(text: str) -> bool:
    try:
        return bool(read_email(text))
    except BadInput:
        return False


def _is_inn(text: str) -> bool:
    try:
        return bool(read_inn(text))
    except BadInput:
        return False


def _is_phone(phones: PhoneColumn, text: str) -> bool:
    try:
        return bool(phones.read(text))
    except BadInput:
        return False
