"""What operators ask a process: whether it lives, whether it can work, and its figures.

The role web answers it beside its doors; with METRICS_PORT every process answers it at a port of its own,
which no proxy leads to.
"""

from collections.abc import Awaitable, Callable

from aiohttp import web

from services.registry import Services
from web import health
from web.services import SERVICES, WebServices

TEXT = "text/plain; version=0.0.4; charset=utf-8"


async def figures(request: web.Request) -> web.Response:
    """GET /metrics: for Prometheus. 404 where nothing is counted."""
    ask = request.app[SERVICES].figures
    if ask is None:
        raise web.HTTPNotFound
    return web.Response(body=await ask(), headers={"Content-Type": TEXT})


def build_side(services: Services, ask: Callable[[], Awaitable[bytes]] | None) -> web.AppRunner:
    """The small server on METRICS_PORT, ready for a site."""
    app = web.Application()
    app[SERVICES] = WebServices(services, telegram_secret="", figures=ask)
    app.router.add_get("/health/live", health.live)
    app.router.add_get("/health/ready", health.ready)
    app.router.add_get("/metrics", figures)
    return web.AppRunner(app, access_log=None)
