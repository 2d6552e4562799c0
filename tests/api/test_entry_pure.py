"""What is checked without a database: signatures of Telegram, its own too, and tokens of every kind."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import KeyRefused
from services.entry.bursts import masked, network_of
from services.entry.telegram import TEST_KEY, TelegramKeys, who_logged_in, who_opened
from services.entry.tokens import REFRESH, Claims, TokenSigner, compact
from tests.api.telegram import BOT, login, mini_app

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
KEYS = TelegramKeys(BOT)

# Signed by Telegram itself, for a bot of the Mini Apps community's documentation
HASHED = (
    "query_id=AAHdF6IQAAAAAN0XohDhrOrc&user=%7B%22id%22%3A279058397%2C%22first_name%22%3A%22Vladislav%22%2C%22"
    "last_name%22%3A%22Kibenko%22%2C%22username%22%3A%22vdkfrost%22%2C%22language_code%22%3A%22ru%22%2C%22"
    "is_premium%22%3Atrue%7D&auth_date=1662771648"
    "&hash=c501b71e775f74ce10e377dea85a7ea24ecd640b223ea86dfe453e0eaed2e2b2"
)
HASHED_KEYS = TelegramKeys("5768337691:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx8")
HASHED_AT = datetime.fromtimestamp(1662771648, UTC)
SIGNED = (
    "user=%7B%22id%22%3A279058397%2C%22first_name%22%3A%22Vladislav%20%2B%20-%20%3F%20%5C%2F%22%2C%22last_name"
    "%22%3A%22Kibenko%22%2C%22username%22%3A%22vdkfrost%22%2C%22language_code%22%3A%22ru%22%2C%22is_premium%22"
    "%3Atrue%2C%22allows_write_to_pm%22%3Atrue%2C%22photo_url%22%3A%22https%3A%5C%2F%5C%2Ft.me%5C%2Fi%5C%2F"
    "userpic%5C%2F320%5C%2F4FPEE4tmP3ATHa57u6MqTDih13LTOiMoKoLDRG4PnSA.svg%22%7D"
    "&chat_instance=8134722200314281151&chat_type=private&auth_date=1733584787"
    "&signature=zL-ucjNyREiHDE8aihFwpfR9aggP2xiAo3NSpfe-p7IbCisNlDKlo7Kb6G4D0Ao2mBrSgEk4maLSdv6MLIlADQ"
)
SIGNED_KEYS = TelegramKeys("7342037359:none")
SIGNED_AT = datetime.fromtimestamp(1733584787, UTC)


def refused(init_data: str, keys: TelegramKeys, now: datetime) -> str:
    with pytest.raises(KeyRefused) as caught:
        who_opened(init_data, keys, now)
    return caught.value.reason


def test_what_telegram_has_hashed_and_signed_is_taken() -> None:
    assert who_opened(HASHED, HASHED_KEYS, HASHED_AT) == 279058397
    assert who_opened(SIGNED, SIGNED_KEYS, SIGNED_AT) == 279058397
    assert who_opened(mini_app(1000, NOW), KEYS, NOW) == 1000
    assert who_logged_in(login(1000, NOW), KEYS, NOW) == 1000


@pytest.mark.parametrize(
    ("init_data", "keys"),
    [
        (HASHED.replace("279058397", "279058398"), HASHED_KEYS),
        (HASHED + "&chat_type=private", HASHED_KEYS),
        (HASHED, TelegramKeys("5768337691:AAH5YkoiEuPk8-FZa32hStHTqXiLPtAEhx9")),
        (SIGNED.replace("279058397", "279058398"), SIGNED_KEYS),
        (SIGNED, TelegramKeys("7342037358:none")),
        (SIGNED, TelegramKeys("7342037359:none", TEST_KEY)),
        (SIGNED.split("&signature")[0], SIGNED_KEYS),
        (SIGNED + "&hash=", SIGNED_KEYS),
        (HASHED + "&auth_date=1662771648", HASHED_KEYS),
        ("", KEYS),
        ("user", KEYS),
        ("hash=%D1%8F&user=%7B%7D&auth_date=1", KEYS),
        ("&".join(f"f{number}=1" for number in range(100)), KEYS),
    ],
)
def test_what_it_has_not_signed_so_is_not(init_data: str, keys: TelegramKeys) -> None:
    at = SIGNED_AT if keys.bot_id.startswith("734") else HASHED_AT
    assert refused(init_data, keys, at) == "telegram"


@pytest.mark.parametrize(
    ("seconds", "taken"), [(-31, False), (-29, True), (0, True), (3599, True), (3601, False)]
)
def test_an_hour_old_is_too_old_and_tomorrow_is_too_early(seconds: int, taken: bool) -> None:
    now = NOW + timedelta(seconds=seconds)
    if taken:
        assert who_opened(mini_app(1000, NOW), KEYS, now) == 1000
        assert who_logged_in(login(1000, NOW), KEYS, now) == 1000
    else:
        assert refused(mini_app(1000, NOW), KEYS, now) == "telegram_old"
        with pytest.raises(KeyRefused, match="telegram_old"):
            who_logged_in(login(1000, NOW), KEYS, now)


def test_the_two_ways_are_not_taken_for_one_another() -> None:
    assert refused(urlencode(login(1000, NOW)), KEYS, NOW) == "telegram"
    given = dict(part.split("=", 1) for part in mini_app(1000, NOW).split("&"))
    with pytest.raises(KeyRefused, match="telegram"):
        who_logged_in({**given, "id": 1000}, KEYS, NOW)


@given(st.text(max_size=200))
def test_any_text_is_refused_in_words(text: str) -> None:
    assert refused(text, KEYS, NOW) in ("telegram", "telegram_old")


OLD, NEW = (base64.b64encode(letter * 32).decode() for letter in (b"o", b"n"))
CLAIMS = Claims(UUID(int=1), "key", UUID(int=2), ("leads:read",))


def test_a_token_says_what_it_was_made_of_until_it_ends() -> None:
    signer = TokenSigner(NEW)
    token = signer.sign(CLAIMS, NOW)
    assert signer.read(token, NOW + timedelta(minutes=14)) == CLAIMS
    with pytest.raises(KeyRefused, match="token_expired"):
        signer.read(token, NOW + timedelta(minutes=15))


def test_tokens_of_the_old_key_open_while_it_is_known() -> None:
    token = TokenSigner(OLD).sign(CLAIMS, NOW)
    assert TokenSigner(NEW, (OLD,)).read(token, NOW) == CLAIMS
    with pytest.raises(KeyRefused, match="token"):
        TokenSigner(NEW).read(token, NOW)


def parts(token: str) -> list[dict[str, object]]:
    return [json.loads(base64.urlsafe_b64decode(part + "==")) for part in token.split(".")[:2]]


def text(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def test_the_signature_is_that_of_the_standard() -> None:
    # RFC 7515, A.1 signs other white space, so the signature is made here once more, without our code
    token = compact({"alg": "HS256"}, {"iss": "joe"}, b"k" * 32)
    head, body, signature = token.split(".")
    made = hmac.new(b"k" * 32, f"{head}.{body}".encode(), hashlib.sha256).digest()
    assert base64.urlsafe_b64decode(signature + "=") == made


def test_forged_tokens_of_every_kind() -> None:
    signer = TokenSigner(NEW)
    token = signer.sign(CLAIMS, NOW)
    header, said = parts(token)
    head, body, signature = token.split(".")
    forged = [
        f"{text({**header, 'alg': 'none'})}.{body}.",
        f"{text({**header, 'alg': 'none'})}.{body}.{signature}",
        f"{text({**header, 'alg': 'HS512'})}.{body}.{signature}",
        f"{text({**header, 'kid': 'other'})}.{body}.{signature}",
        f"{head}.{text({**said, 'org': str(UUID(int=3))})}.{signature}",
        f"{head}.{body}.",
        f"{head}.{body}.{signature[:-2]}",
        f"{head}.{body}",
        f"..{signature}",
        f"{head}.{body}.{signature}.{signature}",
        token.replace(".", ".я", 1),
        "a." * 5000,
        signer.sign(CLAIMS, NOW, kind=REFRESH),
        TokenSigner(OLD).sign(CLAIMS, NOW),
    ]
    for one in forged:
        with pytest.raises(KeyRefused) as caught:
            signer.read(one, NOW)
        assert caught.value.reason == "token", one
    with pytest.raises(KeyRefused, match="token"):
        signer.read(token, NOW, REFRESH)


@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_anything_with_two_points_is_read_without_a_fault(first: str, second: str, third: str) -> None:
    with pytest.raises(KeyRefused):
        TokenSigner(NEW).read(f"{first}.{second}.{third}", NOW)


@pytest.mark.parametrize(
    ("address", "network", "shown"),
    [
        ("203.0.113.9", "203.0.113.9", "203.0.113.*"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64", "2001:0db8:0001:*"),
        ("::ffff:203.0.113.9", "203.0.113.9", "203.0.113.*"),
        ("", "", "?"),
        ("unix", "unix", "?"),
    ],
)
def test_whom_an_address_stands_for(address: str, network: str, shown: str) -> None:
    assert (network_of(address), masked(address)) == (network, shown)
