"""What may wait leaves the processor to the processes that somebody waits for."""

import os

STEPS = 10
"""Of nice(2): about a tenth of what an equal would get where there is not enough for both."""


def step_back() -> None:
    """Lower this process's priority for good, where the system has such a thing."""
    if hasattr(os, "nice"):
        os.nice(STEPS)
