"""What costs much to build and holds nothing of a test: it serves the next test of the same worker again.

Engines keep their compiled statements, routers the looks that aiogram has taken at their handlers, TLS
contexts the authorities they have read. None of them keeps a row, a connection or a person.
"""

import ssl
from collections.abc import Hashable
from functools import cache
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from crm_adapters import egress
from storage import db

if TYPE_CHECKING:
    from aiogram import Router


class Engines:
    """Engines that a closed Database has left, by URL and what else they were opened with."""

    def __init__(self) -> None:
        self._free: dict[tuple[Hashable, ...], list[AsyncEngine]] = {}
        self._opened: dict[AsyncEngine, tuple[Hashable, ...]] = {}
        self._open = db.open_engine

    def open(self, url: str, pool_size: int, silence: db.Silence) -> AsyncEngine:
        given = (url, pool_size, silence)
        free = self._free.get(given)
        engine = free.pop() if free else self._open(*given)
        self._opened[engine] = given
        return engine

    async def close(self, database: db.Database) -> None:
        await database.engine.dispose()
        if (given := self._opened.pop(database.engine, None)) is not None:
            self._free.setdefault(given, []).append(database.engine)


def reuse(patch: pytest.MonkeyPatch) -> None:
    """Until `patch` is undone, closed engines and TLS contexts serve again."""
    engines = Engines()
    patch.setattr(db, "open_engine", engines.open)
    patch.setattr(db.Database, "close", lambda database: engines.close(database))
    patch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))
    patch.setattr(egress, "_trust", cache(egress._trust))


def anew(patch: pytest.MonkeyPatch) -> None:
    """Until `patch` is undone, TLS contexts are made anew, for tests of what they trust."""
    for module, name in ((ssl, "create_default_context"), (egress, "_trust")):
        patch.setattr(module, name, getattr(module, name).__wrapped__)


class RouterSets:
    """Routers of products that have stopped."""

    def __init__(self) -> None:
        self._free: list[list[Router]] = []

    def take(self) -> "list[Router]":
        """Routers without a dispatcher."""
        from handlers.routes import routes

        return self._free.pop() if self._free else routes()

    def give_back(self, routers: "list[Router]") -> None:
        for router in routers:
            router._parent_router = None
        self._free.append(routers)
