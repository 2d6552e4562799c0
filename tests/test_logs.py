"""Logs: one line an event, whoever speaks, and nothing personal or secret in any of them."""

import io
import json
import logging
import re
import sys
import warnings
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from bot.watching.logs import set_up_logs
from bot.watching.masking import mask_text
from tests.logs import plain_logs

TOKEN = "123456789:AAF-kX3b8Qm2nWc7Lr5Yt1Vz6Hs9Jd0Pq4E"
words = st.text(st.characters(categories=["L", "P", "S", "Zs"], exclude_characters="%@"), max_size=20)
separators = st.sampled_from(["", " ", "-", "(", ") ", ".", "\u00a0", " - "])


@st.composite
def phones(draw: st.DrawFn) -> str:
    start = draw(st.sampled_from(["+7", "8", "7", "+375", "+1", "+44", "%2B7"]))
    rest = draw(st.lists(st.integers(0, 9), min_size=10, max_size=10))
    return start + "".join(draw(separators) + str(digit) for digit in rest)


@st.composite
def emails(draw: st.DrawFn) -> str:
    letters = st.text("abcxyzабв0189._+-", min_size=1, max_size=30)
    return f"{draw(letters)}{draw(st.sampled_from(['@', '%40']))}{draw(letters)}.ru"


@st.composite
def tokens(draw: st.DrawFn) -> str:
    alphabet = "ABCXYZabcxyz0123456789-_"
    return f"{draw(st.integers(10**7, 10**10))}:{draw(st.text(alphabet, min_size=35, max_size=35))}"


@pytest.fixture
def lines() -> Iterator["Lines"]:
    root, hook = logging.getLogger(), sys.excepthook
    before = (root.handlers[:], root.level)
    yield Lines()
    root.handlers[:], root.level = before
    sys.excepthook = hook
    logging.captureWarnings(False)
    plain_logs()
    structlog.contextvars.clear_contextvars()


MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ][\d:.]+Z?")


class Lines:
    """The log as it is written, in JSON unless told otherwise."""

    def __init__(self) -> None:
        self.stream = io.StringIO()
        self.style("json")

    def style(self, style: Any, **options: Any) -> None:
        set_up_logs(style=style, secrets=(TOKEN, "hunter2"), stream=self.stream, **options)

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def said(self) -> str:
        """All but the moments, whose digits may be anything."""
        return MOMENT.sub("", self.text)

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


@given(words, phones(), words)
def test_no_phone_comes_through(before: str, phone: str, after: str) -> None:
    digits = "".join(filter(str.isdigit, phone))[-10:]
    assert digits[:7] not in "".join(filter(str.isdigit, mask_text(f"{before} {phone} {after}")))
    assert digits[-7:] not in "".join(filter(str.isdigit, mask_text(before + phone + after)))


@given(words, emails(), words)
def test_no_email_comes_through(before: str, email: str, after: str) -> None:
    masked = mask_text(f"{before} {email} {after}")
    assert email not in masked


@given(words, tokens(), words, st.sampled_from(["", "https://api.telegram.org/bot", "/file/bot", "token="]))
def test_no_bot_token_comes_through(before: str, token: str, after: str, lead: str) -> None:
    masked = mask_text(f"{before} {lead}{token} {after}")
    assert token.partition(":")[2] not in masked


@given(st.sampled_from(["X-Api-Key: ", "Authorization: Bearer ", "api_key=", "'crm_secret': '", "password="]),
       st.text("abcdefXYZ0189+/=-_.~", min_size=1, max_size=60))  # fmt: skip
def test_no_named_secret_comes_through(name: str, secret: str) -> None:
    assert mask_text(f"{name}{secret}").rpartition("***")[0].strip(" '") in name
    assert mask_text(f"{name}{secret}").endswith("***")


@given(st.text())
def test_masking_ends_and_is_settled(text: str) -> None:
    once = mask_text(text)
    assert mask_text(once).count("***") >= once.count("***")


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-21 04:15:01.123+00:00 done",
        "2026-11-21T04:15:01Z",
        "lead 019a2c4e-7d1f-7b3a-9c55-80f1e2d3c4b5 of 01234567-8901-7234-8567-890123456789",
        "listening on 192.168.100.200:8080",
        'File "/app/services/leads/leads.py", line 123, in create',
        "update 123456789 took 12 ms",
        "https://crm.example.com/api/v1/Lead/65f0c4",
    ],
)
def test_what_operators_need_stays(text: str) -> None:
    assert mask_text(text) == text


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("redis://:p@ss@host:6379/0 is gone", "redis***host:6379/0 is gone"),
        ("otpauth://totp/V:Olga?secret=ABCD&issuer=V is drawn", "otpauth:*** is drawn"),
        ("GET /webhooks/espocrm/aB-c_d HTTP/1.1", "GET /webhooks/espocrm/*** HTTP/1.1"),
        ("POST /hooks/website/aB-c_d", "POST /hooks/website/***"),
        ("DETAIL:  Key (name)=(Иван) already exists.", "DETAIL:  Key (name)=***"),
        ("x\n[parameters: ('Иван',)]\ny", "x\n[parameters:***\ny"),
        ("key 0123456789abcdef0123456789abcdef", "key ***"),
    ],
)
def test_what_must_go_goes(text: str, masked: str) -> None:
    assert mask_text(text) == masked


def test_an_event_is_a_line_with_its_context(lines: Lines) -> None:
    structlog.contextvars.bind_contextvars(update=7)
    structlog.get_logger().info("lead.created\nforged line", lead=str(uuid4()), count=3)
    (event,) = lines.events()
    assert event["event"] == "lead.created | forged line"
    assert (event["level"], event["update"], event["count"]) == ("info", 7, 3)
    assert event["timestamp"].endswith("Z")


def test_values_of_every_shape_are_masked(lines: Lines) -> None:
    structlog.get_logger().info(
        "x",
        name="Иван",
        nested={"list": [("+79991234567", {"email": "a@b.ru", "deep": b"secret"})], "api_key": "abc"},
        **{"set": {"a@b.ru"}, "object": ValueError("+7 999 123-45-67"), "password": "hunter2", "note": "hm"},
        other=f"start {TOKEN} and hunter2",
    )
    for leak in ("Иван", "999", "b.ru", "abc", "hunter2", TOKEN[10:], "hm"):
        assert leak not in lines.said


@pytest.mark.parametrize("style", ["json", "console"])
def test_exceptions_are_masked(lines: Lines, style: str) -> None:
    lines.style(style)
    try:
        raise ValueError(f"+79991234567 a@b.ru https://api.telegram.org/bot{TOKEN}/getMe hunter2")
    except ValueError:
        structlog.get_logger().exception("failed", email="c@d.ru")
        logging.getLogger("aiohttp.server").exception("failed for %s", "+7 (999) 123 45 67")
    assert lines.text.count("ValueError: ***") == 2
    for leak in ("999", "b.ru", "d.ru", "hunter2", TOKEN[10:]):
        assert leak not in lines.said


def test_libraries_take_the_same_road(lines: Lines) -> None:
    structlog.contextvars.bind_contextvars(request="r1")
    logging.getLogger("aiogram.dispatcher").warning("Failed to fetch /bot%s/getUpdates", TOKEN)
    logging.getLogger("httpx").info("HTTP Request: GET http://crm/?phone=79991234567")
    logging.getLogger("sqlalchemy.engine.Engine").info("INSERT ('Иван')")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("careful with +79991234567", stacklevel=1)
    spoken, warned = lines.events()
    assert spoken["event"] == "Failed to fetch /bot***/getUpdates"
    assert (spoken["logger"], spoken["level"], spoken["request"]) == ("aiogram.dispatcher", "warning", "r1")
    assert "careful" in warned["event"]
    assert "999" not in lines.said


def test_the_level_holds_for_everyone(lines: Lines) -> None:
    lines.style("json", level="WARNING")
    structlog.get_logger().info("no")
    logging.getLogger("somebody").info("no")
    structlog.get_logger().warning("yes")
    assert [event["event"] for event in lines.events()] == ["yes"]


def test_a_crash_is_logged_masked(lines: Lines) -> None:
    try:
        raise RuntimeError("+79991234567")
    except RuntimeError as error:
        sys.excepthook(RuntimeError, error, error.__traceback__)
    (event,) = lines.events()
    assert event["event"] == "program.crashed"
    assert "RuntimeError: ***" in event["exception"]
