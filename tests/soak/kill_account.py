"""What became of everything that was accepted before, between and after the kills."""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlalchemy as sa

from sandbox.espocrm.server import EspoSandbox
from storage.db import Database
from storage.tables import (
    contact_points,
    hooks,
    inbox,
    lead_history,
    leads,
    links,
    notices,
    operations,
    updates,
)

if TYPE_CHECKING:
    from tests.soak.kills import Sent


@dataclass(frozen=True)
class KillAccount:
    """All figures of a run. Everything from `forms_lost` on must be nought."""

    forms: int
    hooks: int
    chats: int

    forms_lost: int
    forms_doubled: int
    records_missing: int
    records_doubled: int
    hooks_lost: int
    amounts_wrong: int
    amounts_followed_twice: int
    chats_lost: int
    chats_doubled: int
    parked: int
    pushes_broken: int
    given_up: int

    @property
    def faults(self) -> dict[str, int]:
        names = list(vars(self))
        return {one: getattr(self, one) for one in names[names.index("forms_lost") :] if getattr(self, one)}


async def take_account(db: Database, crm: EspoSandbox, sent: "Sent") -> KillAccount:
    """Compare what was accepted with both sides."""
    async with db.reading(system=True) as s:
        ours = await s.rows(sa.select(leads.c.id, leads.c.amount))
        phones = Counter(row.value for row in await s.rows(_PHONES))
        linked = {row.external_id: row.entity_id for row in await s.rows(sa.select(links))}
        followed = int(await s.scalar(_FOLLOWED))
        amounts = [(row.lead_id, row.new) for row in await s.rows(_AMOUNTS)]
        parked = int(await s.scalar(sa.select(sa.func.count()).where(updates.c.state == "parked")))
        unsaid = sa.and_(notices.c.state == "dropped", notices.c.error == "render")
        broken = int(await s.scalar(sa.select(sa.func.count()).where(unsaid)))
        lost = operations.c.state.in_(("permanently_failed", "blocked", "dropped"))
        given_up = int(await s.scalar(sa.select(sa.func.count()).where(lost)))
    of_lead = {row.id: row.amount for row in ours}
    records = Counter(str(one.get("cExternalId")) for one in crm.leads())
    return KillAccount(
        forms=len(sent.forms),
        hooks=sent.told,
        chats=len(sent.chats),
        forms_lost=sum(not phones[one] for one in sent.forms),
        forms_doubled=sum(phones[one] - 1 for one in sent.forms if phones[one]),
        records_missing=sum(not records[str(row.id)] for row in ours),
        records_doubled=sum(count - 1 for count in records.values()),
        hooks_lost=max(sent.told - followed, 0),
        amounts_wrong=sum(of_lead.get(linked.get(one)) != last for one, last in sent.hooks.items()),
        amounts_followed_twice=sum(count - 1 for count in Counter(amounts).values()),
        chats_lost=sum(not phones[one] for one in sent.chats),
        chats_doubled=sum(phones[one] - 1 for one in sent.chats if phones[one]),
        parked=parked,
        pushes_broken=broken,
        given_up=given_up,
    )


_PHONES = sa.select(contact_points.c.value).where(contact_points.c.kind == "phone")
_FOLLOWED = (
    sa.select(sa.func.count())
    .select_from(inbox.join(hooks, hooks.c.id == inbox.c.hook_id))
    .where(hooks.c.provider == "espocrm", inbox.c.state == "done")
)
_AMOUNTS = sa.select(lead_history.c.lead_id, lead_history.c.new).where(lead_history.c.field == "amount")
