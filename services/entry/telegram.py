"""What Telegram says of a person, checked: initData of a Mini App, and the data of the Login widget.

Facts: https://core.telegram.org/bots/webapps (Validating data received via the Mini App; Validating data for
Third-Party Use) and https://core.telegram.org/widgets/login (Checking authorization).
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qsl

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from domain.errors import KeyRefused

PRODUCTION_KEY = "e7bf03a2fa4602af4580703d88dda5bb59f32ed8b02a56c187fe7d34caed242d"
TEST_KEY = "40055058a4ee38156a06562e52eece92a771bcd8346a8c4615cb7376eddf72ec"
"""With which Telegram signs for those who do not have the bot's token."""

FRESH_FOR = timedelta(hours=1)
AHEAD = timedelta(seconds=30)
"""How far Telegram's clock may be ahead of ours."""

LONGEST = 8192
MINI_APP, LOGIN = "mini_app", "login"
_SIGNS = ("hash", "signature")


@dataclass(frozen=True, slots=True)
class TelegramKeys:
    """What the signatures are checked with. `public` is Telegram's Ed25519 key as hex."""

    bot_token: str
    public: str = PRODUCTION_KEY

    @property
    def bot_id(self) -> str:
        return self.bot_token.partition(":")[0]


def who_opened(init_data: str, keys: TelegramKeys, now: datetime) -> int:
    """The Telegram id of whoever opened the Mini App. Raises KeyRefused: telegram (not signed so) or
    telegram_old. Where there is a hash the token decides; data handed on without one needs the signature."""
    pairs = _pairs(init_data)
    if not (_is_hashed(pairs, keys) if "hash" in pairs else _is_signed(pairs, keys)):
        raise KeyRefused("telegram")
    _demand_fresh(pairs.get("auth_date", ""), now)
    try:
        return _person(json.loads(pairs.get("user", "")))
    except (ValueError, RecursionError):
        raise KeyRefused("telegram") from None


def who_logged_in(given: Mapping[str, str | int], keys: TelegramKeys, now: datetime) -> int:
    """The Telegram id of whoever pressed the Login widget. Raises as `who_opened` does."""
    fields = {name: str(value) for name, value in given.items()}
    key = hashlib.sha256(keys.bot_token.encode()).digest()
    if not _matches(fields.get("hash", ""), _lines(fields, ("hash",)), key):
        raise KeyRefused("telegram")
    _demand_fresh(fields.get("auth_date", ""), now)
    return _person(fields)


def _pairs(init_data: str) -> dict[str, str]:
    try:
        found = parse_qsl(init_data, keep_blank_values=True, strict_parsing=True, max_num_fields=64)
    except ValueError:
        raise KeyRefused("telegram") from None
    if len(dict(found)) != len(found):
        raise KeyRefused("telegram")
    return dict(found)


def _is_hashed(pairs: Mapping[str, str], keys: TelegramKeys) -> bool:
    """By the documentation the signature is one of the fields; clients older than it hash without."""
    key = hmac.digest(b"WebAppData", keys.bot_token.encode(), hashlib.sha256)
    told = pairs["hash"]
    return _matches(told, _lines(pairs, ("hash",)), key) or _matches(told, _lines(pairs, _SIGNS), key)


def _is_signed(pairs: Mapping[str, str], keys: TelegramKeys) -> bool:
    text = f"{keys.bot_id}:WebAppData\n{_lines(pairs, _SIGNS)}"
    told = pairs.get("signature", "")
    try:
        signature = base64.urlsafe_b64decode(told + "=" * (-len(told) % 4))
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(keys.public)).verify(signature, text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def _lines(pairs: Mapping[str, str], besides: Iterable[str]) -> str:
    left_out = frozenset(besides)
    return "\n".join(f"{name}={pairs[name]}" for name in sorted(pairs) if name not in left_out)


def _matches(told: str, text: str, key: bytes) -> bool:
    mac = hmac.digest(key, text.encode(errors="replace"), hashlib.sha256).hex()
    return hmac.compare_digest(mac.encode(), told.lower().encode(errors="replace"))


def _demand_fresh(auth_date: str, now: datetime) -> None:
    try:
        age = now.timestamp() - int(auth_date)
    except ValueError:
        raise KeyRefused("telegram") from None
    if not -AHEAD.total_seconds() <= age <= FRESH_FOR.total_seconds():
        raise KeyRefused("telegram_old")


def _person(told: object) -> int:
    try:
        return int(told["id"])  # type: ignore[index]
    except (KeyError, TypeError, ValueError):
        raise KeyRefused("telegram") from None
