"""A lead on the screen: its card with the buttons that this very member may press."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from aiogram.types import TelegramObject

from domain.delivery import Delivery, DeliveryState
from domain.errors import NotFound, TooLate
from domain.leads import Lead, Stage, StageKind
from domain.members import Member, Right
from handlers.buttons import LeadButton, ListButton, MenuButton, short
from handlers.cards import lead_gone_text, lead_text, note_is_cut, stage_name
from handlers.chat import Chat
from handlers.errors import in_words
from handlers.screens import Button, Screen
from locales import _
from services.duplicates import may_see
from services.pipeline import next_stage
from services.registry import Services

UNSENT = frozenset({Delivery.STUCK, Delivery.FAILED})


def act(text: str, do: str, lead: Lead, extra: str = "") -> Button:
    """A button that does something to the lead."""
    return Button(text, LeadButton(do=do, lead=lead.id, extra=extra))


def to_card(lead_id: UUID) -> list[Button]:
    """The row that leads back to the card."""
    return [Button(_("⬅️ To the lead"), LeadButton(do="open", lead=lead_id))]


def works_on(member: Member, lead: Lead) -> bool:
    """Whether the lead's work is this member's: theirs, or anybody's for those who assign."""
    return member.may(Right.LEAD_WORK) and (
        lead.assignee_id == member.id or member.may(Right.LEAD_ASSIGN)
    )


async def card(services: Services, member: Member, lead: Lead, back: ListButton | None = None) -> Screen:
    """The lead as it stands. Without contacts and buttons for somebody who may no longer see it."""
    if not may_see(member, lead):
        return Screen(lead_gone_text(lead, member), [_ways_out(None)])
    delivery = await services.outbox.of_lead(lead)
    following = next_stage(await services.pipeline.stages(member), lead.stage)
    rows = [*card_rows(member, lead, delivery, following), _ways_out(back)]
    return Screen(lead_text(lead, member, delivery), rows)


async def show_card(services: Services, chat: Chat, member: Member, lead_id: UUID) -> None:
    """Show the newest state of a lead. Raises NotFound for what the member may not see."""
    chat.show(await card(services, member, await services.leads.get(member, lead_id)))


def card_rows(
    member: Member, lead: Lead, delivery: DeliveryState, following: Stage | None
) -> list[list[Button]]:
    """What the member may do to the lead."""
    rows: list[list[Button]] = []
    if lead.withdrawn_at is None:
        if member.may(Right.LEAD_WORK) and lead.assignee_id is None:
            rows.append([act(_("🙋 Take"), "take", lead), *_call_button(lead)])
        if works_on(member, lead):
            rows += _work_rows(lead, following)
        elif lead.sender_id == member.id and lead.assignee_id is None:
            rows += _sender_rows(lead)
        if _somebody_listens(member, lead):
            rows.append([act(_("💬 Write"), "write", lead)])
    if delivery.state in UNSENT and _may_retry(member, lead):
        rows.append([act(_("🔁 Retry now"), "retry", lead)])
    if note_is_cut(lead):
        rows.append([act(_("📄 The whole note"), "text", lead)])
    rows.append([act(_("🕓 History"), "history", lead), act(_("🔄 Refresh"), "refresh", lead)])
    return rows


def _somebody_listens(member: Member, lead: Lead) -> bool:
    if lead.sender_id == member.id:
        return lead.assignee_id != member.id
    return lead.sender_id is not None


def _may_retry(member: Member, lead: Lead) -> bool:
    return member.id in (lead.sender_id, lead.assignee_id) or member.may(Right.CRM_MANAGE)


def _call_button(lead: Lead) -> list[Button]:
    return [act(_("📞 Call"), "call", lead)] if lead.phones else []


def _work_rows(lead: Lead, following: Stage | None) -> list[list[Button]]:
    forward = []
    if following is not None:
        label = _("➡️ {stage}").format(stage=stage_name(following))
        forward = [act(label, "advance", lead, short(lead.stage.id))]
    call = _call_button(lead) if lead.assignee_id is not None else []
    rows = [
        [*call, *forward],
        [act(_("☎️ Log a call"), "log", lead), act(_("🗂 Stage"), "stages", lead)],
        [act(_("📝 Note"), "note", lead), act(_("💰 Amount"), "amount", lead)],
        [act(_("✏️ Edit"), "edit", lead)],
    ]
    if lead.stage.kind is not StageKind.FAILED:
        rows[-1].append(act(_("🚫 Refuse"), "refuse", lead))
    return rows


def _sender_rows(lead: Lead) -> list[list[Button]]:
    return [
        [act(_("➕ Add"), "add", lead), act(_("✏️ Correct"), "edit", lead)],
        [act(_("↩️ Withdraw"), "withdraw", lead)],
    ]


def _ways_out(back: ListButton | None) -> list[Button]:
    to_list = Button(_("📋 List"), back or MenuButton(place="leads"))
    return [to_list, Button(_("☰ Menu"), MenuButton(place="main"))]


async def stands_now(
    handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
    event: TelegramObject,
    data: dict[str, Any],
) -> Any:
    """Middleware of a lead's buttons: a late one is answered in words over the card as it stands now."""
    button = data.get("callback_data")
    try:
        return await handler(event, data)
    except (TooLate, NotFound) as error:
        if not isinstance(button, LeadButton):
            raise
        chat, member, services = data["chat"], data["member"], data["services"]
        lead = await services.leads.for_notice(member.organization_id, button.lead)
        chat.toast(in_words(error), alert=True)
        if lead is not None:
            chat.show(await card(services, member, lead))
        return None
