"""What operators see of a lead's way: the log's ids from update to CRM, the figures, the card in the chat."""

import io
import json
import logging
import re
import sys
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from bot.watching.logs import set_up_logs
from tests.chat.crm_people import owner_of
from tests.logs import plain_logs
from tests.product import Running, running
from tests.waiting import until

LEAD = "Zebedee +7 999 123-45-67 mortgage 3 million"


@pytest.fixture
def said() -> Iterator[io.StringIO]:
    """All that is logged at the lowest level, as JSON."""
    root, hook, stream = logging.getLogger(), sys.excepthook, io.StringIO()
    before = (root.handlers[:], root.level)
    set_up_logs("DEBUG", "json", stream=stream)
    yield stream
    root.handlers[:], root.level = before
    sys.excepthook = hook
    logging.captureWarnings(False)
    plain_logs()


@pytest.fixture
async def product(said: io.StringIO, database_url: str, redis_url: str) -> AsyncIterator[Running]:
    async with running(database_url, redis_url, metrics=True) as started:
        yield started


def events(said: io.StringIO, name: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in said.getvalue().splitlines()]
    return [one for one in found if one["event"] == name]


async def test_a_leads_way_can_be_followed(product: Running, said: io.StringIO) -> None:
    owner = await owner_of(product)
    await owner.say("/health")
    card = await owner.gets("Health")
    assert "All is well" in card.text
    assert "conversations, web server, worker, scheduler" in card.text
    assert "EspoCRM: works" in card.text

    await owner.say(LEAD)
    await until(lambda: len(product.espocrm.leads()) == 1, seconds=30)
    writes = [one for one in events(said, "crm.answered") if one["method"] == "POST"]
    assert re.fullmatch(r"update \d+", writes[-1]["cause"])
    assert writes[-1]["outcome"] == "ok"
    assert writes[-1]["operation"]

    figures = (await product.http.get(f"{product.url}/metrics")).text
    assert 'voronka_handler_seconds_count{handler="health.command",outcome="ok"} 1.0' in figures
    assert 'voronka_provider_seconds_count{outcome="ok",provider="espocrm"}' in figures
    assert 'voronka_telegram_seconds_count{method="sendMessage",outcome="done"}' in figures
    for personal in ("Zebedee", "9991234567"):
        assert personal not in figures
        assert personal not in said.getvalue()

    product.espocrm.fail("down")
    await owner.say("Yorick +7 999 123-45-68")
    await until(lambda: events(said, "crm.answered")[-1]["outcome"] == "crm_unavailable", seconds=30)
    await owner.say("/health")
    card = await owner.gets("Something needs you")
    assert "EspoCRM: fails, last with crm_unavailable" in card.text
    product.espocrm.heal()
