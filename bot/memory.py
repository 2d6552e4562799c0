"""What the garbage collector has to look at."""

import gc

YOUNG, MIDDLE, OLD = 10_000, 20, 50
"""Allocations between looks at the youngest objects, and looks between those at older ones. The defaults
look at thousands of rows while they are being read, again and again, for a third of an import's time."""


def start() -> None:
    """Call it before the program loads its modules: nothing of them is garbage, and looking for some again
    and again is a fifth of a start. `settle` ends it."""
    gc.disable()


def settle() -> None:
    """Call it when the program has started: everything that is there now stays to the end, and is never
    looked at again."""
    # a collection here takes as long as a third of the start, to find two thousand objects
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
    gc.enable()
