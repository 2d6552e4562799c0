"""An id for every request: in the log, in what the request sets going, and in the answer's X-Request-ID.

A caller's own id is kept where it looks like one.
"""

import re
from uuid import uuid4

import structlog
from aiohttp import web

from web.errors import Handler

HEADER = "X-Request-ID"
LETTERS = str.maketrans("0123456789", "ghijklmnop")
"""Ids of ours have no digits: ten of them in a row would be masked as a phone."""

REQUEST_ID = web.RequestKey("request_id", str)
_OURS = re.compile(r"[A-Za-z0-9_-]{8,64}")


@web.middleware
async def with_id(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Bind the id for whatever is logged and written down while the request is answered."""
    given = request.headers.get(HEADER, "")
    request_id = given if _OURS.fullmatch(given) else uuid4().hex[:16].translate(LETTERS)
    request[REQUEST_ID] = request_id
    with structlog.contextvars.bound_contextvars(request=request_id):
        response = await handler(request)
    if not response.prepared:
        response.headers[HEADER] = request_id
    return response
