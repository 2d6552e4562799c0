"""Pushes about hooks of our own: a secret has grown old."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from domain.errors import NotFound
from domain.members import Right
from handlers.hooks_in.buttons import InletButton
from handlers.hooks_in.secret_screens import age_lines
from handlers.hooks_in.words import title
from handlers.menu import to_menu
from handlers.screens import Button, Screen, esc
from locales import _
from services.messages.notices import Delivery
from services.registry import Services


async def old_secret(services: Services, delivery: Delivery) -> Screen | None:
    """Nothing where a new one was made meanwhile."""
    admin = delivery.member
    if admin is None or not admin.may(Right.CRM_MANAGE):
        return None
    try:
        inlet = await services.inlets.get(admin, UUID(delivery.notice.params["hook"]))
    except NotFound:
        return None
    standing = await services.hook_secrets.standing(admin, inlet.id)
    lines = age_lines(standing, services.hook_secrets.clock())
    if not lines:
        return None
    rows = [
        [Button(_("🔁 New secret"), InletButton(do="secret", hook=inlet.id))],
        [Button(_("🔎 Look at it"), InletButton(do="show", hook=inlet.id)), *to_menu()],
    ]
    return Screen("\n".join([f"<b>{esc(title(inlet))}</b>", *lines]), rows)


NOTICES: dict[str, Callable[[Services, Delivery], Awaitable[Screen | None]]] = {"hook.old_secret": old_secret}
