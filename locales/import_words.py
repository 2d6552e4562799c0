"""What columns of tables are called, from import_words.toml: all languages at once, by field."""

import tomllib
from collections.abc import Mapping
from functools import cache

from locales import FOLDER, LANGUAGES


@cache
def import_words() -> Mapping[str, tuple[str, ...]]:
    """Titles by the field they mean."""
    with (FOLDER / "import_words.toml").open("rb") as source:
        tables = tomllib.load(source)
    known: dict[str, tuple[str, ...]] = {}
    for language in LANGUAGES:
        for name, titles in tables[language].items():
            known[name] = (*known.get(name, ()), *titles)
    return known
