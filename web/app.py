"""The aiohttp side server: its routes, limits and access log."""

import logging

import structlog
from aiohttp import web
from aiohttp.abc import AbstractAccessLogger

from web import crm_webhooks, health, make, telegram_webhook
from web.around import around
from web.bodies import LARGEST
from web.on_demand import add_later
from web.origins import allow_pages
from web.request_ids import REQUEST_ID
from web.services import SERVICES, WebServices
from web.side import figures
from web.traces import TRACES, Traces

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
    """One line a request, without what an address hides: the route is logged, not the path. One for each
    connection."""

    def __init__(self, logger: logging.Logger, log_format: str) -> None:
        super().__init__(logger, log_format)
        self._log = structlog.get_logger().bind()

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        if request.path in QUIET:
            return
        route = route_of(request)
        if isinstance(request, web.Request):
            door = f"{request.method} {route}" if route else "no such door"
            request.app[SERVICES].watch.took("door", door, f"{response.status // 100}xx", time)
        kept = route in KEPT and response.status == web.HTTPOk.status_code
        (self._log.debug if kept else self._log.info)(
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
    app = web.Application(middlewares=[around], client_max_size=LARGEST)
    app[SERVICES], app[TRACES] = services, Traces()
    path = f"/webhooks/{{provider:[a-z0-9_]+}}/{KEY}"
    app.router.add_post(path, crm_webhooks.receive)
    app.router.add_get(path, crm_webhooks.probe)
    app.router.add_post("/telegram/webhook", telegram_webhook.receive)
    make.add_routes(app.router)
    add_later(app.router, ("/hooks", "/r", "/calendar", "/oauth"), _add_visitors)
    if services.api is not None:
        add_later(app.router, ("/api", "/oauth/token", "/oauth/revoke"), _add_api)
    app.router.add_get("/health/live", health.live)
    app.router.add_get("/health/ready", health.ready)
    if services.figures is not None:
        app.router.add_get("/metrics", figures)
    app.on_response_prepare.append(allow_pages)
    return app


def _add_visitors(router: web.UrlDispatcher) -> None:
    from web import calendar, clicks, crm_oauth, other, website

    router.add_post(f"/hooks/website/{KEY}", website.submit)
    router.add_get(f"/hooks/website/{KEY}", crm_webhooks.probe)
    router.add_options(f"/hooks/website/{KEY}", website.preflight)
    clicks.add_routes(router, KEY)
    other.add_routes(router, KEY)
    router.add_get(f"/calendar/{KEY}.ics", calendar.feed)
    router.add_get("/oauth/{provider:[a-z0-9_]+}", crm_oauth.finish)


def _add_api(router: web.UrlDispatcher) -> None:
    from web.api import pages
    from web.api.table import add_routes

    add_routes(router)
    router.add_get("/api/openapi.json", pages.openapi)
    router.add_get("/api/docs", pages.page)


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
