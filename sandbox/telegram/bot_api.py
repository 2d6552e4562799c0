"""The Bot API over HTTP: /bot<token>/<method> and /file/bot<token>/<path>."""

from __future__ import annotations

from aiohttp import web

from .errors import ApiError, Json
from .files import MAX_DOWNLOAD
from .forms import read_call
from .world import Dropped, World

WORLD = web.AppKey("world", World)


def _refusal(error: ApiError) -> web.Response:
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after is not None else {}
    return web.json_response(error.body(), status=error.code, headers=headers)


def _check_token(request: web.Request) -> None:
    if request.match_info["token"] != request.app[WORLD].settings.token:
        raise ApiError(401, "Unauthorized")


async def call_method(request: web.Request) -> web.StreamResponse:
    """One Bot API call; answers {ok, result} or Telegram's refusal."""
    try:
        _check_token(request)
        params, uploads = await read_call(request)
        result = await request.app[WORLD].call(request.match_info["method"], params, uploads)
    except ApiError as error:
        return _refusal(error)
    except Dropped:
        if request.transport is not None:
            request.transport.abort()
        return web.Response()
    answer: Json = {"ok": True, "result": result}
    return web.json_response(answer)


async def download(request: web.Request) -> web.Response:
    """A file by the path getFile gave."""
    try:
        _check_token(request)
    except ApiError as error:
        return _refusal(error)
    file = request.app[WORLD].api.state.files.at_path(request.match_info["path"])
    if file is None or len(file.data) > MAX_DOWNLOAD:
        return _refusal(ApiError(404, "Not Found"))
    return web.Response(body=file.data, content_type="application/octet-stream")


async def unknown(request: web.Request) -> web.Response:
    return _refusal(ApiError(404, "Not Found"))


def add_routes(app: web.Application) -> None:
    app.router.add_route("*", "/bot{token:[^/]+}/{method:[A-Za-z]+}", call_method)
    app.router.add_get("/file/bot{token:[^/]+}/{path:.+}", download)
    app.router.add_route("*", "/bot{rest:.*}", unknown)
