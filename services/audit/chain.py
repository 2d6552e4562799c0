"""The chain of an organization's record of actions.

Entries are signed by whoever writes them (storage/privacy/audit.py). A job gives what is committed a place
in the chain every second: writers of one organization never wait for one another. It checks the signature,
and keeps with the entry what it found, its digest, and a link to the entry before, keyed by a key of the
chain's own, which the vault seals. So nothing has to be chained anew when SECRET_KEY is rotated.
"""

import base64
import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog

from domain.audit import (
    BEFORE,
    SIGNED,
    UNSIGNED,
    Broken,
    Verdict,
    canonical,
    entry_digest,
    head_sign,
    link,
    signature,
)
from domain.errors import BadInput
from domain.members import Right, Role
from services.access import open_to
from services.clock import Clock
from storage.db import Database, Session
from storage.messages.notices import Owed, add_notices
from storage.people import members
from storage.privacy import audit as rows
from storage.replicas.signals import wake_after_commit
from storage.secrets import Vault

log = structlog.get_logger()

BROKEN = "audit.broken"
"""The push to owners; its params are the verdict as the chain keeps it."""

BATCH = 500
WALK = 1000
EVERY = timedelta(days=1)
"""How often a chain is verified by itself."""

Row = Any


def chain_context(organization_id: UUID) -> str:
    """What the sealed key of a chain is bound to."""
    return f"audit_chains:{organization_id}"


class AuditChain:
    """Seals and verifies."""

    def __init__(self, db: Database, vault: Vault, clock: Clock) -> None:
        self.db, self.vault, self.clock = db, vault, clock

    @open_to("the scheduler")
    async def seal(self) -> int:
        """Chain what is committed and not chained yet; returns how many entries that were."""
        async with self.db.reading(system=True) as system:
            waiting = await rows.waiting_organizations(system)
        done = 0
        for organization_id in waiting:
            while (count := await self._seal_some(organization_id)) == BATCH:
                done += count
            done += count
        return done

    async def _seal_some(self, organization_id: UUID) -> int:
        async with self.db.transaction(organization_id) as s:
            held = await self._held(s)
            key = self._key(held)
            found = await rows.unsealed(s, BATCH)
            seq, mac, links = held.seq, held.mac, []
            for row in found:
                seq += 1
                proof = self._proof(row, held.begun)
                digest = entry_digest(key, canonical(dict(row._mapping)), proof)
                mac = link(key, seq, mac, digest)
                links.append({"id": row.id, "seq": seq, "proof": proof, "digest": digest, "mac": mac})
            begun = held.begun or len(found) < BATCH
            if links:
                await rows.seal(s, links)
            if links or begun != held.begun:
                sign = head_sign(key, seq, mac, held.base_seq, held.base_mac, begun)
                now = self.clock()
                await rows.keep_chain(s, seq=seq, mac=mac, sign=sign, begun=begun, sealed_at=now)
        return len(found)

    async def _held(self, s: Session) -> Row:
        """The organization's chain, locked; begun where there is none."""
        held = await rows.chain(s, hold=True)
        if held is None:
            fresh = {"key": base64.b64encode(os.urandom(32)).decode()}
            await rows.add_chain(s, self.vault.seal(fresh, chain_context(s.tenant)))
            held = await rows.chain(s, hold=True)
            assert held is not None
            empty = head_sign(self._key(held), 0, "", 0, "", False)
            if not held.sign:
                await rows.keep_chain(s, sign=empty)
        return held

    def _key(self, held: Row) -> bytes:
        return base64.b64decode(self.vault.open(held.key, chain_context(held.organization_id))["key"])

    def _proof(self, row: Row, begun: bool) -> str:
        content = canonical(dict(row._mapping))
        if any(signature(key, content) == row.sign for key in self.vault.derived(rows.PURPOSE)):
            return SIGNED
        return UNSIGNED if begun or row.sign else BEFORE

    @open_to("the scheduler and operators")
    async def verify(self, organization_id: UUID, anchors: Mapping[int, str] | None = None) -> Verdict:
        """Walk the chain. `anchors` are places with what chained them, written down earlier elsewhere.

        The verdict is kept with the chain. Raises BadInput when no key of ours opens it.
        """
        while True:
            async with self.db.reading(organization_id) as s:
                held = await rows.chain(s)
                verdict = await self._verdict(s, held)
                again = await rows.chain(s)
                waiting = await rows.unsealed_count(s)
                broken = verdict.broken or await self._off_anchor(s, held, anchors or {})
            if held is None or again is None or held.base_seq == again.base_seq:
                break
        verdict = replace(verdict, broken=broken, waiting=waiting)
        await self._keep(verdict)
        return verdict

    async def _keep(self, verdict: Verdict) -> None:
        broken = verdict.broken
        said = {"seq": broken.seq, "why": broken.why, "entry": str(broken.entry_id or "")} if broken else {}
        now = self.clock()
        async with self.db.transaction(verdict.organization_id) as s:
            before = await rows.chain(s, hold=True)
            await rows.keep_chain(s, verified_at=now, verified_seq=verdict.seq, broken=said)
            if said and before is not None and before.broken != said:
                await self._tell_owners(s, said)
        organization = str(verdict.organization_id)
        if broken:
            log.error("audit.broken", organization=organization, seq=broken.seq, why=broken.why)
        else:
            # kept by whoever keeps logs: an anchor outside of the database
            log.info("audit.verified", organization=organization, seq=verdict.seq, mac=verdict.mac)

    async def _tell_owners(self, s: Session, said: Mapping[str, Any]) -> None:
        """Once a break: what is found again is not told again."""
        able = await members.active_with(s, Right.AUDIT_SEE)
        owed = [Owed(one.telegram_id, BROKEN, dict(said)) for one in able if one.role is Role.OWNER]
        await add_notices(s, owed, self.clock())
        wake_after_commit(s, "notices")

    async def _verdict(self, s: Session, held: Row | None) -> Verdict:
        stray = await rows.outside(s)
        if held is None:
            broken = Broken(stray.seq, "head", stray.id) if stray is not None else None
            return Verdict(s.tenant, 0, 0, "", broken)
        try:
            key = self._key(held)
        except BadInput:
            return Verdict(s.tenant, 0, held.seq, held.mac, Broken(held.seq, "head"))
        own = head_sign(key, held.seq, held.mac, held.base_seq, held.base_mac, held.begun)
        entries, broken = await self._walk(s, held, key)
        if broken is None and own != held.sign:
            broken = Broken(held.seq, "head")
        if broken is None and stray is not None:
            broken = Broken(stray.seq, "inserted", stray.id)
        return Verdict(s.tenant, entries, held.seq, held.mac, broken)

    async def _walk(self, s: Session, held: Row, key: bytes) -> tuple[int, Broken | None]:
        seq, mac = held.base_seq, held.base_mac
        while seq < held.seq:
            found = await rows.sealed_after(s, seq, WALK)
            if not found:
                return seq - held.base_seq, Broken(seq + 1, "cut")
            for row in found:
                if seq == held.seq:
                    break
                wrong = _wrong(key, seq + 1, mac, row)
                if wrong is not None:
                    return seq - held.base_seq, wrong
                seq, mac = row.seq, row.mac
        return seq - held.base_seq, None if mac == held.mac else Broken(held.seq, "head")

    async def _off_anchor(self, s: Session, held: Row | None, anchors: Mapping[int, str]) -> Broken | None:
        """Where the chain is another one than was written down elsewhere."""
        for seq, mac in sorted(anchors.items()):
            if held is None or seq > held.seq:
                return Broken(seq, "cut")
            now = held.base_mac if seq == held.base_seq else await rows.mac_at(s, seq)
            if seq >= held.base_seq and now != mac:
                return Broken(seq, "changed")
        return None

    @open_to("the scheduler")
    async def verify_due(self) -> int:
        """Verify every chain that was not verified within a day; returns how many are broken."""
        async with self.db.reading(system=True) as system:
            due = await rows.chains_unverified(system, self.clock() - EVERY)
        return sum([(await self.verify(one)).broken is not None for one in due])

    @open_to("the retention job")
    async def shorten(self, s: Session, removed: list[Row]) -> None:
        """Let the chain begin behind these entries, the oldest it has, which are taken out."""
        held = await self._held(s)
        last = removed[-1]
        sign = head_sign(self._key(held), held.seq, held.mac, last.seq, last.mac, held.begun)
        await rows.keep_chain(s, base_seq=last.seq, base_mac=last.mac, sign=sign)
        await rows.remove(s, [row.id for row in removed])


def _wrong(key: bytes, seq: int, before: str, row: Row) -> Broken | None:
    """What is wrong with the entry that stands where `seq` is expected."""
    if row.seq != seq:
        return Broken(seq, "removed", row.id)
    digest = entry_digest(key, canonical(dict(row._mapping)), row.proof)
    if digest != row.digest:
        return Broken(seq, "changed", row.id)
    if link(key, seq, before, digest) != row.mac:
        return Broken(seq, "moved", row.id)
    return Broken(seq, "inserted", row.id) if row.proof == UNSIGNED else None
