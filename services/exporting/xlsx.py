"""A spreadsheet written row by row: nothing of it stays in memory, and no text in it is ever a formula.

One sheet of the Office Open XML format (ECMA-376, part 1, chapter 18): texts stand in their cells as inline
strings, moments are days since 1899-12-30 shown as date and time.
"""

import re
import zipfile
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Self

Cell = str | int | float | Decimal | datetime | None

MOST_ROWS = 1_048_576
CELL_LIMIT = 32_767
_DAY_ZERO = datetime(1899, 12, 30)
_SPECIAL = re.compile("[&<>\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REPLACED = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_NS = "http://schemas.openxmlformats.org"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = f"{_NS}/spreadsheetml/2006/main"
_RELATIONS = f"{_NS}/officeDocument/2006/relationships"
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_NS}/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPES}.worksheet+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_TYPES}.styles+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_NS}/package/2006/relationships"><Relationship Id="rId1" '
    f'Type="{_RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATIONS}"><sheets>'
    '<sheet name="Leads" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_NS}/package/2006/relationships">'
    f'<Relationship Id="rId1" Type="{_RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="rId2" Type="{_RELATIONS}/styles" Target="styles.xml"/></Relationships>',
    "xl/styles.xml": f'<styleSheet xmlns="{_MAIN}"><fonts count="2"><font><sz val="11"/><name val="Calibri"/>'
    '</font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts><fills count="2"><fill>'
    '<patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="22" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    "</styleSheet>",
}
BOLD, MOMENT = 1, 2


class XlsxFile:
    """A spreadsheet being written at `path`; use it as a context, which completes the file. Moments are shown
    in the zone they are given in."""

    def __init__(self, path: Path, widths: Sequence[int]) -> None:
        self._zip = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=3)
        for name, content in _PARTS.items():
            self._zip.writestr(name, _HEAD + content)
        self._sheet = self._zip.open("xl/worksheets/sheet1.xml", "w", force_zip64=True)
        columns = "".join(
            f'<col min="{place}" max="{place}" width="{width}" customWidth="1"/>'
            for place, width in enumerate(widths, start=1)
        )
        self._sheet.write(
            f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1" '
            'topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
            f"<cols>{columns}</cols><sheetData>".encode()
        )
        self._letters = [letters(place) for place in range(len(widths))]
        self.rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._sheet.write(b"</sheetData></worksheet>")
        self._sheet.close()
        self._zip.close()

    def head(self, titles: Sequence[str]) -> None:
        """The first row, bold."""
        self.write([titles], BOLD)

    def write(self, rows: Iterable[Sequence[Cell]], style: int = 0) -> None:
        """Some rows below what is there."""
        pieces: list[str] = []
        for row in rows:
            self.rows += 1
            number = str(self.rows)
            pieces.append(f'<row r="{number}">')
            for letter, value in zip(self._letters, row, strict=True):
                if value.__class__ is str:
                    if value:
                        pieces.append(_text(letter + number, value, style))
                elif value is not None:
                    pieces.append(_WRITERS[value.__class__](letter + number, value))
            pieces.append("</row>")
        self._sheet.write("".join(pieces).encode())


def _text(place: str, value: str, style: int) -> str:
    if len(value) > CELL_LIMIT:
        value = value[:CELL_LIMIT]
    if _SPECIAL.search(value):
        value = _SPECIAL.sub(lambda found: _REPLACED.get(found.group(), ""), value)
    kept = ' xml:space="preserve"' if value[:1].isspace() or value[-1:].isspace() or "\n" in value else ""
    styled = f' s="{style}"' if style else ""
    return f'<c r="{place}"{styled} t="inlineStr"><is><t{kept}>{value}</t></is></c>'


def _number(place: str, value: Cell) -> str:
    return f'<c r="{place}"><v>{value}</v></c>'


def _moment(place: str, value: Cell) -> str:
    assert isinstance(value, datetime)
    passed = value.replace(tzinfo=None) - _DAY_ZERO
    return f'<c r="{place}" s="{MOMENT}"><v>{passed.days + passed.seconds / 86_400:.8f}</v></c>'


_WRITERS: dict[type, Callable[[str, Cell], str]] = {
    int: _number,
    float: _number,
    Decimal: _number,
    datetime: _moment,
}


def letters(place: int) -> str:
    """A column's name: A, B, ... Z, AA for 0, 1, ... 25, 26."""
    name, place = "", place + 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name
