"""Who asks: a user of the base by HTTP Basic in UTF-8, or a token of the login server."""

import base64
import secrets
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import parse_qs

from sandbox.exchange import Answer, Refusal
from sandbox.onec.answers import page
from sandbox.onec.state import State

REALM = {"WWW-Authenticate": 'Basic realm="1C:Enterprise 8.3"'}


def check(state: State, header: str) -> None:
    """Raises Refusal 401, a page without a code, unless the header opens."""
    kind, _, shown = header.partition(" ")
    if kind.lower() == "basic" and _is_user(state, shown) and not state.faults.take("key_revoked"):
        return
    if kind.lower() == "bearer":
        until = state.tokens.get(shown)
        if until is not None and until > state.clock.now() and not state.faults.take("key_revoked"):
            return
    refused = page(401, "Требуется аутентификация")
    refused.headers.update(REALM)
    raise Refusal(refused)


def _is_user(state: State, shown: str) -> bool:
    try:
        login, colon, password = base64.b64decode(shown, validate=True).decode("utf-8").partition(":")
    except ValueError:
        return False
    return bool(colon) and (login, password) == (state.login, state.password)


def token(state: State, raw: bytes, header: str) -> Answer:
    """The login server: client_credentials by form, the client in the form or by Basic."""
    form: Mapping[str, list[str]] = parse_qs(raw.decode("utf-8", "replace"))
    given = {name: values[-1] for name, values in form.items()}
    client = (given.get("client_id", ""), given.get("client_secret", ""))
    if header.lower().startswith("basic "):
        name, _, secret = base64.b64decode(header[6:]).decode("utf-8", "replace").partition(":")
        client = (name, secret)
    if given.get("grant_type") != "client_credentials":
        return Answer({"error": "unsupported_grant_type"}, 400)
    if client != (state.client_id, state.client_secret):
        return Answer({"error": "invalid_client"}, 401)
    made = secrets.token_urlsafe(32)
    state.tokens[made] = state.clock.now() + timedelta(seconds=state.token_seconds)
    return Answer({"access_token": made, "token_type": "Bearer", "expires_in": state.token_seconds})
