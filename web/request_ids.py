"""An id for every request: in the log, in what the request sets going, and in the answer's X-Request-ID.

A caller's own id is kept where it looks like one.
"""

import re
from secrets import token_hex

from aiohttp import web

HEADER = "X-Request-ID"
LETTERS = str.maketrans("0123456789", "ghijklmnop")
"""Ids of ours have no digits: ten of them in a row would be masked as a phone."""

REQUEST_ID = web.RequestKey("request_id", str)
_OURS = re.compile(r"[A-Za-z0-9_-]{8,64}")


def id_of(request: web.Request) -> str:
    """The caller's own id, or a new one."""
    given = request.headers.get(HEADER)
    return given if given and _OURS.fullmatch(given) else token_hex(8).translate(LETTERS)
