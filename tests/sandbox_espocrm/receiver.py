"""A receiver of webhooks that answers as it is told and keeps what came."""

import asyncio
import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from aiohttp import web


@dataclass(frozen=True)
class Received:
    path: str
    headers: dict[str, str]
    raw: bytes

    @property
    def items(self) -> list[dict[str, Any]]:
        found = json.loads(self.raw)
        assert isinstance(found, list)
        return found

    def signed_by(self, hook: dict[str, Any]) -> bool:
        """Whether both signatures are the hook's over the raw body."""
        mac = hmac.new(hook["secretKey"].encode(), self.raw, hashlib.sha256)
        new = base64.b64encode(f"{hook['id']}:{mac.hexdigest()}".encode()).decode()
        old = base64.b64encode(f"{hook['id']}:".encode() + mac.digest()).decode()
        return (self.headers["Signature"], self.headers["X-Signature"]) == (new, old)


@dataclass
class Receiver:
    """`async with Receiver() as receiver`: answers `status` (or by path `/code/NNN`), 0 hangs for good."""

    status: int = 200
    url: str = ""
    got: list[Received] = field(default_factory=list)
    came: asyncio.Event = field(default_factory=asyncio.Event)
    _runner: web.AppRunner | None = None

    async def __aenter__(self) -> "Receiver":
        app = web.Application()
        app.router.add_post("/{path:.*}", self._take)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._runner is not None
        await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        raw = await request.read()
        self.got.append(Received(request.path, dict(request.headers), raw))
        self.came.set()
        tail = request.path.rpartition("/")[2]
        status = int(tail) if tail.isdigit() else self.status
        if status == 0:
            await asyncio.Event().wait()
        return web.Response(status=status, headers={"Location": "/elsewhere"} if status == 302 else {})
