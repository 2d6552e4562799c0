"""Reading single fields as people type them. Every reader raises BadInput(field, reason)."""

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from domain.errors import BadInput

NAME_LIMIT = 100
NOTE_LIMIT = 3000
MAX_AMOUNT = Decimal("1e12")

_EMAIL = re.compile(r"[^@\s<>,;\"']{1,64}@[\w-]+(?:\.[\w-]+)+", re.UNICODE)
_LETTERS = re.compile(r"(?<![^\W\d_])[^\W\d_](?:\.[^\W\d_])+(?![^\W\d_])\.?", re.UNICODE)
_AMOUNT = re.compile(r"(?P<number>\d[\d\s\u00a0\u202f.,']*)\s*(?P<word>[^\W\d_]*)\.?", re.UNICODE)


def read_text(field: str, typed: str, limit: int, *, required: bool = True) -> str:
    """One line of text without surrounding space."""
    text = " ".join(typed.split())
    if required and not text:
        raise BadInput(field, "required")
    if len(text) > limit:
        raise BadInput(field, "too_long", limit=limit, length=len(text))
    return text


def read_note(typed: str) -> str:
    """Free text of several lines."""
    text = typed.strip()
    if len(text) > NOTE_LIMIT:
        raise BadInput("note", "too_long", limit=NOTE_LIMIT, length=len(text))
    return text


def read_email(typed: str) -> str:
    """The address in lower case."""
    text = typed.strip().lower()
    if not text:
        raise BadInput("email", "required")
    if len(text) > 254 or not _EMAIL.fullmatch(text) or ".." in text:
        raise BadInput("email", "invalid")
    return text


def read_inn(typed: str) -> str:
    """A Russian tax number of 10 or 12 digits whose check digits hold."""
    digits = re.sub(r"[\s-]", "", typed)
    if not digits:
        raise BadInput("inn", "required")
    if not digits.isascii() or not digits.isdigit() or len(digits) not in (10, 12):
        raise BadInput("inn", "length")
    if not _inn_checks(digits):
        raise BadInput("inn", "checksum")
    return digits


def _inn_checks(inn: str) -> bool:
    weights = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
    numbers = [int(digit) for digit in inn]

    def holds(count: int) -> bool:
        total = sum(w * n for w, n in zip(weights[-count:], numbers[:count], strict=True))
        return total % 11 % 10 == numbers[count]

    return holds(9) if len(inn) == 10 else holds(10) and holds(11)


def read_amount(typed: str, multipliers: Mapping[str, Decimal], currencies: frozenset[str]) -> Decimal:
    """A positive amount: "3 million", "1.000,50", "15 000 RUB". Words are in lower case."""
    text = without_dots(typed).strip().lower().replace("₽", "").strip()
    match = _AMOUNT.match(text)
    if not match:
        raise BadInput("amount", "invalid")
    words = [match["word"], *re.findall(r"[^\W\d_]+", text[match.end() :])]
    if re.search(r"\d", text[match.end() :]):
        raise BadInput("amount", "invalid")
    amount = read_number(match["number"])
    for word in filter(None, words):
        if word in multipliers:
            amount *= multipliers[word]
        elif word not in currencies:
            raise BadInput("amount", "invalid")
    if amount > MAX_AMOUNT or amount.quantize(Decimal("0.01")) <= 0:
        raise BadInput("amount", "out_of_range")
    return amount.quantize(Decimal("0.01"))


def without_dots(text: str) -> str:
    """Abbreviations of single letters as one word, of the same length: a "t.r." becomes "  tr"."""
    return _LETTERS.sub(lambda found: found.group().replace(".", "").rjust(len(found.group())), text)


def read_number(typed: str) -> Decimal:
    """A decimal in either notation. The last of "." and "," is the point when both are there, when what
    follows are not three digits, or when nothing but a zero stands before; the others part thousands.
    """
    text = re.sub(r"[\s\u00a0\u202f']", "", typed).rstrip(".,")
    point = max(text.rfind("."), text.rfind(","))
    whole, tail = (text[:point], text[point + 1 :]) if point >= 0 else (text, "")
    both = "." in text and "," in text
    if point >= 0 and not both and (text.count(text[point]) > 1 or (len(tail) == 3 and whole != "0")):
        whole, tail = text, ""
    groups = re.split(r"[.,]", whole)
    mixed = ("." in whole and "," in whole) or (tail and text[point] in whole)
    if mixed or (len(groups) > 1 and (len(groups[0]) > 3 or any(len(group) != 3 for group in groups[1:]))):
        raise BadInput("amount", "invalid")
    try:
        return Decimal("".join(groups) + ("." + tail if tail else ""))
    except InvalidOperation as error:
        raise BadInput("amount", "invalid") from error


def find_email(text: str) -> re.Match[str] | None:
    """The first e-mail address inside a text."""
    return _EMAIL.search(text)
