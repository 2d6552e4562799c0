"""`python -m bot second-factor list|off`, for members whom nobody in the chat can help: a sole owner whose
telephone is lost. Works beside a running product, which tells the member."""

import argparse
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.operating.keeping import chosen, opened, say, vault_of
from bot.settings import Settings, SettingsError, load_settings
from domain.members import Member
from domain.origin import acting_from
from locales import _, use_language
from services.clock import system_clock
from services.entry.bursts import Bursts
from services.entry.second_factor import SecondFactor
from services.messages.notices import Notices
from storage.people import members
from storage.privacy.audit import PURPOSE, sign_with
from storage.replicas.signals import LocalSignals

Holders = list[tuple[str, Member]]
"""Names of organizations, and members of theirs who have turned it on."""


def run(options: argparse.Namespace) -> int:
    """Carry the command out. Raises SettingsError."""
    settings = load_settings(needed=("SECRET_KEY",))
    with use_language(settings.default_language), acting_from("operator"):
        return asyncio.run(_off(settings, options) if options.what == "off" else _list(settings, options))


@asynccontextmanager
async def _open(settings: Settings, organization: str) -> AsyncIterator[tuple[SecondFactor, Holders]]:
    db, vault = await opened(settings), vault_of(settings)
    try:
        sign_with(db, vault.derived(PURPOSE)[0])
        notices = Notices(db, system_clock, LocalSignals())
        factor = SecondFactor(db, vault, system_clock, notices, Bursts(db, system_clock, notices))
        async with db.reading(system=True) as s:
            organizations = chosen(await members.every_organization(s), organization)
        yield factor, [(one.name, held) for one in organizations for held in await factor.holders(one.id)]
    finally:
        await db.close()


async def _list(settings: Settings, options: argparse.Namespace) -> int:
    async with _open(settings, options.organization) as (_factor, holders):
        for organization, one in holders:
            line = _("{organization}: {name}, {role}, Telegram id {id}")
            say(line.format(organization=organization, name=one.name, role=one.role, id=one.telegram_id))
    if not holders:
        say(_("Nobody has turned the second factor on."))
    return 0


async def _off(settings: Settings, options: argparse.Namespace) -> int:
    async with _open(settings, options.organization) as (factor, holders):
        theirs = [(name, one) for name, one in holders if one.telegram_id == options.telegram_id]
        if not theirs:
            raise SettingsError(_("Nobody with this Telegram id has turned the second factor on."))
        for organization, one in theirs:
            await factor.take_off(one)
            text = _("✓ {organization}: the second factor of {name} is off. The bot tells them.")
            say(text.format(organization=organization, name=one.name))
    return 0
