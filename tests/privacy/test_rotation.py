"""SECRET_KEY is changed while the product works, and the old key is not needed any more afterwards."""

import asyncio
import base64

import sqlalchemy as sa

from services.audit.chain import chain_context
from services.audit.rotation import Rotation
from services.connections import renewal
from services.entry import second_factor
from services.hooks_out import sealing
from services.transactions import storing
from storage.hooks_in.hooks import Hook, hook_context
from storage.ids import new_id
from storage.sealed import OPEN, SEALED
from storage.secrets import Vault, key_id_of
from storage.tables import integrations, metadata
from tests.api.office import SECRET_KEY, Office
from tests.privacy.conftest import Shell

NEW_KEY = base64.b64encode(b"n" * 32).decode()


def test_every_column_of_bytes_is_sealed_or_said_to_be_open() -> None:
    columns = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.c
        if isinstance(column.type, sa.LargeBinary)
    }
    assert columns == {one.name for one in SEALED} | set(OPEN)


def test_the_list_binds_values_to_what_their_writers_bind_them_to() -> None:
    one = new_id()
    hook = Hook(one, one, "k", "website", None, "", "", None)
    bound = {
        "integrations.credentials": renewal.sealed_for(one),
        "hooks.secret": hook_context(hook),
        "hooks_out.sealed": sealing._context(one),
        "second_factors.secret": second_factor.sealed_for(one),
        "unreadable_transactions.sealed": storing._context(one),
        "transaction_runs.sealed": storing._context(one),
        "audit_chains.key": chain_context(one),
    }
    assert {listed.name: listed.context(one) for listed in SEALED} == bound


async def seed(office: Office, count: int) -> None:
    vault, organization = Vault(SECRET_KEY), office.owner.organization_id
    async with office.product.db.transaction(organization) as s:
        for number in range(count):
            row_id = new_id()
            sealed = vault.seal({"api_key": f"key {number}"}, f"integrations:{row_id}")
            await s.execute(integrations.insert().values(
                id=row_id, organization_id=organization, provider="espocrm", credentials=sealed,
                created_at=office.clock(),
            ))  # fmt: skip


async def test_everything_is_sealed_anew_and_the_old_key_can_go(office: Office, shell: Shell) -> None:
    await seed(office, 120)
    await office.lead()
    await office.product.services.audit_chain.seal()
    code, said = await shell("secrets", "keys", SECRET_KEY=NEW_KEY, SECRET_KEY_OLD=SECRET_KEY)
    assert (code, "An older key is still needed" in said) == (0, True), said
    code, said = await shell("secrets", "rotate", SECRET_KEY=NEW_KEY, SECRET_KEY_OLD=SECRET_KEY)
    assert (code, "121 values were sealed anew" in said) == (0, True), said
    assert "SECRET_KEY_OLD can be emptied" in said
    code, said = await shell("secrets", "rotate", SECRET_KEY=NEW_KEY)
    assert (code, "0 values were sealed anew" in said) == (0, True), said
    code, said = await shell("audit", "verify", SECRET_KEY=NEW_KEY)
    assert (code, "✓" in said) == (0, True), said
    new = Vault(NEW_KEY)
    async with office.product.db.reading(system=True) as s:
        rows = await s.rows(sa.select(integrations.c.id, integrations.c.credentials))
    opened = {new.open(row.credentials, f"integrations:{row.id}")["api_key"] for row in rows}
    assert opened == {f"key {number}" for number in range(120)}


async def test_without_the_old_key_the_values_are_named_and_kept(office: Office, shell: Shell) -> None:
    await seed(office, 2)
    code, said = await shell("secrets", "rotate", SECRET_KEY=NEW_KEY)
    assert (code, said.count("No key of ours opens integrations.credentials")) == (1, 2), said


async def test_what_is_written_meanwhile_wins(office: Office) -> None:
    """Writers with the old key race with the walk: no new value is lost to an old one."""
    await seed(office, 60)
    db, old = office.product.db, Vault(SECRET_KEY)
    both = Vault(NEW_KEY, (SECRET_KEY,))
    async with db.reading(system=True) as s:
        ids = [row.id for row in await s.rows(sa.select(integrations.c.id))]

    async def write() -> None:
        for row_id in ids:
            async with db.transaction(office.owner.organization_id) as s:
                fresh = old.seal({"api_key": "fresh"}, f"integrations:{row_id}")
                await s.execute(
                    integrations.update()
                    .where(integrations.c.organization_id == s.tenant, integrations.c.id == row_id)
                    .values(credentials=fresh)
                )

    rotation = Rotation(db, both)
    await asyncio.gather(write(), rotation.rotate(), rotation.rotate())
    found = await rotation.rotate()
    assert not found.old_needed
    async with db.reading(system=True) as s:
        rows = await s.rows(sa.select(integrations.c.id, integrations.c.credentials))
    for row in rows:
        assert key_id_of(row.credentials) == both.current
        assert both.open(row.credentials, f"integrations:{row.id}") == {"api_key": "fresh"}
