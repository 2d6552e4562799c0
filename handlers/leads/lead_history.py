"""A lead's history in words, page by page; each value of it can be put back at any time."""

from collections.abc import Callable, Mapping, Sequence
from uuid import UUID

from aiogram import F, Router
from aiogram.types import CallbackQuery

from domain.errors import DuplicateLead, TooLate
from domain.history import UNDO, key_in
from domain.leads import HistoryEntry, Lead
from domain.members import Member
from handlers.buttons import LeadButton, short
from handlers.cards import amount_text, call_result, clip, lead_title, moment, stage_word
from handlers.chat import Chat
from handlers.fields.history import worded
from handlers.leads.file_screens import told_name
from handlers.leads.lead_screens import Ways, act, beside, card, stands_now, to_card, ways_of, works_on
from handlers.messages.sending import told_message
from handlers.pipelines.words import pipeline_word
from handlers.planning.history_words import PLAN_FIELDS, PLAN_VALUES
from handlers.screens import Screen, esc, grid
from handlers.sharing.words import late_word
from locales import N_, _
from services.leads.changes import restorable
from services.registry import Services

Names = Mapping[str, str]
"""What the organization calls its own fields, by their paths."""

PAGE = 10
ROOM = 110
LABEL_ROOM = 40

FIELDS: dict[str, str] = {
    "created": N_("Lead came in"),
    "withdrawn": N_("Withdrawn by the sender"),
    "assignee": N_("Responsible"),
    "late": N_("Not answered in time"),
    "stage": N_("Stage"),
    "pipeline": N_("Pipeline"),
    "reason": N_("Reason"),
    "name": N_("Name"),
    "company": N_("Company"),
    "phone": N_("Phone"),
    "email": N_("E-mail"),
    "inn": N_("INN"),
    "amount": N_("Amount"),
    "note": N_("Note"),
    "segment": N_("Segment"),
    "product": N_("Product"),
    "region": N_("Region"),
    "source": N_("Source"),
    "tags": N_("Tags"),
    "customer": N_("Customer"),
    "deleted": N_("Deleted"),
    "merged": N_("Took in the lead"),
    "merged_into": N_("Became part of the lead"),
    "call": N_("Call"),
    "deleted_there": N_("Deleted in the CRM"),
    "merged_there": N_("Merged with another record in the CRM"),
    "team_note": N_("Team note"),
    "message": N_("Message"),
    "contact": N_("Contact"),
    "main_contact": N_("Primary contact"),
    "file": N_("File"),
    "sent": N_("Message to the client"),
    **PLAN_FIELDS,
    "attached": N_("Came in once more"),
    "messenger_click": N_("Pressed a messenger link"),
}
ORIGINS: dict[str, str] = {
    "website": N_("website"),
    "rules": N_("the rules"),
    "clock": N_("answer time"),
    "suspended": N_("paused"),
    "removed": N_("removed"),
    "left": N_("left the organization"),
    "blocked": N_("has blocked the bot"),
    "away": N_("away"),
}
"""Who did it where it was no member."""

WORDLESS = frozenset({"created", "withdrawn", "deleted_there", "merged_there"})
VALUES: dict[str, Callable[[str], str]] = {
    "stage": stage_word,
    "pipeline": pipeline_word,
    "call": call_result,
    "file": told_name,
    "late": late_word,
    "sent": told_message,
    **PLAN_VALUES,
    "amount": amount_text,
    "deleted": lambda value: _("yes") if value else "",
}


def history_screen(
    lead: Lead, entries: Sequence[HistoryEntry], page: int, member: Member, ways: Ways, names: Names
) -> Screen:
    """One page, newest first. The numbers below lead to what can be put back."""
    lines = [_numbered(place, entry, member, names) for place, entry in enumerate(entries, 1)]
    text = "\n\n".join(
        [_("🕓 <b>{lead}</b>").format(lead=lead_title(lead)), *(lines or [_("Nothing more here.")])]
    )
    numbers = [
        act(str(place), "entry", lead, f"{page}.{short(entry.id)}")
        for place, entry in enumerate(entries, 1)
        if entry.id is not None and _may_restore(member, lead, entry)
    ]
    if numbers:
        text += "\n\n" + _("Press a number to put a value back.")
    turn = [act(_("⬅️ Newer"), "history", lead, str(page - 1))] if page else []
    if len(entries) == PAGE:
        turn.append(act(_("Older ➡️"), "history", lead, str(page + 1)))
    return Screen(text, [*grid(numbers, 5), turn, to_card(lead.id), ways])


def _may_restore(member: Member, lead: Lead, entry: HistoryEntry) -> bool:
    own = lead.sender_id == member.id and lead.assignee_id is None
    allowed = (works_on(member, lead) or own) and lead.withdrawn_at is None
    return allowed and restorable(entry.field)


def _numbered(place: int, entry: HistoryEntry, member: Member, names: Names) -> str:
    return f"{place}. {_entry(entry, member, names)}"


def _entry(entry: HistoryEntry, member: Member, names: Names) -> str:
    what = esc(names[entry.field]) if entry.field in names else field_word(entry.field)
    old, new = (
        clip(value_word(entry.field, value), ROOM) if value else "" for value in (entry.old, entry.new)
    )
    if entry.field not in WORDLESS and (old or new):
        what += ": " + (f"{old} → {new or '—'}" if old else new)
    who = clip(entry.actor, 40) or _origin(entry)
    if key := key_in(entry.origin):
        who = _("{who}, API key {key}").format(who=who, key=clip(key, 40))
    mark = " ↩️" if entry.origin == UNDO else ""
    return f"<i>{moment(entry.at, member)}, {who}{mark}</i>\n{what}"


def field_word(field: str) -> str:
    """What people call a field of the history; safe inside HTML."""
    return _(FIELDS[field]) if field in FIELDS else esc(field)


def value_word(field: str, value: str) -> str:
    """A value of the history in words; plain text."""
    return VALUES.get(field, str)(value)


def _origin(entry: HistoryEntry) -> str:
    return _(ORIGINS.get(entry.origin, N_("CRM")))


async def show(
    query: CallbackQuery, callback_data: LeadButton, chat: Chat, member: Member, services: Services
) -> None:
    """What happened to the lead, ten changes a page; extra is the page."""
    page = int(callback_data.extra) if callback_data.extra.isdigit() else 0
    lead = await services.leads.get(member, callback_data.lead)
    entries = await services.leads.history(member, lead.id, page)
    ways = beside(query, chat)
    shown, names = await worded(services, member, entries)
    chat.show(history_screen(lead, shown, page, member, ways, names))


async def entry(
    query: CallbackQuery, callback_data: LeadButton, chat: Chat, member: Member, services: Services
) -> None:
    """One line of the history with the values that can be put back."""
    lead = await services.leads.get(member, callback_data.lead)
    found, page = await _found(services, member, lead, callback_data.extra)
    (found,), names = await worded(services, member, [found])
    if found.id is None:
        raise TooLate("restore_never")
    choices = [
        [act(_("↩️ Put back: {value}").format(value=_label(found.field, value)), do, lead, short(_id(found)))]
        for do, value in (("restore_old", found.old), ("restore_new", found.new))
    ]
    text = f"<b>{lead_title(lead)}</b>\n\n{_entry(found, member, names)}\n\n" + _(
        "Which value shall stand again?"
    )
    history = [act(_("🕓 History"), "history", lead, str(page))]
    ways = beside(query, chat)
    chat.show(Screen(text, [*choices, history, to_card(lead.id), ways]))


def _label(field: str, value: str) -> str:
    words = " ".join(value_word(field, value).split()) if value else ""
    return words if len(words) <= LABEL_ROOM else words[: LABEL_ROOM - 1] + "…" if words else "—"


def _id(found: HistoryEntry) -> UUID:
    assert found.id is not None
    return found.id


async def _found(services: Services, member: Member, lead: Lead, packed: str) -> tuple[HistoryEntry, int]:
    """The entry by the end of its id, on its page or, as new ones have come, on one of the next."""
    place, _dot, tail = packed.partition(".")
    start = int(place) if place.isdigit() else 0
    for page in range(start, start + 3):
        for one in await services.leads.history(member, lead.id, page):
            if one.id is not None and short(one.id) == tail:
                return one, page
    raise TooLate("restore_never")


async def restore(
    query: CallbackQuery, callback_data: LeadButton, chat: Chat, member: Member, services: Services
) -> None:
    """Put a value back; extra is the end of the entry's id."""
    side = callback_data.do.removeprefix("restore_")
    entry_id = await services.changes.entry_of(member, callback_data.lead, callback_data.extra)
    try:
        lead = await services.changes.restore(member, callback_data.lead, entry_id, side)
    except DuplicateLead:
        chat.toast(_("Another lead has this contact now, so it cannot be put back here."), alert=True)
        return
    chat.toast(_("↩️ Put back."))
    chat.show(await card(services, member, lead, ways_of(query)))


def routes() -> Router:
    router = Router(name="lead_history")
    router.callback_query.middleware(stands_now)
    press = router.callback_query.register
    press(show, LeadButton.filter(F.do == "history"))
    press(entry, LeadButton.filter(F.do == "entry"))
    press(restore, LeadButton.filter(F.do.in_({"restore_old", "restore_new"})))
    return router
