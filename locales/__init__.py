"""The product's texts: plain English msgids in code, one .po catalogue a language beside this file.

`_` and `ngettext` speak the language set by `use_language` for the current task; `N_` only marks a
text in a table, to be translated where it is shown. Catalogues are compiled in memory when first
needed, so there is no build step and no stale .mo file.
"""

import gettext
import io
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

LANGUAGES = ("ru", "en")
FOLDER = Path(__file__).parent

_language: ContextVar[str] = ContextVar("language", default="en")


def known_language(code: str | None, default: str = "en") -> str:
    """The language of ours that fits a code such as "ru-RU"; `default` for what we do not speak."""
    base = (code or "").split("-")[0].lower()
    return base if base in LANGUAGES else default


@cache
def translator(language: str) -> gettext.NullTranslations:
    """The catalogue of a language; msgids themselves for an unknown one."""
    path = FOLDER / f"{language}.po"
    if not path.exists():
        return gettext.NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    compiled = io.BytesIO()
    with path.open("rb") as source:
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


@contextmanager
def use_language(language: str) -> Iterator[None]:
    """Speak `language` within the block."""
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


def speak(language: str) -> None:
    """Go on in `language` until the surrounding use_language block ends."""
    _language.set(language)


def current_language() -> str:
    return _language.get()


def _(message: str) -> str:
    return translator(_language.get()).gettext(message)


def ngettext(singular: str, plural: str, number: int) -> str:
    return translator(_language.get()).ngettext(singular, plural, number)


def pgettext(context: str, message: str) -> str:
    return translator(_language.get()).pgettext(context, message)


def N_(message: str) -> str:
    """Mark a text for the catalogues without translating it yet."""
    return message


def words(message: str) -> frozenset[str]:
    """Every word that a comma-separated parsing text stands for, in all languages at once."""
    texts = (translator(language).pgettext("words to understand", message) for language in LANGUAGES)
    return frozenset(word.strip().casefold() for text in texts for word in text.split(","))
