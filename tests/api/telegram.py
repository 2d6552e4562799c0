"""What Telegram gives to a Mini App and to a page with its Login widget, signed for a bot of the tests."""

import hashlib
import hmac
import json
from datetime import datetime
from urllib.parse import urlencode

BOT = "1:a"
"""The token of the offices' bot."""


def mini_app(person: int, at: datetime, token: str = BOT) -> str:
    """initData as Telegram.WebApp has it."""
    fields = {
        "auth_date": str(int(at.timestamp())),
        "query_id": "AAHdF6IQAAAAAN0XohDhrOrc",
        "signature": "AAAA",
        "user": json.dumps({"id": person, "first_name": "Анна"}, ensure_ascii=False),
    }
    key = hmac.new(b"WebAppData", token.encode(), hashlib.sha256).digest()
    return urlencode({**fields, "hash": _hash(fields, key)})


def login(person: int, at: datetime, token: str = BOT) -> dict[str, str | int]:
    """What the widget hands to the page."""
    fields: dict[str, str | int] = {
        "id": person, "first_name": "Анна", "username": "anna", "auth_date": int(at.timestamp()),
    }  # fmt: skip
    shown = {name: str(value) for name, value in fields.items()}
    return {**fields, "hash": _hash(shown, hashlib.sha256(token.encode()).digest())}


def _hash(fields: dict[str, str], key: bytes) -> str:
    text = "\n".join(f"{name}={fields[name]}" for name in sorted(fields))
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
