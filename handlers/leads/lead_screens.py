"""A lead on the screen: its card with the buttons that this very member may press."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from textwrap import shorten
from typing import Any
from uuid import UUID

from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery, InlineKeyboardButton, TelegramObject

from domain import slots
from domain.delivery import Delivery, DeliveryState
from domain.errors import NotFound, TooLate
from domain.leads import Lead, Stage, StageKind
from domain.members import Member, Right
from domain.pipelines import Pipeline, next_stage
from handlers.buttons import BoardButton, DuplicateButton, LeadButton, ListButton, MenuButton, short
from handlers.cards import lead_gone_text, lead_text, note_is_cut, stage_name
from handlers.chat import Chat
from handlers.errors import in_words
from handlers.leads.lead_around import around
from handlers.leads.lead_details import deleted_text, detail_lines
from handlers.pipelines.words import pipeline_name
from handlers.planning.next_lines import next_lines
from handlers.screens import Button, Screen, esc
from handlers.sharing.on_card import assign_button, may_take, why_button
from handlers.sharing.words import clock_lines
from locales import _
from services.leads.duplicates import may_see
from services.leads.lead_care import LeadDetails
from services.registry import Services

Ways = Sequence[Button]
_TO_LIST = (MenuButton(place="leads").pack(), f"{ListButton.__prefix__}:", f"{BoardButton.__prefix__}:")
_VERDICT = f"{DuplicateButton.__prefix__}:"
_WAYS = (MenuButton(place="main").pack(), *_TO_LIST, _VERDICT)
NAME_ROOM = 24
UNSENT = frozenset({Delivery.STUCK, Delivery.FAILED})


def act(text: str, do: str, lead: Lead, extra: str = "") -> Button:
    """A button that does something to the lead."""
    return Button(text, LeadButton(do=do, lead=lead.id, extra=extra))


def to_card(lead_id: UUID) -> list[Button]:
    """The row that leads back to the card."""
    return [Button(_("⬅️ To the lead"), LeadButton(do="open", lead=lead_id))]


def to_lead(lead_id: UUID) -> list[Button]:
    """The row of a push that opens the lead."""
    return [Button(_("📄 Open the lead"), LeadButton(do="open", lead=lead_id))]


def works_on(member: Member, lead: Lead) -> bool:
    """Whether the lead's work is this member's: theirs, or anybody's for those who assign."""
    return member.may(Right.LEAD_WORK) and (lead.assignee_id == member.id or member.may(Right.LEAD_ASSIGN))


def default_ways() -> Ways:
    """The bottom row of every lead's screen that a person has opened."""
    return [Button(_("📋 List"), MenuButton(place="leads")), Button(_("☰ Menu"), MenuButton(place="main"))]


def ways_of(query: CallbackQuery) -> Ways:
    """The bottom row of the pressed message, so that List leads back to the same page.

    Pushed messages have none: they are edited when the lead changes, so nothing else may take their place.
    """
    opened = False
    for row in _keyboard(query):
        packed = [button for button in row if (button.callback_data or "").startswith(_WAYS)]
        opened = opened or bool(packed)
        if any((button.callback_data or "").startswith(_TO_LIST) for button in packed):
            return [Button(one.text, _unpacked(one.callback_data or "")) for one in packed]
    return default_ways() if opened else []


def beside(query: CallbackQuery, chat: Chat) -> Ways:
    """The row for a screen that follows; one that follows a pushed message goes below it."""
    ways = ways_of(query)
    if not ways:
        chat.screen_id = None
    return ways or default_ways()


def is_verdict(query: CallbackQuery) -> bool:
    """Whether the pressed message asks what to do about a duplicate."""
    return any((one.callback_data or "").startswith(_VERDICT) for row in _keyboard(query) for one in row)


def is_card(query: CallbackQuery) -> bool:
    """Whether the pressed message is a lead's card."""
    prefix = f"{LeadButton.__prefix__}:refresh:"
    return any((one.callback_data or "").startswith(prefix) for row in _keyboard(query) for one in row)


def _keyboard(query: CallbackQuery) -> list[list[InlineKeyboardButton]]:
    markup = getattr(query.message, "reply_markup", None)
    return markup.inline_keyboard if markup else []


def _unpacked(data: str) -> CallbackData:
    kinds = (ListButton, BoardButton, MenuButton)
    return next(one for one in kinds if data.startswith(f"{one.__prefix__}:")).unpack(data)


async def card(services: Services, member: Member, lead: Lead, ways: Ways = ()) -> Screen:
    """The lead as it stands. Without contacts and buttons for somebody who may no longer see it."""
    slot = slots.opened_card(lead.id) if ways else slots.pushed_card(lead.id)
    if not may_see(member, lead):
        return Screen(lead_gone_text(lead, member), [ways], slot=slot)
    details = await services.lead_care.details(member, lead)
    if lead.deleted_at is not None:
        rows = [*_gone_rows(member, lead, details), ways]
        return Screen(deleted_text(lead, member, details), rows, slot=slot)
    delivery = await services.outbox.of_lead(lead)
    pipelines = await services.pipeline.pipelines(member)
    following = next_stage([stage for one in pipelines for stage in one.stages], lead.stage)
    beside_it = await around(services, member, lead)
    *first, last = card_rows(member, lead, delivery, following)
    rows = [undo_row(lead, details), *first, [] if has_more(member) else beside_it.row, last, ways]
    lines = [
        *detail_lines(lead, member, details),
        *beside_it.lines,
        *await next_lines(services, member, lead),
    ]
    lines += [*clock_lines(lead, member, services.escalation.clock()), *pipeline_lines(lead, pipelines)]
    return Screen(lead_text(lead, member, delivery, lines), rows, slot=slot)


def pipeline_lines(lead: Lead, pipelines: Sequence[Pipeline]) -> list[str]:
    """Which pipeline the lead is in, where there are several."""
    own = [one for one in pipelines if one.id == lead.stage.pipeline_id and len(pipelines) > 1]
    return [_("🗂 Pipeline: {name}").format(name=esc(pipeline_name(one))) for one in own]


async def after_form(
    services: Services, chat: Chat, member: Member, lead: Lead, context: dict[str, Any], said: str
) -> None:
    """The end of a form about a lead: what was done, over the card as it stands now."""
    shown = await card(services, member, lead, unpack_ways(context.get("ways", [])))
    chat.show(replace(shown, text=f"{said}\n\n{shown.text}"))


def pack_ways(ways: Ways) -> list[list[str]]:
    """The row as JSON, for a form to keep."""
    return [[button.text, button.action.pack()] for button in ways if button.action]


def unpack_ways(packed: Sequence[Sequence[str]]) -> Ways:
    return [Button(text, _unpacked(data)) for text, data in packed] or default_ways()


def card_rows(
    member: Member, lead: Lead, delivery: DeliveryState, following: Stage | None
) -> list[list[Button]]:
    """What the member may do to the lead. With the rows of undo and of the ways on there are at most eight:
    what is wanted less often stands behind More."""
    rows: list[list[Button]] = []
    aside: list[Button] = []
    if lead.withdrawn_at is None:
        if works_on(member, lead) or may_take(member, lead):
            rows += _work_rows(member, lead, following)
        elif lead.sender_id == member.id and lead.assignee_id is None:
            rows += _sender_rows(lead)
        if _somebody_listens(member, lead):
            aside.append(act(_("💬 Write to {name}").format(name=_listener(member, lead)), "write", lead))
        aside += why_button(member, lead)
    if delivery.state in UNSENT and _may_retry(member, lead):
        aside.append(act(_("🔁 Retry now"), "retry", lead))
    last = [act(_("🕓 History"), "history", lead), act(_("🔄 Refresh"), "refresh", lead)]
    if has_more(member):
        last.append(act(_("⋯ More"), "more", lead))
    elif note_is_cut(lead):
        rows.append([act(_("📄 The whole note"), "text", lead)])
    return [*rows, aside, last]


def has_more(member: Member) -> bool:
    """Whether the card has a More; without it everything stands on the card."""
    return member.may(Right.LEAD_WORK)


def undo_row(lead: Lead, details: LeadDetails) -> list[Button]:
    """The row that takes back what the member did a moment ago; empty when there is nothing."""
    return [act(_("↩️ Undo"), "undo", lead, short(details.undo))] if details.undo is not None else []


def _gone_rows(member: Member, lead: Lead, details: LeadDetails) -> list[list[Button]]:
    rows = [undo_row(lead, details)]
    if details.merged_into is not None:
        opened = LeadButton(do="open", lead=details.merged_into)
        rows.append([Button(_("📄 Open {number}").format(number=details.merged_number), opened)])
    elif member.may(Right.LEAD_ASSIGN):
        rows.append([act(_("♻️ Bring it back"), "undelete", lead)])
    return rows


def _somebody_listens(member: Member, lead: Lead) -> bool:
    if lead.sender_id == member.id:
        return lead.assignee_id != member.id
    return lead.sender_id is not None


def _listener(member: Member, lead: Lead) -> str:
    """Who will read it, short enough for a button."""
    name = lead.assignee_name if lead.sender_id == member.id else lead.sender_name
    return shorten(name, NAME_ROOM, placeholder="…") if name else _("the managers")


def _may_retry(member: Member, lead: Lead) -> bool:
    return member.id in (lead.sender_id, lead.assignee_id) or member.may(Right.CRM_MANAGE)


def _work_rows(member: Member, lead: Lead, following: Stage | None) -> list[list[Button]]:
    take = [act(_("🙋 Take"), "take", lead)] if may_take(member, lead) else []
    first = [*take, *([act(_("📞 Call"), "call", lead)] if lead.phones else [])]
    if not works_on(member, lead):
        return [first]
    if following is not None:
        label = _("➡️ {stage}").format(stage=stage_name(following))
        first.append(act(label, "advance", lead, short(lead.stage.id)))
    open_still = lead.stage.kind is not StageKind.FAILED
    return [
        first,
        [act(_("☎️ Log a call"), "log", lead), act(_("🗂 Stage"), "stages", lead)],
        [act(_("📝 Note"), "note", lead), act(_("🗓 Plan"), "plan", lead)],
        [
            act(_("✏️ Edit"), "edit", lead),
            *([act(_("🚫 Refuse"), "refuse", lead)] if open_still else []),
            *assign_button(member, lead),
        ],
    ]


def _sender_rows(lead: Lead) -> list[list[Button]]:
    return [
        [act(_("➕ Add"), "add", lead), act(_("✏️ Correct"), "edit", lead)],
        [act(_("↩️ Withdraw"), "withdraw", lead)],
    ]


async def stands_now(
    handler: Callable[[TelegramObject, dict[str, Any]], Awaitable[Any]],
    event: TelegramObject,
    data: dict[str, Any],
) -> Any:
    """Middleware of a lead's buttons: a late one is answered in words, and its card brought up to date."""
    button = data.get("callback_data")
    try:
        return await handler(event, data)
    except (TooLate, NotFound) as error:
        if not isinstance(button, LeadButton) or not isinstance(event, CallbackQuery):
            raise
        chat, member, services = data["chat"], data["member"], data["services"]
        lead = await services.leads.for_notice(member.organization_id, button.lead)
        chat.toast(in_words(error), alert=True)
        ways = ways_of(event)
        if lead is not None and (ways or is_card(event)):
            chat.show(await card(services, member, lead, ways))
        return None
