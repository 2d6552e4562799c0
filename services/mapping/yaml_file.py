"""A mapping as YAML, read as YAML 1.2 reads plain words: `yes`, `no`, `on` and `off` are texts. Pure."""

from collections.abc import Hashable, Mapping
from typing import Any

import yaml

from domain.errors import BadInput

_TAG = "tag:yaml.org,2002:"
_ELEVEN = frozenset("yYnNoO")
"""First letters of the words that only YAML 1.1 takes for yes or no."""


class _Loader(yaml.SafeLoader):
    """Refuses anchors (a page of them can stand for gigabytes) and keys that come twice."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise yaml.composer.ComposerError(None, None, "anchor", event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key, _value in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, "key", key.start_mark)
            seen.add(key.value)
        made: dict[Hashable, Any] = {str(k.value): self.construct_object(v, deep) for k, v in node.value}
        return made


_Loader.yaml_implicit_resolvers = {
    first: [(tag, shape) for tag, shape in resolvers if tag in (f"{_TAG}null", f"{_TAG}int", f"{_TAG}float")]
    if first in _ELEVEN
    else [(tag, shape) for tag, shape in resolvers if tag != f"{_TAG}timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class _Dumper(yaml.SafeDumper):
    """Shows what cannot be seen as an escape: other quotes would let a line end inside a word."""

    def represent_str(self, data: str) -> yaml.ScalarNode:
        style = None if data.isprintable() else '"'
        return self.represent_scalar(f"{_TAG}str", data, style)


_Dumper.add_representer(str, _Dumper.represent_str)


def read(text: str) -> dict[str, Any]:
    """The tree. Raises BadInput("mapping", "syntax", line=, value=)."""
    try:
        tree = yaml.load(text, _Loader)  # noqa: S506
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        line = min(line, text.rstrip().count("\n") + 1)
        raise _bad(text, line) from None
    except (yaml.YAMLError, RecursionError, ValueError):
        raise _bad(text, 0) from None
    if tree is not None and not isinstance(tree, dict):
        raise _bad(text, 1)
    return {name: {} if value is None else value for name, value in (tree or {}).items()}


def written(tree: Mapping[str, Any]) -> str:
    """The tree as YAML; what could be mistaken for anything but a text is quoted."""
    dumped: str = yaml.dump(dict(tree), Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=1000)
    return dumped


def _bad(text: str, line: int) -> BadInput:
    lines = text.split("\n")
    value = lines[line - 1].strip()[:80] if 0 < line <= len(lines) else ""
    return BadInput("mapping", "syntax", line=line, value=value)
