"""The aiohttp side server: its routes, limits and access log."""

import structlog
from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

from web import calendar, clicks, crm_oauth, crm_webhooks, health, make, other, telegram_webhook, website
from web.acting import from_here
from web.api import pages
from web.api.table import add_routes
from web.bodies import LARGEST
from web.doors import doors
from web.errors import errors
from web.origins import allow_pages, preflights
from web.request_ids import REQUEST_ID, with_id
from web.services import SERVICES, WebServices
from web.side import figures

log = structlog.get_logger()

QUIET = frozenset({"/health/live", "/health/ready", "/metrics"})
KEPT = frozenset({"/webhooks/{provider}/{key}", "/telegram/webhook"})
"""Doors whose deliveries are rows of the database once they are answered with 200: a line a delivery says
nothing more, and is only written at the level DEBUG."""

LONGEST_LINE = 8190
KEY = "{key:[A-Za-z0-9_-]{1,64}}"
"""What a key may look like: anything else is an address we do not have."""

STOPS_WITHIN = 20.0
IDLE = 75.0
"""Seconds for the headers of a request to arrive, and for the next one to begin."""


class AccessLog(AbstractAccessLogger):
    """One line a request, without what an address hides: the route is logged, not the path."""

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        if request.path in QUIET:
            return
        route = route_of(request)
        if isinstance(request, web.Request):
            door = f"{request.method} {route}" if route else "no such door"
            request.app[SERVICES].watch.took("door", door, f"{response.status // 100}xx", time)
        kept = route in KEPT and response.status == web.HTTPOk.status_code
        (log.debug if kept else log.info)(
            "web.request",
            method=request.method,
            route=route,
            request=request.get(REQUEST_ID, ""),
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
    around = [with_id, errors, preflights, from_here, doors]
    app = web.Application(middlewares=around, client_max_size=LARGEST)
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
    if services.figures is not None:
        app.router.add_get("/metrics", figures)
    app.on_response_prepare.append(allow_pages)
    return app


def build_runner(services: WebServices, *, idle: float = IDLE) -> web.AppRunner:
    """The application ready for a site, with its limits on headers and its access log."""
    return web.AppRunner(
        build_web(services),
        access_log_class=AccessLog,
        max_line_size=LONGEST_LINE,
        max_field_size=LONGEST_LINE,
        shutdown_timeout=STOPS_WITHIN,
        keepalive_timeout=idle,
    )
