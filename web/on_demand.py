"""Doors that are loaded with the first request for one of them: most processes only take webhooks, and all
the other doors are half of what the web process would load."""

import asyncio
from collections.abc import Callable, Iterable

from aiohttp import web

AddRoutes = Callable[[web.UrlDispatcher], None]
Resolved = tuple[web.UrlMappingMatchInfo | None, set[str]]


class _Doors:
    def __init__(self, add_routes: AddRoutes) -> None:
        self._add_routes = add_routes
        self._router: web.UrlDispatcher | None = None
        self._loading = asyncio.Lock()

    async def router(self) -> web.UrlDispatcher:
        """They are loaded beside the loop: deliveries go on meanwhile."""
        if self._router is not None:
            return self._router
        async with self._loading:
            if self._router is None:
                self._router = await asyncio.to_thread(self._loaded)
            return self._router

    def _loaded(self) -> web.UrlDispatcher:
        router = web.UrlDispatcher()
        self._add_routes(router)
        return router


class _Place(web.PlainResource):
    """An address with all that is below it."""

    def __init__(self, path: str, doors: _Doors) -> None:
        super().__init__(path)
        self._doors = doors

    async def resolve(self, request: web.Request) -> Resolved:
        found = await (await self._doors.router()).resolve(request)
        error = found.http_exception
        if error is None:
            return found, set()
        return None, error.allowed_methods if isinstance(error, web.HTTPMethodNotAllowed) else set()


def add_later(router: web.UrlDispatcher, paths: Iterable[str], add_routes: AddRoutes) -> None:
    """What `add_routes` adds, all of it below `paths`."""
    doors = _Doors(add_routes)
    for path in paths:
        router.register_resource(_Place(path, doors))
