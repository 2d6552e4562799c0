"""The words that tables are understood by, out of the catalogues."""

from functools import cache

from domain.pipelines import PRESETS
from domain.words import fold
from handlers.cards import stage_word
from handlers.words import known_answers
from locales import LANGUAGES, use_language
from locales.import_words import import_words
from services.importing.vocabulary import Vocabulary


@cache
def vocabulary() -> Vocabulary:
    """In all our languages at once."""
    keys = {key for stages in PRESETS.values() for key, _, _ in stages}
    stages: dict[str, set[str]] = {key: {fold(key)} for key in keys}
    for language in LANGUAGES:
        with use_language(language):
            for key in keys:
                stages[key].add(fold(stage_word(key)))
    return Vocabulary(
        headers={name: frozenset(map(fold, titles)) for name, titles in import_words().items()},
        stages={key: frozenset(names) for key, names in stages.items()},
        values=known_answers(),
    )
