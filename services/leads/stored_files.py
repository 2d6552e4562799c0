"""The bytes of files that came by a form or by the API. What is in Telegram stays there.

A row is written before the store gets the bytes, and refers to nothing; whatever takes them refers to them in
its own transaction. A row that nothing refers to after an hour, or any more, goes with its bytes: nothing is
left of a form that could not be finished, of a process killed between the two, or of a lead that is erased.
"""

from datetime import timedelta
from uuid import UUID

import structlog

from domain.errors import FilesAway, NotFound
from domain.file_body import FileBody
from services.access import open_to
from services.clock import Clock
from storage.db import Database, Session
from storage.files.store import FileStore, fetched
from storage.ids import new_id
from storage.leads import uploads
from storage.leads.uploads import Place, Upload

log = structlog.get_logger()

HELD = timedelta(hours=1)
"""How long bytes wait for what refers to them."""

BATCH = 100
NAME_ROOM, MIME_ROOM = 200, 100


class StoredFiles:
    """Puts bytes into the store, finds them again, and clears up."""

    def __init__(self, db: Database, clock: Clock, store: FileStore) -> None:
        self.db, self.clock, self.store = db, clock, store

    @open_to("use cases that take files")
    async def keep(self, organization_id: UUID, name: str, mime: str, body: FileBody) -> UUID:
        """The upload's id, for whoever refers to it. Called outside any transaction: storage may take its
        time. Raises FilesAway."""
        upload_id = new_id()
        given = Upload(
            upload_id, name[:NAME_ROOM], mime[:MIME_ROOM], body.size, key_of(organization_id, upload_id),
            body.sha256,
        )  # fmt: skip
        async with self.db.transaction(organization_id) as s:
            await uploads.add(s, given, self.clock())
        try:
            await self.store.put(given.stored_as, body)
        except FilesAway as error:
            log.warning("files.away", reason=error.reason, upload=str(upload_id))
            raise
        return upload_id

    @open_to("use cases that give files out")
    async def place(self, s: Session, file_id: UUID) -> Place | None:
        """Where the bytes of a lead's file are; None for one that Telegram has."""
        return await uploads.place_of(s, file_id)

    @open_to("use cases that give files out")
    async def fetch(self, place: Place) -> FileBody:
        """The bytes, which are the caller's to close. Outside any transaction. Raises FilesAway, NotFound."""
        if not place.stored_as:
            return FileBody.of(place.content or b"")
        try:
            return await fetched(self.store, place.stored_as, place.sha256)
        except FilesAway as error:
            log.warning("files.away", reason=error.reason, upload=str(place.id))
            raise
        except NotFound:
            log.error("files.missing", upload=str(place.id))
            raise

    @open_to("the scheduler")
    async def clear_up(self) -> int:
        """Let go of what nothing refers to; returns how many files that were. Raises FilesAway: what is left
        has its turn next time."""
        gone = 0
        while True:
            async with self.db.reading(system=True) as s:
                found = await uploads.let_go(s, self.clock() - HELD, BATCH)
            for one in found:
                if one.stored_as:
                    await self.store.delete(one.stored_as)
                async with self.db.transaction(one.organization_id) as s:
                    await uploads.drop(s, one.id)
            gone += len(found)
            if len(found) < BATCH:
                return gone


def key_of(organization_id: UUID, upload_id: UUID) -> str:
    """What the store calls an upload: never two in one folder that holds all."""
    return f"{organization_id.hex}/{upload_id.hex[-2:]}/{upload_id.hex}"
