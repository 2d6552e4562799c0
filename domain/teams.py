"""Teams: Telegram groups, or topics of them, that get the new leads of a pipeline."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

MERGED_AT_MOST = 8
"""Leads in one message of a group: more would not fit on a telephone's screen with their buttons."""


@dataclass(frozen=True, slots=True)
class Team:
    """`thread_id` is a topic, 0 for the group itself; without `pipeline_id` leads of all pipelines come.

    `settings` may hold a digest, as a member's do (domain/own_settings.py).
    """

    id: UUID
    organization_id: UUID
    name: str
    chat_id: int
    thread_id: int
    pipeline_id: UUID | None
    settings: dict[str, Any] = field(default_factory=dict)
