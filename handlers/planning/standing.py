"""Late and wrong presses on activities, answered in words over the card as it stands now."""

from collections.abc import Awaitable, Callable
from typing import Any

from aiogram.types import TelegramObject

from domain.errors import BadInput, NotFound, TooLate
from handlers.errors import in_words
from handlers.planning.buttons import ActivityButton


async def plan_stands_now(
    handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
    event: TelegramObject,
    data: dict[str, Any],
) -> Any:
    """Middleware: TooLate and BadInput become an alert, and the card is shown as it stands."""
    from handlers.planning.activity import plan_card

    pressed = data.get("callback_data")
    try:
        return await handler(event, data)
    except (TooLate, BadInput) as error:
        if not isinstance(pressed, ActivityButton):
            raise
        chat, member, services = data["chat"], data["member"], data["services"]
        chat.toast(in_words(error), alert=True)
        try:
            plan = await services.plans.get(member, pressed.id)
        except NotFound:
            return None
        chat.show(plan_card(plan, member, services.plans.clock()))
        return None
