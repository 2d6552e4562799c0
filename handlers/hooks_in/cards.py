"""The card of one hook of our own, whatever its kind."""

from uuid import UUID

from domain.hooks_in import HookKind
from domain.members import Member
from handlers.hooks_in.screens import CARDS
from handlers.hooks_in.secret_screens import make_screen
from handlers.screens import Screen
from services.registry import Services


async def card(services: Services, member: Member, hook_id: UUID) -> Screen:
    """Raises NotFound."""
    inlet = await services.inlets.get(member, hook_id)
    public_url = services.integrations.public_url
    if inlet.kind is HookKind.MAKE:
        standing = await services.hook_secrets.standing(member, hook_id)
        return make_screen(inlet, member, public_url, standing, services.hook_secrets.clock())
    return CARDS[inlet.kind](inlet, member, public_url)
