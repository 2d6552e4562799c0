"""Reading a vCard (RFC 2426, RFC 6350): names, phones, e-mails, the company and a note."""

import quopri
import re
from dataclasses import dataclass

_FOLDED = re.compile(r"\r?\n[ \t]")
_SOFT_BREAK = re.compile(r"=\r?\n")
_LINE = re.compile(r"(?:[\w-]+\.)?(?P<name>[\w-]+)(?P<options>(?:;[^:]*)?):(?P<value>.*)")
_ESCAPED = re.compile(r"\\(.)")
_BEGIN = re.compile(r"^BEGIN:VCARD\s*$", re.IGNORECASE | re.MULTILINE)
LIMIT = 20
CARDS_LIMIT = 50


@dataclass(frozen=True, slots=True)
class Card:
    """What a card holds, as written there; at most LIMIT phones and e-mails."""

    name: str = ""
    company: str = ""
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    note: str = ""
    position: str = ""


def read_vcards(text: str) -> list[Card]:
    """Every card in the text that says anything, at most CARDS_LIMIT; never raises."""
    pieces = _BEGIN.split(text)[1:] or [text]
    return [card for card in map(read_vcard, pieces[:CARDS_LIMIT]) if card != Card()]


def read_vcard(text: str) -> Card:
    """The first card in the text. What is not understood is left out; never raises."""
    found: dict[str, list[str]] = {}
    for line in _FOLDED.sub("", _SOFT_BREAK.sub("", text)).splitlines():
        match = _LINE.fullmatch(line.strip())
        if match is None:
            continue
        name = match["name"].upper()
        if name == "END":
            break
        value = _value(match["value"], match["options"].upper(), listed=name in ("N", "ORG"))
        if value:
            found.setdefault(name, []).append(value)
    return Card(
        name=_first(found, "FN") or _first(found, "N"),
        company=_first(found, "ORG"),
        phones=_several(found, "TEL"),
        emails=_several(found, "EMAIL"),
        note="\n".join(found.get("NOTE", [])),
        position=_first(found, "TITLE"),
    )


def _value(raw: str, options: str, *, listed: bool) -> str:
    if "QUOTED-PRINTABLE" in options:
        raw = quopri.decodestring(raw.encode("utf-8", "ignore")).decode("utf-8", "replace")
    if listed:
        # N is family;given;..., ORG is company;department
        parts = [part for part in re.split(r"(?<!\\);", raw) if part.strip()]
        raw = " ".join(parts)
    text = _ESCAPED.sub(lambda match: "\n" if match[1] in "nN" else match[1], raw)
    return re.sub(r"^(?:tel|mailto):", "", text.strip(), flags=re.IGNORECASE)


def _first(found: dict[str, list[str]], name: str) -> str:
    return " ".join(found.get(name, [""])[0].split())


def _several(found: dict[str, list[str]], name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found.get(name, [])))[:LIMIT]
