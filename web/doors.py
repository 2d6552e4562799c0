"""How much strangers may send to the doors of hooks, and what stops whoever guesses their addresses.

CRMs and Telegram are never held up here: they have no second try after a 429 (docs/api.md, Limits).
"""

from uuid import UUID

from aiohttp import web

from domain.api_keys import digest_of
from domain.errors import WebhookRefused
from services.api.limits import HOOKS
from services.hooks_in.make import PROVIDER as MAKE
from services.hooks_in.secrets import REFUSED
from web.addresses import address_of
from web.errors import Handler, Refusal
from web.make import shown_secret
from web.services import SERVICES, ApiDoor

WITH_SECRET = "/api/leads/webhook"  # noqa: S105  (an address)
GUESSED = frozenset({"unknown_key", REFUSED})


async def let_through(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let the request through to a hook of ours within what its address and its organization may send."""
    door, path = request.app[SERVICES].api, request.path
    if door is None:
        return await handler(request)
    address = address_of(request, door)
    await door.gate.pace(HOOKS, address)
    key = request.match_info.get("key", "")
    shown = key or (shown_secret(request) if path.startswith(WITH_SECRET) else "")
    organization_id = await _owner(door, key, shown, address)
    mark = f".{digest_of(shown)[:16]}" if organization_id is not None else ""
    if organization_id is not None:
        # guesses at the secret of one hook close that one, and no other of the sender's
        await door.gate.demand_no_guesser(HOOKS, address, mark, organization_id)
        await door.gate.of_organization(HOOKS, organization_id)
    try:
        return await handler(request)
    except (WebhookRefused, Refusal) as error:
        if _is_guess(error):
            await door.gate.missed(HOOKS, address, mark, organization_id)
        raise


async def _owner(door: ApiDoor, key: str, shown: str, address: str) -> UUID | None:
    owners = door.services.hook_owners
    known = owners.known(shown) if shown else None
    if known is not None or not shown:
        return known
    await door.gate.may_look(HOOKS, address)
    return await (owners.of_key(key) if key else owners.of_secret(shown, MAKE))


def _is_guess(error: WebhookRefused | Refusal) -> bool:
    if isinstance(error, Refusal):
        return error.answer.status == web.HTTPUnauthorized.status_code
    return error.params.get("reason") in GUESSED
