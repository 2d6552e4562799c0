"""Pushes about one's own place and rights, and about people who go, worded for whoever gets them."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import UUID

from domain.members import Member, Right, Role
from domain.rights import SECTIONS
from handlers.menu import menu_rows, to_menu
from handlers.people.buttons import StaffButton
from handlers.people.right_words import right_word, section_word
from handlers.people.roles import role_name
from handlers.screens import Button, Screen, esc
from locales import N_, _, ngettext
from services.messages.notices import Delivery
from services.registry import Services

CHANGED: Mapping[str, str] = {
    "role": N_("🎭 {by} has made you {role}. Here is what you can do now."),
    "suspended": N_("⏸ {by} has paused your access to “{organization}”. Your leads are safe."),
    "restored": N_("▶️ {by} has restored your access to “{organization}”. Welcome back!"),
    "removed": N_("🚪 {by} has removed you from “{organization}”. With a new invite you can come back."),
    "previewed": N_(
        "👁 {by} has looked at “{organization}” through your eyes: lists and cards as you see them. "
        "Nothing was changed. I tell you whenever somebody does."
    ),
}
GONE: Mapping[str, str] = {
    "left": N_("🚪 {name} has left the organization."),
    "withdrawn": N_(
        "🔒 A member has withdrawn the consent to keep their data and has left (referral code {code}). "
        "Here it is erased. Please erase within 30 days what is kept of them elsewhere, the CRM included."
    ),
}


async def changed(services: Services, delivery: Delivery) -> Screen | None:
    """Somebody has decided about the member."""
    member, params = delivery.member, delivery.notice.params
    text = CHANGED.get(str(params.get("what", "")))
    if member is None or text is None:
        return None
    said = _(text).format(
        by=await _name(services, delivery, params.get("by")),
        role=role_name(Role(params["new"]) if params.get("new") in set(Role) else member.role),
        organization=esc(member.organization_name),
    )
    in_menu = params["what"] in ("role", "restored")
    return Screen(said, menu_rows(member) if in_menu else ())


async def rights(services: Services, delivery: Delivery) -> Screen | None:
    """What the member may now: it is one message, however many rights were turned in a row."""
    member = delivery.member
    if member is None:
        return None
    by = await _name(services, delivery, delivery.notice.params.get("by"))
    lines = [_("🔐 {by} has changed your rights. What you may now:").format(by=by)]
    for section, listed in SECTIONS.items():
        held = [right_word(right) for right in listed if right in member.rights]
        if held:
            lines.append(f"{section_word(section)}: {esc(', '.join(held))}")
    return Screen("\n".join(lines), [to_menu()])


async def gone(services: Services, delivery: Delivery) -> Screen | None:
    """To the admins: somebody has left."""
    admin, params = delivery.member, delivery.notice.params
    text = GONE.get(str(params.get("what", "")))
    if admin is None or text is None or not admin.may(Right.MEMBER_MANAGE):
        return None
    name = await _name(services, delivery, params.get("member"))
    said = _(text).format(name=name, code=esc(str(params.get("code", ""))))
    said += _leads(params)
    rows: list[list[Button]] = [to_menu()]
    if params["what"] == "left":
        rows.insert(0, [Button(_("👤 Their card"), StaffButton(do="show", member=UUID(params["member"])))])
    return Screen(said, rows)


def _leads(params: Mapping[str, Any]) -> str:
    count = int(params.get("leads", 0))
    more = ngettext("{count} lead has new hands.", "{count} leads have new hands.", count)
    return "\n" + more.format(count=count) if count else ""


async def _name(services: Services, delivery: Delivery, member_id: object) -> str:
    """The name as it is now, as HTML."""
    organization = delivery.notice.organization_id
    one: Member | None = (
        await services.members.for_notice(organization, UUID(str(member_id))) if member_id else None
    )
    return f"<b>{esc(one.name)}</b>" if one is not None and one.name else _("An admin")


NOTICES: dict[str, Callable[[Services, Delivery], Awaitable[Screen | None]]] = {
    "member.changed": changed,
    "member.rights": rights,
    "member.gone": gone,
}
