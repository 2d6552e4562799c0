"""Whose the new leads of a file are: whoever the file names, whoever the rules choose, or nobody's."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol
from uuid import UUID

from domain.importing import RowLead
from services.importing.running import Running
from storage.bulk import Native
from storage.db import Session
from storage.importing.imported_leads import Placed

Chosen = tuple[UUID | None, Mapping[str, Any]]


class ShareOut(Protocol):
    """Gives leads to people by the rules."""

    async def share_rows(self, s: Session, leads: Sequence[RowLead]) -> Sequence[Chosen]:
        """Who gets them, one by one: a member or nobody, and why."""
        ...

    async def tell_all(self, s: Session, given: Mapping[UUID, Sequence[UUID]]) -> None:
        """Say to everybody which leads they have got: member -> leads."""
        ...


async def placed(
    s: Session, one: Running, fresh: Sequence[RowLead], share_out: ShareOut | None
) -> list[Placed]:
    """New leads with their stage, and with whoever the file or the rules name."""
    free = [lead for lead in fresh if lead.assignee is None]
    chosen: dict[int, Chosen] = {}
    if one.setup.assign == "rules" and share_out is not None and free:
        staged = [replace(lead, stage=lead.stage or one.stage) for lead in free]
        shared = await share_out.share_rows(s, staged)
        chosen = {lead.row: who for lead, who in zip(free, shared, strict=True)}
    return [
        Placed(lead, lead.stage or one.stage, *chosen.get(lead.row, (lead.assignee, {}))) for lead in fresh
    ]


async def tell_shared(
    s: Session, found: Sequence[Placed], ids: Mapping[int, Any], share_out: ShareOut | None
) -> None:
    """Everybody who got leads by the rules learns of them; `ids` are native ones by the row of the file."""
    native, given = Native(s.dialect), dict[UUID, list[UUID]]()
    for one in found:
        # only what the rules have given has a reason
        if one.why and one.assignee_id is not None:
            given.setdefault(one.assignee_id, []).append(native.known(ids[one.lead.row]))
    if given and share_out is not None:
        await share_out.tell_all(s, given)
