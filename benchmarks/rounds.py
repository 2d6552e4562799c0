"""A/B/A/B rounds and their medians."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from statistics import median

ROUNDS = 5

Side = Callable[[int], Awaitable[float]]
"""Does the work of one round, given the round's number, and returns what it cost."""


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


async def compare(floor: Side, product: Side, rounds: int = ROUNDS) -> Compared:
    """Run both sides in turn; a round before the first one warms both up and is not counted."""
    await floor(0)
    await product(0)
    pairs = [(await floor(number), await product(number)) for number in range(1, rounds + 1)]
    return Compared(tuple(pairs))
