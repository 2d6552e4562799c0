"""aiogram's storage interface over our SQL.

The dialog is read once with the update and written once with its effect, in the update's own
transaction: a restart loses none, and no state is ahead of what was done.
"""

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from aiogram.fsm.state import State
from aiogram.fsm.storage.base import BaseStorage, StateType, StorageKey


@dataclass(slots=True)
class Dialog:
    """One person's dialog in one chat, while one update is handled."""

    state: str | None
    data: dict[str, Any]
    changed: bool = False


current_dialog: ContextVar[Dialog] = ContextVar("dialog")


class SqlDialogs(BaseStorage):
    """Serves the dialog of the update being handled; the worker loads and saves it."""

    async def set_state(self, key: StorageKey, state: StateType = None) -> None:
        dialog = current_dialog.get()
        dialog.state = state.state if isinstance(state, State) else state
        dialog.changed = True

    async def get_state(self, key: StorageKey) -> str | None:
        return current_dialog.get().state

    async def set_data(self, key: StorageKey, data: Mapping[str, Any]) -> None:
        dialog = current_dialog.get()
        dialog.data = dict(data)
        dialog.changed = True

    async def get_data(self, key: StorageKey) -> dict[str, Any]:
        return dict(current_dialog.get().data)

    async def close(self) -> None:
        return
