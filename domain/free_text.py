"""A lead out of one line of text: "Ivan 8 999 123-45-67 mortgage 3 mln"."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from domain.errors import BadInput
from domain.fields import NAME_LIMIT, find_email, read_amount
from domain.leads import LeadDraft
from domain.phones import find_phones


@dataclass(frozen=True, slots=True)
class Words:
    """What the catalogues teach the reader, in lower case."""

    multipliers: Mapping[str, Decimal]
    currencies: frozenset[str]


def read_lead(text: str, region: str, words: Words) -> LeadDraft | None:
    """The draft, or None when the text holds no phone and no e-mail: then it is no lead.

    The capitalised words before the phone are the name (the first word if none is capitalised), an
    amount needs a multiplier, a currency or at least four digits, and the rest is the note.
    """
    phones = find_phones(text, region)
    rest = _cut(text, [(start, end) for _, start, end in phones])
    email = find_email(rest)
    if email:
        rest = _cut(rest, [email.span()])
    if not phones and not email:
        return None
    amount, rest = _take_amount(rest, words)
    name, note = _take_name(rest)
    return LeadDraft(
        name=name,
        phones=tuple(dict.fromkeys(number for number, _, _ in phones)),
        emails=(email.group().lower(),) if email else (),
        amount=amount,
        note=note,
    )


def _cut(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + " \n " + text[end:]
    return text


def _take_amount(text: str, words: Words) -> tuple[Decimal | None, str]:
    known = sorted([*words.multipliers, *words.currencies], key=len, reverse=True)
    word = "|".join(re.escape(one) for one in known)
    pattern = rf"\d[\d \u00a0.,]*(?:\s*(?:{word})\b\.?)+|\d[\d \u00a0.,]*\s*₽|\b\d(?:[ \u00a0]?\d){{3,11}}\b"
    for match in re.finditer(pattern, text, re.IGNORECASE):
        try:
            amount = read_amount(match.group(), words.multipliers, words.currencies)
        except BadInput:
            continue
        return amount, text[: match.start()] + " " + text[match.end() :]
    return None, text


def _take_name(text: str) -> tuple[str, str]:
    head, _, tail = text.strip(" \n,;.-").partition("\n")
    parts = head.split()
    name: list[str] = []
    for part in parts[:3]:
        if not part[:1].isupper() or not part.strip(",.").replace("-", "").isalpha():
            break
        name.append(part.strip(",."))
    if not name and parts:
        name = [parts[0].strip(",.")]
    note = " ".join([*parts[len(name) :], *tail.split()])
    if not name and note:
        first, _, note = note.partition(" ")
        name = [first]
    return " ".join(name)[:NAME_LIMIT], note.strip(" ,;")
