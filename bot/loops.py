"""What runs beside one another for as long as the program does."""

from collections.abc import Callable, Coroutine
from typing import Any

Loop = Callable[[], Coroutine[Any, Any, None]]

GRACE = 10.0
"""Seconds that work under way gets at a stop; what is left stays in the database."""
