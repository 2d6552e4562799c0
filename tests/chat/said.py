"""What the product says, found by its English text: a test so written walks in every language."""

import re
from contextvars import ContextVar

from locales import _, ngettext, pgettext, use_language

speaking: ContextVar[str] = ContextVar("language of the people in a test", default="en")


def said(text: str, count: int | None = None, context: str = "", language: str = "", **values: object) -> str:
    """The text of the catalogue in the language that the test speaks, as it is read: without tags; of one
    with placeholders that `values` do not name, its longest piece between them."""
    with use_language(language or speaking.get()):
        if context:
            found = pgettext(context, text)
        else:
            found = _(text) if count is None else ngettext(text, text, count)
    given = values if count is None else {"count": count, **values}
    for name, value in given.items():
        found = found.replace(f"{{{name}}}", str(value))
    plain = re.sub(r"</?\w+>", "", found)
    return max(re.split(r"\{\w+\}|\n", plain), key=len).strip()
