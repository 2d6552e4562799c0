"""Sending leads when things go wrong: taps twice, races, restarts, old leads, long texts."""

from datetime import timedelta

from domain.leads import LeadDraft, LeadFilter
from storage.leads.leads import update_lead
from tests.product import Running, running


async def test_whole_line_where_the_phone_is_asked(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    await anna.say("/new")
    await anna.gets("What is the phone")
    await anna.say("Ivan 8 999 123-45-67 mortgage")
    await anna.gets("What amount")
    await anna.press("Skip")
    await anna.gets("🧾 #1 · Ivan")
    await anna.press("Open")
    await anna.gets("📝 mortgage")


async def test_email_instead_of_a_phone(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    await anna.say("/new")
    await anna.say("Ivan@Example.com")
    await anna.gets("What is the name")
    await anna.say("Ivan")
    await anna.press("Skip")
    await anna.gets("What should the manager know?")
    await anna.press("Skip")
    await anna.gets("🧾 #1 · Ivan")
    await anna.press("Open")
    await anna.gets("✉️ ivan@example.com")


async def test_double_tap_makes_one_lead(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    await anna.say("/new")
    await anna.say("8 999 123-45-67")
    await anna.say("Ivan")
    await anna.gets("What amount")
    await anna.press("Skip")
    last = await anna.gets("What should the manager know?")
    skip = next(button for button in last.buttons if "Skip" in button.text)
    queries = [await anna.press(skip.data or "", last) for _ in range(2)]
    await anna.sees("🧾 #1")
    assert "already answered" in (await anna.answer(queries[1]))["text"]
    await anna.sees("In the CRM")
    assert len(product.espocrm.leads()) == 1


async def test_somebody_is_faster_while_the_form_is_open(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    boris = await product.member("Boris", "partner", language="en")
    await anna.say("/new")
    await anna.say("8 999 123-45-67")
    await anna.gets("What is the name")
    await boris.say("Ivan 8 999 123-45-67")
    await boris.gets("🧾 #1")
    await anna.say("Ivan P")
    await anna.gets("What amount")
    await anna.say("70 000")
    await anna.gets("What should the manager know?")
    await anna.say("knows me well")
    await anna.gets("is already with us")
    await anna.press("Attach a comment")
    await anna.gets("What shall I add")
    await anna.press("Skip")
    await anna.gets("Added.")
    services = product.product.services
    member = await services.members.current(boris.id)
    assert member is not None
    [lead] = (await services.leads.browse(member, LeadFilter(owner="sent"))).leads
    owner = await services.members.current((await product.owner()).id)
    assert owner is not None
    [note] = await services.activities.recent(owner, lead.id)
    assert note.author_name == "Anna"
    assert [part in note.text for part in ("Ivan P", "knows me well", "70,000")] == [True] * 3


async def test_lead_in_the_way_is_withdrawn_before_the_choice(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    boris = await product.member("Boris", "partner", language="en")
    await boris.say("Ivan 8 999 123-45-67")
    await boris.gets("🧾 #1")
    await anna.say("Ivan 8 999 123-45-67 mortgage")
    verdict = await anna.gets("nobody has taken it yet")
    await boris.press("Open")
    await boris.press("Withdraw")
    await boris.press("Yes, withdraw")
    await boris.gets("Withdrawn by its sender")
    await anna.press("Ask the manager", verdict)
    await anna.gets("you may go on")
    await anna.press("Go on")
    await anna.gets("🧾 #2 · Ivan")


async def test_refused_lead_is_called_closed_and_lets_go_on(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    mila = await product.member("Mila", "manager", language="en")
    await mila.start()
    await anna.say("Ivan 8 999 123-45-67")
    await mila.press("Take")
    await mila.press("🚫 Refuse")
    await mila.press("Not now")
    await mila.gets("🚫 Refused: Not now")
    await anna.say("Ivan 8 999 123-45-67 mortgage")
    await anna.gets("closed without success: you may go on")
    await anna.press("Go on")
    await anna.gets("🧾 #2 · Ivan")


async def test_lead_from_the_website_is_not_called_in_work(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    mila = await product.member("Mila", "manager", language="en")
    await mila.start()
    services = product.product.services
    owner = await services.members.current((await product.owner()).id)
    assert owner is not None
    key = await services.website_form.key(owner)
    form = {"name": "Ivan", "phone": "+79991234567", "email": "i@example.com", "referral_code": "x"}
    answer = await product.http.post(f"{product.url}/hooks/website/{key}", json=form)
    assert answer.status_code == 200
    await mila.sees("New lead")
    await anna.say("Ivan 8 999 123-45-67")
    verdict = await anna.gets("waits for a manager: nobody has taken it yet")
    assert "in work" not in verdict.text
    await mila.say("Ivan 8 999 123-45-67")
    known = await mila.gets("lead #1, since")
    assert "nobody has taken it yet" in known.text


async def test_old_and_free_lead_lets_go_on(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    services = product.product.services
    member = await services.members.current(anna.id)
    assert member is not None
    lead = await services.leads.create(member, LeadDraft(name="Ivan", phones=("+79991234567",)))
    async with product.product.db.transaction(member.organization_id) as s:
        await update_lead(s, lead.id, lead.created_at - timedelta(days=91))
    await anna.say("Ivan 8 999 123-45-67 mortgage")
    await anna.gets("that lead is old and nobody works on it")
    await anna.press("Go on")
    await anna.gets("🧾 #2 · Ivan")


async def test_form_goes_on_after_a_restart(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    await anna.say("/new")
    await anna.say("8 999 123-45-67")
    await anna.gets("What is the name")
    await product.restart()
    await anna.say("Ivan")
    await anna.gets("What amount")
    await product.restart()
    await anna.press("Skip")
    await anna.gets("What should the manager know?")
    await anna.say("call after 6")
    await anna.gets("🧾 #1 · Ivan")


async def test_long_text_is_never_cut_silently(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    story = "long story & more " * 150
    await anna.say(f"Ivan 8 999 123-45-67 {story}")
    await anna.gets("🧾 #1 · Ivan")
    await anna.press("Open")
    card = await anna.gets("long story")
    assert card.text.count("long story") < 150
    await anna.press("The whole note")
    await anna.until(
        lambda all_: sum(m.text.count("story") for m in all_ if m.from_bot and m.id > card.id) >= 149
    )
    await anna.say("Petr 8 999 765-43-21 " + "word " * 640)
    await anna.gets("Too long")
    await anna.say("shorter")
    await anna.gets("🧾 #2 · Petr")


async def test_cancel_at_the_verdict_and_its_old_buttons(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    await anna.say("Ivan 8 999 123-45-67")
    await anna.gets("🧾 #1")
    await anna.say("Ivan 8 999 123-45-67")
    verdict = await anna.gets("is already your lead #1")
    await anna.say("/cancel")
    await anna.gets("Stopped.")
    query = await anna.press("Attach", verdict)
    assert "already answered" in (await anna.answer(query))["text"]


async def test_without_a_crm_the_receipt_says_accepted(database_url: str, redis_url: str) -> None:
    async with running(database_url, redis_url, crm=False) as product:
        anna = await product.member("Anna", "partner", language="en")
        await anna.say("Ivan 8 999 123-45-67")
        receipt = await anna.sees("🧾 #1")
        assert "Accepted" in receipt.text
        assert "CRM" not in receipt.text
