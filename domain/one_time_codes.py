"""One-time codes by time (TOTP, RFC 6238, with HMAC-SHA-1, six digits and steps of 30 seconds, which is what
every authenticator app takes), the codes that stand in for a lost telephone, and how long wrong ones wait."""

import base64
import hashlib
import hmac
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

STEP = 30
DIGITS = 6
DRIFT = 1
"""Steps before and after the present one that are taken: clocks of telephones are not exact."""

SECRET_BYTES = 20
RECOVERY_CODES = 10
RECOVERY_BYTES = 10
GOOD_FOR = timedelta(minutes=10)
"""How long nobody is asked again."""

FREE_TRIES = 4
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=6)
LABEL_LIMIT = 64
CHAT, CONFIRMED_BEFORE = "chat", "*"
"""What a code opens besides keys and sessions; and in its place, that a step was confirmed when it began."""

_GAPS = re.compile(r"[\s-]")
_via: ContextVar[str] = ContextVar("where the second factor is asked", default=CHAT)


@contextmanager
def asked_by(via: str) -> Iterator[None]:
    """While it is open this task works for a key or session of the API, by its id; otherwise for the chat."""
    token = _via.set(via)
    try:
        yield
    finally:
        _via.reset(token)


def asked_now() -> str:
    """What a passed code opens: the chat, or one key or session."""
    return _via.get()


def new_secret() -> bytes:
    """160 random bits, as RFC 4226 advises."""
    return secrets.token_bytes(SECRET_BYTES)


def as_typed(secret: bytes) -> str:
    """The secret in base32, as people type it into an app."""
    return base64.b32encode(secret).decode().rstrip("=")


def link(secret: bytes, issuer: str, account: str) -> str:
    """The otpauth address that authenticator apps open; at most 256 characters with plain names."""
    issuer, account = issuer.replace(":", " ")[:LABEL_LIMIT], account.replace(":", " ")[:LABEL_LIMIT]
    label = quote(f"{issuer}:{account}", safe=":")
    return f"otpauth://totp/{label}?" + urlencode(
        {"secret": as_typed(secret), "issuer": issuer}, quote_via=quote
    )


def step_at(now: datetime) -> int:
    return int(now.timestamp()) // STEP


def code_of(secret: bytes, step: int, digits: int = DIGITS) -> str:
    """The code of one step (RFC 4226, 5.3)."""
    mac = hmac.digest(secret, step.to_bytes(8, "big"), hashlib.sha1)
    start = mac[-1] & 0x0F
    number = int.from_bytes(mac[start : start + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**digits).zfill(digits)


def step_of(secret: bytes, typed: str, now: datetime, after: int) -> int | None:
    """The step whose code was typed, later than `after` (a code works once); None for a wrong one."""
    code, present = plain(typed), step_at(now)
    if len(code) != DIGITS or not (code.isascii() and code.isdigit()):
        return None
    found = None
    for step in range(present - DRIFT, present + DRIFT + 1):
        if hmac.compare_digest(code_of(secret, step), code) and step > after and found is None:
            found = step
    return found


def plain(typed: str) -> str:
    """What was typed without gaps."""
    return _GAPS.sub("", typed[:LABEL_LIMIT]).lower()


def new_recovery_codes() -> list[str]:
    """Codes of 80 random bits each, in groups of four."""
    texts = [
        base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower() for _ in range(RECOVERY_CODES)
    ]
    return ["-".join(text[start : start + 4] for start in range(0, len(text), 4)) for text in texts]


def recovery_digest(typed: str) -> str:
    """What is kept of a recovery code: it is random, so that a plain hash cannot be guessed back."""
    return hashlib.sha256(plain(typed).encode(errors="replace")).hexdigest()


def without(kept: Sequence[str], typed: str) -> list[str] | None:
    """The digests that are left once a recovery code was used; None where it is none of them."""
    digest = recovery_digest(typed)
    return [one for one in kept if one != digest] if digest in kept else None


def wait_after(wrong: int) -> timedelta:
    """How long nobody is listened to after so many wrong codes in a row: the first few are free, then each
    doubles the wait."""
    over = wrong - FREE_TRIES
    return min(FIRST_WAIT * 2 ** min(over, 20), LONGEST_WAIT) if over >= 0 else timedelta()
