"""`python -m bot files check|move`: whether every kept file is whole, and moving all of them elsewhere.

Both work beside a running product. The exit code is 0 when every file is where it belongs, 1 when some are
missing or damaged, or the store does not answer.
"""

import argparse
import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from bot.operating.keeping import opened, say
from bot.settings import Settings, SettingsError, load_settings
from domain.errors import FilesAway, NotFound
from domain.file_body import FileBody
from locales import N_, _, ngettext, use_language
from services.leads.stored_files import key_of
from storage.db import Database
from storage.files.address import S3Address, read_address
from storage.files.opening import open_store
from storage.files.store import FileStore, fetched
from storage.leads import uploads
from storage.leads.uploads import Place

PAGE = 200
MISSING, DAMAGED = N_("{name} is missing."), N_("{name} is damaged.")


@dataclass
class Moved:
    """How many files."""

    copied: int = 0
    there: int = 0
    lost: int = 0


def check(options: argparse.Namespace) -> int:
    """Read every file and compare its sum. Raises SettingsError."""
    settings = load_settings(needed=())
    with use_language(settings.default_language):
        return asyncio.run(_carried_out(settings, options))


def move(options: argparse.Namespace) -> int:
    """Bring every file to where FILES_URL says. Raises SettingsError."""
    settings = load_settings(needed=())
    with use_language(settings.default_language):
        if options.source:
            _demand_other(settings, options.source)
        return asyncio.run(_carried_out(settings, options))


def _demand_other(settings: Settings, url: str) -> None:
    try:
        address = read_address(url)
    except ValueError:
        raise SettingsError(_("--from must be what FILES_URL may be.")) from None
    if address == read_address(settings.files_url):
        raise SettingsError(_("--from and FILES_URL are the same place."))
    if isinstance(address, S3Address) and not (settings.files_key and settings.files_secret):
        raise SettingsError(_("Set FILES_KEY and FILES_SECRET to those of the bucket in --from."))


async def _carried_out(settings: Settings, options: argparse.Namespace) -> int:
    async with AsyncExitStack() as stack:
        db = await opened(settings)
        stack.push_async_callback(db.close)
        store = await stack.enter_async_context(_open(settings, settings.files_url))
        try:
            if options.what == "check":
                return await _check(db, store)
            await _out_of_database(db, store)
            if not options.source:
                return 0
            source = await stack.enter_async_context(_open(settings, options.source))
            return await _move(db, source, store, delete=options.delete)
        except FilesAway as error:
            stopped = _("Stopped: files cannot be kept or read ({reason}). The doctor says more.")
            say(stopped.format(reason=error.reason))
            return 1


@asynccontextmanager
async def _open(settings: Settings, url: str) -> AsyncIterator[FileStore]:
    store = open_store(url, settings.files_key, settings.files_secret)
    try:
        yield store
    finally:
        await store.aclose()


async def _all_stored(db: Database) -> AsyncIterator[Place]:
    after = None
    while True:
        async with db.reading(system=True) as s:
            page = await uploads.stored(s, after, PAGE)
        for one in page:
            yield one
        if len(page) < PAGE:
            return
        after = page[-1].id


async def _check(db: Database, store: FileStore) -> int:
    whole = wrong = 0
    async for one in _all_stored(db):
        why = await _wrong(store, one)
        whole, wrong = (whole, wrong + 1) if why else (whole + 1, wrong)
        if why:
            say(_(why).format(name=one.stored_as))
    text = ngettext("{count} file is whole in {place}.", "{count} files are whole in {place}.", whole)
    say(text.format(count=whole, place=store.place))
    if wrong:
        text = ngettext("{count} file is not.", "{count} files are not.", wrong)
        say(text.format(count=wrong))
    return int(wrong > 0)


async def _wrong(store: FileStore, one: Place) -> str:
    """What is wrong with a file, marked by N_; empty for a whole one. Raises FilesAway."""
    try:
        (await fetched(store, one.stored_as, one.sha256)).close()
    except NotFound:
        return MISSING
    except FilesAway as error:
        if error.reason != "damaged":
            raise
        return DAMAGED
    return ""


async def _out_of_database(db: Database, store: FileStore) -> None:
    """Files of before there was a store are in their rows."""
    done = 0
    while True:
        async with db.reading(system=True) as s:
            one = await uploads.in_database(s)
        if one is None:
            break
        key = key_of(one.organization_id, one.id)
        with FileBody.of(one.content or b"") as body:
            await _put(store, key, body)
            async with db.transaction(one.organization_id) as s:
                await uploads.is_stored(s, one, key, body.sha256)
        done += 1
    if done:
        text = ngettext(
            "{count} file moved out of the database into {place}.",
            "{count} files moved out of the database into {place}.",
            done,
        )
        say(text.format(count=done, place=store.place))


async def _put(store: FileStore, key: str, body: FileBody) -> None:
    """Write, and read back."""
    await store.put(key, body)
    (await fetched(store, key, body.sha256)).close()


async def _move(db: Database, source: FileStore, target: FileStore, *, delete: bool) -> int:
    moved = Moved()
    async for one in _all_stored(db):
        there = await target.exists(one.stored_as) and not (delete and await _wrong(target, one))
        moved.there += there
        if (there or await _copy(one, source, target, moved)) and delete:
            await source.delete(one.stored_as)
    _tell(moved, source, target)
    return int(moved.lost > 0)


def _tell(moved: Moved, source: FileStore, target: FileStore) -> None:
    text = ngettext(
        "{count} file copied from {source} into {target}.",
        "{count} files copied from {source} into {target}.",
        moved.copied,
    )
    say(text.format(count=moved.copied, source=source.place, target=target.place))
    if moved.there:
        text = ngettext("{count} file was there.", "{count} files were there.", moved.there)
        say(text.format(count=moved.there))
    if moved.lost:
        text = ngettext("{count} file is in neither.", "{count} files are in neither.", moved.lost)
        say(text.format(count=moved.lost))


async def _copy(one: Place, source: FileStore, target: FileStore, moved: Moved) -> bool:
    """Whether the target has it now."""
    try:
        with await fetched(source, one.stored_as, one.sha256) as body:
            await _put(target, one.stored_as, body)
    except NotFound:
        say(_(MISSING).format(name=one.stored_as))
        moved.lost += 1
        return False
    moved.copied += 1
    return True
