"""An organization's own fields in a lead's history: their names, and their values in words."""

from collections.abc import Sequence
from dataclasses import replace

from domain.custom_fields import PREFIX, CustomField
from domain.leads import HistoryEntry
from domain.members import Member
from handlers.fields.words import shown_value
from locales import _
from services.registry import Services


async def worded(
    services: Services, member: Member, entries: Sequence[HistoryEntry]
) -> tuple[list[HistoryEntry], dict[str, str]]:
    """The entries with such values in words, and the fields' names by their paths. Of a field that the member
    does not see nothing is told but that it changed, and it cannot be put back."""
    if not any(entry.field.startswith(PREFIX) for entry in entries):
        return list(entries), {}
    known = {one.path: one for one in await services.custom_fields.known(member)}
    names = {
        path: one.name if one.seen_by(member.role) else _("A field that you do not see")
        for path, one in known.items()
    }
    return [_worded(entry, known.get(entry.field), member) for entry in entries], names


def _worded(entry: HistoryEntry, one: CustomField | None, member: Member) -> HistoryEntry:
    if one is None:
        return entry
    if not one.seen_by(member.role):
        return replace(entry, old="", new="", exact_old="", exact_new="", id=None)
    old, new = (shown_value(one, kept) if kept else "" for kept in (entry.old, entry.new))
    return replace(entry, old=old, new=new)
