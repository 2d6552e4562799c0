"""Tables as text: which letters the bytes are, and what parts the cells. Standard library only."""

import codecs
import csv
import io
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from domain.errors import BadInput

CELL_LIMIT = 131_072
"""Characters of one cell; a quote that is never closed ends here."""

DELIMITERS = (";", ",", "\t", "|", ":")
PIECE, PACKED_PIECE = 1 << 17, 1 << 14
"""Bytes that are worked on at a time: a table of 20 MB never stands in memory as text."""

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


def packed(content: bytes) -> bytes:
    """The bytes as text, packed small, without NULs and with one kind of line end: by their mark, as UTF-16
    or UTF-8 where they are that, else as cp1251. Raises BadInput("file", "not_a_table") for what is no text.
    """
    try:
        return pack(_decoded(content, *_encoding(content)))
    except UnicodeDecodeError as error:
        raise BadInput("file", "not_a_table") from error


def pack(pieces: Iterable[str]) -> bytes:
    """A text that comes in pieces, packed as it comes: it never stands in memory whole."""
    packing = zlib.compressobj(1)
    return b"".join([*(packing.compress(piece.encode()) for piece in pieces), packing.flush()])


def _encoding(content: bytes) -> tuple[str, str]:
    """(name, what becomes of bytes that are none of its letters)."""
    if content.lstrip()[:16].startswith(_NO_TABLES):
        raise BadInput("file", "not_a_table")
    marked = next((name for mark, name in _MARKS if content.startswith(mark)), "") or _wide(content)
    if marked:
        return marked, "strict"
    nothing = content.count(b"\0")
    letters = sum(len(piece.translate(None, _CONTROLS)) for piece in _sliced(content))
    if len(content) - letters - nothing > len(content) * MOST_CONTROLS or nothing > len(content) / 3:
        raise BadInput("file", "not_a_table")
    return ("utf-8", "strict") if _is_utf8(content) else ("cp1251", "replace")


def _sliced(content: bytes) -> Iterator[bytes]:
    return (content[start : start + PIECE] for start in range(0, len(content), PIECE))


def _is_utf8(content: bytes) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for piece in _sliced(content):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _decoded(content: bytes, encoding: str, errors: str) -> Iterator[str]:
    decoder = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(errors), translate=True)
    mark = "\ufeff"
    for piece in _sliced(content):
        text = decoder.decode(piece).replace("\0", "").removeprefix(mark)
        mark = "" if text else mark
        yield text
    yield decoder.decode(b"", final=True)


def _wide(content: bytes) -> str:
    """UTF-16 without a mark: one byte of every digit, space or delimiter is nothing."""
    head = content[:4000]
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > len(head) / 50 and not even:
        return "utf-16-le"
    return "utf-16-be" if even > len(head) / 50 and not odd else ""


def sniff(body: bytes) -> tuple[str, bytes]:
    """The delimiter of a packed text, and the text without a line of Excel's that says so."""
    said = next(lines(body), "").strip().strip('"')
    if len(said) in (4, 5) and said.lower().startswith("sep="):
        return said[4:] or "\t", pack(islice(lines(body), 1, None))
    return max(DELIMITERS, key=lambda one: _fit(body, one)), body


def _fit(body: bytes, delimiter: str) -> tuple[float, int]:
    """How evenly this delimiter cuts the first records, and into how many cells."""
    try:
        widths = [len(row) for row in islice(records(body, Dialect(delimiter)), LOOKED_AT) if any(row)]
    except csv.Error:
        return 0.0, 0
    width, times = Counter(widths).most_common(1)[0] if widths else (0, 0)
    return (times / len(widths), width) if width > 1 else (0.0, width)


def records(body: bytes, dialect: Dialect) -> Iterator[list[str]]:
    """The records of a packed text, empty ones too, so that their count is the row a spreadsheet shows.
    Raises csv.Error where the dialect does not fit."""
    if dialect.quoted:
        return csv.reader(lines(body), delimiter=dialect.delimiter)
    return csv.reader(lines(body), delimiter=dialect.delimiter, quoting=csv.QUOTE_NONE)


def lines(body: bytes) -> Iterator[str]:
    """The lines of a packed text with their ends, one at a time."""
    return chain.from_iterable(_blocks(_unpacked(body)))


def _unpacked(body: bytes) -> Iterator[str]:
    unpacking, decoder = zlib.decompressobj(), codecs.getincrementaldecoder("utf-8")()
    for start in range(0, len(body), PACKED_PIECE):
        yield decoder.decode(unpacking.decompress(body[start : start + PACKED_PIECE]))
    yield decoder.decode(unpacking.flush(), final=True)


def _blocks(pieces: Iterable[str]) -> Iterator[io.StringIO]:
    """Whole lines, some at a time. A line may be as long as the text."""
    begun: list[str] = []
    for piece in pieces:
        cut = piece.rfind("\n") + 1
        if cut:
            yield io.StringIO("".join([*begun, piece[:cut]]), newline="\n")
            begun.clear()
        begun.append(piece[cut:])
    yield io.StringIO("".join(begun), newline="\n")


def find_header(rows: Sequence[Sequence[str]]) -> int:
    """The place of the row that names the columns: the first one that is about as wide as most are."""
    filled = [sum(1 for cell in row if cell.strip()) for row in rows]
    most = max(filled, default=0)
    wanted = max(1, min(2, most), most // 2)
    return next((place for place, number in enumerate(filled) if number >= wanted), 0)


def trimmed(row: list[str]) -> list[str]:
    """The row, cut after the last cell that holds something."""
    while row and not row[-1].strip():
        row.pop()
    return row
