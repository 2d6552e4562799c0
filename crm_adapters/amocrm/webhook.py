"""amoCRM's webhooks: may they be true, and what do they say. Pure.

A body is a form with PHP's brackets, everything in it a text. Nothing is signed: who knows the secret key in
our address may write anything, so the body must at least name our account, and is a hint to read the record
back, never more. Several items and several actions may come in one body.
"""

import hmac
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import unquote_plus

from domain.crm import CrmEvent, CrmEventKind
from domain.errors import BadInput, WebhookRefused

ALL_LEADS = "leads"
EVENTS = {
    ALL_LEADS: ("add_lead", "update_lead", "status_lead", "responsible_lead", "delete_lead", "restore_lead"),
}
"""The one event that we register, since one address may bear any number of amoCRM's actions."""

_KINDS = {
    ("leads", "add"): CrmEventKind.LEAD_CREATED,
    ("leads", "update"): CrmEventKind.LEAD_CHANGED,
    ("leads", "status"): CrmEventKind.LEAD_CHANGED,
    ("leads", "responsible"): CrmEventKind.LEAD_CHANGED,
    ("leads", "restore"): CrmEventKind.LEAD_CHANGED,
    ("leads", "delete"): CrmEventKind.LEAD_DELETED,
}
_BLOCKS = ("leads", "contacts", "companies", "customers", "task", "unsorted", "message", "talk", "catalogs")
_IDS = ("id", "uid", "lead_id", "talk_id")
_KEY = re.compile(r"[\w-]{1,64}(?:\[[^\[\]]{0,64}\]){0,8}")
_MOST_PAIRS = 20_000
_LONGEST_ID = 64

Tree = dict[str, Any]


def secret_of(account: Mapping[str, Any]) -> str:
    """What `verify` compares a body with: the account's id and subdomain."""
    return f"{account.get('id')}:{account.get('subdomain')}"


def verify(headers: Mapping[str, str], body: bytes, external_id: str, secret: str) -> None:
    """Check that the body is of the account that `secret` names; old bodies have the subdomain alone.
    Raises WebhookRefused. It proves no sender: the key in the address and reading back do that."""
    account_id, colon, subdomain = secret.partition(":")
    try:
        account = read(body).get("account")
    except BadInput:
        raise WebhookRefused from None
    if not (colon and account_id and isinstance(account, dict)):
        raise WebhookRefused
    name = "id" if "id" in account else "subdomain"
    shown, expected = str(account.get(name, "")), account_id if name == "id" else subdomain
    if not expected or not hmac.compare_digest(shown.encode(), expected.encode()):
        raise WebhookRefused


def parse(event: str, body: bytes) -> Sequence[CrmEvent]:
    """The items of one body; what is not about leads is of the kind UNKNOWN. Raises BadInput("body",
    "invalid") for a body that names neither an account nor a thing."""
    tree = read(body)
    blocks = [name for name in _BLOCKS if isinstance(tree.get(name), dict)]
    if not blocks or not isinstance(tree.get("account"), dict):
        raise BadInput("body", "invalid")
    return [event for block in blocks for event in _events(block, tree[block])]


def _events(block: str, actions: Tree) -> Iterator[CrmEvent]:
    for action, items in actions.items():
        kind = _KINDS.get((block, action), CrmEventKind.UNKNOWN)
        # a list may have lost its numbers, or have any: take the values in their order
        for item in items.values() if isinstance(items, dict) else ():
            if not isinstance(item, dict):
                raise BadInput("body", "invalid")
            external_id = _id_of(item)
            if not external_id.isdecimal() and kind is not CrmEventKind.UNKNOWN:
                raise BadInput("body", "invalid")
            yield CrmEvent(kind, external_id, {key: value for key, value in item.items() if key != "id"})


def _id_of(item: Tree) -> str:
    """A note names the lead it hangs on, one level deeper; a task has an id of its own."""
    note = item.get("note")
    if isinstance(note, dict):
        return str(note.get("element_id", ""))[:_LONGEST_ID]
    return next((str(item[name])[:_LONGEST_ID] for name in _IDS if isinstance(item.get(name), str)), "")


def read(body: bytes) -> Tree:
    """A form with PHP's brackets -> maps of maps and texts; an empty pair of brackets counts on.
    Raises BadInput("body", "invalid")."""
    try:
        pairs = body.decode("utf-8").strip().split("&")
    except UnicodeDecodeError:
        raise BadInput("body", "invalid") from None
    if not 0 < len(pairs) <= _MOST_PAIRS:
        raise BadInput("body", "invalid")
    tree: Tree = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        key = unquote_plus(key)
        if not equals or not _KEY.fullmatch(key):
            raise BadInput("body", "invalid")
        name, *deeper = (part.rstrip("]") for part in key.split("["))
        _put(tree, [name, *deeper], unquote_plus(value))
    return tree


def _put(tree: Tree, path: Sequence[str], value: str) -> None:
    for step in path[:-1]:
        below = tree.setdefault(step or str(len(tree)), {})
        if not isinstance(below, dict):
            raise BadInput("body", "invalid")
        tree = below
    tree[path[-1] or str(len(tree))] = value
