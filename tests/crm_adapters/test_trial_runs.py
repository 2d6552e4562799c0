"""A trial run shows every request a write would make, and makes none of them."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from crm_adapters import PROVIDERS, build_adapter
from crm_adapters.http import Call
from crm_adapters.recording import RecordingHttp, pieces_of, shown
from domain.trials import HIDDEN, NEW
from tests.crm_adapters.stand_ins import Side, activity, lead


def on_trial(side: Side) -> tuple[Any, RecordingHttp]:
    http = RecordingHttp(side.http, PROVIDERS[side.provider].pretend)
    return build_adapter(side.provider, side.crm.settings, {}, http, side.crm.now), http


def secrets_of(side: Side) -> frozenset[str]:
    hidden = {one.name for one in PROVIDERS[side.provider].manifest.settings if one.secret}
    settings = side.crm.settings
    plain = [value for name, value in settings.items() if name not in hidden]
    pieces = [pieces_of(value, plain) for name, value in settings.items() if name in hidden]
    return frozenset().union(*pieces)


def state(side: Side) -> Any:
    kinds = ("call", "meeting", "task", "note")
    return side.crm.leads(), [side.crm.activities(kind) for kind in kinds]


async def test_a_new_lead_is_shown_and_not_made(side: Side) -> None:
    adapter, http = on_trial(side)
    before = state(side)
    with http.recording() as calls:
        await adapter.find_lead(lead())
        await adapter.create_lead(lead())
    assert calls
    assert state(side) == before == ([], [[], [], [], []])
    text = json.dumps([shown(call, secrets_of(side)) for call in calls], ensure_ascii=False)
    assert "Кузнецова" in text
    # the very same request makes the record
    ref = await side.adapter.create_lead(lead())
    assert [one["id"] for one in side.crm.leads()] == [ref.id]


async def test_changes_and_activities_are_shown_and_not_made(side: Side) -> None:
    ref = await side.adapter.create_lead(lead())
    adapter, http = on_trial(side)
    before = state(side)
    with http.recording() as calls:
        await adapter.update_lead(ref.id, lead(note="иначе"), frozenset({"note"}))
    assert "иначе" in str([call.body or call.form for call in calls])
    with http.recording() as calls:
        await adapter.log_activity(ref.id, activity("note"))
    assert "Перезвонить" in json.dumps([shown(call, ()) for call in calls], ensure_ascii=False)
    assert state(side) == before


async def test_an_activity_of_a_lead_that_is_only_tried(side: Side) -> None:
    adapter, http = on_trial(side)
    for kind in ("call", "meeting", "task", "note"):
        with http.recording() as calls:
            await adapter.log_activity(str(NEW), activity(kind))
        assert calls, kind
    assert state(side) == ([], [[], [], [], []])


async def test_no_secret_is_shown(side: Side) -> None:
    adapter, http = on_trial(side)
    with http.recording() as calls:
        await adapter.create_lead(lead())
        await adapter.log_activity(str(NEW), activity("call"))
    text = json.dumps([shown(call, secrets_of(side)) for call in calls], ensure_ascii=False)
    for name, value in side.crm.settings.items():
        if name not in ("url", "oauth_url", "entity", "site", "client_id", "redirect_uri"):
            assert value not in text, name
    assert HIDDEN in text
    for token in tokens_in(calls):
        assert token not in text


def tokens_in(calls: list[Call]) -> Iterator[str]:
    """What proves who we are, wherever a provider puts it; renewed tokens are in no setting."""
    for call in calls:
        for name, value in (call.headers or {}).items():
            if name not in ("X-Skip-Duplicate-Check",):
                yield value
        if isinstance(call.body, dict) and "auth" in call.body:
            yield call.body["auth"]
        if "/rest/" in call.url and call.url.split("/rest/")[1].count("/") == 2:
            yield call.url.split("/rest/")[1].split("/")[1]


@pytest.mark.parametrize(
    ("secret", "plain", "pieces"),
    [
        ("abc", (), {"abc"}),
        ("7/abcdef123", (), {"7/abcdef123", "abcdef123"}),
        (
            "https://one.bitrix24.ru/rest/7/abcdef123/",
            ("https://one.bitrix24.ru",),
            {"https://one.bitrix24.ru/rest/7/abcdef123/", "abcdef123"},
        ),
    ],
)
def test_parts_of_a_secret_are_secret(secret: str, plain: tuple[str, ...], pieces: set[str]) -> None:
    assert pieces_of(secret, plain) == pieces
