"""Pushes: somebody guesses at our doors; the member's second factor was turned off for them."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from babel.dates import format_time

from domain.errors import VoronkaError
from domain.members import Member, Right
from handlers.menu import to_menu
from handlers.screens import Button, Screen, esc
from handlers.security.buttons import SecurityButton
from locales import N_, _, current_language
from services.entry.bursts import BURST, Burst
from services.entry.second_factor import DOOR, PICTURE, RESET
from services.messages.notices import Delivery
from services.registry import Services

DOORS: Mapping[str, str] = {
    "api": N_("keys and tokens of the API"),
    "entry": N_("logins: keys for tokens, and what Telegram is said to have signed"),
    "hooks": N_("addresses and secrets of forms and hooks"),
}
"""At what is guessed."""

BY_OWNER = N_(
    "🔓 An owner of “{organization}” has turned your second factor off. If you did not ask for it, talk "
    "to them. You can turn it on again at any time."
)
BY_OPERATOR = N_(
    "🔓 Whoever runs the server of “{organization}” has turned your second factor off. If you did not ask "
    "for it, talk to them at once. You can turn it on again at any time."
)


async def burst(services: Services, delivery: Delivery) -> Screen | None:
    """How many guesses, from where, and that there is nothing to do."""
    admin = delivery.member
    if admin is None or not admin.may(Right.API_MANAGE):
        return None
    found = await services.bursts.get(admin.organization_id, UUID(delivery.notice.params["burst"]))
    if found is None:
        return None
    if found.door == DOOR:
        return await _codes(services, admin, found)
    source = found.shown + (_(" and others") if found.mixed else "")
    lines = [
        _("🛡 <b>Somebody guesses</b> at {what}.").format(what=_(DOORS.get(found.door, found.door))),
        _("At least {count} tries from {source}, {first} to {last}.").format(
            count=found.count,
            source=esc(source),
            first=_time(found.first_at, admin),
            last=_time(found.last_at, admin),
        ),
        "",
        _("They are locked out, and nothing was opened. If it is a program of yours, give it the right key."),
    ]
    return Screen("\n".join(lines), [to_menu()])


async def _codes(services: Services, admin: Member, found: Burst) -> Screen:
    try:
        name = (await services.members.get(admin, UUID(found.shown))).name
    except VoronkaError:
        name = "?"
    lines = [
        _("🛡 <b>Wrong codes</b> of the second factor were typed for {name}.").format(name=esc(name)),
        _("Is it really them? If their telephone is lost or taken, pause them: /people"),
    ]
    return Screen("\n".join(lines), [to_menu()])


def _time(at: datetime, member: Member) -> str:
    said: str = format_time(at.astimezone(ZoneInfo(member.time_zone)), "short", locale=current_language())
    return said


async def reset(services: Services, delivery: Delivery) -> Screen | None:
    """The member's second factor is off."""
    if delivery.member is None:
        return None
    text = BY_OWNER if delivery.notice.params.get("by") else BY_OPERATOR
    again = Button(_("🔐 Turn it on"), SecurityButton(do="on"))
    said = _(text).format(organization=esc(delivery.member.organization_name))
    return Screen(said, [[again], to_menu()])


async def picture(_services: Services, _delivery: Delivery) -> Screen:
    """Nothing takes the place of the picture with the key."""
    return Screen("")


NOTICES: dict[str, Callable[[Services, Delivery], Awaitable[Screen | None]]] = {
    BURST: burst,
    RESET: reset,
    PICTURE: picture,
}
