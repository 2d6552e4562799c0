"""Files and voice notes of a lead: kept, listed, sent again, deleted and brought back."""

from typing import Any

import pytest

from domain.errors import NotFound
from domain.hooks_in import HookKind
from domain.leads import LeadFilter
from sandbox.s3.server import S3Sandbox
from sandbox.telegram.seen import Message
from tests.chat.around import more, taken
from tests.chat.lead_cards import opened
from tests.product import OWNER, Running, running

OVER_20_MB = b"%PDF" + b"x" * 20_000_001


def bot_sent(kind: str, messages: list[Message]) -> list[Message]:
    return [one for one in messages if one.from_bot and kind in one.raw]


async def test_whatever_is_sent_while_the_screen_is_open_stays_with_the_lead(product: Running) -> None:
    anna, mila, card = await taken(product)
    await more(mila, "📎 Files", card)
    await mila.gets("No files yet")
    await mila.send_voice()
    await mila.gets("Kept with #1 · Ivan: Voice note")
    await mila.send_document("passport.pdf", b"%PDF-1.4", caption="page 1")
    await mila.gets("passport.pdf")
    await mila.send_photo(caption="front side")
    await mila.gets("front side")
    await mila.send_video_note()
    kept = await mila.gets("Video note")
    await mila.press("📎 4 files", kept)
    seen = await mila.until(lambda all_: any("passport.pdf" in "".join(one.labels) for one in all_))
    [listed] = [one for one in seen if one.id == kept.id]
    assert [label.split(" · ")[0] for label in listed.labels[:4]] == [
        "🎥 Video note", "🖼 front side", "📄 passport.pdf", "🎙 Voice note",
    ]  # fmt: skip
    await mila.press("🎙 Voice note", listed)
    one = await mila.gets("🎙 Voice note")
    assert "Mila" in one.text
    await mila.press("📥 Show it", one)
    played = await mila.until(lambda all_: bool(bot_sent("voice", all_)))
    [voice] = bot_sent("voice", played)
    assert await mila.download(voice.raw["voice"]["file_id"]) == b"OggS"
    assert "#1 Ivan" in voice.text
    await mila.press("✅ Done", one)
    done = await mila.gets("You are responsible")
    assert "📎 4 files" in done.text
    # nothing is taken any more
    await mila.send_voice()
    await mila.gets("reply to the lead's card")
    # whoever sees the lead sees its files
    shown = await opened(anna)
    await anna.press("📎 Files 4", shown)
    await anna.press("passport.pdf", shown)
    await anna.press("📥 Show it")
    await anna.until(lambda all_: bool(bot_sent("document", all_)))
    await mila.press("History", done)
    assert "File: passport.pdf" in (await mila.gets("🕓 #1")).text


async def test_file_as_a_reply_to_the_card(product: Running) -> None:
    _anna, mila, card = await taken(product)
    await mila.send_file("document", "income.pdf", b"%PDF", reply_to=card)
    await mila.gets("Kept with #1 · Ivan: income.pdf")


async def test_deleted_file_comes_back_and_an_old_button_says_why_not(product: Running) -> None:
    _anna, mila, card = await taken(product)
    await mila.send_file("document", "income.pdf", b"%PDF", reply_to=card)
    kept = await mila.gets("Kept with")
    await mila.press("🗑 Not here", kept)
    gone = await mila.gets("🗑 Deleted: income.pdf")
    assert "No files yet" in gone.text
    await mila.press("↩️ Bring it back", gone)
    await mila.gets("📎 1 file")
    await mila.press("income.pdf")
    shown = await mila.gets("income.pdf")
    await mila.press("🗑 Delete", shown)
    await mila.gets("🗑 Deleted: income.pdf")
    await mila.send_file("document", "other.pdf", b"%PDF", reply_to=card)
    other = await mila.gets("other.pdf")
    await mila.press("🗑 Not here", other)
    await mila.gets("🗑 Deleted: other.pdf")


async def test_big_file_is_kept_by_its_id(product: Running) -> None:
    _anna, mila, card = await taken(product)
    await more(mila, "📎 Files", card)
    await mila.gets("No files yet")
    await mila.send_document("plan.pdf", OVER_20_MB)
    await mila.gets("plan.pdf")
    await mila.press("📎 1 file")
    await mila.press("📄 plan.pdf · 20 MB")
    await mila.press("📥 Show it")
    await mila.until(lambda all_: bool(bot_sent("document", all_)))


async def test_withdrawn_lead_takes_no_file(product: Running) -> None:
    anna = await product.member("Anna", "partner", language="en")
    await anna.start()
    await anna.say("Ivan 8 999 123-45-67 mortgage")
    await anna.gets("🧾")
    card = await opened(anna)
    await anna.press("📎 Files", card)
    screen = await anna.gets("No files yet")
    await anna.press("✅ Done", screen)
    again = await anna.gets("Sent by you")
    await anna.press("📎 Files", again)
    await anna.gets("No files yet")
    services = product.product.services
    sender = await services.members.current(anna.id)
    assert sender is not None
    page = await services.leads.browse(sender, LeadFilter())
    await services.leads.withdraw(sender, page.leads[0].id)
    await anna.send_voice()
    await anna.gets("withdrawn by its sender")
    await anna.send_voice()
    await anna.gets("I cannot listen yet")


async def test_strangers_neither_see_nor_delete_files(product: Running) -> None:
    _anna, mila, card = await taken(product)
    await mila.send_file("document", "income.pdf", b"%PDF", reply_to=card)
    await mila.gets("Kept with")
    boris = await product.member("Boris", "partner", language="en")
    await boris.start()
    services = product.product.services
    working, stranger = [await services.members.current(one.id) for one in (mila, boris)]
    assert working is not None
    assert stranger is not None
    [lead] = (await services.leads.browse(working, LeadFilter())).leads
    [file] = (await services.files.of_lead(working, lead.id)).files
    for use_case in (services.files.get, services.files.delete, services.files.restore):
        with pytest.raises(NotFound):
            await use_case(stranger, file.id)


async def test_a_file_of_a_form_comes_out_of_the_bucket(database_url: str, redis_url: str) -> None:
    scan = b"%PDF" + bytes(300_000)
    async with S3Sandbox() as s3:
        keys: dict[str, Any] = {"files_url": s3.files_url(), "files_key": s3.key, "files_secret": s3.secret}
        async with running(database_url, redis_url, crm=False, **keys) as product:
            mila = await product.member("Mila", "manager", language="en")
            await mila.start()
            owner = await product.product.services.members.current(OWNER)
            assert owner is not None
            inlets = product.product.services.inlets
            form = await inlets.make(owner, HookKind.WEBSITE, "site", {"required": ["name", "phone"]})
            sent = {"scan": ("scan.pdf", scan, "application/pdf")}
            answer = await product.http.post(
                f"{product.url}/hooks/website/{form.key}", data={"name": "Ivan", "phone": "+79991234567"},
                files=sent,
            )  # fmt: skip
            assert answer.status_code == 200, answer.text
            await mila.press("Take")
            card = await mila.gets("You are responsible")
            await more(mila, "📎 Files", card)
            await mila.press("scan.pdf", await mila.gets("it stays with this lead"))
            s3.fail("key_revoked")
            await mila.press("📥 Show it")
            await mila.gets("The store of files does not answer")
            s3.heal()
            await mila.press("📥 Show it")
            seen = await mila.until(lambda all_: bool(bot_sent("document", all_)))
            [document] = bot_sent("document", seen)
            assert await mila.download(document.raw["document"]["file_id"]) == scan
