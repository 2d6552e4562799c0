"""Tokens and sessions as the API takes and shows them."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from web.api.models.base import PRINTABLE, Given, Shown

Text = Annotated[str, Field(max_length=4096)]
InitData = Annotated[str, Field(max_length=8192, min_length=1, pattern=PRINTABLE)]
LoginName = Annotated[str, Field(max_length=32, pattern=PRINTABLE)]
LoginText = Annotated[str, Field(max_length=1000, pattern=PRINTABLE)]


class TokenAsked(BaseModel):
    """A form of RFC 6749, 4.4. The client shows itself here, or by Basic; its id is the key's id, its secret
    the key. Without `scope` the token has all scopes of the key."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    grant_type: Text = ""
    client_id: Text = ""
    client_secret: Text = ""
    scope: Text = ""


class TokenGiven(Shown):
    """`expires_in` in seconds."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105  (how it is shown)
    expires_in: int
    scope: str


class OAuthError(Shown):
    """Why no token was given (RFC 6749, 5.2), or taken back (RFC 7009, 2.2.1)."""

    error: Literal[
        "invalid_request", "invalid_client", "invalid_grant", "unauthorized_client",
        "unsupported_grant_type", "invalid_scope", "unsupported_token_type",
    ]  # fmt: skip
    error_description: str


class SessionAsked(Given):
    """What Telegram says of a person: `init_data` of a Mini App, just as Telegram gave it, or the fields of
    the Login widget. `organization_id` is needed by members of several organizations."""

    init_data: InitData | None = None
    login: Annotated[dict[LoginName, LoginText | int], Field(max_length=16)] | None = None
    organization_id: UUID | None = None


class RefreshAsked(Given):
    refresh_token: Annotated[str, Field(max_length=2048, min_length=1, pattern=PRINTABLE)]


class RevocationAsked(BaseModel):
    """A form of RFC 7009, 2.1: a session's refresh token or access token; both end with the session. What
    kind it is need not be told."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)

    token: Text = ""


class Revoked(Shown):
    """The token is over; also when it was before, or never was one."""


class SessionGiven(TokenGiven):
    """`refresh_token` buys the next pair, once, within `refresh_expires_in` seconds."""

    refresh_token: str
    refresh_expires_in: int
    organization_id: UUID
    member_id: UUID
