"""`python -m bot doctor`: every setting and connection looked at, in words, with what to mend.

It changes nothing: a file that it writes where files are kept it deletes again. The exit code is 0 when
nothing is bad, 1 when something is.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict

from bot.operating.file_check import check_files
from bot.operating.findings import Finding, State, bad, note, ok, worst
from bot.operating.outside_checks import check_crms, check_public_url, check_smtp, check_telegram
from bot.operating.own_checks import check_database, check_disk, check_queues, check_redis_server
from bot.settings import NEEDED_TO_RUN, Settings, SettingsError, load_settings
from bot.watching.logs import set_up_logs
from bot.watching.masking import mask_text

Check = Callable[[Settings], Awaitable[Sequence[Finding]]]
PATIENCE = 20.0
"""Seconds that one check may take; they run side by side."""

CHECKS: dict[str, Check] = {
    "database": check_database,
    "queues": check_queues,
    "redis": check_redis_server,
    "disk": check_disk,
    "files": check_files,
    "telegram": check_telegram,
    "public url": check_public_url,
    "letters": check_smtp,
    "crm": check_crms,
}
MARKS = {State.OK: "ok  ", State.NOTE: "note", State.BAD: "BAD "}


def run(options: argparse.Namespace) -> int:
    """Look at everything and tell of it."""
    found = asyncio.run(examine())
    say = _as_json if options.json else _in_words
    sys.stdout.write(say(found))
    return int(worst(found) is State.BAD)


async def examine() -> list[Finding]:
    """Every finding, settings first. Without usable settings there is nothing else to look at."""
    found: list[Finding] = []
    try:
        settings = load_settings()
        found.append(ok("settings", "All settings can be read."))
    except SettingsError as error:
        found += [
            bad("settings", line, "docs/settings.md explains each.") for line in str(error).splitlines()
        ]
        try:
            settings = load_settings(needed=())
        except SettingsError:
            return found
    set_up_logs("CRITICAL", settings.log_format, settings.secrets)
    found += _about_settings(settings)
    for part in await asyncio.gather(*(_looked(name, check, settings) for name, check in CHECKS.items())):
        found += part
    return found


async def _looked(name: str, check: Check, settings: Settings) -> Sequence[Finding]:
    try:
        async with asyncio.timeout(PATIENCE):
            return await check(settings)
    except TimeoutError:
        return [
            bad(
                name,
                f"No answer within {PATIENCE:.0f} seconds.",
                "Is it running, and does a firewall let us?",
            )
        ]
    except Exception as error:
        text = mask_text(f"{type(error).__name__}: {error}".splitlines()[0])
        return [bad(name, f"The check itself failed: {text}")]


def _about_settings(settings: Settings) -> list[Finding]:
    found = []
    if not settings.admin_ids:
        todo = "Set ADMIN_IDS to your Telegram id; @userinfobot tells it."
        found.append(bad("settings", "ADMIN_IDS is empty: nobody can set the product up.", todo))
    missing = [name for name in NEEDED_TO_RUN if not getattr(settings, name.lower())]
    if settings.secret_key_old and "SECRET_KEY" not in missing:
        todo = "When `python -m bot secrets keys` names none of them, take them out."
        found.append(note("settings", "SECRET_KEY_OLD still holds keys.", todo))
    if settings.sentry_dsn and not settings.sentry_dsn.startswith("https"):
        found.append(
            note("settings", "SENTRY_DSN is not https.", "Use https, unless it is in your own network.")
        )
    return found


def _in_words(found: Sequence[Finding]) -> str:
    width = max(len(one.what) for one in found)
    lines = []
    for one in found:
        lines.append(f"{MARKS[one.state]}  {one.what:{width}}  {one.said}")
        if one.todo:
            lines.append(f"{'':{width + 6}}  -> {one.todo}")
    counts = {state: sum(one.state is state for one in found) for state in State}
    lines.append(f"{counts[State.OK]} ok, {counts[State.NOTE]} to note, {counts[State.BAD]} bad.")
    return "\n".join(lines) + "\n"


def _as_json(found: Sequence[Finding]) -> str:
    told = {"state": worst(found), "findings": [asdict(one) for one in found]}
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"
