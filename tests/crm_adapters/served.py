"""What the stand-ins of all providers share in the words of the contract suite."""

from collections.abc import Mapping
from datetime import datetime
from types import TracebackType
from typing import Any, Self


class Served:
    """A CRM on a local port. `spoils` limits a lost answer to the last write of a lead or an activity;
    `connected` is what an admin gives once the address is known."""

    refused: Mapping[str, Any]
    spoils: Mapping[str, Any] = {}
    crm: Any
    settings: Mapping[str, str] = {}

    def connected(self) -> Mapping[str, str]:
        return {"url": self.crm.url, "api_key": self.crm.api_key}

    async def __aenter__(self) -> Self:
        await self.crm.__aenter__()
        self.settings = self.connected()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.crm.__aexit__(kind, error, trace)

    @property
    def address(self) -> str:
        return str(self.crm.url).removeprefix("http://")

    def now(self) -> datetime:
        moment: datetime = self.crm.clock.now()
        return moment

    def requests(self) -> int:
        return len(self.crm.requests())

    def lose_answers(self) -> None:
        self.crm.fail("error_after_commit", **self.spoils)

    def cut_answers(self) -> None:
        self.crm.fail("drop_after_commit", **self.spoils)

    def go_down(self) -> None:
        self.crm.fail("down", mode="503")

    def limit_rate(self, seconds: int) -> None:
        self.crm.fail("storm", status=429, retry_after=seconds)

    def show_a_page(self) -> None:
        self.crm.fail("html_200")

    def revoke_key(self) -> None:
        self.crm.fail("key_revoked")

    def heal(self) -> None:
        self.crm.heal()

    async def deliver(self) -> None:
        await self.crm.deliver_now()
