"""Bitrix24's events: is it them, and what do they say. Pure.

A delivery is a form with the event's name, the record's id and nothing of its content. It is not signed:
`auth[application_token]`, one for all events of an application or an outgoing webhook, is the only proof.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl

from domain.crm import CrmEvent, CrmEventKind
from domain.errors import BadInput, WebhookRefused

EVENTS = {
    "ONCRMLEADUPDATE": CrmEventKind.LEAD_CHANGED,
    "ONCRMLEADADD": CrmEventKind.LEAD_CREATED,
    "ONCRMLEADDELETE": CrmEventKind.LEAD_DELETED,
}
DEAL_EVENTS = {
    "ONCRMDEALUPDATE": CrmEventKind.LEAD_CHANGED,
    "ONCRMDEALADD": CrmEventKind.LEAD_CREATED,
    "ONCRMDEALDELETE": CrmEventKind.LEAD_DELETED,
    "ONCRMDEALMOVETOCATEGORY": CrmEventKind.LEAD_CHANGED,
}
KINDS = {**EVENTS, **DEAL_EVENTS}
AS_DEAL = dict(zip(EVENTS, DEAL_EVENTS, strict=False))
BY_HAND = "by-hand"
INSTALLED = "ONAPPINSTALL"
_MOST_PAIRS = 500
_KEPT_TOKENS = ("access_token", "refresh_token", "application_token")


def subscription_id(event: str, url: str) -> str:
    """Bitrix24 has no ids of registrations: the event, and a digest of the address."""
    return f"{event}:{hashlib.sha256(url.encode()).hexdigest()[:24]}"


def verify(headers: Mapping[str, str], body: bytes, external_id: str, secret: str) -> None:
    """Check the application token, and that the event is the registered one. Raises WebhookRefused.

    `external_id` is of `subscription_id`, or BY_HAND for an outgoing webhook, whose events the admin chose.
    """
    if headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
        raise WebhookRefused
    try:
        form = _form(body)
    except BadInput:
        raise WebhookRefused from None
    given = form.get("auth[application_token]", "")
    if not (secret and hmac.compare_digest(given.encode(), secret.encode())):
        raise WebhookRefused
    event = form.get("event", "").upper()
    if external_id != BY_HAND and event != external_id.partition(":")[0]:
        raise WebhookRefused


def parse(event: str, body: bytes) -> Sequence[CrmEvent]:
    """The one event of a delivery; its own name counts. Raises BadInput("body", "invalid").

    A deal is our lead on portals without leads: which of the two an id belongs to is known by the link.
    """
    form = _form(body)
    name = form.get("event", "").upper()
    if not name:
        raise BadInput("body", "invalid")
    kind = KINDS.get(name, CrmEventKind.UNKNOWN)
    number = form.get("data[FIELDS][ID]", "")
    if kind is not CrmEventKind.UNKNOWN and not (number.isascii() and number.isdigit()):
        raise BadInput("body", "invalid")
    return [CrmEvent(kind, number[:64])]


def introduced(body: bytes) -> str:
    """The application_token that a delivery bears; empty without one. Raises BadInput("body", "invalid")."""
    return _form(body).get("auth[application_token]", "")


def installed(body: bytes) -> Mapping[str, str]:
    """The settings that the installation of an application brings (ONAPPINSTALL, or its page being opened):
    url, access_token, refresh_token, application_token, member_id. Raises BadInput.

    Anybody can send such a body: use a token of it to ask the portal before it is believed.
    """
    form = _form(body)
    if form.get("event", "").upper() == INSTALLED:
        given = {name: form.get(f"auth[{name}]", "") for name in (*_KEPT_TOKENS, "member_id")}
        endpoint = form.get("auth[client_endpoint]", "")
    else:
        given = {"access_token": form.get("AUTH_ID", ""), "refresh_token": form.get("REFRESH_ID", ""),
                 "application_token": form.get("APPLICATION_TOKEN", ""),
                 "member_id": form.get("member_id", "")}  # fmt: skip
        endpoint = f"https://{form['DOMAIN']}/rest/" if form.get("DOMAIN") else ""
    if not (given["access_token"] and given["refresh_token"] and endpoint):
        raise BadInput("body", "invalid")
    return {**{name: value for name, value in given.items() if value}, "url": endpoint.partition("/rest")[0]}


def _form(body: bytes) -> dict[str, str]:
    try:
        pairs = parse_qsl(
            body.decode("utf-8"), keep_blank_values=True, strict_parsing=True, max_num_fields=_MOST_PAIRS
        )
    except ValueError:
        raise BadInput("body", "invalid") from None
    return dict(pairs)
