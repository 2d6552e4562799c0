"""JSONPath, as far as a field is found with it (RFC 9535 without filters): nothing in it is executed.

    $.data.items[*]    members, all of a list      $['e-mail']   a name in quotes
    $.phones[0], [-1]  a place in a list           $..phone      anywhere below
    contact.phones.0   the short form, where a number is a place in a list

A path that leads nowhere finds nothing.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

LONGEST, MOST_STEPS, MOST_BELOW, MOST_FOUND = 200, 20, 2, 20_000
ALL, BELOW = "*", ".."
_STEP = re.compile(
    r"""\.\.(?P<below>[^\s.\[\]'"*]+|\*)|\.(?P<name>[^\s.\[\]'"*]+|\*)|\[(?P<place>-?\d{1,6}|\*)\]"""
    r"""|\[(?P<quote>['"])(?P<quoted>[^'"]{1,100})(?P=quote)\]"""
)


@dataclass(frozen=True, slots=True)
class Step:
    """`name` is a member, a place in a list, or ALL; `below`: at any depth."""

    name: str | int
    below: bool = False


@dataclass(frozen=True, slots=True)
class JsonPath:
    """A path that can be followed."""

    steps: tuple[Step, ...]

    def find(self, value: Any) -> list[Any]:
        """All that the path leads to, in order, at most MOST_FOUND."""
        found = [value]
        for step in self.steps:
            following: list[Any] = []
            for one in found:
                for reached in _reached(one, step):
                    if len(following) >= MOST_FOUND:
                        break
                    following.append(reached)
            found = following
        return found


def compiled(text: str) -> JsonPath:
    """Raises ValueError for what is no path."""
    text = text.strip()
    if not text or len(text) > LONGEST:
        raise ValueError("no path")
    if not text.startswith("$"):
        text = "$." + text
        short = True
    else:
        short = False
    steps: list[Step] = []
    at = 1
    while at < len(text):
        match = _STEP.match(text, at)
        if match is None or len(steps) >= MOST_STEPS:
            raise ValueError("no path")
        steps.append(_step(match, short))
        at = match.end()
    if sum(step.below for step in steps) > MOST_BELOW:
        raise ValueError("no path")
    return JsonPath(tuple(steps))


def _step(match: re.Match[str], short: bool) -> Step:
    parts = match.groupdict()
    if parts["place"] is not None:
        return Step(ALL if parts["place"] == ALL else int(parts["place"]))
    if parts["below"] is not None:
        return Step(parts["below"], below=True)
    name = parts["quoted"] or parts["name"]
    return Step(int(name) if short and name.isascii() and name.isdigit() else name)


def _reached(value: Any, step: Step) -> Iterator[Any]:
    if step.below:
        for one in _everything(value, 0):
            yield from _reached(one, Step(step.name))
    elif step.name == ALL:
        yield from value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    elif isinstance(step.name, int):
        if isinstance(value, list) and -len(value) <= step.name < len(value):
            yield value[step.name]
        elif isinstance(value, Mapping) and str(step.name) in value:
            yield value[str(step.name)]
    elif isinstance(value, Mapping) and step.name in value:
        yield value[step.name]


def _everything(value: Any, depth: int) -> Iterator[Any]:
    """A value and all below it, to a sane depth."""
    yield value
    if depth < MOST_STEPS:
        below = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
        for one in below:
            yield from _everything(one, depth + 1)
