"""The record of actions: what is done is written down, chained, and whoever touches it is found out."""

import asyncio
import re
from collections.abc import Awaitable, Callable

import pytest
import sqlalchemy as sa

from domain.audit import Sought
from domain.errors import NotAllowed
from handlers.privacy.chain_words import why_word
from services.audit.chain import BROKEN
from storage.db import Session
from storage.ids import new_id
from storage.privacy.audit import add_audit
from storage.tables import audit, audit_chains, notices
from tests.api.office import Office
from tests.privacy.conftest import Shell

Forge = Callable[[Session], Awaitable[object]]


async def work(office: Office, leads: int = 6) -> None:
    """Some actions, chained."""
    for number in range(leads):
        await office.lead(name=f"Lead {number}", phones=[f"+7916123450{number}"])
    await office.product.services.audit_chain.seal()


async def by_hand(office: Office, forge: Forge) -> None:
    """As somebody who may write every row of the database, and has no key of ours."""
    async with office.product.db.transaction(system=True) as s:
        await forge(s)


async def change(s: Session) -> None:
    await s.execute(audit.update().where(audit.c.seq == 3).values(action="lead.deleted"))


async def change_who(s: Session) -> None:
    await s.execute(audit.update().where(audit.c.seq == 3).values(actor_id=None))


async def remove(s: Session) -> None:
    await s.execute(audit.delete().where(audit.c.seq == 3))


async def remove_and_close_up(s: Session) -> None:
    await s.execute(audit.delete().where(audit.c.seq == 3))
    for seq in range(4, 9):
        await s.execute(audit.update().where(audit.c.seq == seq).values(seq=seq - 1))


async def swap(s: Session) -> None:
    for old, new in ((3, 900), (4, 3), (900, 4)):
        await s.execute(audit.update().where(audit.c.seq == old).values(seq=new))


async def copy_of(s: Session, seq: int | None) -> None:
    row = dict((await s.rows(sa.select(audit).where(audit.c.seq == 1)))[0]._mapping)
    await s.execute(audit.insert().values({**row, "id": new_id(), "seq": seq}))


async def insert(s: Session) -> None:
    for seq in range(8, 2, -1):
        await s.execute(audit.update().where(audit.c.seq == seq).values(seq=seq + 1))
    row = dict((await s.rows(sa.select(audit).where(audit.c.seq == 4)))[0]._mapping)
    await s.execute(audit.insert().values({**row, "id": new_id(), "seq": 3}))


async def add_behind(s: Session) -> None:
    await copy_of(s, 99)


async def add_unsealed(s: Session) -> None:
    await copy_of(s, None)


async def cut_with_head(s: Session) -> None:
    await s.execute(audit.delete().where(audit.c.seq > 5))
    row = (await s.rows(sa.select(audit.c.mac).where(audit.c.seq == 5)))[0]
    await s.execute(audit_chains.update().values(seq=5, mac=row.mac))


async def without_a_chain(s: Session) -> None:
    await s.execute(audit_chains.delete())


async def cut(s: Session) -> None:
    await s.execute(audit.delete().where(audit.c.seq > 5))


FORGERIES = {
    "changed": (change, "entry 3 was changed"),
    "who": (change_who, "entry 3 was changed"),
    "removed": (remove, "entry 3 was removed"),
    "closed up": (remove_and_close_up, "entry 3 is not in its place"),
    "reordered": (swap, "entry 3 is not in its place"),
    "inserted": (insert, "entry 3 was changed"),
    "behind": (add_behind, "entry 99 was not written by this program"),
    "cut": (cut, "entry 6 and what followed are gone"),
    "cut, and the end set back": (cut_with_head, "changed; entry 5 is the last one"),
    "no chain": (without_a_chain, "changed; entry 1 is the last one"),
}


async def kept(office: Office) -> dict[sa.Table, list[dict[str, object]]]:
    """The record as it is."""
    async with office.product.db.reading(system=True) as s:
        return {
            table: [dict(row._mapping) for row in await s.rows(sa.select(table))]
            for table in (audit, audit_chains)
        }


async def put_back(office: Office, before: dict[sa.Table, list[dict[str, object]]]) -> None:
    async with office.product.db.transaction(system=True) as s:
        for table, rows in before.items():
            await s.execute(table.delete())
            await s.execute(table.insert(), rows)


async def test_the_first_broken_entry_is_named(office: Office, shell: Shell) -> None:
    await work(office)
    chain, before = office.product.services.audit_chain, await kept(office)
    for how, (forge, named) in FORGERIES.items():
        await by_hand(office, forge)
        verdict = await chain.verify(office.owner.organization_id)
        assert verdict.broken is not None, how
        assert named in why_word(verdict.broken.why, verdict.broken.seq), how
        if how == "cut":
            code, said = await shell("audit", "verify")
            assert (code, named in said) == (1, True), said
        await put_back(office, before)
    assert (await chain.verify(office.owner.organization_id)).broken is None
    async with office.product.db.reading(system=True) as s:
        told = await s.rows(sa.select(notices.c.chat_id).where(notices.c.kind == BROKEN))
    # once each, the one that was verified twice too; what was told is kept with a chain, if there is one
    assert [row.chat_id for row in told] == [office.owner.telegram_id] * (len(FORGERIES) - 1)


async def test_what_holds_is_said_and_is_an_anchor_for_later(office: Office, shell: Shell) -> None:
    await work(office, 3)
    code, said = await shell("audit", "verify")
    found = re.search(r"Anchor: (\d+:[0-9a-f]{64})", said)
    assert code == 0, said
    assert found is not None, said
    assert "entries hold" in said
    await work(office, 0)
    await office.lead(phones=["+79161234599"])
    await office.product.services.audit_chain.seal()
    code, said = await shell("audit", "verify", "--anchor", found[1])
    assert code == 0, said
    code, said = await shell("audit", "verify", "--anchor", f"2:{'0' * 64}")
    assert (code, "entry 2 was changed" in said) == (1, True), said
    assert (await shell("audit", "verify", "--anchor", "2:x"))[0] == 2


async def test_a_row_slipped_in_before_the_seal_is_not_taken_for_ours(office: Office) -> None:
    await work(office, 1)
    await by_hand(office, add_unsealed)
    chain = office.product.services.audit_chain
    assert await chain.seal() == 1
    verdict = await chain.verify(office.owner.organization_id)
    assert verdict.broken is not None
    assert verdict.broken.why == "inserted"


async def test_many_writers_and_two_sealers_make_one_chain(office: Office) -> None:
    db, chain, organization = (
        office.product.db,
        office.product.services.audit_chain,
        office.owner.organization_id,
    )

    async def write(number: int) -> None:
        for _ in range(5):
            async with db.transaction(organization) as s:
                await add_audit(s, None, "lead.create", "lead", new_id(), office.clock(), {"n": number})
                await asyncio.sleep(0)

    async def sealing() -> None:
        for _ in range(10):
            await chain.seal()

    await asyncio.gather(*map(write, range(8)), sealing(), sealing())
    await chain.seal()
    verdict = await chain.verify(organization)
    assert verdict.broken is None
    assert verdict.waiting == 0
    async with db.reading(organization) as s:
        seqs = [row.seq for row in await s.rows(
            sa.select(audit.c.seq).where(audit.c.organization_id == organization).order_by(audit.c.seq)
        )]  # fmt: skip
    assert seqs == list(range(1, len(seqs) + 1))
    assert len(seqs) >= 40


async def test_an_action_says_who_from_where_and_what(office: Office) -> None:
    await work(office, 1)
    manager = await office.hire("Мария", "manager", 7)
    record = office.product.services.audit_record
    entries, _total = await record.browse(office.owner, Sought(kind="leads"), 10, 0)
    (made,) = [one for one in entries if one.action == "lead.create"]
    assert made.actor_name == office.owner.name
    assert re.fullmatch(r"api vk_[\w-]+ 127\.0\.0\.1", made.address)
    assert made.seq is not None
    with pytest.raises(NotAllowed):
        await record.browse(manager, Sought(), 10, 0)
