"""The words that a table is understood by, given by whoever knows the languages."""

from collections.abc import Mapping
from dataclasses import dataclass

from domain.custom_values import Language


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """In all our languages at once, folded as by domain.words.fold: `headers` has a column's names by the
    field they mean, `stages` the names of stages that nobody has renamed by their key."""

    headers: Mapping[str, frozenset[str]]
    stages: Mapping[str, frozenset[str]]
    values: Language
