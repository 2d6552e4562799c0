"""A page of purchases into the database: each once, with its customer and its bonus, in one transaction."""

import hashlib
import json
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.errors import BadInput
from domain.purchases import Kept
from domain.transactions import SourceTransaction, Unreadable
from services.clock import Clock
from services.loyalty import accrual
from storage.db import Session
from storage.secrets import Vault
from storage.transactions import customer_phones, transaction_log, transaction_reading, transactions
from storage.transactions.transactions import Known, Stored

AT_ONCE = 5000
"""Records in one statement."""

LONGEST_RAW = 64_000
"""Characters of a raw record that are kept."""


class TransactionStore:
    """Writes what sources tell. Callers hold the source's row (transaction_sources.hold)."""

    def __init__(self, vault: Vault, clock: Clock) -> None:
        self.vault, self.clock = vault, clock

    async def keep(
        self, s: Session, source_id: UUID, found: Sequence[SourceTransaction | Unreadable], asked_at: datetime
    ) -> Counter[str]:
        """Write a page; returns how many were found, added, changed, unchanged, older, unreadable.
        `asked_at` is when the source was asked (UTC)."""
        counts: Counter[str] = Counter(found=len(found))
        good = [one for one in found if isinstance(one, SourceTransaction)]
        bad = [one for one in found if isinstance(one, Unreadable)]
        for part in _parts(good):
            counts += await self._keep_readable(s, source_id, part, asked_at)
        rows = [self._unreadable(source_id, one) for one in bad]
        counts["unreadable"] += await transaction_log.keep_unreadable(s, source_id, rows)
        return counts

    async def _keep_readable(
        self, s: Session, source_id: UUID, told: Sequence[SourceTransaction], asked_at: datetime
    ) -> Counter[str]:
        now = self.clock()
        learnt = {one.customer: one.phone for one in told if one.customer and one.phone}
        stored = await transactions.store(s, source_id, told, asked_at, await _known(s, source_id, told))
        woken = await self._learn(s, source_id, learnt) if learnt and stored.written else []
        written = {one.id: one for one in stored.written}
        for one in woken:
            written[one.id] = replace(one, phone_before=written.get(one.id, one).phone_before)
        if written:
            await accrual.settle(s, source_id, list(written.values()), now)
            await transaction_log.now_read(s, source_id, [one.external_id for one in stored.written], now)
        return _counts(stored)

    async def _learn(self, s: Session, source_id: UUID, learnt: Mapping[str, str]) -> list[Kept]:
        """Keep whose card it is; returns purchases with it that had no phone until now."""
        known = await customer_phones.buyers(s, source_id, learnt)
        new = {customer: phone for customer, phone in learnt.items() if known.get(customer) != phone}
        if not new:
            return []
        await customer_phones.learn(s, source_id, new, self.clock())
        return await self.matched(s, source_id, new)

    async def matched(self, s: Session, source_id: UUID, phones: Mapping[str, str]) -> list[Kept]:
        """Purchases of these buyers that had no phone get it, and their customer."""
        woken = await customer_phones.waiting(s, source_id, phones)
        for phone, customer_id in (await customer_phones.owners(s, set(phones.values()))).items():
            await customer_phones.adopt(s, customer_id, [phone])
        return await transaction_reading.by_ids(s, woken)

    async def gone(self, s: Session, source_id: UUID, external_id: str, asked_at: datetime) -> bool:
        """The source does not have it any more: as good as cancelled. False for one that was not here."""
        written = await transactions.cancel(s, source_id, external_id, asked_at)
        if written is None:
            return False
        await accrual.settle(s, source_id, [written], self.clock())
        return True

    def seal(self, source_id: UUID, values: Mapping[str, str]) -> bytes:
        """Raw data at rest; `opened` reads it."""
        cut = {name: value[:LONGEST_RAW] for name, value in values.items()}
        return self.vault.seal(cut, _context(source_id))

    def opened(self, source_id: UUID, sealed: bytes | None) -> dict[str, str]:
        """What was sealed; empty where the key is gone."""
        try:
            return self.vault.open(sealed, _context(source_id))
        except BadInput:
            return {}

    def _unreadable(self, source_id: UUID, one: Unreadable) -> dict[str, Any]:
        raw = json.dumps(one.raw, ensure_ascii=False, default=str, sort_keys=True)
        known_by = f"{one.external_id}\n{one.field}\n{one.problem}\n{raw}"
        return transaction_log.new_bad(
            digest=hashlib.sha256(known_by.encode("utf-8", "replace")).hexdigest(),
            external_id=one.external_id.replace("\x00", "")[:200],
            field=one.field[:64],
            problem=one.problem[:64],
            sealed=self.seal(source_id, {"raw": raw}),
            created_at=self.clock(),
        )


def trace_of(error: BaseException) -> str:
    """Where it happened, without the values that were at hand."""
    return "".join(traceback.format_tb(error.__traceback__)) + type(error).__name__


async def _known(s: Session, source_id: UUID, told: Sequence[SourceTransaction]) -> Known:
    cards = {one.customer for one in told if one.customer and not one.phone}
    phones = await customer_phones.buyers(s, source_id, cards)
    numbers = {one.phone for one in told if one.phone} | set(phones.values())
    return Known(phones, await customer_phones.owners(s, numbers))


def _counts(stored: Stored) -> Counter[str]:
    """What has never been a purchase counts as nothing new; what becomes one by this telling is added."""
    added = sum(one.version == 1 for one in stored.written)
    changed = sum(one.version > 1 for one in stored.written)
    return Counter(
        added=added,
        changed=changed,
        unchanged=stored.unchanged + len(stored.written) - added - changed,
        older=stored.older,
    )


def _parts(told: Sequence[SourceTransaction]) -> Iterator[Sequence[SourceTransaction]]:
    for at in range(0, len(told), AT_ONCE):
        yield told[at : at + AT_ONCE]


def _context(source_id: UUID) -> str:
    return f"transaction_sources:{source_id}"
