"""Reading the texts out of the code and holding the catalogues to them.

`python -m locales.catalogues update` brings the .po files up to date with the code;
`python -m locales.catalogues check` fails, naming each fault, when a catalogue is stale, has an
untranslated or fuzzy text, or a translation with other placeholders than its msgid.
"""

import re
import sys
from collections.abc import Iterator

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from locales import FOLDER, LANGUAGES

PACKAGES = ("bot", "handlers", "web", "services", "locales")
KEYWORDS = {
    "_": None,
    "N_": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}
_PLACEHOLDER = re.compile(r"{[a-z_0-9]*[^{}]*}")
_CONTEXT = "words to understand"


def extract() -> Catalog:
    """All texts of the code, in a template catalogue."""
    catalog = Catalog(project="voronka", charset="utf-8", header_comment="# Texts of Voronka.")
    root = FOLDER.parent
    for package in PACKAGES:
        for keywords, kind in ((KEYWORDS, None), ({"words": None}, _CONTEXT)):
            for path, _line, text, _comments, context in extract_from_dir(root / package, keywords=keywords):
                if path == "catalogues.py" or (package == "locales" and path == "__init__.py"):
                    continue
                catalog.add(text, None, [(f"{package}/{path}", 0)], context=context or kind)
    return catalog


def update() -> None:
    """Write every text of the code into the catalogues, keeping what is translated."""
    template = extract()
    for language in LANGUAGES:
        catalog = _read(language)
        catalog.update(template, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        for message in catalog:
            if language == "en" and message.id:
                message.string = message.id
        with (FOLDER / f"{language}.po").open("wb") as target:
            write_po(target, catalog, width=100, sort_output=True, no_location=True, omit_header=False)


def faults() -> Iterator[str]:
    """One line for each thing wrong with the catalogues."""
    wanted = {(m.id, m.context) for m in extract() if m.id}
    for language in LANGUAGES:
        catalog = _read(language)
        present = {(m.id, m.context): m for m in catalog if m.id}
        for key in wanted - present.keys():
            yield f"{language}: not in the catalogue: {key[0]!r}"
        for key in present.keys() - wanted:
            yield f"{language}: no longer in the code: {key[0]!r}"
        for key in wanted & present.keys():
            yield from (
                f"{language}: {fault}: {key[0]!r}" for fault in _message_faults(present[key], catalog)
            )


def _message_faults(message: Message, catalog: Catalog) -> Iterator[str]:
    strings = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
    ids = message.id if isinstance(message.id, (tuple, list)) else (message.id,)
    if message.fuzzy:
        yield "fuzzy"
    if not all(strings) or (message.pluralizable and len(strings) != catalog.num_plurals):
        yield "not translated"
        return
    names = set(_PLACEHOLDER.findall(ids[-1]))
    for string in strings:
        if set(_PLACEHOLDER.findall(str(string))) - names or names - set(_PLACEHOLDER.findall(str(string))):
            yield "other placeholders"


def _read(language: str) -> Catalog:
    path = FOLDER / f"{language}.po"
    if not path.exists():
        return Catalog(locale=language, project="voronka", charset="utf-8")
    with path.open("rb") as source:
        return read_po(source, locale=language)


def main(arguments: list[str]) -> int:
    if arguments == ["update"]:
        update()
        return 0
    found = list(faults())
    sys.stderr.writelines(f"{fault}\n" for fault in found)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
