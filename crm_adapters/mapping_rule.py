"""One rule of a mapping, as it stands in mapping.toml and as the product reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

KEYS: Mapping[str, tuple[type, ...]] = {
    "from": (str, list),
    "join": (str,),
    "as": (str,),
    "phone": (str,),
    "map": (str,),
    "default": (str, int, float, bool),
    "format": (str,),
    "max": (int,),
    "constant": (str, int, float, bool),
    "optional": (bool,),
}
"""What a rule may say, and the types of it."""

OTHER = "="
"""Begins a source that is not a field of ours but another attribute of the same record: "=source"."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How one attribute is made. `sources` are names of our fields, such as note or utm.campaign, or "=" and
    another attribute of the record. An `optional` one is left out where the CRM has no such field."""

    attribute: str
    sources: tuple[str, ...]
    join: str = " "
    shape: str = ""
    phone: str = ""
    enum: str = ""
    default: Any = None
    format: str = ""
    max: int = 0
    constant: Any = None
    optional: bool = False

    @property
    def others(self) -> tuple[str, ...]:
        """The attributes of the same record that this one is made of."""
        return tuple(source.removeprefix(OTHER) for source in self.sources if source.startswith(OTHER))

    def concerns(self, fields: frozenset[str] | None) -> bool:
        """Whether it must be written when only these of our fields changed (None: all of them)."""
        return fields is None or any(s in fields or s.partition(".")[0] in fields for s in self.sources)


def rule_of(attribute: str, raw: Mapping[str, Any]) -> Rule:
    """The rule that a table of mapping.toml describes; its keys have been checked."""
    sources = raw.get("from", ())
    return Rule(
        attribute=attribute,
        sources=(sources,) if isinstance(sources, str) else tuple(sources),
        join=raw.get("join", " "),
        shape=raw.get("as", ""),
        phone=raw.get("phone", ""),
        enum=raw.get("map", ""),
        default=raw.get("default"),
        format=raw.get("format", ""),
        max=raw.get("max", 0),
        constant=raw.get("constant"),
        optional=raw.get("optional", False),
    )
