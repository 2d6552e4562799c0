"""Fields that both sides have changed, and people's choice between the two values."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

OPEN, OURS, THEIRS, SUPERSEDED = "", "ours", "theirs", "superseded"
"""Verdicts: nobody has chosen yet; the choice; a later conflict of the same field has taken its place."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """`ours` and `theirs` are exact values (services.lead_values) with the moments of their changes; the
    later one stands until somebody chooses."""

    id: UUID
    integration_id: UUID
    lead_id: UUID
    field: str
    ours: str
    theirs: str
    ours_at: datetime
    theirs_at: datetime
    verdict: str = OPEN
    decided_by: str = ""
    decided_at: datetime | None = None
