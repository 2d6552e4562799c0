"""What all fault tests share: leases that end within a test, and traces that cost nothing.

structlog's own default paints every trace with its variables, which takes seconds of the loop that the
product runs in; what the product sets up when it is run by itself does not.
"""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import structlog

from services.delivery import inbox
from services.hooks_in import kept

LEASE = timedelta(seconds=4)


@pytest.fixture(autouse=True)
def short_leases_and_plain_traces(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for module in (inbox, kept):
        monkeypatch.setattr(module, "LEASE", LEASE)
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, structlog.stdlib.add_log_level, plain]
    )
    yield
    structlog.reset_defaults()
