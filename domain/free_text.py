"""A lead out of one line of text: "Ivan 8 999 123-45-67 mortgage 3 mln"."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from domain.errors import BadInput
from domain.fields import NAME_LIMIT, find_email, read_amount, without_dots
from domain.leads import LeadDraft
from domain.phones import find_phones

NAME_WORDS = 3
AROUND_WORDS = ",.:;!"


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


def opening_name(text: str, region: str) -> str:
    """The name that stands alone before the phone or the e-mail; empty where more than a name stands there.

    "Ivan Petrov 8 999 ..." opens with a name, "Please call 8 999 ..." does not.
    """
    places = [start for _, start, _ in find_phones(text, region)]
    email = find_email(text)
    places += [email.start()] if email else []
    head = text[: min(places)].strip(" \n,;:.-") if places else ""
    return head if head and all(map(_is_name, head.split())) and len(head.split()) <= NAME_WORDS else ""


def _is_name(word: str) -> bool:
    return word[:1].isupper() and word.strip(AROUND_WORDS).replace("-", "").isalpha()


def _cut(text: str, spans: list[tuple[int, int]]) -> str:
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + " \n " + text[end:]
    return text


def _take_amount(text: str, words: Words) -> tuple[Decimal | None, str]:
    known = sorted({*words.multipliers, *words.currencies} - {"₽"}, key=len, reverse=True)
    word = "|".join(re.escape(one) for one in known)
    number, sign = r"\d[\d \u00a0\u202f.,]*", r"\s*₽"
    bare = r"\b\d(?:[ \u00a0\u202f]?\d){3,11}\b"
    pattern = rf"{number}(?:\s*(?:{word})\b\.?)+(?:{sign})?|{number}{sign}|{bare}"
    for match in re.finditer(pattern, without_dots(text), re.IGNORECASE):
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
    for part in parts[:NAME_WORDS]:
        if not _is_name(part):
            break
        name.append(part.strip(AROUND_WORDS))
    if not name and parts:
        name = [parts[0].strip(AROUND_WORDS)]
    note = " ".join([*parts[len(name) :], *tail.split()])
    if not name and note:
        first, _, note = note.partition(" ")
        name = [first]
    return " ".join(name)[:NAME_LIMIT], note.strip(" ,;")
