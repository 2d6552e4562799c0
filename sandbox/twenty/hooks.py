"""Webhooks: registered over the API, sent once, signed where there is a secret, never again."""

import hashlib
import hmac
import json
import secrets
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from sandbox import courier
from sandbox.twenty.answers import bad, no_record
from sandbox.twenty.state import Delivery, Event, State, Webhook

TIME_LIMIT = 5.0
_NOT_BY_WILDCARD = ("workflowRun.updated",)


def save(state: State, body: Any, known: Webhook | None = None) -> Webhook:
    """Register a webhook or change one. Refusal 400."""
    if not isinstance(body, dict):
        raise bad("Request body must be an object")
    made = known or Webhook(state.new_id(), "", ())
    names = {"targetUrl": "url", "operations": "operations", "description": "description", "secret": "secret"}
    given = {names[name]: value for name, value in body.items() if name in names}
    if "operations" in given:
        given["operations"] = tuple(str(one) for one in given["operations"] or ())
    made = replace(made, **given)
    if urlsplit(str(made.url)).scheme not in ("http", "https"):
        raise bad("targetUrl must be a URL address")
    if not made.operations or any(one.count(".") != 1 for one in made.operations):
        raise bad("operations must be an array of object.action")
    state.webhooks[made.id] = made
    return made


def find(state: State, webhook_id: str) -> Webhook:
    if webhook_id not in state.webhooks:
        raise no_record()
    return state.webhooks[webhook_id]


def shown(webhook: Webhook) -> dict[str, Any]:
    return {
        "id": webhook.id,
        "targetUrl": webhook.url,
        "operations": list(webhook.operations),
        "description": webhook.description,
        "secret": webhook.secret,
    }


def fire(state: State, event: Event) -> None:
    """Put an event into the queue of every webhook that listens to it."""
    name = f"{event.object.singular}.{event.action}"
    heard = {name}
    if name not in _NOT_BY_WILDCARD:
        heard |= {f"{event.object.singular}.*", f"*.{event.action}", "*.*"}
    for webhook in state.webhooks.values():
        if heard & set(webhook.operations):
            state.events.append((webhook, event))
    state.wake.set()


def body_of(state: State, webhook: Webhook, event: Event) -> dict[str, Any]:
    """What is sent: a key's change names the key, a member's the member; no values from before."""
    who = (
        {"apiKeyId": event.actor.key_id}
        if event.actor.key_id
        else {"userId": event.actor.member_id, "workspaceMemberId": event.actor.member_id}
    )
    return {
        "targetUrl": webhook.url,
        "eventName": f"{event.object.singular}.{event.action}",
        "objectMetadata": {"id": event.object.id, "nameSingular": event.object.singular},
        "workspaceId": state.workspace_id,
        "webhookId": webhook.id,
        "eventDate": event.at,
        **who,
        "record": event.record,
        **({"updatedFields": list(event.updated)} if event.action == "updated" else {}),
    }


def signed(state: State, secret: str, body: bytes) -> Mapping[str, str]:
    """The three headers; none without a secret."""
    if not secret:
        return {}
    moment = str(int(state.clock.now().timestamp() * 1000))
    mac = hmac.new(secret.encode(), f"{moment}:".encode() + body, hashlib.sha256)
    return {
        "X-Twenty-Webhook-Signature": mac.hexdigest(),
        "X-Twenty-Webhook-Timestamp": moment,
        "X-Twenty-Webhook-Nonce": secrets.token_hex(16),
    }


class Courier(courier.Courier[State]):
    """Sends events to webhooks."""

    def queue(self) -> deque[tuple[Webhook, Event]]:
        return self._state.events

    async def send(self, session: aiohttp.ClientSession, item: tuple[Webhook, Event]) -> None:
        webhook, event = item
        told = body_of(self._state, webhook, event)
        body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
        headers = {"Content-Type": "application/json", **signed(self._state, webhook.secret, body)}
        status = 0
        if self._may_call(webhook.url):
            status = await self.status_of(session, "POST", webhook.url, data=body, headers=headers)
        at = self._state.stamp()
        self._state.deliveries.append(
            Delivery(webhook.id, told["eventName"], webhook.url, body.decode(), status, at)
        )

    def _may_call(self, url: str) -> bool:
        """Internal addresses are refused unless the operator lists them; None: all are listed."""
        hosts = self._state.internal_hosts
        parts = urlsplit(url)
        inside = parts.hostname in ("127.0.0.1", "localhost", "::1")
        return not inside or hosts is None or parts.netloc in hosts
