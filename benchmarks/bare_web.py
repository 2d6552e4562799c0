"""The floor of part `web`: the shortest web process that keeps what comes durably with the same libraries:
aiohttp, SQLAlchemy and asyncpg. `python -m benchmarks.bare_web URL PORT`."""

import asyncio
import sys

import sqlalchemy as sa
from aiohttp import web
from sqlalchemy.ext.asyncio import create_async_engine

metadata = sa.MetaData()
bodies = sa.Table(
    "bare_bodies", metadata,
    sa.Column("id", sa.BigInteger, primary_key=True), sa.Column("body", sa.LargeBinary, nullable=False),
)  # fmt: skip


async def serve(url: str, port: int) -> None:
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)

    async def take(request: web.Request) -> web.Response:
        body = await request.read()
        async with engine.begin() as connection:
            await connection.execute(bodies.insert().values(body=body))
        return web.json_response({"status": "accepted"})

    app = web.Application()
    app.router.add_post("/in", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
