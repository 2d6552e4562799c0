"""An organization with the API open, and somebody who receives its webhooks."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.hooks_out import EVENTS, Hook, Sending
from services.hooks_out.log import HookLog
from services.hooks_out.sender import HookSender
from services.hooks_out.subscriptions import HooksOut
from tests.api.office import Office
from tests.hooks_out.receiver import Receiver


@dataclass
class Sends:
    """What a test does again and again."""

    office: Office
    receiver: Receiver

    @property
    def hooks(self) -> HooksOut:
        return self.office.product.services.hooks_out

    @property
    def log(self) -> HookLog:
        return self.office.product.services.hook_log

    @property
    def sender(self) -> HookSender:
        return self.office.product.services.hook_sender

    async def hook(self, *events: str, path: str = "/in") -> Hook:
        """A subscription at the receiver, which knows its secret; without events to all."""
        made, secret = await self.hooks.make(
            self.office.owner, "Site", self.receiver.url + path, events or EVENTS
        )
        self.receiver.secrets.append(secret)
        return made

    async def work(self) -> int:
        """Send until nothing is due."""
        done = 0
        while count := await self.sender.work_once():
            done += count
        return done

    async def sendings(self, hook: Hook) -> list[Sending]:
        """The newest page of the log, the oldest first."""
        found, _total = await self.log.page(self.office.owner, hook.id)
        return list(reversed(found))

    async def now(self, hook_id: UUID) -> Hook:
        return (await self.hooks.get(self.office.owner, hook_id))[0]

    async def put(self, path: str, **given: Any) -> dict[str, Any]:
        answer = await self.office.http.patch(path, json=given)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found
