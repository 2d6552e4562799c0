"""Questions with several answers: choices that are ticked one by one, until Done."""

from collections.abc import Callable, Sequence
from typing import Any

from handlers.screens import Button, grid
from locales import _

TICKED = "ticked"
"""In a form's context: {question: values ticked so far}."""

BETWEEN = "; "
"""Between the values, in what the question reads."""

Made = Callable[[str, str, str], Button]
"""A button of the question: label, what it does, value."""


def ticked_rows(
    key: str, choices: Sequence[tuple[str, str]], context: dict[str, Any], button: Made
) -> list[list[Button]]:
    """The choices, the ticked ones marked, and the way on."""
    ticked = context.get(TICKED, {}).get(key, ())
    marked = [button(("☑️ " if value in ticked else "▫️ ") + label, "tick", value) for label, value in choices]
    done = [[button(_("✅ Done: {count}").format(count=len(ticked)), "ticked", "")]] if ticked else []
    return [*grid(marked, 1), *done]


def tick(context: dict[str, Any], key: str, value: str) -> None:
    """Tick a value, or take the tick away."""
    ticked = context.setdefault(TICKED, {}).setdefault(key, [])
    ticked.remove(value) if value in ticked else ticked.append(value)


def ticked(context: dict[str, Any], key: str) -> str:
    """The values as the question reads them."""
    return BETWEEN.join(context.get(TICKED, {}).get(key, ()))
