"""A push to admins: a webhook was switched off."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from domain.errors import NotFound
from domain.hooks_out import HookState
from domain.members import Right
from handlers.hooks_out.buttons import HookButton
from handlers.hooks_out.words import OFF
from handlers.menu import to_menu
from handlers.screens import Button, Screen, esc
from locales import _
from services.hooks_out.sender import DISABLED
from services.messages.notices import Delivery
from services.registry import Services


async def disabled(services: Services, delivery: Delivery) -> Screen | None:
    """Nothing is said where somebody has switched it on, or removed it, meanwhile."""
    admin = delivery.member
    if admin is None or not admin.may(Right.API_MANAGE):
        return None
    try:
        hook, _address = await services.hooks_out.get(admin, UUID(delivery.notice.params["hook"]))
    except NotFound:
        return None
    if hook.state is not HookState.DISABLED:
        return None
    lines = [
        f"📡 <b>{esc(hook.name)}</b> · {esc(hook.host)}",
        _(OFF[hook.why]),
        "",
        _("Mend the receiver, switch the webhook on, then send what failed anew."),
    ]
    show = Button(_("📡 Show it"), HookButton(do="show", hook=hook.id))
    return Screen("\n".join(lines), [[show], to_menu()])


NOTICES: dict[str, Callable[[Services, Delivery], Awaitable[Screen | None]]] = {DISABLED: disabled}
