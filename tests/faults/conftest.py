"""What all fault tests share: leases that end within a test."""

from datetime import timedelta

import pytest

from services.delivery import inbox
from services.hooks_in import kept

LEASE = timedelta(seconds=4)


@pytest.fixture(autouse=True)
def short_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (inbox, kept):
        monkeypatch.setattr(module, "LEASE", LEASE)
