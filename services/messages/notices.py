"""Pushes owed to people: written with their cause, delivered later by the sender.

A notice holds a kind and ids, never a text: handlers/notices.py puts it into the person's language when it is
sent, so it shows the newest state. domain/notices.py lists the kinds. Which of them wait for the end of
somebody's quiet hours, and which come as one, say domain/urgency.py and services/messages/held_back.py.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from domain import slots as names
from domain.members import Member, Right
from domain.notices import RECEIPTS
from domain.slots import Shown
from services.access import open_to
from services.clock import Clock
from services.messages.held_back import fit_to_send
from storage.db import Database, Session
from storage.leads import leads as lead_rows
from storage.leads.lead_senders import chats_of_senders
from storage.messages import held_notices, recipients, slots
from storage.messages import notices as rows
from storage.messages.notices import Notice, Owed
from storage.people import members as member_rows
from storage.people import teams
from storage.replicas.signals import Signals
from storage.together import Way

LEASE = timedelta(seconds=60)
ANSWER_FIRST = timedelta(seconds=1)
"""How much later a card of an operation is settled than the operation: the answer to the press that set it
going edits the same message, and must not come last."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A claimed notice, the member it is for, and the message that shows its slot (COMING: soon will)."""

    notice: Notice
    member: Member | None
    message_id: int | None = None


class Notices:
    """Owes, claims and settles notices."""

    def __init__(self, db: Database, clock: Clock, signals: Signals) -> None:
        self.db, self.clock, self.signals = db, clock, signals
        self._out = Way(self._keep_sent)

    @open_to("services")
    async def owe(self, s: Session, chat_id: int, kind: str, params: dict[str, Any], slot: str = "") -> None:
        """Add one notice within the caller's transaction."""
        await self._owe_all(s, [Owed(chat_id, kind, params, slot)])

    async def _owe_all(self, s: Session, owed: Sequence[Owed], after: timedelta = timedelta()) -> None:
        await rows.add_notices(s, owed, self.clock() + after)
        s.after_commit(lambda: self.signals.wake("notices"))

    @open_to("services")
    async def lead_created(
        self, s: Session, lead_id: UUID, sender: Member | None, *, receipt: bool = True,
        given_to: UUID | None = None,
    ) -> None:  # fmt: skip
        """A push to everybody who may take the lead, or to whom it was given alone, and the sender's receipt.

        Without `receipt` for a sender whose answer is the receipt already.
        """
        params = {"lead": str(lead_id)}
        owed: list[Owed] = []
        if given_to is None:
            owed = await self._free(s, lead_id, {sender.id} if sender is not None else set())
        elif sender is None or given_to != sender.id:
            await self.lead_given(s, given_to, params)
        if sender is not None and receipt:
            owed.append(Owed(sender.telegram_id, "receipt", params, names.receipt(lead_id)))
        await self._owe_all(s, [*owed, *await teams.alerts(s, lead_id)])

    @open_to("services")
    async def lead_given(self, s: Session, member_id: UUID, params: dict[str, Any]) -> None:
        """A card for whoever has got the lead; `params` say by whom and with what word. It has no slot: a
        card that keeps itself up to date would soon wipe the word off."""
        await self._tell(s, member_id, "lead.given", params)

    @open_to("services")
    async def lead_free(self, s: Session, lead_id: UUID, besides: Collection[UUID]) -> None:
        """The lead is free again: a card for everybody else who may take it."""
        await self._owe_all(s, await self._free(s, lead_id, besides))

    @open_to("services")
    async def lead_late(self, s: Session, member_id: UUID, lead_id: UUID, step: str) -> None:
        """Nobody has answered the lead in time; `step` is one of domain.answer_times.STEPS."""
        params = {"lead": str(lead_id), "step": step}
        await self._tell(s, member_id, "lead.late", params, names.pushed_card(lead_id))

    async def _free(self, s: Session, lead_id: UUID, besides: Collection[UUID]) -> list[Owed]:
        return [
            Owed(member.telegram_id, "lead.new", {"lead": str(lead_id)}, names.pushed_card(lead_id))
            for member in await member_rows.active_with(s, Right.LEAD_WORK)
            if member.id not in besides
        ]

    @open_to("services")
    async def add_up(
        self, s: Session, member_id: UUID, kind: str, leads: Sequence[UUID], after: timedelta
    ) -> None:
        """One push that tells of leads, `after` the first of them; those in between are added to it."""
        member = await member_rows.get_member(s, member_id)
        if member is not None:
            await held_notices.add_up(s, member.telegram_id, kind, leads, self.clock(), after)

    @open_to("services")
    async def lead_changed(self, s: Session, lead_id: UUID) -> None:
        """Bring every pushed or opened card of the lead up to date, and the sender's receipt."""
        await self.leads_changed(s, [lead_id])

    @open_to("services")
    async def leads_changed(self, s: Session, lead_ids: Collection[UUID]) -> None:
        """The same for many leads at once."""
        card_of = {
            slot: lead_id
            for lead_id in lead_ids
            for slot in (names.pushed_card(lead_id), names.opened_card(lead_id), names.team_card(lead_id))
        }
        owed = [
            Owed(
                chat_id,
                "team.card" if names.is_team_card(slot) else "lead.card",
                {"lead": str(card_of[slot])},
                slot,
            )
            for chat_id, slot in await slots.places(s, list(card_of))
        ]
        owed += [
            Owed(chat_id, "receipt", {"lead": str(lead_id)}, names.receipt(lead_id))
            for lead_id, chat_id in (await chats_of_senders(s, lead_ids)).items()
        ]
        if owed:
            await self._owe_all(s, owed)

    @open_to("services")
    async def stage_changed(self, s: Session, lead_id: UUID, stage_id: UUID, actor: UUID | None) -> None:
        """A push to the sender and to the assignee, but not to whoever did it."""
        lead = await lead_rows.get_lead(s, lead_id)
        if lead is None:
            return
        people = {lead.sender_id, lead.assignee_id} - {None, actor}
        for member_id in sorted(people, key=str):
            await self._tell(s, member_id, "lead.stage", {"lead": str(lead_id), "stage": str(stage_id)})
        await self.lead_changed(s, lead_id)

    @open_to("services")
    async def receipt_changed(self, s: Session, lead_id: UUID) -> None:
        """The receipt of the lead's sender is to be edited."""
        lead = await lead_rows.get_lead(s, lead_id)
        if lead is not None and lead.sender_id is not None:
            params = {"lead": str(lead_id)}
            await self._tell(s, lead.sender_id, "receipt", params, names.receipt(lead_id))

    @open_to("services")
    async def operation_failed(self, s: Session, operation_id: UUID) -> None:
        """Admins get a card on which they decide."""
        await self._tell_admins(
            s, "crm.failed", {"operation": str(operation_id)}, f"operation:{operation_id}"
        )

    @open_to("services")
    async def operation_settled(self, s: Session, operation_id: UUID) -> None:
        """Cards of the operation that admins have are to show how it stands now."""
        slot = f"operation:{operation_id}"
        params = {"operation": str(operation_id)}
        found = await slots.places(s, [slot])
        owed = [Owed(chat_id, "crm.failed", params, slot) for chat_id, _ in found]
        await self._owe_all(s, owed, ANSWER_FIRST)

    @open_to("services")
    async def outage(self, s: Session, integration_id: UUID) -> None:
        """Admins learn that a CRM does not work."""
        await self._tell_admins(s, "crm.outage", {"integration": str(integration_id)})

    @open_to("services")
    async def outage_over(self, s: Session, integration_id: UUID) -> None:
        """Admins learn that it works again."""
        await self._tell_admins(s, "crm.recovered", {"integration": str(integration_id)})

    @open_to("the journal")
    async def update_parked(self, s: Session, name: str, error_id: str) -> None:
        """Admins learn that what somebody did broke on our side."""
        await self._tell_admins(s, "update.parked", {"name": name, "error": error_id})

    async def _tell_admins(self, s: Session, kind: str, params: dict[str, Any], slot: str = "") -> None:
        admins = await member_rows.active_with(s, Right.CRM_MANAGE)
        await self._owe_all(s, [Owed(admin.telegram_id, kind, params, slot) for admin in admins])

    @open_to("services")
    async def to_member(
        self, s: Session, member_id: UUID, kind: str, params: dict[str, Any], slot: str = ""
    ) -> None:
        """One notice to one member."""
        await self._tell(s, member_id, kind, params, slot)

    async def _tell(
        self, s: Session, member_id: UUID | None, kind: str, params: dict[str, Any], slot: str = ""
    ) -> None:
        member = await member_rows.get_member(s, member_id) if member_id else None
        if member is not None:
            await self.owe(s, member.telegram_id, kind, params, slot)

    @open_to("use cases outside a transaction")
    async def progress(self, member: Member, kind: str, params: dict[str, Any], slot: str) -> None:
        """Move a bar in the member's own chat."""
        async with self.db.transaction(member.organization_id) as s:
            await self.owe(s, member.telegram_id, kind, params, slot)

    @open_to("the sender")
    async def claim(self, limit: int = 50) -> list[Delivery]:
        """Due notices, at most one a chat, leased to the caller; those that have to wait are put back."""
        while True:
            async with self.db.transaction(system=True) as s:
                claimed = await rows.claim_notices(s, self.clock(), LEASE, limit)
                chats = [(one.organization_id, one.chat_id) for one in claimed]
                whose = await recipients.members_of(s, chats)
                deliveries = []
                for notice in claimed:
                    member = whose.get((notice.organization_id, notice.chat_id))
                    fit = await fit_to_send(s, notice, member, self.clock(), in_place=RECEIPTS)
                    if fit is not None:
                        deliveries.append(Delivery(fit, member))
            if deliveries or not claimed:
                return deliveries

    @open_to("the sender")
    async def showing(self, notice: Notice) -> int | None:
        """The message that shows the notice's slot now; it may have changed since the notice was claimed."""
        if not notice.slot:
            return None
        async with self.db.reading(system=True) as s:
            return await slots.message_of(s, notice.chat_id, notice.slot)

    @open_to("the sender")
    async def sent(self, notice: Notice, message_id: int | None) -> None:
        """The notice is out; `message_id` is the new message that shows its slot, None after an edit."""
        await self.db.together.take(self._out, (notice, message_id))

    async def _keep_sent(self, s: Session, sent: Sequence[tuple[Notice, int | None]]) -> Sequence[None]:
        now = self.clock()
        await rows.settle_sent(s, [notice.id for notice, _ in sent], now)
        shown = [
            Shown(notice.chat_id, message_id, slot)
            for notice, message_id in sent
            if notice.slot and message_id is not None
            for slot in (notice.slot, *map(names.team_card, notice.params.get("also", ())))
        ]
        await slots.sent(s, shown, now)
        s.after_commit(lambda: self.signals.wake("notices"))
        return [None] * len(sent)

    @open_to("the sender")
    async def later(self, notice: Notice, wait: timedelta, error: str, *, counted: bool = True) -> None:
        """Try again after `wait`. Not `counted`: nothing was tried yet."""
        attempts = notice.attempts - (not counted)
        async with self.db.transaction(system=True) as s:
            await rows.settle_notice(
                s, notice.id, "pending", due_at=self.clock() + wait, error=error, attempts=attempts
            )

    @open_to("the sender")
    async def dropped(self, notice: Notice, error: str) -> None:
        """Nobody will ever get it: the bot is blocked, or there is nothing left to show."""
        async with self.db.transaction(system=True) as s:
            await rows.settle_notice(s, notice.id, "dropped", error=error[:300])
