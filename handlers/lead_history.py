"""A lead's history in words."""

from collections.abc import Callable, Sequence

from domain.leads import HistoryEntry, Lead
from domain.members import Member
from handlers.cards import amount_text, call_result, clip, lead_title, moment, stage_word
from handlers.lead_screens import Ways, act, to_card
from handlers.screens import Screen, esc
from locales import N_, _

PAGE = 10
ROOM = 110

FIELDS: dict[str, str] = {
    "created": N_("Lead came in"),
    "withdrawn": N_("Withdrawn by the sender"),
    "assignee": N_("Responsible"),
    "stage": N_("Stage"),
    "reason": N_("Reason"),
    "name": N_("Name"),
    "company": N_("Company"),
    "phone": N_("Phone"),
    "email": N_("E-mail"),
    "inn": N_("INN"),
    "amount": N_("Amount"),
    "note": N_("Note"),
    "call": N_("Call"),
    "deleted_there": N_("Deleted in the CRM"),
    "merged_there": N_("Merged with another record in the CRM"),
    "team_note": N_("Team note"),
    "message": N_("Message"),
    "attached": N_("Came in once more"),
}
WORDLESS = frozenset({"created", "withdrawn", "deleted_there", "merged_there"})
VALUES: dict[str, Callable[[str], str]] = {
    "stage": stage_word,
    "call": call_result,
    "amount": amount_text,
}


def history_screen(
    lead: Lead, entries: Sequence[HistoryEntry], page: int, member: Member, ways: Ways
) -> Screen:
    """One page, newest first."""
    lines = [_entry(entry, member) for entry in entries] or [_("Nothing more here.")]
    text = "\n\n".join([_("🕓 <b>{lead}</b>").format(lead=lead_title(lead)), *lines])
    turn = [act(_("⬅️ Newer"), "history", lead, str(page - 1))] if page else []
    if len(entries) == PAGE:
        turn.append(act(_("Older ➡️"), "history", lead, str(page + 1)))
    return Screen(text, [turn, to_card(lead.id), ways])


def _entry(entry: HistoryEntry, member: Member) -> str:
    speak = VALUES.get(entry.field, str)
    what = _(FIELDS[entry.field]) if entry.field in FIELDS else esc(entry.field)
    old, new = (clip(speak(value), ROOM) if value else "" for value in (entry.old, entry.new))
    if entry.field not in WORDLESS and (old or new):
        what += ": " + (f"{old} → {new or '—'}" if old else new)
    who = clip(entry.actor, 40) or _origin(entry)
    return f"<i>{moment(entry.at, member)}, {who}</i>\n{what}"


def _origin(entry: HistoryEntry) -> str:
    return _("website") if entry.origin == "website" else _("CRM")
