"""Words that an answer of the API needs, and that only the edge has."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wording:
    """What goes by a key until somebody names it, in the current language: stages by key, pipelines by
    preset, columns of an export by name."""

    stage: Callable[[str], str]
    pipeline: Callable[[str], str]
    column: Callable[[str], str]
