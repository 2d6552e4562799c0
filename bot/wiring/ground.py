"""What services stand on: settings, the database, signals, and clients of the world outside.

What not every role needs is made when it is asked for, and closed at the end with all the rest.
"""

from __future__ import annotations

import random
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from bot.settings import Settings
from domain.watching import Watch
from services.clock import Clock
from storage.db import Database
from storage.replicas.signals import Signals
from storage.secrets import Vault

if TYPE_CHECKING:
    from crm_adapters.hook_http import HookHttp
    from crm_adapters.http import CrmHttp
    from crm_adapters.pace import Paces
    from services.leads.stored_files import StoredFiles
    from storage.replicas.limits import Limits


@dataclass(frozen=True)
class Foundation:
    """`owner` is the process by name; `stack` closes what is opened."""

    settings: Settings
    db: Database
    signals: Signals
    clock: Clock
    watch: Watch
    owner: str
    stack: AsyncExitStack

    @cached_property
    def vault(self) -> Vault:
        return Vault(self.settings.secret_key, tuple(self.settings.secret_key_old))

    @cached_property
    def chance(self) -> random.Random:
        return random.Random()  # noqa: S311

    @cached_property
    def http(self) -> CrmHttp:
        from crm_adapters.http import CrmHttp

        limit, allow = self.settings.crm_timeout, self.settings.egress_allow
        made = CrmHttp(now=self.clock, time_limit=limit, allow=allow, watch=self.watch)
        self.stack.push_async_callback(made.aclose)
        return made

    @cached_property
    def hook_http(self) -> HookHttp:
        from crm_adapters.hook_http import HookHttp

        made = HookHttp(now=self.clock, allow=self.settings.egress_allow, watch=self.watch)
        self.stack.push_async_callback(made.aclose)
        return made

    @cached_property
    def paces(self) -> Paces:
        """How fast CRMs are asked: counted by all replicas together where there is Redis."""
        from crm_adapters.pace import LocalLedger, Paces

        alone = LocalLedger(self.clock)
        if not self.settings.redis_url:
            return Paces(self.clock, alone)
        from storage.replicas.pace import RedisLedger

        shared = RedisLedger(self.settings.redis_url, alone)
        self.stack.push_async_callback(shared.close)
        return Paces(self.clock, shared)

    @cached_property
    def limits(self) -> Limits:
        """What callers may ask: counted by all replicas together where there is Redis."""
        from storage.replicas.limits import LocalLimits, RedisLimits

        made = RedisLimits(self.settings.redis_url) if self.settings.redis_url else LocalLimits()
        self.stack.push_async_callback(made.close)
        return made

    @cached_property
    def stored(self) -> StoredFiles:
        from services.leads.stored_files import StoredFiles
        from storage.files.opening import open_store

        store = open_store(self.settings.files_url, self.settings.files_key, self.settings.files_secret)
        self.stack.push_async_callback(store.aclose)
        return StoredFiles(self.db, self.clock, store)
