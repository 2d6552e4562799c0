"""Pushes about people, worded for whoever gets them."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from domain.members import MemberStatus, Right
from handlers.joining.approvals import candidate_screen
from handlers.joining.gate import next_step
from handlers.menu import menu_rows
from handlers.people.roles import role_name
from handlers.screens import Screen
from locales import _
from services.messages.notices import Delivery
from services.registry import Services


async def wish(services: Services, delivery: Delivery) -> Screen | None:
    """A person asks to join; or, once decided, who decided and how."""
    admin = delivery.member
    if admin is None or not admin.may(Right.MEMBER_APPROVE):
        return None
    candidate_id = UUID(delivery.notice.params["member"])
    candidate = await services.members.for_notice(delivery.notice.organization_id, candidate_id)
    if candidate is None:
        return None
    decider = await services.members.decider(candidate.organization_id, candidate.id)
    if candidate.status is not MemberStatus.PENDING and delivery.message_id is None:
        return None  # decided before this admin ever saw it
    return candidate_screen(candidate, decider)


async def decided(_services: Services, delivery: Delivery) -> Screen | None:
    """The person learns of the decision, and gets the menu."""
    member = delivery.member
    if member is None or member.status not in (MemberStatus.ACTIVE, MemberStatus.DECLINED):
        return None
    if member.status is MemberStatus.DECLINED:
        return next_step(member)
    text = _(
        "🎉 <b>You are in!</b> Your role: {role}.\n\n"
        "Send your first lead right here: a contact, or one line such as\n"
        "<i>Ivan +7 999 123-45-67 mortgage 3 million</i>"
    ).format(role=role_name(member.role))
    return Screen(text, menu_rows(member))


NOTICES: dict[str, Callable[[Services, Delivery], Awaitable[Screen | None]]] = {
    "member.wish": wish,
    "member.decided": decided,
}
