"""The floor of part `intake`: aiohttp and asyncpg alone, every body committed before it is answered, those
that came while the last commit was under way together. `python -m benchmarks.bare_intake URL` says its
port."""

import asyncio
import sys
from uuid import UUID

import asyncpg
from aiohttp import web

from benchmarks import postgres
from storage.ids import new_id

TABLE = """
CREATE TABLE IF NOT EXISTS bare_inbox (
  id uuid PRIMARY KEY, body bytea NOT NULL, received_at timestamptz NOT NULL DEFAULT now())
"""
INSERT = "INSERT INTO bare_inbox (id, body) SELECT * FROM unnest($1::uuid[], $2::bytea[])"


class Committer:
    """One writer for all requests."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.connection = connection
        self._waiting: list[tuple[UUID, bytes, asyncio.Future[None]]] = []
        self._some = asyncio.Event()

    async def keep(self, body: bytes) -> None:
        """Returns when it is committed."""
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((new_id(), body, done))
        self._some.set()
        await done

    async def loop(self) -> None:
        while True:
            await self._some.wait()
            self._some.clear()
            taken, self._waiting = self._waiting, []
            await self.connection.execute(INSERT, [one[0] for one in taken], [one[1] for one in taken])
            for _id, _body, done in taken:
                done.set_result(None)


async def serve(url: str) -> None:
    connection = await postgres.connect(url)
    await connection.execute(TABLE)
    committer = Committer(connection)

    async def take(request: web.Request) -> web.Response:
        await committer.keep(await request.read())
        return web.json_response({"status": "accepted"})

    app = web.Application()
    app.router.add_post("/in", take)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    sys.stdout.write(f"{runner.addresses[0][1]}\n")
    sys.stdout.flush()
    await committer.loop()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1]))
