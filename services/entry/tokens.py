"""Access tokens: JSON Web Tokens (RFC 7519) in the shape of RFC 9068, signed with HMAC-SHA-256 (RFC 7515).

There is one algorithm and no other is ever looked at: what a token says of itself decides nothing. The keys
are derived from SECRET_KEY, each with an id; tokens of an earlier SECRET_KEY open until they expire. Nobody
but us has to read them, so there is no public key.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from domain.errors import KeyRefused
from storage.ids import new_id

ALGORITHM = "HS256"
ISSUER = "voronka"
AUDIENCE = "voronka-api"
ACCESS, REFRESH = "at+jwt", "rt+jwt"
"""What a token is: the one is shown with every request, the other buys the next pair, once."""

LIVES = timedelta(minutes=15)
LONGEST = 2048
_PURPOSE = b"voronka access tokens 1"


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says. `subject` is the id of a key or of a session, `of` says which; `scopes` are empty
    for all that the subject has, and `generation` counts the refreshes of a session."""

    subject: UUID
    of: str
    organization_id: UUID
    scopes: tuple[str, ...] = ()
    generation: int = 0


class TokenSigner:
    """Signs with the key that is current; reads those of earlier ones too."""

    def __init__(self, secret_key: str, old_keys: tuple[str, ...] = ()) -> None:
        """Keys are 32 bytes in base64, as the Vault has checked them."""
        derived = [_derived(base64.b64decode(text)) for text in (secret_key, *old_keys)]
        self._current = _key_id(derived[0])
        self._keys = {_key_id(key): key for key in derived}

    def sign(self, claims: Claims, now: datetime, lives: timedelta = LIVES, kind: str = ACCESS) -> str:
        header = {"alg": ALGORITHM, "typ": kind, "kid": self._current}
        issued = int(now.timestamp())
        said: dict[str, Any] = {
            "iss": ISSUER, "aud": AUDIENCE, "sub": str(claims.subject), "client_id": str(claims.subject),
            "iat": issued, "exp": issued + int(lives.total_seconds()), "jti": str(new_id()),
            "of": claims.of, "org": str(claims.organization_id), "scope": " ".join(claims.scopes),
        }  # fmt: skip
        if kind == REFRESH:
            said["gen"] = claims.generation
        return compact(header, said, self._keys[self._current])

    def read(self, token: str, now: datetime, kind: str = ACCESS) -> Claims:
        """What a token of ours says. Raises KeyRefused: token (forged, of another kind) or token_expired."""
        parts = token.split(".")
        if len(parts) != 3 or len(token) > LONGEST or not token.isascii():
            raise KeyRefused("token")
        header = _object(parts[0])
        key = self._keys.get(str(header.get("kid")))
        if key is None or header.get("alg") != ALGORITHM or header.get("typ") != kind:
            raise KeyRefused("token")
        if not hmac.compare_digest(_signature(parts[0] + "." + parts[1], key).encode(), parts[2].encode()):
            raise KeyRefused("token")
        return _claims(_object(parts[1]), now)


def compact(header: Mapping[str, Any], said: Mapping[str, Any], key: bytes) -> str:
    """The three parts of a signed token (RFC 7515, 3.1)."""
    start = ".".join(_text(json.dumps(part, separators=(",", ":")).encode()) for part in (header, said))
    return f"{start}.{_signature(start, key)}"


def is_token(shown: str) -> bool:
    """Whether it is a token rather than a key; a key has no points."""
    return shown.count(".") == 2


def _claims(said: Mapping[str, Any], now: datetime) -> Claims:
    if said.get("iss") != ISSUER or said.get("aud") != AUDIENCE:
        raise KeyRefused("token")
    try:
        if int(said["exp"]) <= now.timestamp():
            raise KeyRefused("token_expired")
        return Claims(
            UUID(said["sub"]), str(said["of"]), UUID(said["org"]),
            tuple(str(said["scope"]).split()), int(said.get("gen", 0)),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError):
        raise KeyRefused("token") from None


def _derived(key: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(key)


def _key_id(key: bytes) -> str:
    return hashlib.sha256(key).hexdigest()[:8]


def _signature(text: str, key: bytes) -> str:
    return _text(hmac.digest(key, text.encode(), hashlib.sha256))


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _object(part: str) -> dict[str, Any]:
    try:
        found = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except (ValueError, RecursionError):
        raise KeyRefused("token") from None
    return found if isinstance(found, dict) else {}
