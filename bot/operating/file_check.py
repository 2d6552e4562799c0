"""Whether files can be kept where the settings say: one is written, read and deleted."""

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.operating.findings import Finding, bad, ok
from bot.settings import Settings
from domain.errors import FilesAway, NotFound
from domain.file_body import FileBody
from locales import N_, _
from storage.files.address import read_address
from storage.files.opening import open_store
from storage.files.store import FileStore, fetched

WRONG_KEY = N_("Copy FILES_KEY and FILES_SECRET again.")
WRONG_REGION = N_("Mend the region in FILES_URL.")
NO_RIGHT = N_("Let FILES_KEY put, get, head and delete objects there.")
CURES: Mapping[str, str] = {
    "AccessDenied": NO_RIGHT,
    "InvalidAccessKeyId": WRONG_KEY,
    "SignatureDoesNotMatch": WRONG_KEY,
    "NoSuchBucket": N_("Make the bucket, or mend its name in FILES_URL."),
    "RequestTimeTooSkewed": N_("Switch on time synchronisation here (chrony or systemd-timesyncd)."),
    "AuthorizationHeaderMalformed": WRONG_REGION,
    "PermanentRedirect": WRONG_REGION,
    "PermissionError": N_("Give the folder to the user that the product runs as."),
}
"""What to do, by what the storage says."""

ELSE = N_("Is FILES_URL right, and does a firewall let us?")


async def check_files(settings: Settings) -> Sequence[Finding]:
    """A folder that is not there yet is left to the first file; the disk has its own check."""
    address = read_address(settings.files_url)
    if isinstance(address, Path) and not address.is_dir():
        return [ok("files", _("The folder {name} is made with the first file.").format(name=address))]
    store = open_store(settings.files_url, settings.files_key, settings.files_secret)
    try:
        return [await _probed(store)]
    finally:
        await store.aclose()


async def _probed(store: FileStore) -> Finding:
    key = f"doctor/{secrets.token_hex(8)}"
    try:
        with FileBody.of(key.encode()) as body:
            await store.put(key, body)
            (await fetched(store, key, body.sha256)).close()
        await store.delete(key)
    except FilesAway as error:
        said = _("Files cannot be kept in {place} ({reason}).").format(place=store.place, reason=error.reason)
        return bad("files", said, _(CURES.get(error.reason, ELSE)))
    except NotFound:
        said = _("What is written in {place} is not there afterwards.").format(place=store.place)
        return bad("files", said, _(NO_RIGHT))
    return ok("files", _("Written, read and deleted in {place}.").format(place=store.place))
