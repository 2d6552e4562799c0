"""Webhooks that we send, as the API shows them and takes them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from domain.hooks_out import Hook, HookState, Sending, message_id_of
from web.api.models.base import PRINTABLE, Given, Paging, Resource, Shown

EventName = Literal[
    "lead.created", "lead.changed", "lead.stage_changed", "lead.assigned", "lead.merged", "lead.deleted",
    "contact.changed", "activity.created", "activity.completed", "customer.created",
]  # fmt: skip
Target = Annotated[str, Field(max_length=500, pattern=PRINTABLE, description="An https:// address.")]
Title = Annotated[str, Field(max_length=64, pattern=PRINTABLE)]


class WebhookOut(Resource):
    """A webhook. States: on, paused, disabled (nothing got through for five days, or it answered 410).
    `host` is where it goes; GET of one webhook tells the whole address."""

    id: UUID
    name: str
    host: str
    events: list[str]
    state: str
    disabled_because: str
    created_at: datetime
    failing_since: datetime | None
    delivered_at: datetime | None
    secret_changed_at: datetime
    old_secret_signs_until: datetime | None


class WebhookDetail(WebhookOut):
    """`deliveries` counts them by state."""

    url: str
    deliveries: dict[str, int]


class WebhookMade(WebhookDetail):
    """`secret` is told this once. A request that is repeated by its Idempotency-Key does not tell it again:
    it is empty then."""

    secret: str


class WebhookList(Shown):
    items: list[WebhookOut]
    total: int


class WebhookIn(Given):
    name: Title
    url: Target
    events: Annotated[list[EventName], Field(min_length=1, max_length=20)]


class WebhookChange(Given):
    """What is left out stays."""

    name: Title | None = None
    url: Target | None = None
    events: Annotated[list[EventName], Field(min_length=1, max_length=20)] | None = None


class DeliveriesAsked(Paging):
    """The newest come first."""


class WebhookDeliveryOut(Resource):
    """One message to one webhook. States: pending, sending, delivered, failed, dropped (there was nothing to
    tell any more). `webhook_id` is the id in the message's header, the same at each attempt; `status` is the
    last answer's, 0 without one."""

    id: UUID
    webhook: UUID
    webhook_id: str
    type: str
    state: str
    attempts: int
    status: int
    error: str
    milliseconds: int
    happened_at: datetime
    due_at: datetime
    tried_at: datetime | None


class WebhookDeliveryDetail(WebhookDeliveryOut):
    """`body` is what was sent; null while it has not been sent yet."""

    body: str | None


class SentAnew(Shown):
    count: int


def _hook(one: Hook) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "host": one.host,
        "events": list(one.events),
        "state": one.state.value,
        "disabled_because": one.why if one.state is HookState.DISABLED else "",
        "created_at": one.created_at,
        "failing_since": one.failing_since,
        "delivered_at": one.delivered_at,
        "secret_changed_at": one.secret_at,
        "old_secret_signs_until": one.old_until,
    }


def webhook_out(one: Hook) -> WebhookOut:
    return WebhookOut.model_validate(_hook(one))


def webhook_detail(one: Hook, url: str, counts: Mapping[str, int]) -> WebhookDetail:
    return WebhookDetail.model_validate({**_hook(one), "url": url, "deliveries": dict(counts)})


def webhook_made(one: Hook, url: str, counts: Mapping[str, int], secret: str) -> WebhookMade:
    known = {**_hook(one), "url": url, "deliveries": dict(counts), "secret": secret}
    return WebhookMade.model_validate(known)


def _sending(one: Sending) -> dict[str, Any]:
    return {
        "id": one.id,
        "webhook": one.hook_id,
        "webhook_id": message_id_of(one.event_id),
        "type": one.type,
        "state": one.state.value,
        "attempts": one.attempts,
        "status": one.status,
        "error": one.error,
        "milliseconds": one.took,
        "happened_at": one.happened_at,
        "due_at": one.due_at,
        "tried_at": one.tried_at,
    }


def delivery_out(one: Sending) -> WebhookDeliveryOut:
    return WebhookDeliveryOut.model_validate(_sending(one))


def delivery_detail(one: Sending) -> WebhookDeliveryDetail:
    return WebhookDeliveryDetail.model_validate({**_sending(one), "body": one.body})
