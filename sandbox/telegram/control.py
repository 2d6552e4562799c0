"""A client of a running stand-in: makes people, sets limits, clock and faults, reads the bot's calls."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import aiohttp

from .errors import Json
from .person import Person, Refused


class Control:
    """`async with Control(url) as tg:` talks to a stand-in in any process."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._session: aiohttp.ClientSession | None = None

    @property
    def session(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession()
        return self._session

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _ask(self, verb: str, path: str, body: Json | None = None, **query: object) -> Any:
        params = {name: str(value) for name, value in query.items() if value is not None}
        async with self.session.request(
            verb, f"{self.url}/people{path}", json=body, params=params
        ) as response:
            answer = await response.json()
            if response.status >= 400:
                raise Refused(answer.get("error", str(answer)))
            return answer

    async def person(
        self,
        name: str = "",
        *,
        language: str = "",
        id: int | None = None,
        last_name: str = "",
        username: str = "",
        phone: str = "",
    ) -> Person:
        """Add a person (or change the one with this id) and give a client for them."""
        details = {
            "id": id,
            "first_name": name,
            "last_name": last_name,
            "username": username,
            "language_code": language,
            "phone": phone,
        }
        found = await self._ask("POST", "", {k: v for k, v in details.items() if v})
        return Person(self, found)

    async def people(self) -> list[Person]:
        """Everybody there is, in the order they came."""
        return [Person(self, found) for found in (await self._ask("GET", ""))["people"]]

    async def group(self, title: str, *members: Person, is_forum: bool = False) -> int:
        """A group with the bot in it; the first member is its owner. Returns the chat's id."""
        body = {"title": title, "members": [member.id for member in members], "is_forum": is_forum}
        return int((await self._ask("POST", "/control/groups", body))["id"])

    async def remove_bot(self, group: int) -> None:
        """The group's owner removes the bot."""
        await self._ask("DELETE", f"/control/groups/{group}")

    async def add_bot(self, group: int) -> None:
        """The owner adds the bot again."""
        await self._ask("POST", f"/control/groups/{group}/bot", {})

    async def topic(self, group: int, name: str) -> int:
        """A new topic of a forum. Returns its message_thread_id."""
        return int((await self._ask("POST", f"/control/groups/{group}/topics", {"name": name}))["id"])

    async def migrate(self, group: int) -> int:
        """The group becomes a supergroup: the bot is told, calls to the old id fail. Returns the new id."""
        return int((await self._ask("POST", f"/control/groups/{group}/migrate", {}))["id"])

    async def status(self) -> Json:
        """bot, links, limits, speed, now, faults, pending_updates, webhook, version."""
        found: Json = await self._ask("GET", "/control/status")
        return found

    async def limits(self, **values: float | bool) -> Json:
        """Change flood limits (fields of Limits); what was counted is forgotten."""
        found: Json = await self._ask("POST", "/control/limits", values)
        return found

    async def speed(self, factor: float) -> None:
        """How much faster than real time limits and resends run."""
        await self._ask("POST", "/control/clock", {"speed": factor})

    async def advance(self, seconds: float) -> None:
        """Jump ahead in time."""
        await self._ask("POST", "/control/clock", {"advance": seconds})

    async def fail(self, method: str = "*", **fault: object) -> None:
        """The next calls of a method go wrong; fields of `journal.Fault`."""
        await self._ask("POST", "/control/fail", {"method": method, **fault})

    async def heal(self) -> None:
        """Take back every fault still to come."""
        await self._ask("DELETE", "/control/fail")

    async def calls(self, method: str | None = None, *, since: int = 0, wait: float = 0) -> list[Json]:
        """The bot's calls: number, method, params, files, at, ok, status, result | description."""
        query = {"method": method, "since": since, "timeout": wait}
        found: list[Json] = (await self._ask("GET", "/control/calls", None, **query))["calls"]
        return found

    async def pending_updates(self, kind: str | None = None, *, wait: float = 0) -> list[Json]:
        """Updates the bot has not confirmed; waits up to `wait` seconds for the first of that kind."""
        answer = await self._ask("GET", "/control/updates", None, kind=kind, timeout=wait)
        found: list[Json] = answer["updates"]
        return found

    async def reset(self) -> None:
        """Forget everything but the starting people; a webhook stays set."""
        await self._ask("POST", "/control/reset", {})
