"""docker-compose.yml read as Docker would: its variables, its order, its services' environment."""

import re
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^${}]*))?\}")


def read(given: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """The services by name, with `given` as the variables of .env."""
    text = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    while _VARIABLE.search(text):
        text = _VARIABLE.sub(lambda found: _value(found, given), text)
    services: dict[str, dict[str, Any]] = yaml.safe_load(text)["services"]
    return services


def _value(found: "re.Match[str]", given: Mapping[str, str]) -> str:
    name, how, otherwise = found.groups()
    if given.get(name):
        return given[name]
    assert how != "?", f"{name} is needed"
    return otherwise or ""


def in_order(services: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """Each service after those that it depends on."""
    graph = {name: set(one.get("depends_on", ())) for name, one in services.items()}
    yield from TopologicalSorter(graph).static_order()
