"""How the bot presents itself, and how it admits a fault of ours."""

import pytest

from domain.errors import TenantMissing
from services.finding.search import Finding
from tests.product import Running


async def asked(product: Running, method: str, language: str) -> str:
    """A text of the bot as Telegram has it."""
    url = f"{product.telegram.url}/bot{product.telegram.token}/{method}"
    answer = await product.http.post(url, json={"language_code": language})
    [text] = answer.json()["result"].values()
    return str(text)


@pytest.mark.parametrize("method", ["getMyDescription", "getMyShortDescription"])
async def test_descriptions_are_set_in_every_language(product: Running, method: str) -> None:
    await product.owner()  # answered: so the bot has begun
    english = await asked(product, method, "en")
    assert "leads from partners" in english.lower()
    assert await asked(product, method, "de") == english
    assert await asked(product, method, "ru")


async def test_website_sample_has_readable_letters(product: Running) -> None:
    owner = await product.owner()
    await owner.say("/website")
    shown = await owner.gets("/hooks/website/")
    assert '"phone": "+7 916 123-45-67"' in shown.text
    assert "\\u" not in shown.text


async def test_fault_of_ours_shows_an_id(product: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = await product.member("Anna", "partner", language="en")
    owner = await product.owner()

    async def broken(*_given: object, **_more: object) -> None:
        raise TenantMissing

    monkeypatch.setattr(Finding, "find", broken)
    await anna.say("/leads")
    told = await anna.gets("Something broke on our side (code ", 60)  # the trace is written down first
    code = told.text.split("(code ")[1][:6]
    assert "Anna" in (await owner.sees(code)).text
    monkeypatch.undo()
    await anna.say("/leads")
    await anna.gets("Leads: sent by me")
