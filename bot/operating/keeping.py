"""`python -m bot audit verify` and `python -m bot secrets rotate|keys`, in plain sentences.

Both work beside a running product. The exit code is 0 when all is well, 1 when something needs a person, 2
when the command itself cannot be carried out.
"""

import argparse
import asyncio
import re
import sys
from collections.abc import Sequence

from bot.settings import Settings, SettingsError, load_settings
from bot.watching.logs import set_up_logs
from domain.audit import Verdict
from domain.members import Organization
from handlers.privacy.chain_words import why_word
from locales import _, ngettext, use_language
from services.audit.chain import AuditChain
from services.audit.rotation import Rotated, Rotation
from services.clock import system_clock
from storage.db import Database
from storage.people import members
from storage.revision import is_newest
from storage.secrets import Vault

_ANCHOR = re.compile(r"(\d{1,18}):([0-9a-f]{64})")


def audit(options: argparse.Namespace) -> int:
    """Carry `audit` out. Raises SettingsError."""
    settings = load_settings(needed=("SECRET_KEY",))
    with use_language(settings.default_language):
        return asyncio.run(_verify(settings, options.organization, options.anchor))


def secrets(options: argparse.Namespace) -> int:
    """Carry `secrets` out. Raises SettingsError."""
    settings = load_settings(needed=("SECRET_KEY",))
    with use_language(settings.default_language):
        return asyncio.run(_rotate(settings, change=options.what == "rotate"))


async def opened(settings: Settings) -> Database:
    """The database, for a command beside a running product. Raises SettingsError where it is an old one."""
    set_up_logs("ERROR", settings.log_format, settings.secrets)
    if not await is_newest(settings.database_url):
        raise SettingsError(_("The database is not up to date: run “python -m bot migrate” first."))
    return Database(settings.database_url)


def vault_of(settings: Settings) -> Vault:
    """What is sealed opens with it."""
    return Vault(settings.secret_key, tuple(settings.secret_key_old))


async def _verify(settings: Settings, wanted: str, given: Sequence[str]) -> int:
    anchors = _anchors(given)
    db = await opened(settings)
    try:
        chain = AuditChain(db, vault_of(settings), system_clock)
        async with db.reading(system=True) as s:
            organizations = chosen(await members.every_organization(s), wanted)
        if anchors and len(organizations) > 1:
            raise SettingsError(_("An anchor belongs to one organization: name it with --organization."))
        verdicts = [(one, await chain.verify(one.id, anchors)) for one in organizations]
    finally:
        await db.close()
    for one, verdict in verdicts:
        _say(one, verdict)
    return 1 if any(verdict.broken for _one, verdict in verdicts) else 0


def chosen(every: Sequence[Organization], wanted: str) -> list[Organization]:
    """The organization of this name or id; all of them for none. Raises SettingsError for an unknown one."""
    found = [one for one in every if not wanted or wanted.casefold() in (one.name.casefold(), str(one.id))]
    if not found:
        raise SettingsError(_("There is no such organization."))
    return found


def _anchors(given: Sequence[str]) -> dict[int, str]:
    found = [_ANCHOR.fullmatch(one.strip()) for one in given]
    if not all(found):
        raise SettingsError(_("An anchor is a number, a colon and 64 signs, as an earlier run printed it."))
    return {int(match[1]): match[2] for match in found if match}


def _say(one: Organization, verdict: Verdict) -> None:
    if verdict.broken is not None:
        why = why_word(verdict.broken.why, verdict.broken.seq)
        say(_("✗ {name}: {why}").format(name=one.name, why=why))
        if verdict.broken.entry_id is not None:
            say(_("  Row: {id}").format(id=verdict.broken.entry_id))
    else:
        text = ngettext("{count} entry holds", "{count} entries hold", verdict.entries)
        say(_("✓ {name}: {count}.").format(name=one.name, count=text.format(count=verdict.entries)))
    say(_("  Anchor: {anchor}").format(anchor=f"{verdict.seq}:{verdict.mac}"))
    if verdict.waiting:
        more = ngettext(
            "{count} entry waits for its seal.", "{count} entries wait for their seal.", verdict.waiting
        )
        say("  " + more.format(count=verdict.waiting))


async def _rotate(settings: Settings, *, change: bool) -> int:
    db = await opened(settings)
    try:
        rotation = Rotation(db, vault_of(settings))
        found = await (rotation.rotate() if change else rotation.keys())
    finally:
        await db.close()
    _tell(found, change=change)
    return 1 if found.lost or (change and found.old_needed) else 0


def _tell(found: Rotated, *, change: bool) -> None:
    if change:
        text = ngettext("{count} value was sealed anew.", "{count} values were sealed anew.", found.rewrapped)
        say(text.format(count=found.rewrapped))
    for key, many in sorted(found.keys.items()):
        whose = _("the current key") if key == found.current else _("an older key")
        values = ngettext("{count} value", "{count} values", many).format(count=many)
        say(_("Key {id} ({whose}): {values}").format(id=key, whose=whose, values=values))
    for one in found.lost:
        say(_("No key of ours opens {place}. Its key belongs into SECRET_KEY_OLD.").format(place=one))
    if found.old_needed:
        say(_("An older key is still needed."))
    else:
        say(_("No older key is in use: SECRET_KEY_OLD can be emptied."))


def say(line: str) -> None:
    """A line for whoever runs the command."""
    sys.stdout.write(f"{line}\n")
