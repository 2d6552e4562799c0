"""`python -m bot doctor`: every setting and connection looked at, in words, with what to mend.

It changes nothing: a file that it writes where files are kept it deletes again. The exit code is 0 when
nothing is bad, 1 when something is.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict

from bot.operating.file_check import check_files
from bot.operating.findings import Finding, State, bad, note, ok, worst
from bot.operating.outside_checks import check_crms, check_public_url, check_smtp, check_telegram
from bot.operating.own_checks import check_database, check_disk, check_queues, check_redis_server
from bot.settings import NEEDED_TO_RUN, Settings, SettingsError, load_settings, operators_language
from bot.watching.logs import set_up_logs
from bot.watching.masking import mask_text
from locales import N_, _, ngettext, use_language

Check = Callable[[Settings], Awaitable[Sequence[Finding]]]
PATIENCE = 20
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
MARKS = {State.OK: N_("ok"), State.NOTE: N_("note"), State.BAD: N_("BAD")}
NAMES: Mapping[str, str] = {
    "settings": N_("settings"),
    "database": N_("database"),
    "migrations": N_("migrations"),
    "row security": N_("row security"),
    "clock": N_("clock"),
    "queues": N_("queues"),
    "redis": N_("redis"),
    "disk": N_("disk"),
    "files": N_("files"),
    "telegram": N_("telegram"),
    "bot's rights": N_("bot's rights"),
    "webhook": N_("webhook"),
    "public url": N_("public url"),
    "letters": N_("letters"),
    "crm": N_("crm"),
}
"""What can be looked at; the codes are those of the JSON."""


def run(options: argparse.Namespace) -> int:
    """Look at everything and tell of it."""
    with use_language(operators_language()):
        found = asyncio.run(examine())
        say = _as_json if options.json else _in_words
        sys.stdout.write(say(found))
    return int(worst(found) is State.BAD)


async def examine() -> list[Finding]:
    """Every finding, settings first. Without usable settings there is nothing else to look at."""
    found: list[Finding] = []
    try:
        settings = load_settings()
        found.append(ok("settings", _("All settings can be read.")))
    except SettingsError as error:
        todo = _("docs/settings.md explains each.")
        found += [bad("settings", line, todo) for line in str(error).splitlines()]
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
        said = ngettext("No answer within {count} second.", "No answer within {count} seconds.", PATIENCE)
        return [bad(name, said.format(count=PATIENCE), _("Is it running, and does a firewall let us?"))]
    except Exception as error:
        text = mask_text(f"{type(error).__name__}: {error}".splitlines()[0])
        return [bad(name, _("The check itself failed: {reason}").format(reason=text))]


def _about_settings(settings: Settings) -> list[Finding]:
    found = []
    if not settings.admin_ids:
        todo = _("Set ADMIN_IDS to your Telegram id; @userinfobot tells it.")
        found.append(bad("settings", _("ADMIN_IDS is empty: nobody can set the product up."), todo))
    missing = [name for name in NEEDED_TO_RUN if not getattr(settings, name.lower())]
    if settings.secret_key_old and "SECRET_KEY" not in missing:
        todo = _("When `python -m bot secrets keys` names none of them, take them out.")
        found.append(note("settings", _("SECRET_KEY_OLD still holds keys."), todo))
    if settings.sentry_dsn and not settings.sentry_dsn.startswith("https"):
        todo = _("Use https, unless it is in your own network.")
        found.append(note("settings", _("SENTRY_DSN is not https."), todo))
    return found


def _in_words(found: Sequence[Finding]) -> str:
    marks, names = {state: _(mark) for state, mark in MARKS.items()}, [_(NAMES[one.what]) for one in found]
    marked, named = max(map(len, marks.values())), max(map(len, names))
    lines = []
    for one, name in zip(found, names, strict=True):
        lines.append(f"{marks[one.state]:{marked}}  {name:{named}}  {one.said}")
        if one.todo:
            lines.append(f"{'':{marked + named + 2}}  -> {one.todo}")
    counts = {state.value: sum(one.state is state for one in found) for state in State}
    lines.append(_("{ok} ok, {note} to note, {bad} bad.").format(**counts))
    return "\n".join(lines) + "\n"


def _as_json(found: Sequence[Finding]) -> str:
    told = {"state": worst(found), "findings": [asdict(one) for one in found]}
    return json.dumps(told, ensure_ascii=False, indent=2) + "\n"
