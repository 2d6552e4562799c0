"""Fetching a file from Telegram without aiogram, for processes that do not have it."""

from collections.abc import Awaitable, Callable

import httpx
import structlog

from domain.errors import FileAway, NotFound
from domain.files import DOWNLOAD_LIMIT

log = structlog.get_logger()

PATIENCE = 30.0


def telegram_files(api_url: str, token: str) -> Callable[[str], Awaitable[bytes]]:
    """Gives the bytes of a file by its file_id (https://core.telegram.org/bots/api#getfile). Raises NotFound
    for a file that Telegram gives no more, FileAway while it does not answer."""

    async def fetch(file_id: str) -> bytes:
        async with httpx.AsyncClient(timeout=PATIENCE, trust_env=False) as http:
            try:
                asked = await http.get(f"{api_url}/bot{token}/getFile", params={"file_id": file_id})
                path = _path(asked)
                return await _content(http, f"{api_url}/file/bot{token}/{path}")
            except httpx.HTTPError as error:
                # its text holds the address, and so the token
                log.warning("telegram.no_file", error=type(error).__name__)
                raise FileAway from None

    return fetch


def _path(answer: httpx.Response) -> str:
    if answer.status_code in (400, 404):
        raise NotFound(what="file")
    if answer.status_code != httpx.codes.OK:
        raise FileAway
    return str(answer.json()["result"]["file_path"])


async def _content(http: httpx.AsyncClient, address: str) -> bytes:
    content = bytearray()
    async with http.stream("GET", address) as answer:
        if answer.status_code != httpx.codes.OK:
            raise FileAway
        async for chunk in answer.aiter_bytes():
            content += chunk
            if len(content) > DOWNLOAD_LIMIT:
                raise FileAway
    return bytes(content)
