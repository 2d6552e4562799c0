"""How tokens are got: for a key, for what Telegram says of a member, for the token before."""

from domain.api_keys import SCOPES
from domain.errors import BadInput, NotFound
from services.entry.oauth import OAuthRefused
from services.entry.sessions import Opened
from web.api.endpoint import CREATED, Call, Endpoint, Knock
from web.api.models.entry import (
    OAuthError,
    RefreshAsked,
    RevocationAsked,
    Revoked,
    SessionAsked,
    SessionGiven,
    TokenAsked,
    TokenGiven,
)

TAG = "entering"


async def token(knock: Knock) -> TokenGiven:
    given = knock.given(TokenAsked)
    shown = knock.client or (given.client_id, given.client_secret)
    if knock.client is not None and given.client_secret:
        # RFC 6749, 2.3: not more than one way at a time
        raise OAuthRefused("invalid_request")
    granted = await knock.services.oauth.grant(given.grant_type, *shown, given.scope, knock.address)
    return TokenGiven(
        access_token=granted.token,
        expires_in=int(granted.lives.total_seconds()),
        scope=" ".join(granted.scopes),
    )


async def open_session(knock: Knock) -> SessionGiven:
    given, sessions = knock.given(SessionAsked), knock.services.api_sessions
    if (given.init_data is None) == (given.login is None):
        raise BadInput("init_data", "required")
    if given.init_data is not None:
        opened = await sessions.open_by_mini_app(given.init_data, given.organization_id, knock.address)
    else:
        opened = await sessions.open_by_login(given.login or {}, given.organization_id, knock.address)
    return _told(opened)


async def refresh(knock: Knock) -> SessionGiven:
    asked = knock.given(RefreshAsked)
    return _told(await knock.services.api_sessions.refresh(asked.refresh_token, knock.address))


async def revoke(knock: Knock) -> Revoked:
    given = knock.given(RevocationAsked)
    if not given.token:
        raise OAuthRefused("invalid_request")
    await knock.services.api_sessions.revoke(given.token)
    return Revoked()


async def end(call: Call) -> None:
    key = call.caller.key
    if not key.is_session:
        raise NotFound(what="session")
    await call.services.api_sessions.end(call.member, key.id)


def _told(opened: Opened) -> SessionGiven:
    return SessionGiven(
        access_token=opened.access,
        expires_in=int(opened.lives.total_seconds()),
        scope=" ".join(SCOPES),
        refresh_token=opened.refresh,
        refresh_expires_in=int(opened.lasts.total_seconds()),
        organization_id=opened.member.organization_id,
        member_id=opened.member.id,
    )


ENDPOINTS = (
    Endpoint(
        "get_token", "POST", "/oauth/token", "", token, TAG, "A token for a key (OAuth client credentials)",
        answer=TokenGiven, body=TokenAsked, open=True, form=True, refusal=OAuthError,
    ),
    Endpoint(
        "open_session", "POST", "/api/session/telegram", "", open_session, TAG,
        "A session for a member whom Telegram vouches for",
        answer=SessionGiven, body=SessionAsked, open=True, status=CREATED,
    ),
    Endpoint(
        "refresh_session", "POST", "/api/session/refresh", "", refresh, TAG,
        "The next pair of tokens of a session", answer=SessionGiven, body=RefreshAsked, open=True,
    ),
    Endpoint(
        "revoke_token", "POST", "/oauth/revoke", "", revoke, TAG, "End the session of a token (RFC 7009)",
        answer=Revoked, body=RevocationAsked, open=True, form=True, refusal=OAuthError,
    ),
    Endpoint("end_session", "DELETE", "/api/session", "", end, TAG, "End one's own session", status=204),
)  # fmt: skip
