"""Calendars at their secret addresses. Calendar programs ask every few minutes, so most answers are 304."""

from datetime import UTC, datetime
from email.utils import format_datetime

from aiohttp import web

from domain.calendar_files import MEDIA_TYPE
from domain.errors import NotFound
from web.services import SERVICES


async def feed(request: web.Request) -> web.Response:
    """GET and HEAD /calendar/{key}.ics: 404 for a key that is not, or no longer, one."""
    try:
        found = await request.app[SERVICES].services.calendars.feed(request.match_info["key"])
    except NotFound:
        return web.Response(status=404, text="", headers={"Cache-Control": "no-store"})
    headers = {
        "ETag": f'"{found.etag}"',
        "Last-Modified": format_datetime(found.changed_at.astimezone(UTC), usegmt=True),
        "Cache-Control": "private, no-cache",
        "Referrer-Policy": "no-referrer",
    }
    if _is_known(request, found.etag, found.changed_at):
        return web.Response(status=304, headers=headers)
    headers["Content-Disposition"] = 'inline; filename="voronka.ics"'
    return web.Response(body=found.body(), content_type=MEDIA_TYPE, charset="utf-8", headers=headers)


def _is_known(request: web.Request, etag: str, changed_at: datetime) -> bool:
    """RFC 9110, 13.2.2: where there is an If-None-Match, nothing else counts."""
    tags = request.if_none_match
    if tags is not None:
        return any(one.value in (etag, "*") for one in tags)
    since = request.if_modified_since
    return since is not None and changed_at <= since
