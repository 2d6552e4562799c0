"""The stand-in as a web application, and as something to start inside a test's own loop."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from aiohttp import web

from . import bot_api, control_api, people_api
from .bot_api import WORLD
from .control import Control
from .errors import Json
from .files import MAX_UPLOAD
from .limits import Limits
from .world import CALLBACK_TTL, DEFAULT_NAME, DEFAULT_TOKEN, DEFAULT_USERNAME, Settings, World

PAGE = Path(__file__).parent / "page"
SCRIPTS = ("app", "attach", "bubbles", "dialogs", "dom", "links", "pane", "texts")
PAGE_FILES = {
    "/": ("index.html", "text/html"),
    "/style.css": ("style.css", "text/css"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
    **{f"/{name}.js": (f"{name}.js", "text/javascript") for name in SCRIPTS},
}
# Nothing is loaded from outside, and nothing that people send can run in the page.
PAGE_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; object-src 'none'",
}


async def _page(request: web.Request) -> web.Response:
    name, kind = PAGE_FILES[request.path]
    text = (PAGE / name).read_text(encoding="utf-8")
    return web.Response(text=text, content_type=kind, headers=PAGE_HEADERS)


def build_app(world: World) -> web.Application:
    """Bot API, people's API, control API and the page over one world."""
    app = web.Application(client_max_size=MAX_UPLOAD + (1 << 20), middlewares=[people_api.refusals])
    app[WORLD] = world
    bot_api.add_routes(app)
    people_api.add_routes(app)
    control_api.add_routes(app)
    for path in PAGE_FILES:
        app.router.add_get(path, _page)

    async def close(_: web.Application) -> None:
        await world.close()

    app.on_shutdown.append(close)
    return app


class TelegramSandbox(Control):
    """The stand-in running in this loop: `async with TelegramSandbox() as tg: tg.url, tg.token, ...`.

    Port 0 takes a free port. Everything `Control` offers works on it.
    """

    def __init__(
        self,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        token: str = DEFAULT_TOKEN,
        username: str = DEFAULT_USERNAME,
        name: str = DEFAULT_NAME,
        people: Iterable[Json] = (),
        links: Iterable[Json] = (),
        limits: Limits | None = None,
        speed: float = 1.0,
        callback_ttl: float = CALLBACK_TTL,
    ) -> None:
        super().__init__("")
        self._host, self._port = host, port
        self._settings = Settings(
            token, username, name, tuple(people), tuple(links), limits or Limits(), speed, callback_ttl
        )
        self._runner: web.AppRunner | None = None
        self.token = token

    async def start(self) -> Self:
        self.world = World(self._settings)
        self._runner = web.AppRunner(build_app(self.world), access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        await site.start()
        port = self._runner.addresses[0][1]
        self.url = f"http://{self._host}:{port}"
        return self

    async def stop(self) -> None:
        await self.close()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
