"""A small picture of bars, drawn by typst: its own fonts have Cyrillic, so the machine needs none."""

import asyncio
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass

LABEL_ROOM = 26
DENSITY = 144.0
_UNDRAWN = re.compile(r"[^\w\s.,:;%+\-–—/()№#@&'\"!?]", re.UNICODE)
_TEMPLATE = b"""
#let data = json(bytes(sys.inputs.data))
#set page(width: 420pt, height: auto, margin: 18pt, fill: white)
#set text(size: 12pt, fill: rgb("#22303c"))
#text(size: 17pt, weight: "bold", data.title)
#for part in data.parts [
  #v(6pt)
  #text(size: 13pt, weight: "bold", fill: rgb("#5b6b7a"), part.title)
  #let most = calc.max(1, ..part.bars.map(bar => bar.value))
  #v(-4pt)
  #grid(
    columns: (128pt, 1fr, 44pt),
    row-gutter: 7pt,
    column-gutter: 8pt,
    align: (left + horizon, left + horizon, right + horizon),
    ..part.bars.map(bar => (
      text(bar.label),
      box(width: 100%, height: 14pt, fill: rgb("#eef2f5"), radius: 3pt, {
        place(rect(width: bar.value / most * 100%, height: 14pt, radius: 3pt, fill: rgb("#bcd8f5")))
        place(rect(width: bar.part / most * 100%, height: 14pt, radius: 3pt, fill: rgb("#3d8bd4")))
      }),
      text(weight: "bold", bar.said),
    )).flatten()
  )
]
"""


@dataclass(frozen=True, slots=True)
class Bar:
    """A line of the picture: `part` of `value` is darker; `said` stands at its end."""

    label: str
    value: int
    part: int = 0
    said: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """Bars that are measured against one another."""

    title: str
    bars: tuple[Bar, ...]


def draw(title: str, parts: Sequence[Part]) -> bytes:
    """The picture as PNG. Signs that the fonts do not have, emoji above all, are left out."""
    # a quarter of a second and forty megabytes that only those who look at figures pay
    import typst

    data = {
        "title": _plain(title),
        "parts": [{"title": _plain(part.title), "bars": [_bar(bar) for bar in part.bars]} for part in parts],
    }
    made = typst.compile(_TEMPLATE, format="png", ppi=DENSITY, sys_inputs={"data": json.dumps(data)})
    assert isinstance(made, bytes)
    return made


def _bar(bar: Bar) -> dict[str, object]:
    label = _plain(bar.label)
    short = label if len(label) <= LABEL_ROOM else label[: LABEL_ROOM - 1] + "…"
    return {**asdict(bar), "label": short, "said": _plain(bar.said) or str(bar.value)}


def _plain(text: str) -> str:
    return " ".join(_UNDRAWN.sub("", text).split())


async def drawn(title: str, parts: Sequence[Part]) -> bytes:
    """`draw` in a thread: nobody else waits for it."""
    return await asyncio.to_thread(draw, title, parts)
