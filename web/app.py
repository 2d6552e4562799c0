"""The aiohttp side server: its routes, limits and access log."""

import structlog
from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

from web import calendar, clicks, crm_oauth, crm_webhooks, health, make, other, telegram_webhook, website
from web.api import pages
from web.api.table import add_routes
from web.bodies import LARGEST
from web.errors import errors
from web.origins import allow_pages
from web.services import SERVICES, WebServices

log = structlog.get_logger()

QUIET = frozenset({"/health/live", "/health/ready"})
LONGEST_LINE = 8190
KEY = "{key:[A-Za-z0-9_-]{1,64}}"
"""What a key may look like: anything else is an address we do not have."""

STOPS_WITHIN = 20.0


class AccessLog(AbstractAccessLogger):
    """One line a request, without what an address hides: the route is logged, not the path."""

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        if request.path in QUIET:
            return
        log.info(
            "web.request",
            method=request.method,
            route=route_of(request),
            status=response.status,
            milliseconds=round(time * 1000, 1),
        )


def route_of(request: web.BaseRequest) -> str:
    """The route's pattern with its key left as a placeholder; empty for an address we do not have."""
    if not isinstance(request, web.Request):
        return ""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else ""


def build_web(services: WebServices) -> web.Application:
    """The application with all its doors."""
    app = web.Application(middlewares=[errors], client_max_size=LARGEST)
    app[SERVICES] = services
    for path, post in (
        (f"/webhooks/{{provider:[a-z0-9_]+}}/{KEY}", crm_webhooks.receive),
        (f"/hooks/website/{KEY}", website.submit),
    ):
        app.router.add_post(path, post)
        app.router.add_get(path, crm_webhooks.probe)
    app.router.add_options(f"/hooks/website/{KEY}", website.preflight)
    clicks.add_routes(app.router, KEY)
    make.add_routes(app.router)
    other.add_routes(app.router, KEY)
    app.router.add_get(f"/calendar/{KEY}.ics", calendar.feed)
    app.router.add_get("/oauth/{provider:[a-z0-9_]+}", crm_oauth.finish)
    app.router.add_post("/telegram/webhook", telegram_webhook.receive)
    if services.api is not None:
        add_routes(app.router)
        app.router.add_get("/api/openapi.json", pages.openapi)
        app.router.add_get("/api/docs", pages.page)
    app.router.add_get("/health/live", health.live)
    app.router.add_get("/health/ready", health.ready)
    app.on_response_prepare.append(allow_pages)
    return app


def build_runner(services: WebServices) -> web.AppRunner:
    """The application ready for a site, with its limits on headers and its access log."""
    return web.AppRunner(
        build_web(services),
        access_log_class=AccessLog,
        max_line_size=LONGEST_LINE,
        max_field_size=LONGEST_LINE,
        shutdown_timeout=STOPS_WITHIN,
    )
