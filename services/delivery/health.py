"""What an error of a CRM says of its integration."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from domain.errors import CrmAccessLost, CrmError, CrmRateLimited, CrmUnavailable
from services.delivery.retry import OPENS_AFTER, pause_after
from storage.db import Session
from storage.delivery import integrations


async def note_health(
    session: Session, integration_id: UUID, error: CrmError, now: datetime, parked: Sequence[timedelta],
    key_refused: bool,
) -> None:  # fmt: skip
    """Count a failure or a success, and leave a CRM alone for as long as it asks or needs; `parked` are the
    pauses after more and more failures in a row."""
    if isinstance(error, CrmRateLimited):
        if error.of_account:
            await integrations.park(session, integration_id, error.retry_at)
    elif isinstance(error, CrmAccessLost) and key_refused:
        await integrations.change(session, integration_id, last_error=error.code)
    elif isinstance(error, CrmUnavailable):
        failures = await integrations.count_failure(session, integration_id, error.code)
        pause = pause_after(failures, parked)
        if pause is not None:
            await integrations.park(session, integration_id, now + pause)
    else:
        # a refusal of the data comes from a CRM that works
        await integrations.count_success(session, integration_id, now, OPENS_AFTER)
