"""Tables as text: which letters the bytes are, and what parts the cells. Standard library only."""

import codecs
import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from domain.errors import BadInput

CELL_LIMIT = 131_072
"""Characters of one cell; a quote that is never closed ends here."""

DELIMITERS = (";", ",", "\t", "|", ":")
LOOKED_AT = 50
"""Records that tell the delimiter."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NO_TABLES = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"MZ",
              b"\x7fELF", b"OggS", b"RIFF", b"BM", b"ID3", b"{\\rtf", b"<!DOCTYPE", b"<html",
              b"<?xml")  # fmt: skip
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r\x0b\x0c\x1a"))
MOST_CONTROLS = 0.01
"""Share of control characters above which bytes are no text."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a text holds its cells. Without `quoted` a quotation mark is a letter like any other."""

    delimiter: str = ","
    quoted: bool = True


def decode(content: bytes) -> str:
    """The bytes as text, without NULs: by their mark, as UTF-16 or UTF-8 where they are that, else as
    cp1251. Raises BadInput("file", "not_a_table") for what is no text."""
    if content.lstrip()[:16].startswith(_NO_TABLES):
        raise BadInput("file", "not_a_table")
    marked = next((name for mark, name in _MARKS if content.startswith(mark)), "") or _wide(content)
    if marked:
        try:
            return _plain(content.decode(marked))
        except UnicodeDecodeError as error:
            raise BadInput("file", "not_a_table") from error
    nothing = content.count(b"\0")
    controls = len(content) - len(content.translate(None, _CONTROLS)) - nothing
    if controls > len(content) * MOST_CONTROLS or nothing > len(content) / 3:
        raise BadInput("file", "not_a_table")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("cp1251", errors="replace")
    return _plain(text)


def _wide(content: bytes) -> str:
    """UTF-16 without a mark: one byte of every digit, space or delimiter is nothing."""
    head = content[:4000]
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > len(head) / 50 and not even:
        return "utf-16-le"
    return "utf-16-be" if even > len(head) / 50 and not odd else ""


def _plain(text: str) -> str:
    """Without NULs, and with one kind of line end."""
    text = text.replace("\0", "").removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def sniff(text: str) -> tuple[Dialect, str]:
    """How the text holds its cells, and the text without a line of Excel's that says so.

    Raises BadInput("file", "broken", line=N) where it cannot be read in any way.
    """
    first, _, rest = text.partition("\n")
    said = first.strip().strip('"')
    if len(said) == 5 and said.lower().startswith("sep="):
        return _readable(rest, said[4]), rest
    if said.lower() == "sep=":
        return _readable(rest, "\t"), rest
    return _readable(text, max(DELIMITERS, key=lambda one: _fit(text, one))), text


def _fit(text: str, delimiter: str) -> tuple[float, int]:
    """How evenly this delimiter cuts the first records, and into how many cells."""
    try:
        widths = [len(row) for row in islice(records(text, Dialect(delimiter)), LOOKED_AT) if any(row)]
    except csv.Error:
        return 0.0, 0
    width, times = Counter(widths).most_common(1)[0] if widths else (0, 0)
    return (times / len(widths), width) if width > 1 else (0.0, width)


def _readable(text: str, delimiter: str) -> Dialect:
    line = 0
    for quoted in (True, False):
        found, line = Dialect(delimiter, quoted), 0
        try:
            for line, _ in enumerate(_reader(text, found), start=1):  # noqa: B007
                pass
        except csv.Error:
            continue
        return found
    raise BadInput("file", "broken", line=line + 1)


def records(text: str, dialect: Dialect) -> Iterator[list[str]]:
    """The records, empty ones too, so that their count is the row a spreadsheet shows."""
    yield from _reader(text, dialect)


def _reader(text: str, dialect: Dialect) -> Iterator[list[str]]:
    if dialect.quoted:
        return csv.reader(lines(text), delimiter=dialect.delimiter)
    return csv.reader(lines(text), delimiter=dialect.delimiter, quoting=csv.QUOTE_NONE)


def lines(text: str) -> Iterator[str]:
    """The lines with their ends, one at a time; io.StringIO would copy the whole text."""
    start, length = 0, len(text)
    while start < length:
        stop = text.find("\n", start) + 1 or length
        yield text[start:stop]
        start = stop


def find_header(rows: Sequence[Sequence[str]]) -> int:
    """The place of the row that names the columns: the first one that is about as wide as most are."""
    filled = [sum(1 for cell in row if cell.strip()) for row in rows]
    most = max(filled, default=0)
    wanted = max(1, min(2, most), most // 2)
    return next((place for place, number in enumerate(filled) if number >= wanted), 0)


def trimmed(row: Sequence[str]) -> list[str]:
    """The cells up to the last one that holds something."""
    held = [place for place, cell in enumerate(row) if cell.strip()]
    return list(row[: held[-1] + 1]) if held else []
