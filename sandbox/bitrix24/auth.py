"""Who asks: an inbound webhook by its code, or an application by its token. And OAuth itself."""

import secrets
from datetime import timedelta
from hmac import compare_digest

from sandbox.bitrix24.answers import Json, Refusal
from sandbox.bitrix24.state import Actor, App, State

CODE_LIVES = timedelta(seconds=30)
ACCESS_LIVES = timedelta(hours=1)
REFRESH_LIVES = timedelta(days=180)


def by_code(state: State, user_id: str, code: str) -> Actor:
    """/rest/{user}/{code}/. Raises Refusal 401 or, when the portal took it back, 403."""
    for hook in state.hooks:
        if str(hook.user_id) == user_id and compare_digest(hook.code.encode(), code.encode()):
            if state.faults.is_on("key_revoked") or not state.users[hook.user_id].active:
                raise Refusal(403, "INVALID_CREDENTIALS", "Invalid request credentials")
            return Actor(hook.user_id, hook.scopes, f"hook:{hook.code[:4]}")
    raise Refusal(401, "NO_AUTH_FOUND", "Wrong authorization data")


def by_token(state: State, token: str) -> Actor:
    """The parameter `auth`. Raises Refusal 401 expired_token, invalid_token or NO_AUTH_FOUND."""
    if not token:
        raise Refusal(401, "NO_AUTH_FOUND", "Wrong authorization data")
    for app in state.apps:
        user_id, until = app.access.get(token, (0, None))
        if until is None:
            continue
        if state.faults.is_on("key_revoked"):
            raise Refusal(401, "invalid_token", "Unable to get application by token")
        if until <= state.clock.now():
            raise Refusal(401, "expired_token", "The access token provided has expired.")
        return Actor(user_id, app.scopes, f"app:{app.client_id}", app)
    raise Refusal(401, "invalid_token", "Unable to get application by token")


def new_code(state: State, app: App, user_id: int) -> str:
    """What the browser brings back from /oauth/authorize/; it lives 30 seconds and works once."""
    code = secrets.token_hex(16)
    app.codes[code] = (user_id, state.clock.now() + CODE_LIVES)
    return code


def exchange(state: State, query: Json) -> Json:
    """GET /oauth/token/: a code or a refresh token becomes a new pair. Raises Refusal with OAuth's codes."""
    app = next((app for app in state.apps if app.client_id == query.get("client_id")), None)
    if app is None or not compare_digest(app.client_secret, str(query.get("client_secret", ""))):
        raise Refusal(400, "invalid_client", "Application not found")
    if state.faults.is_on("unpaid"):
        raise Refusal(400, "PAYMENT_REQUIRED", "Payment required")
    kind = query.get("grant_type")
    kept = {"authorization_code": app.codes, "refresh_token": app.refresh}.get(str(kind))
    if kept is None:
        raise Refusal(400, "invalid_request", "Unknown grant_type")
    given = str(query.get("code" if kind == "authorization_code" else "refresh_token", ""))
    user_id, until = kept.pop(given, (0, None))
    if until is None or until <= state.clock.now() or state.faults.is_on("key_revoked"):
        raise Refusal(400, "invalid_grant", "Invalid grant")
    return issue(state, app, user_id)


def issue(state: State, app: App, user_id: int) -> Json:
    """A new pair of tokens; older access tokens go on until they expire."""
    now = state.clock.now()
    access, refresh = secrets.token_hex(20), secrets.token_hex(20)
    app.access[access] = (user_id, now + ACCESS_LIVES)
    app.refresh[refresh] = (user_id, now + REFRESH_LIVES)
    return {
        "access_token": access,
        "refresh_token": refresh,
        "expires": int((now + ACCESS_LIVES).timestamp()),
        "expires_in": int(ACCESS_LIVES.total_seconds()),
        "scope": ",".join(app.scopes),
        "domain": state.base_url.partition("://")[2],
        "server_endpoint": f"{state.base_url}/rest/",
        "client_endpoint": f"{state.base_url}/rest/",
        "member_id": state.member_id,
        "status": "L",
        "user_id": user_id,
    }


def expire_tokens(state: State) -> None:
    """Every access token is too old from now on."""
    for app in state.apps:
        app.access = {token: (user, state.clock.now()) for token, (user, _) in app.access.items()}
