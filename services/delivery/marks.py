"""What a write of ours leaves behind to compare with, and what of a lead an update has to write at all."""

from collections.abc import Mapping
from typing import Any

from crm_adapters import base
from domain.crm import CrmLead, RemoteRef
from domain.delivery import Link
from domain.two_ways import Owner, Seen, owner_of, written
from services.connections.capabilities import offers
from services.two_ways.comparing import our_side
from services.two_ways.values import CRM_NAMES, canonical

ABROAD = "ZZ"
"""What we have written bears its country's code: no region has to explain it."""

ASSIGNEE = "assignee_external_id"
_WORDS = {name: word for word, name in CRM_NAMES.items()} | {"stage": "stage"}


def seen_of_new(adapter: Any, lead: CrmLead, ref: RemoteRef) -> dict[str, Any]:
    """`links.seen` of a record that was just made of the whole lead."""
    return _after(Seen(), adapter, lead, ref, frozenset(_WORDS), dict.fromkeys(CRM_NAMES, ""))


def seen_of_written(
    link: Link, adapter: Any, lead: CrmLead, ref: RemoteRef, fields: frozenset[str]
) -> dict[str, Any]:
    """`links.seen` after an update of these fields of CrmLead."""
    seen = Seen.read(link.seen)
    return _after(seen, adapter, lead, ref, fields, seen.theirs)


def _after(
    seen: Seen,
    adapter: Any,
    lead: CrmLead,
    ref: RemoteRef,
    fields: frozenset[str],
    before: Mapping[str, str],
) -> dict[str, Any]:
    if not offers(adapter, base.ReadsBack):
        return seen.stored()
    ours = {
        word: value
        for word, value in our_side(adapter, lead, ABROAD).items()
        # whom the CRM makes responsible by itself is no answer to a lead without an assignee
        if _named(word) in fields and (word != "assignee" or value or ref.held is not None)
    }
    status = ours.get("stage", "")
    held = canonical(ref.held, status, ABROAD) if ref.held is not None else None
    return written(seen, ours, held, before).stored()


def _named(word: str) -> str:
    return CRM_NAMES.get(word, word)


def worth_writing(
    link: Link, adapter: Any, lead: CrmLead, fields: frozenset[str], owners: Mapping[str, str]
) -> frozenset[str]:
    """Of these fields of CrmLead, those that may be written and that the record does not hold already."""
    if not offers(adapter, base.ReadsBack):
        return fields
    seen, ours = Seen.read(link.seen), our_side(adapter, lead, ABROAD)
    left_out = {name for name in fields if _is_theirs(name, owners)}
    if lead.assignee_external_id is None and not seen.ours.get("assignee"):
        left_out.add(ASSIGNEE)
    for name in fields & _WORDS.keys():
        word = _WORDS[name]
        if word in ours and word in seen.theirs and seen.theirs[word] == ours[word]:
            left_out.add(name)
    return fields - left_out


def _is_theirs(name: str, owners: Mapping[str, str]) -> bool:
    return name in _WORDS and owner_of(owners, _WORDS[name]) is Owner.CRM
