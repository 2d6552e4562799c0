"""The control side: /sandbox/... JSON for tests. No key is asked."""

from typing import TYPE_CHECKING, Any

from aiohttp import web

from sandbox import control
from sandbox.exchange import Refusal
from sandbox.s3.faults import DOWN_MODES, KINDS

if TYPE_CHECKING:
    from sandbox.s3.server import S3Sandbox


class Control(control.Control):
    """Looks into the stand-in and turns its switches."""

    refusal = Refusal
    _crm: "S3Sandbox"

    async def setup(self, request: web.Request) -> web.Response:
        """Address, keys and the kinds of faults."""
        one = self._crm
        told = {"url": one.url, "filesUrl": one.files_url(), "key": one.key, "secret": one.secret}
        return web.json_response({**told, "faultKinds": KINDS, "downModes": list(DOWN_MODES)})

    async def counts(self, request: web.Request) -> web.Response:
        """How many objects each bucket has."""
        found = {name: len(objects) for name, objects in self._crm.state.buckets.items()}
        return web.json_response(found)

    def refused(self, error: Refusal) -> web.Response:
        """What the API itself would say."""
        return web.Response(body=error.answer.raw, status=error.answer.status)

    def records(self, entity: str) -> list[Any]:
        """Keys of the objects in a bucket, with their sizes."""
        return [{"key": key, "size": len(one.content)} for key, one in self._crm.objects(entity).items()]
