"""The S3 stand-in as a server in the caller's own loop."""

import asyncio
import secrets
from datetime import datetime

from aiohttp import web

from sandbox.clock import Clock
from sandbox.s3.api import Api
from sandbox.s3.control import Control
from sandbox.s3.state import State, Stored
from sandbox.stand_in import StandIn

MAX_BODY = 64 * 1024 * 1024
BUCKET = "voronka"
REGION = "ru-central1"


class S3Sandbox(StandIn[State]):
    """A storage with one bucket on a local port, addressed by path.

    `async with S3Sandbox() as s3:` serves until the block ends. `key` and `secret` are random unless given;
    `start` is where its clock starts (aware): a request may be fifteen minutes off it.
    """

    task_name = "s3-stand-in"

    def __init__(
        self, port: int = 0, speed: float = 1.0, *, host: str = "127.0.0.1", start: datetime | None = None,
        key: str = "", secret: str = "",
    ) -> None:  # fmt: skip
        super().__init__(State(Clock(speed, start), REGION), _nothing, host, port)
        self.key, self.secret = key or secrets.token_hex(10).upper(), secret or secrets.token_urlsafe(30)
        self.state.keys[self.key] = self.secret
        self.state.buckets[BUCKET] = {}

    def files_url(self, prefix: str = "", bucket: str = BUCKET) -> str:
        """What FILES_URL has to be to lead here."""
        place = "/".join(filter(None, (bucket, prefix)))
        return f"s3://{place}?endpoint={self.url}&region={REGION}"

    def objects(self, bucket: str = BUCKET) -> dict[str, Stored]:
        """What a bucket has, by key. KeyError for one that is not there."""
        return self.state.buckets[bucket]

    def _app(self) -> web.Application:
        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_routes(Control(self).routes())
        app.router.add_route("*", "/{path:.*}", Api(self.state).handle)
        return app

    def reset(self) -> None:
        """Empty buckets, the same keys."""
        self.state.clear()

    async def deliver_now(self, *, force: bool = False) -> int:
        """Nothing is ever sent from here."""
        return 0


async def _nothing() -> None:
    await asyncio.Event().wait()
