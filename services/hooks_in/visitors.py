"""Who a website's visitor is: a click with a referral code makes an unfinished lead, a form completes it."""

import json
from collections.abc import Mapping
from typing import Any, Protocol
from uuid import UUID

from domain.activities import ActivityType
from domain.history import LIST, kept
from domain.hooks_in import CHANNELS
from domain.leads import Lead, LeadDraft
from services.clock import Clock
from services.delivery.outbox import Outbox
from services.leads.changes import MERGED
from services.leads.duplicates import CleanDraft, clean_draft, demand_somebody, duplicates_of
from services.leads.lead_stages import failed_stage
from services.leads.lead_state import CUSTOM, field_of
from services.messages.notices import Notices
from storage.db import Session
from storage.finding.finding import reindex
from storage.hooks_in import clicks
from storage.hooks_in.clicks import FORM, Click
from storage.leads import lead_history, merges
from storage.leads import leads as rows
from storage.people import members as member_rows
from storage.planning import activities as activity_rows

ORIGIN = "website"
STUB_SOURCE = "messenger"
NOTE_ROOM = 3000


class TakesForms(Protocol):
    async def create_from_form(
        self, s: Session, draft: LeadDraft, *, stub: bool = False
    ) -> tuple[UUID, bool]:
        """(the lead, whether it is new); False: attached to one that exists. Raises BadInput."""
        ...


class Visitors:
    """Makes leads of what visitors do, in the caller's transaction."""

    def __init__(self, clock: Clock, leads: TakesForms, outbox: Outbox, notices: Notices) -> None:
        self.clock, self.leads, self.outbox, self.notices = clock, leads, outbox, notices

    async def came(self, s: Session, click: Click) -> UUID | None:
        """Note a click: an activity of the visitor's lead, which is made where there is none but a code.
        Returns the lead; None where nothing tells whose click it is: it waits for the visitor's form."""
        lead_id, made = await clicks.lead_of(s, click.session), False
        if lead_id is None and click.referral_code:
            channel = CHANNELS.get(click.channel, click.channel)
            draft = LeadDraft(
                name=f"{channel} · {click.referral_code}", source=STUB_SOURCE,
                referral_code=click.referral_code, utm=dict(click.utm),
            )  # fmt: skip
            lead_id, made = (await self.leads.create_from_form(s, draft, stub=True))[0], True
        await clicks.add(s, click, lead_id, stub=made)
        if lead_id is not None:
            await self._note(s, lead_id, click)
        return lead_id

    async def sent_form(self, s: Session, draft: LeadDraft, session: str) -> tuple[UUID, bool]:
        """A lead of a form as TakesForms does; the visitor's clicks and unfinished lead become part of it."""
        stub_id = await clicks.stub_of(s, session)
        stub = await self._unfinished(s, stub_id) if stub_id is not None else None
        if stub is None:
            lead_id, created = await self.leads.create_from_form(s, draft)
        else:
            lead_id, created = await self._completed(s, stub, draft)
        if session:
            for click in await clicks.waiting(s, session):
                await self._note(s, lead_id, click)
            await clicks.settle(s, session, lead_id)
            mark = Click(session, FORM, draft.referral_code, "", draft.utm, self.clock())
            await clicks.add(s, mark, lead_id)
        return lead_id, created

    async def _unfinished(self, s: Session, lead_id: UUID) -> Lead | None:
        """The lead, as long as nobody has given it a contact or taken it away."""
        await rows.hold_lead(s, lead_id)
        lead = await rows.get_lead(s, lead_id)
        if lead is None or lead.deleted_at is not None or lead.withdrawn_at is not None:
            return None
        return None if lead.phones or lead.emails else lead

    async def _completed(self, s: Session, stub: Lead, draft: LeadDraft) -> tuple[UUID, bool]:
        organization = await member_rows.get_organization(s, s.tenant)
        assert organization is not None
        clean = clean_draft(draft, organization.region)
        demand_somebody(clean)
        await rows.hold_numbers(s)
        found = await duplicates_of(s, clean, self.clock(), stub.id)
        if found.busy:
            lead_id, created = await self.leads.create_from_form(s, draft)
            await self._join(s, stub, found.first)
            return lead_id, created
        await self._fill(s, stub, clean)
        return stub.id, True

    async def _fill(self, s: Session, stub: Lead, clean: CleanDraft) -> None:
        """The form's fields take the place of what the click had put there."""
        now, written = self.clock(), []
        for name, value in _values(stub, clean.draft).items():
            known = field_of(name)
            assert known is not None
            before = await known.now(s, stub)
            if value and not known.same(before, value):
                await known.put(s, stub, value, now)
                written.append((name, before, value))
        more: dict[str, Any] = {"utm": {**stub.utm, **clean.draft.utm}}
        if clean.draft.referral_code and not stub.referral_code:
            more["referral_code"] = clean.draft.referral_code
        await rows.update_lead(s, stub.id, now, **more)
        await lead_history.add_history(s, stub.id, None, ORIGIN, written, now)
        await activity_rows.add_audit(s, None, "lead.completed", "lead", stub.id, now)
        await reindex(s, [stub.id])
        fields = sorted({known.crm for name, _, _ in written if (known := field_of(name)) and known.crm})
        await self.outbox.enqueue(s, "lead.update", stub.id, stub.id, {"fields": fields})
        await self.outbox.lead_corrected(s, stub.id)
        await self.notices.lead_changed(s, stub.id)

    async def _join(self, s: Session, stub: Lead, lead: Lead) -> None:
        """The unfinished lead is part of one that exists: what hangs on it follows, it is deleted softly."""
        now = self.clock()
        moved = await merges.move(s, stub.id, lead.id)
        failed = await failed_stage(s, stub)
        closed = {"stage_id": failed.id} if failed is not None else {}
        await rows.update_lead(s, stub.id, now, deleted_at=now, **closed)
        pointer = json.dumps({"winner": str(lead.id), "moved": moved})
        gone = [(MERGED, "", kept(f"#{lead.number}", pointer)), ("deleted", "", "yes")]
        await lead_history.add_history(s, stub.id, None, ORIGIN, gone, now)
        came = [("merged", "", kept(f"#{stub.number}", str(stub.id)))]
        await lead_history.add_history(s, lead.id, None, ORIGIN, came, now)
        await activity_rows.add_audit(s, None, "lead.merge", "lead", lead.id, now)
        there = (await merges.integrations_knowing(s, stub.id)).__contains__
        await self.outbox.enqueue(s, "lead.update", stub.id, stub.id, {"fields": ["stage"]}, there)
        await reindex(s, [stub.id])
        await self.notices.leads_changed(s, [stub.id, lead.id])

    async def _note(self, s: Session, lead_id: UUID, click: Click) -> None:
        now = self.clock()
        text = said(click)
        activity_id = await activity_rows.add_activity(
            s, lead_id, now, type=ActivityType.MESSENGER_CLICK.value, text=text, completed_at=click.at
        )
        kind = ActivityType.MESSENGER_CLICK.value
        first = text.partition("\n")[0]
        await lead_history.add_history(s, lead_id, None, ORIGIN, [(kind, "", first)], now)
        await self.outbox.enqueue(s, "activity.create", lead_id, activity_id, {})
        await self.notices.lead_changed(s, lead_id)


def _values(stub: Lead, draft: LeadDraft) -> Mapping[str, str]:
    """The exact texts of the fields that a form brings."""
    note = "\n\n".join(one for one in (stub.note, draft.note) if one)[:NOTE_ROOM]
    # a company's form without a person's name must not keep the click's makeshift one
    name = draft.name or draft.company
    return {
        "name": name, "company": draft.company, "inn": draft.inn, "note": note, "source": draft.source,
        "phone": LIST.join(draft.phones), "email": LIST.join(draft.emails),
        **{f"{CUSTOM}{key}": value for key, value in draft.custom.items()},
    }  # fmt: skip


def said(click: Click) -> str:
    """The click in lines that need no translation."""
    lines = [
        " · ".join(one for one in (CHANNELS.get(click.channel, click.channel), click.referral_code) if one)
    ]
    lines += [
        f"{name}: {value}" for name, value in (("page", click.page), ("session", click.session)) if value
    ]
    return "\n".join([*lines, *(f"utm_{name}: {value}" for name, value in click.utm.items())])
