"""Whether files can be kept where the settings say: one is written, read and deleted."""

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.operating.findings import Finding, bad, ok
from bot.settings import Settings
from domain.errors import FilesAway, NotFound
from domain.file_body import FileBody
from storage.files.address import read_address
from storage.files.opening import open_store
from storage.files.store import FileStore, fetched

WRONG_KEY = "Copy FILES_KEY and FILES_SECRET again."
WRONG_REGION = "Mend the region in FILES_URL."
CURES: Mapping[str, str] = {
    "AccessDenied": "Let FILES_KEY put, get, head and delete objects there.",
    "InvalidAccessKeyId": WRONG_KEY,
    "SignatureDoesNotMatch": WRONG_KEY,
    "NoSuchBucket": "Make the bucket, or mend its name in FILES_URL.",
    "RequestTimeTooSkewed": "Switch on time synchronisation here (chrony or systemd-timesyncd).",
    "AuthorizationHeaderMalformed": WRONG_REGION,
    "PermanentRedirect": WRONG_REGION,
    "PermissionError": "Give the folder to the user that the product runs as.",
}
"""What to do, by what the storage says."""


async def check_files(settings: Settings) -> Sequence[Finding]:
    """A folder that is not there yet is left to the first file; the disk has its own check."""
    address = read_address(settings.files_url)
    if isinstance(address, Path) and not address.is_dir():
        return [ok("files", f"The folder {address} is made with the first file.")]
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
        todo = CURES.get(error.reason, "Is FILES_URL right, and does a firewall let us?")
        return bad("files", f"Files cannot be kept in {store.place} ({error.reason}).", todo)
    except NotFound:
        return bad(
            "files", f"What is written in {store.place} is not there afterwards.", CURES["AccessDenied"]
        )
    return ok("files", f"Written, read and deleted in {store.place}.")
