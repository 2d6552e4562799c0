"""Taking what is somebody's out of the rows that are theirs. The rows stay: that there was a lead, when it
came and how it went is the organization's."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa

from domain.delivery import OperationState
from domain.privacy import ERASED
from domain.words import words_in
from storage.among import among
from storage.db import Session
from storage.finding.finding import reindex
from storage.tables import (
    activities,
    archived_activities,
    clicks,
    conflicts,
    contact_points,
    contacts,
    customers,
    files,
    hook_sendings,
    import_rows,
    imports,
    lead_history,
    lead_tags,
    lead_words,
    leads,
    links,
    operations,
    uploads,
    word_spellings,
)

TOLD = ("name", "company", "phone", "email", "inn", "note")
"""Fields that a CRM is sent anew, empty."""

IMPERSONAL = (
    "created",
    "stage",
    "assignee",
    "amount",
    "deleted",
    "withdrawn",
    "customer",
    "merged",
    "source",
)
"""Fields of the history whose values say nothing of the person."""

_SAID = (activities, archived_activities)
_WAITING = (
    OperationState.PENDING.value,
    OperationState.BLOCKED.value,
    OperationState.PERMANENTLY_FAILED.value,
)


async def hold(s: Session, lead_ids: Sequence[UUID]) -> None:
    """Keep others from changing the leads until the end of this transaction."""
    await s.execute(
        sa.select(leads.c.id)
        .where(leads.c.organization_id == s.tenant, among(s, leads.c.id, list(lead_ids)))
        .order_by(leads.c.id)
        .with_for_update()
    )


async def erase_leads(s: Session, lead_ids: Sequence[UUID], now: datetime) -> dict[str, int]:
    """Leads with all that hangs on them; returns how many rows of each kind that were."""
    ids = list(lead_ids)
    words = {row.word for row in await s.rows(
        sa.select(lead_words.c.word).where(lead_words.c.organization_id == s.tenant,
                                           among(s, lead_words.c.lead_id, ids)))}  # fmt: skip
    counts = {"leads": len(ids), "files": await erase_files(s, ids)}
    await _drop(s, contact_points, ids)
    counts["contacts"] = await _drop(s, contacts, ids)
    await _drop(s, lead_tags, ids)
    counts["activities"] = sum([await _blank(s, one, ids, title="", text="") for one in _SAID])
    counts["history"] = await _blank_history(s, ids)
    counts["clicks"] = await _blank(s, clicks, ids, session="", page="", utm={})
    counts["conflicts"] = await _blank(s, conflicts, ids, ours="", theirs="")
    await s.execute(
        leads.update()
        .where(leads.c.organization_id == s.tenant, among(s, leads.c.id, ids))
        .values(name=ERASED, company="", inn="", note="", utm={}, custom={}, updated_at=now,
                version=leads.c.version + 1)
    )  # fmt: skip
    if ids:
        await reindex(s, ids)
    await forget_words(s, sorted(words))
    return counts


async def _drop(s: Session, table: sa.Table, lead_ids: list[UUID]) -> int:
    result = await s.execute(
        table.delete().where(table.c.organization_id == s.tenant, among(s, table.c.lead_id, lead_ids))
    )
    return int(result.rowcount)


async def _blank(s: Session, table: sa.Table, lead_ids: list[UUID], **values: object) -> int:
    result = await s.execute(
        table.update()
        .where(table.c.organization_id == s.tenant, among(s, table.c.lead_id, lead_ids))
        .values(**values)
    )
    return int(result.rowcount)


async def _blank_history(s: Session, lead_ids: list[UUID]) -> int:
    """Entries stay with their field, moment and actor."""
    result = await s.execute(
        lead_history.update()
        .where(
            lead_history.c.organization_id == s.tenant,
            among(s, lead_history.c.lead_id, lead_ids),
            lead_history.c.field.not_in(IMPERSONAL),
        )
        .values(old="", new="")
    )
    return int(result.rowcount)


async def erase_files(s: Session, lead_ids: Sequence[UUID]) -> int:
    """Files with their bytes, as far as we have them: what is in Telegram stays in Telegram. What the store
    has goes within the hour (services/leads/stored_files.py)."""
    of_lead = sa.select(files.c.id).where(
        files.c.organization_id == s.tenant, among(s, files.c.lead_id, list(lead_ids))
    )
    await s.execute(
        uploads.update()
        .where(uploads.c.organization_id == s.tenant, uploads.c.file_id.in_(of_lead))
        .values(file_id=None, inbox_id=None, name="", mime="", content=None)
    )
    return await _drop(s, files, list(lead_ids))


async def erase_customers(s: Session, customer_ids: Sequence[UUID], now: datetime) -> int:
    ids = list(customer_ids)
    for table in (contacts, *_SAID):
        fits = sa.and_(table.c.organization_id == s.tenant, among(s, table.c.customer_id, ids))
        if table is contacts:
            await s.execute(table.delete().where(fits))
        else:
            await s.execute(table.update().where(fits).values(title="", text=""))
    result = await s.execute(
        customers.update()
        .where(customers.c.organization_id == s.tenant, among(s, customers.c.id, ids))
        .values(name=ERASED, company="", inn="", phones=[], emails=[], custom={}, note="", updated_at=now)
    )
    return int(result.rowcount)


async def erase_contacts(s: Session, contact_ids: Sequence[UUID]) -> int:
    """People behind leads and customers of others: these stay as they are."""
    ids = list(contact_ids)
    rows = await s.rows(
        sa.select(contacts.c.lead_id, contacts.c.name).where(
            contacts.c.organization_id == s.tenant, among(s, contacts.c.id, ids)
        )
    )
    behind = sorted({row.lead_id for row in rows if row.lead_id is not None})
    await s.execute(
        contact_points.delete().where(
            contact_points.c.organization_id == s.tenant, among(s, contact_points.c.contact_id, ids)
        )
    )
    await s.execute(
        contacts.delete().where(contacts.c.organization_id == s.tenant, among(s, contacts.c.id, ids))
    )
    names = {row.name for row in rows if row.name}
    for name in names:
        holds = sa.or_(lead_history.c.old.contains(name, autoescape=True),
                       lead_history.c.new.contains(name, autoescape=True))  # fmt: skip
        await s.execute(
            lead_history.update()
            .where(
                lead_history.c.organization_id == s.tenant, among(s, lead_history.c.lead_id, behind), holds
            )
            .values(old="", new="")
        )
    if behind:
        await reindex(s, behind)
    await forget_words(s, sorted({word for name in names for word in words_in(name)}))
    return len(rows)


async def erase_deliveries(s: Session, lead_ids: Sequence[UUID], now: datetime) -> int:
    """What was to be sent and what was sent about these leads: to CRMs, to webhooks. Creates that wait are
    called off; a link to a record stays, without what it remembers of it."""
    ids = list(lead_ids)
    own = sa.and_(operations.c.organization_id == s.tenant, among(s, operations.c.record_id, ids))
    await s.execute(
        operations.update()
        .where(own, operations.c.state.in_(_WAITING))
        .values(state=OperationState.DROPPED.value, error="erased", done_at=now, lease_until=None)
    )
    done = await s.execute(operations.update().where(own).values(payload={}, recorded={}, error_reason=""))
    await s.execute(
        links.update()
        .where(
            links.c.organization_id == s.tenant, links.c.entity == "lead", among(s, links.c.entity_id, ids)
        )
        .values(seen={})
    )
    return int(done.rowcount) + await _erase_sendings(s, ids)


async def _erase_sendings(s: Session, lead_ids: list[UUID]) -> int:
    told = hook_sendings.c.params["lead"].as_string()
    result = await s.execute(
        hook_sendings.update()
        .where(
            hook_sendings.c.organization_id == s.tenant, told.in_([str(one) for one in lead_ids]),
            hook_sendings.c.body.is_not(None),
        )
        .values(body="{}")
    )  # fmt: skip
    return int(result.rowcount)


async def erase_imports(s: Session, lead_ids: Sequence[UUID]) -> int:
    """The files that brought these leads in, as far as they are done with."""
    over = ("done", "cancelled", "failed", "discarded", "undone")
    brought = sa.select(import_rows.c.import_id).where(
        import_rows.c.organization_id == s.tenant, among(s, import_rows.c.lead_id, list(lead_ids))
    )
    result = await s.execute(
        imports.update()
        .where(
            imports.c.organization_id == s.tenant, imports.c.id.in_(brought), imports.c.state.in_(over),
            imports.c.body.is_not(None),
        )
        .values(body=None)
    )  # fmt: skip
    return int(result.rowcount)


async def forget_words(s: Session, words: Sequence[str]) -> None:
    """Words that no lead has any more are not offered for misspelt ones either."""
    used = {row.word for row in await s.rows(
        sa.select(lead_words.c.word).distinct().where(
            lead_words.c.organization_id == s.tenant, among(s, lead_words.c.word, list(words))
        ))}  # fmt: skip
    gone = [word for word in words if word not in used]
    await s.execute(
        word_spellings.delete().where(
            word_spellings.c.organization_id == s.tenant, among(s, word_spellings.c.word, gone)
        )
    )
