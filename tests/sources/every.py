"""Every source of the suite."""

from tests.sources import sides
from tests.sources.more_sides import MORE

SOURCES = {**sides.SOURCES, **MORE}
