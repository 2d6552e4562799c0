"""`python -m bot archive restore`: activities come back out of the archive, beside a running product."""

import argparse
import asyncio

from bot.operating.keeping import chosen, opened, say, vault_of
from bot.settings import Settings, load_settings
from domain.origin import acting_from
from locales import _, ngettext, use_language
from services.audit.chain import AuditChain
from services.clock import system_clock
from services.privacy.retention import Retention
from storage.people import members
from storage.privacy.audit import PURPOSE, sign_with


def run(options: argparse.Namespace) -> int:
    """Carry the command out. Raises SettingsError."""
    settings = load_settings(needed=("SECRET_KEY",))
    with use_language(settings.default_language), acting_from("operator"):
        return asyncio.run(_restore(settings, options.organization))


async def _restore(settings: Settings, wanted: str) -> int:
    db, vault = await opened(settings), vault_of(settings)
    try:
        sign_with(db, vault.derived(PURPOSE)[0])
        retention = Retention(db, system_clock, AuditChain(db, vault, system_clock))
        async with db.reading(system=True) as s:
            organizations = chosen(await members.every_organization(s), wanted)
        for one in organizations:
            many = await retention.bring_back(one.id)
            text = ngettext("{count} activity is back", "{count} activities are back", many)
            say(_("✓ {name}: {count}.").format(name=one.name, count=text.format(count=many)))
    finally:
        await db.close()
    return 0
