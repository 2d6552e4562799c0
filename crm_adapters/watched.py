"""A client that tells how each call went: to whoever counts, and to the log with the ids of its cause."""

import time
from typing import Any

import structlog

from crm_adapters.http import Call, CrmHttp, ReadError
from domain.errors import CrmError
from domain.watching import Watch

log = structlog.get_logger()


class WatchedHttp(CrmHttp):
    """Borrows another client, which stays its owner's to close."""

    def __init__(self, http: CrmHttp, watch: Watch, provider: str) -> None:
        # the client's own parts are not built: every request leaves through `http`
        self._http, self._watch, self._provider = http, watch, provider
        self._now = http._now

    async def aclose(self) -> None:
        """The borrowed client goes on."""

    async def call(self, call: Call, read_error: ReadError | None = None) -> Any:
        """As CrmHttp.call. Waiting for the account's pace is not counted: this client stands behind it."""
        began, outcome = time.monotonic(), "broken"
        try:
            answer = await self._http.call(call, read_error)
            outcome = "ok"
        except CrmError as error:
            outcome = error.code
            raise
        finally:
            seconds = time.monotonic() - began
            self._watch.took("provider", self._provider, outcome, seconds)
            log.debug(
                "crm.answered",
                provider=self._provider,
                method=call.method,
                outcome=outcome,
                milliseconds=round(seconds * 1000, 1),
            )
        return answer
