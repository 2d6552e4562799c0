"""Words that parsing knows, taken from the catalogues, in all our languages at once."""

from decimal import Decimal
from functools import cache

from babel.dates import get_month_names

from domain.custom_values import NO, YES, Language
from domain.free_text import Words
from locales import LANGUAGES, words


@cache
def known_words() -> Words:
    """Multipliers and currencies as people type them."""
    multipliers = {word: Decimal(1000) for word in words("k,thousand,thousands")}
    multipliers |= {word: Decimal(1000000) for word in words("m,mln,million,millions")}
    multipliers |= {word: Decimal(1000000000) for word in words("bn,billion,billions")}
    return Words(multipliers, words("rub,rubles,rur"))


@cache
def known_answers() -> Language:
    """The words people fill an organization's own fields with."""
    months = {
        name.casefold().rstrip("."): number
        for language in LANGUAGES
        for width in ("wide", "abbreviated")
        for use in ("format", "stand-alone")
        for number, name in get_month_names(width, use, locale=language).items()
    }
    return Language(
        amounts=known_words(),
        yes=words("yes,y,true,on,1,+") | {YES},
        no=words("no,n,false,off,0,-") | {NO},
        months=months,
    )
