"""Whether the process lives, and whether it can work."""

from aiohttp import web

from web.services import SERVICES


async def live(request: web.Request) -> web.Response:
    """GET /health/live: the process answers."""
    return web.json_response({"status": "ok"})


async def ready(request: web.Request) -> web.Response:
    """GET /health/ready: 503 while the database is away or not migrated."""
    readiness = await request.app[SERVICES].services.health.ready()
    body = {"status": "ok" if readiness.ready else "not_ready", "checks": dict(readiness.checks)}
    return web.json_response(body, status=200 if readiness.ready else 503)
