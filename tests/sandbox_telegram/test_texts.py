"""The page's own words stand in both languages, and every word is used."""

from __future__ import annotations

import re
from pathlib import Path

import sandbox.telegram

PAGE = Path(sandbox.telegram.__file__).parent / "page"
ENTRY = re.compile(r"\b(\w+): (?=[\"\[])")


def test_languages_have_the_same_words() -> None:
    source = (PAGE / "texts.js").read_text(encoding="utf-8")
    english, _, russian = source.partition("ru: {")
    assert ENTRY.findall(english) == ENTRY.findall(russian)


def test_every_word_is_used() -> None:
    words = set(ENTRY.findall((PAGE / "texts.js").read_text(encoding="utf-8")))
    scripts = "".join(path.read_text(encoding="utf-8") for path in PAGE.glob("*.js") if path.stem != "texts")
    actions = {"upload_document", "upload_photo", "record_voice"}
    assert [word for word in sorted(words - actions) if f'"{word}"' not in scripts] == []
