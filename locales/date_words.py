"""The words that name a moment, from date_words.toml: all languages at once, by kind."""

import tomllib
from collections.abc import Mapping
from functools import cache

from locales import FOLDER, LANGUAGES

Meanings = Mapping[str, Mapping[tuple[str, ...], str]]
"""Kind -> phrase, as its words -> value as it is written in the table."""


@cache
def date_words() -> Meanings:
    """Every phrase that parsing knows, in small letters."""
    with (FOLDER / "date_words.toml").open("rb") as source:
        tables = tomllib.load(source)
    known: dict[str, dict[tuple[str, ...], str]] = {}
    for language in LANGUAGES:
        for kind, values in tables[language].items():
            for value, phrases in values.items():
                known.setdefault(kind, {}).update({tuple(phrase.split()): value for phrase in phrases})
    return known
