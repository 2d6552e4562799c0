"""Pushes in words: one renderer a kind, chosen by a table."""

from collections.abc import Awaitable, Callable

from handlers import health
from handlers.crm import notices as crm_notices
from handlers.crm import switch as crm_switch
from handlers.crm import sync_notices
from handlers.exporting import exporting
from handlers.figures import announcing
from handlers.figures import digest as figures_digest
from handlers.finding import bulk_progress
from handlers.hooks_in import notices as hooks_in_notices
from handlers.hooks_out import notices as hooks_notices
from handlers.importing import running as importing_running
from handlers.leads import lead_notices
from handlers.loyalty import spending as bonus_spending
from handlers.messages import sending
from handlers.people import member_notices
from handlers.people import notices as people_notices
from handlers.planning import reminders
from handlers.privacy import record as privacy_record
from handlers.screens import Screen
from handlers.security import notices as security_notices
from handlers.sharing import notices as sharing_notices
from handlers.sharing import summary
from handlers.teams import cards as team_cards
from handlers.transactions import notices as transaction_notices
from services.messages.notices import Delivery
from services.registry import Services

Renderer = Callable[[Services, Delivery], Awaitable[Screen | None]]

RENDERERS: dict[str, Renderer] = {
    **lead_notices.NOTICES,
    **member_notices.NOTICES,
    **people_notices.NOTICES,
    **announcing.NOTICES,
    **figures_digest.NOTICES,
    **team_cards.NOTICES,
    **transaction_notices.NOTICES,
    **bonus_spending.NOTICES,
    **crm_notices.NOTICES,
    **crm_switch.NOTICES,
    **sync_notices.NOTICES,
    **hooks_in_notices.NOTICES,
    **bulk_progress.NOTICES,
    **reminders.NOTICES,
    **sending.NOTICES,
    **exporting.NOTICES,
    **importing_running.NOTICES,
    **hooks_notices.NOTICES,
    **sharing_notices.NOTICES,
    **security_notices.NOTICES,
    **privacy_record.NOTICES,
    **summary.NOTICES,
    **health.NOTICES,
}


async def render(services: Services, delivery: Delivery) -> Screen | None:
    """The notice in the current language; None when there is nothing to show any more."""
    renderer = RENDERERS.get(delivery.notice.kind)
    return await renderer(services, delivery) if renderer else None
