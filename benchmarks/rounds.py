"""A/B/A/B rounds and their medians."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from statistics import median

ROUNDS = 5

Side = Callable[[], Awaitable[float]]
"""Does the work once and returns what it cost."""


class NotTheSame(AssertionError):
    """The two sides did not do the same work, so their costs must not be compared."""


@dataclass(frozen=True, slots=True)
class Compared:
    """Costs of floor and product, a pair a round, in the unit of the sides."""

    pairs: tuple[tuple[float, float], ...]

    @property
    def floor(self) -> float:
        return median(floor for floor, _ in self.pairs)

    @property
    def product(self) -> float:
        return median(product for _, product in self.pairs)

    @property
    def ratio(self) -> float:
        """The median of the rounds' ratios: what disturbs a whole round disturbs both of its sides."""
        return median(product / floor for floor, product in self.pairs)

    @property
    def spread(self) -> str:
        ratios = sorted(product / floor for floor, product in self.pairs)
        return f"{ratios[0]:.2f} to {ratios[-1]:.2f}"


async def compare(floor: Side, product: Side, times: int) -> Compared:
    """Call both sides in turn, `times` in a round; a side's cost of a round is the median of its calls.

    A round before the first one warms both up and is not counted.
    """
    pairs = []
    for _ in range(ROUNDS + 1):
        costs = [(await floor(), await product()) for _ in range(times)]
        pairs.append((median(one for one, _ in costs), median(one for _, one in costs)))
    return Compared(tuple(pairs[1:]))
