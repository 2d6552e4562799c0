"""Tokens: long-lived ones, and OAuth's pairs whose refresh token is used up by being used."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sandbox.amocrm import seed
from sandbox.amocrm.answers import Refusal, Reply, problem
from sandbox.amocrm.seed import Keys
from sandbox.amocrm.state import Grant, Record, State

ACCESS_LIVES = timedelta(hours=24)
REFRESH_LIVES = timedelta(days=91)
CODE_LIVES = timedelta(minutes=20)


def actor(state: State, headers: Mapping[str, str]) -> Record:
    """The user whose rights a request has. Raises Refusal 401, 403 for a wrong X-Context-User-ID."""
    kind, _, token = headers.get("Authorization", "").partition(" ")
    grant = state.tokens.get(token) if kind == "Bearer" else None
    fresh = grant is not None and not grant.used and grant.until > state.clock.now()
    if grant is None or not fresh or "key_revoked" in state.faults.active:
        raise problem(401, "Token is invalid")
    user = state.users[grant.user_id]
    other = headers.get("X-Context-User-ID", "")
    if not other:
        return user
    if not user["rights"]["is_admin"] or not other.isdigit() or int(other) not in state.users:
        raise problem(403, "Context user is not allowed")
    return state.users[int(other)]


def issue_code(state: State, user_id: int = seed.PEOPLE[0][0]) -> str:
    """A code as the browser brings it after the consent: 20 minutes, one use."""
    code = "def5" + secrets.token_hex(60)
    state.codes[code] = Grant(user_id, state.clock.now() + CODE_LIVES)
    return code


def issue_pair(state: State, user_id: int = seed.PEOPLE[0][0]) -> dict[str, Any]:
    """A new pair of tokens, as the token endpoint answers."""
    now = state.clock.now()
    access, refresh = seed.jwt(state, now + ACCESS_LIVES), "def502" + secrets.token_hex(350)
    state.tokens[access] = Grant(user_id, now + ACCESS_LIVES)
    state.refresh_tokens[refresh] = Grant(user_id, now + REFRESH_LIVES)
    return {
        "token_type": "Bearer", "expires_in": int(ACCESS_LIVES.total_seconds()), "server_time": state.stamp(),
        "access_token": access, "refresh_token": refresh,
    }  # fmt: skip


def token(state: State, keys: Keys, body: Any) -> Reply:
    """POST /oauth2/access_token. Raises Refusal 400 with a hint."""
    body = body if isinstance(body, dict) else {}
    if (body.get("client_id"), body.get("client_secret")) != (keys.client_id, keys.client_secret):
        raise _refused("Client authentication failed")
    if body.get("redirect_uri") != keys.redirect_uri:
        raise _refused("Redirect URI is not the registered one")
    ways = {
        "authorization_code": (state.codes, body.get("code"), "Authorization code"),
        "refresh_token": (state.refresh_tokens, body.get("refresh_token"), "Token"),
    }
    if body.get("grant_type") not in ways:
        raise _refused("The authorization grant type is not supported")
    grants, shown, what = ways[body["grant_type"]]
    grant = grants.get(str(shown))
    if grant is None or grant.until <= state.clock.now() or "key_revoked" in state.faults.active:
        raise _refused(f"{what} is invalid or has expired")
    if grant.used:
        raise _refused(f"{what} has been revoked")
    grant.used = True
    return Reply(200, issue_pair(state, grant.user_id), "application/json")


def subdomain(state: State, refresh_token: str) -> Reply:
    """GET /oauth2/account/current/subdomain: where the account of this token lives now."""
    if refresh_token not in state.refresh_tokens:
        raise problem(401, "Token is invalid")
    place = state.account["subdomain"]
    body = {
        "id": state.account["id"],
        "subdomain": place,
        "domain": f"{place}.amocrm.ru",
        "top_level_domain": "ru",
    }
    return Reply(200, body, "application/json")


def _refused(hint: str) -> Refusal:
    return problem(400, "The provided authorization grant or refresh token is invalid", hint=hint)
