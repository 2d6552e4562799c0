"""What is held on somebody outside, by a phone or an e-mail: shown, taken out as a file, erased.

Erasing keeps that there was a lead, when it came and how it went; what tells who that was goes: out of the
rows themselves, and out of every text where it came to rest. The record of actions and the history keep the
fact without the values.
"""

import hashlib
import json
from typing import Any

from domain.errors import BadInput
from domain.members import Member, Right
from domain.privacy import Erasure, Holding, Subject, Traces, read_subject
from services.access import needs, open_to
from services.clock import Clock
from services.delivery.outbox import Outbox
from services.entry.confirming import confirmed
from services.messages.notices import Notices
from storage.db import Database, Session
from storage.privacy import audit, erasing, privacy, purchases_of, scrubbing
from storage.privacy.scrubbing import RAW, WRITTEN, Texts


class PersonalData:
    """Use cases on the data of people who are no members."""

    def __init__(self, db: Database, clock: Clock, outbox: Outbox, notices: Notices) -> None:
        self.db, self.clock, self.outbox, self.notices = db, clock, outbox, notices

    @needs(Right.PRIVACY_MANAGE)
    async def look(self, member: Member, typed: str) -> Holding:
        """How much is held. Raises BadInput for the phone or the e-mail."""
        subject = read_subject(typed, member.region)
        async with self.db.transaction(member.organization_id) as s:
            holding = await self._holding(s, subject)
            await self._written(s, member, "look", {"leads": list(holding.numbers)})
        return holding

    @needs(Right.PRIVACY_MANAGE)
    async def export(self, member: Member, typed: str) -> Holding:
        """Everything that is held, as JSON values in `file`. Raises as `look`."""
        subject = read_subject(typed, member.region)
        async with self.db.transaction(member.organization_id) as s:
            holding = await self._holding(s, subject)
            await self._written(s, member, "export", {"leads": list(holding.numbers)})
        return holding

    @needs(Right.PRIVACY_MANAGE)
    @confirmed
    async def begin_erasing(self, member: Member) -> None:
        """Have the second factor asked for before the work begins."""

    @needs(Right.PRIVACY_MANAGE)
    @confirmed
    async def erase(self, member: Member, typed: str, confirm: str) -> Erasure:
        """Erase for good. `confirm` is that of the Holding which was looked at.

        Raises BadInput("confirm", "changed") where something else is held by now, ("person", "unknown") where
        nothing is.
        """
        subject = read_subject(typed, member.region)
        async with self.db.reading(member.organization_id) as s:
            holding = await self._holding(s, subject)
            found = await privacy.traces(s, subject)
        if holding.is_empty:
            raise BadInput("person", "unknown")
        if confirm != holding.confirm:
            raise BadInput("confirm", "changed")
        # texts first: once the rows are empty nothing tells any more whose they were
        texts = await self.scrub(member, found)
        counts = await self._erase_rows(member, found, {**holding.counts, "texts": texts})
        return Erasure({**counts, "texts": texts}, holding.abroad)

    async def _erase_rows(self, member: Member, found: Traces, was: dict[str, int]) -> dict[str, int]:
        async with self.db.transaction(member.organization_id) as s:
            now = self.clock()
            await erasing.hold(s, found.leads)
            counts = {
                "imports": await erasing.erase_imports(s, found.leads),
                "deliveries": await erasing.erase_deliveries(s, found.leads, now),
                "people": await erasing.erase_contacts(s, found.contacts),
                **await erasing.erase_leads(s, found.leads, now),
                "customers": await erasing.erase_customers(s, found.customers, now),
                "purchases": await purchases_of.erase(s, found.phones),
            }
            for lead_id in found.leads:
                await audit.add_audit(s, member.id, "lead.erase", "lead", lead_id, now)
                await self.notices.lead_changed(s, lead_id)
            await self._tell_crms(s, found)
            numbers = await privacy.numbers(s, found.leads)
            await self._written(s, member, "erase", {"leads": numbers, "counts": {**was, **counts}})
        return counts

    async def _tell_crms(self, s: Session, found: Traces) -> None:
        """Owe every CRM that has a lead the lead as it is now, without its person."""
        for lead_id in found.leads:
            if any(one.told for one in await privacy.abroad(s, [lead_id])):
                fields = {"fields": list(erasing.TOLD)}
                await self.outbox.enqueue(s, "lead.update", lead_id, lead_id, fields)

    @open_to("erasure")
    async def scrub(self, member: Member, found: Traces) -> int:
        """Take the person's phones and e-mails out of all texts, a page at a time; returns how many rows."""
        done = 0
        for one in (*RAW, *WRITTEN):
            done += await self._scrub(member, one, found)
        return done

    async def _scrub(self, member: Member, one: Texts, found: Traces) -> int:
        done, after = 0, None
        while True:
            async with self.db.transaction(member.organization_id, system=one.whole) as s:
                rows = await scrubbing.page(s, one, after)
                for row in scrubbing.speaking(one, rows, found.marks):
                    await scrubbing.clean(s, one, row, found.marks)
                    done += 1
            if len(rows) < scrubbing.PAGE:
                return done
            after = scrubbing.key_of(one, rows[-1])

    async def _holding(self, s: Session, subject: Subject) -> Holding:
        found = await privacy.traces(s, subject)
        rows = await privacy.everything(s, found)
        abroad = await privacy.abroad(s, found.leads)
        numbers = tuple(await privacy.numbers(s, found.leads))
        counts = {name: len(some) for name, some in rows.items()}
        mark = json.dumps([subject.value, rows], sort_keys=True, default=str)
        return Holding(
            subject=subject,
            counts=counts,
            numbers=numbers,
            abroad=tuple(abroad),
            confirm=hashlib.sha256(mark.encode()).hexdigest()[:16],
            file=self._file(subject, rows, abroad),
        )

    def _file(
        self, subject: Subject, rows: dict[str, list[dict[str, Any]]], abroad: list[Any]
    ) -> dict[str, Any]:
        records = [
            {"provider": one.provider, "name": one.name, "id": one.external_id, "url": one.url}
            for one in abroad
        ]
        return {
            "about": {subject.kind: subject.value},
            "at": self.clock().isoformat(),
            **rows,
            "crm_records": records,
        }

    async def _written(self, s: Session, member: Member, what: str, data: dict[str, Any]) -> None:
        await audit.add_audit(s, member.id, f"privacy.{what}", "person", None, self.clock(), data)


class OwnData:
    """What is held on a member, for the member."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db, self.clock = db, clock

    @open_to("the member")
    async def export(self, member: Member) -> bytes:
        """Everything that the organization holds on the member, as JSON."""
        async with self.db.transaction(member.organization_id) as s:
            said: dict[str, Any] = {
                "organization": member.organization_name,
                "at": self.clock().isoformat(),
                "telegram": {"id": member.telegram_id, "username": member.username or ""},
                "member": await privacy.member_row(s, member.id),
                **await privacy.of_member(s, member.id),
            }
            await audit.add_audit(s, member.id, "privacy.own", "member", member.id, self.clock())
        return json.dumps(said, ensure_ascii=False, indent=1).encode()
