"""Who is asking: API key, HMAC, Basic; and the lock-out of an address after too many refusals."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping
from datetime import timedelta

from sandbox.espocrm.acl import Actor, actor_of
from sandbox.espocrm.answers import HTML, Answer, Refusal
from sandbox.espocrm.state import Account, Record, State

FAILURES_ALLOWED = 10
FAILURES_PERIOD = timedelta(seconds=60)

Check = Callable[[State, str, str, str], Record | None]


def authenticate(state: State, headers: Mapping[str, str], address: str, method: str, path: str) -> Actor:
    """The user of a request; `path` is relative to api/v1 and has no query.

    Raises Refusal 401 with an empty body and no reason, or 403 with neither for an address that had more
    than ten denied attempts within the last 60 seconds.
    """
    for header, check in WAYS:
        value = headers.get(header)
        if value is None or (header == "Authorization" and not value.startswith("Basic ")):
            continue
        if _locked_out(state, address):
            raise Refusal(Answer(status=403, content_type=HTML))
        user = check(state, value, method, path)
        if user is None or not user.get("isActive", True):
            state.denied.setdefault(address, []).append(state.clock.now())
            raise Refusal(Answer(status=401, content_type=HTML))
        return actor_of(state, user)
    challenge = {"WWW-Authenticate": 'Basic realm=""'} if method == "GET" else {}
    raise Refusal(Answer(status=401, content_type=HTML, headers=challenge))


def _locked_out(state: State, address: str) -> bool:
    since = state.clock.now() - FAILURES_PERIOD
    recent = [moment for moment in state.denied.get(address, []) if moment > since]
    state.denied[address] = recent
    return len(recent) > FAILURES_ALLOWED


def _by_key(state: State, value: str, method: str, path: str) -> Record | None:
    user = _user_of_key(state, value, with_secret=False)
    return None if user is None or "key_revoked" in state.faults.active else user


def _by_hmac(state: State, value: str, method: str, path: str) -> Record | None:
    key, _, mac = _decoded(value).partition(b":")
    user = _user_of_key(state, key.decode("latin-1"), with_secret=True)
    if user is None or "key_revoked" in state.faults.active:
        return None
    secret = state.accounts[user["id"]].secret_key or ""
    digest = hmac.new(secret.encode(), f"{method} /{path}".encode(), hashlib.sha256)
    valid = hmac.compare_digest(mac, digest.hexdigest().encode()) or hmac.compare_digest(mac, digest.digest())
    return user if valid else None


def _by_password(state: State, value: str, method: str, path: str) -> Record | None:
    name, _, password = _decoded(value.removeprefix("Basic ")).decode("utf-8", "replace").partition(":")
    for user in state.all("User"):
        account = state.accounts.get(user["id"], Account())
        if user.get("userName") == name and account.password and account.password == password:
            return user
    return None


def _user_of_key(state: State, key: str, *, with_secret: bool) -> Record | None:
    for user_id, account in state.accounts.items():
        if key and account.api_key == key and bool(account.secret_key) is with_secret:
            return state.find("User", user_id)
    return None


def _decoded(value: str) -> bytes:
    try:
        return base64.b64decode(value)
    except (binascii.Error, ValueError):
        return b""


WAYS: tuple[tuple[str, Check], ...] = (
    ("X-Hmac-Authorization", _by_hmac),
    ("X-Api-Key", _by_key),
    ("Espo-Authorization", _by_password),
    ("Authorization", _by_password),
)
