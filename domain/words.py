"""Words of leads and of what people look for, folded alike: letter case, full width and diaeresis on the
Russian e do not count, and everything that is neither a letter nor a digit parts words."""

import re
import unicodedata
from collections.abc import Iterable, Iterator

WORD_LIMIT = 64
FUZZY_FROM = 5
"""Letters of a word that may be found with one of them wrong."""

PHONE, FROM_THE_END = "+", "~"
"""Stand before the digits of a phone, and before them in reverse: its last digits are then a beginning."""

_WORD = re.compile(r"[^\W_]+")
_YO, _YE = "\N{CYRILLIC SMALL LETTER IO}", "\N{CYRILLIC SMALL LETTER IE}"


def fold(text: str) -> str:
    """The text as it is compared."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return plain.replace(_YO, _YE)


def words_in(text: str) -> list[str]:
    """The folded words of a text in order, each once, cut at WORD_LIMIT."""
    return list(dict.fromkeys(word[:WORD_LIMIT] for word in _WORD.findall(fold(text))))


def words_of_lead(
    texts: Iterable[str], phones: Iterable[str] = (), emails: Iterable[str] = ()
) -> frozenset[str]:
    """Everything a lead is found by: `texts` are names, companies and tax numbers; phones are E.164."""
    found = {word for text in texts for word in words_in(text)}
    for phone in phones:
        found |= set(phone_words(phone))
    for email in emails:
        found |= set(email_words(email))
    return frozenset(found)


def phone_words(phone: str) -> tuple[str, ...]:
    """The digits of a phone forward and, marked, from the end."""
    digits = phone.removeprefix(PHONE)
    digits = (digits if digits.isdecimal() else "".join(filter(str.isdecimal, phone)))[: WORD_LIMIT - 1]
    return (PHONE + digits, FROM_THE_END + digits[::-1]) if digits else ()


def email_words(email: str) -> list[str]:
    """The words of an address but its ending: people type what stands around the sign, not ".com"."""
    local, _at, domain = email.partition("@")
    found = words_in(f"{local} {domain.rpartition('.')[0]}")
    return [word for word in found if len(word) > 1]


def is_fuzzy(word: str) -> bool:
    """Whether a word is long enough, and of letters alone, to be found with one of them wrong."""
    return len(word) >= FUZZY_FROM and word.isalpha()


def spellings(word: str) -> frozenset[str]:
    """The word and every spelling without one of its letters: two words that are one letter apart share one.

    After W. Garbe's symmetric deletes.
    """
    return frozenset({word, *_without_one(word)})


def _without_one(word: str) -> Iterator[str]:
    return (word[:place] + word[place + 1 :] for place in range(len(word)))


def one_letter_apart(one: str, other: str) -> bool:
    """Whether one letter is wrong, missing or too many, or two neighbours have changed places."""
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1 or one == other:
        return False
    start = 0
    while start < len(one) and one[start] == other[start]:
        start += 1
    if len(one) < len(other):
        return one[start:] == other[start + 1 :]
    swapped = other[start : start + 2][::-1]
    return one[start + 1 :] == other[start + 1 :] or (
        one[start : start + 2] == swapped and one[start + 2 :] == other[start + 2 :]
    )
