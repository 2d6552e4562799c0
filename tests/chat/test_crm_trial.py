"""Preview and trial run in the chat: everything shown, nothing written, until somebody says so."""

import json
from typing import Any

from domain.leads import LeadDraft
from sandbox.telegram.person import Message, Person
from tests.product import OWNER, Running
from tests.waiting import until


async def owner_of(product: Running) -> Person:
    owner = await product.owner()
    await product.product.services.members.change_language(OWNER, "en")
    return owner


async def document_of(owner: Person, caption: str) -> Any:
    """The JSON in the document that came with the caption."""
    found = await owner.until(lambda all_: any(_is_document(one, caption) for one in all_))
    message = next(one for one in reversed(found) if _is_document(one, caption))
    return json.loads(await owner.download(message.raw["document"]["file_id"]))


def _is_document(message: Message, caption: str) -> bool:
    return message.document is not None and caption in message.text


async def send_lead(product: Running) -> None:
    services = product.product.services
    member = await services.members.current(OWNER)
    assert member is not None
    await services.leads.create(member, LeadDraft(name="Ivan Petrov", phones=("+79991234567",)))


def wrote(product: Running) -> list[str]:
    """Everything but the webhooks, which are registered at the start."""
    asked = product.espocrm.requests()
    return [one.path for one in asked if one.method != "GET" and "Webhook" not in one.path]


async def test_a_sample_is_shown_with_its_request_as_a_document(product: Running) -> None:
    owner = await owner_of(product)
    before = wrote(product)
    await owner.say("/crm")
    await owner.press("Preview")
    shown = await owner.gets("What would go to EspoCRM")
    assert f"POST {product.espocrm.url}/api/v1/Lead" in shown.text
    assert "A new record would be made" in shown.text
    held = await document_of(owner, "1 request, nothing sent")
    assert held["writes"][0]["requests"][0]["body"]["lastName"] == "Sample"
    said = json.dumps(held) + "".join(message.text for message in await owner.messages())
    assert product.espocrm.api_key not in said
    assert "•••" in json.dumps(held, ensure_ascii=False)
    assert wrote(product) == before
    assert not product.espocrm.leads()


async def test_a_lead_of_ones_own_is_previewed_by_its_number(product: Running) -> None:
    owner = await owner_of(product)
    await send_lead(product)
    await until(lambda: len(product.espocrm.leads()) == 1)
    before = wrote(product)
    await owner.say("/crm")
    await owner.press("Preview")
    await owner.gets("What would go to EspoCRM")
    await owner.press("A lead of mine")
    await owner.gets("The number of the lead?")
    await owner.say("twelve")
    await owner.gets("Please type the lead's number")
    await owner.say("1")
    shown = await owner.gets("Lead #1: Ivan Petrov")
    assert "PUT" in shown.text
    assert "brought up to date" in shown.text
    assert wrote(product) == before


async def test_a_trial_run_is_seen_and_sent_afterwards(product: Running) -> None:
    owner = await owner_of(product)
    await owner.say("/crm")
    await owner.press("Trial run")
    await owner.press("Yes, trial run")
    await owner.gets("Trial run: nothing is written")
    await send_lead(product)
    services = product.product.services
    member = await services.members.current(OWNER)
    assert member is not None

    async def limits() -> int:
        return (await services.crm_preview.limits(member)).tried

    while not await limits():
        await owner.say("/operations")
        await owner.gets("Operations")
    assert not product.espocrm.leads()
    await owner.say("/operations")
    await owner.gets("1 entry")
    await owner.press("#1")
    shown = await owner.gets("Only tried: nothing was sent")
    assert "In earnest: A new record would be made." in shown.text
    await owner.press("What would go there")
    held = await document_of(owner, "1 request, nothing sent")
    assert held["writes"][0]["requests"][0]["body"]["lastName"] == "Petrov"
    await owner.say("/crm")
    await owner.press("Switch to live")
    await owner.press("Yes")
    await owner.gets("It works")
    assert not product.espocrm.leads()
    await owner.press("Send 1 tried lead")
    await owner.gets("1 lead is on its way")
    await until(lambda: len(product.espocrm.leads()) == 1)


async def test_the_test_tells_the_limits(product: Running) -> None:
    owner = await owner_of(product)
    await owner.say("/crm")
    await owner.press("Test again")
    shown = await owner.gets("EspoCRM is connected")
    assert "As fast as it answers, 5 requests at once" in shown.text


async def test_a_partner_may_not_preview(product: Running) -> None:
    await owner_of(product)
    anna = await product.member("Anna", "partner", language="en")
    await anna.say("/operations")
    await anna.gets("Your role does not allow this")
