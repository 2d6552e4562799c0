"""Words that parsing knows, taken from the catalogues, in all our languages at once."""

from decimal import Decimal
from functools import cache

from domain.free_text import Words
from locales import words


@cache
def known_words() -> Words:
    """Multipliers and currencies as people type them."""
    multipliers = {word: Decimal(1000) for word in words("k,thousand,thousands")}
    multipliers |= {word: Decimal(1000000) for word in words("m,mln,million,millions")}
    multipliers |= {word: Decimal(1000000000) for word in words("bn,billion,billions")}
    return Words(multipliers, words("rub,rubles,rur"))
