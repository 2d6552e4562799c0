"""OAuth 2.0 client credentials (RFC 6749, 4.4): the client is a key of the API, its secret the key itself."""

from dataclasses import dataclass, replace
from datetime import timedelta

from domain.api_keys import ApiKey, Caller, narrowed
from domain.errors import KeyRefused, VoronkaError
from services.access import open_to
from services.api.keys import ApiKeys
from services.clock import Clock
from services.entry.tokens import LIVES, Claims, TokenSigner

KEY = "key"
GRANT = "client_credentials"


class OAuthRefused(VoronkaError):
    """`reason` is one of the error codes of RFC 6749, 5.2, and RFC 7009, 2.2.1."""

    code = "oauth_refused"

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason=reason)


@dataclass(frozen=True, slots=True)
class Granted:
    token: str
    lives: timedelta
    scopes: tuple[str, ...]


class OAuth:
    """Gives tokens for keys, and finds the key behind a token."""

    def __init__(self, keys: ApiKeys, signer: TokenSigner, clock: Clock) -> None:
        self.keys, self.signer, self.clock = keys, signer, clock

    @open_to("whoever shows a key")
    async def grant(self, grant_type: str, client_id: str, secret: str, scope: str, address: str) -> Granted:
        """Raises OAuthRefused: invalid_request, unsupported_grant_type, invalid_client, invalid_scope."""
        if not grant_type:
            raise OAuthRefused("invalid_request")
        if grant_type != GRANT:
            raise OAuthRefused("unsupported_grant_type")
        try:
            caller = await self.keys.caller(secret, address)
        except KeyRefused:
            raise OAuthRefused("invalid_client") from None
        if client_id.lower() != str(caller.key.id):
            raise OAuthRefused("invalid_client")
        wanted = tuple(dict.fromkeys(scope.split()))
        scopes = narrowed(caller.key.scopes, wanted) if wanted else caller.key.scopes
        if not scopes or (wanted and set(scopes) != set(wanted)):
            raise OAuthRefused("invalid_scope")
        now = self.clock()
        lives = min(LIVES, caller.key.expires_at - now) if caller.key.expires_at else LIVES
        claims = Claims(caller.key.id, KEY, caller.key.organization_id, scopes)
        return Granted(self.signer.sign(claims, now, lives), lives, scopes)

    @open_to("whoever shows a token")
    async def caller(self, claims: Claims, address: str) -> Caller:
        """For whom a token acts: its key as it stands now, within what the token was given for. Raises
        KeyRefused as ApiKeys.caller does."""
        found = await self.keys.caller_by_id(claims.organization_id, claims.subject, address)
        return replace(found, key=_within(found.key, claims.scopes))


def _within(key: ApiKey, scopes: tuple[str, ...]) -> ApiKey:
    return replace(key, scopes=narrowed(key.scopes, scopes))
