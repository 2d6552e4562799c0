"""The people's side: what a person does, what the bot gets, what the page and the tests can ask."""

from __future__ import annotations

import asyncio
import json
import sys

import aiohttp
import pytest

from sandbox.telegram import Control, Limits, Person, Refused, TelegramSandbox

from .conftest import Api

TAKE = {
    "inline_keyboard": [
        [{"text": "Взять лид", "callback_data": "take:1"}, {"text": "Сайт", "url": "https://a.ru/"}]
    ]
}


async def newest(tg: TelegramSandbox) -> dict[str, object]:
    found: dict[str, object] = (await tg.pending_updates())[-1]
    return found


async def test_start_with_a_payload(tg: TelegramSandbox) -> None:
    anna = await tg.person("Анна", language="ru", username="anna", last_name="Иванова")
    await anna.start("ref-5")
    message = (await newest(tg))["message"]
    assert isinstance(message, dict)
    assert message["text"] == "/start ref-5"
    assert message["entities"] == [{"type": "bot_command", "offset": 0, "length": 6}]
    assert message["from"] == {
        "id": anna.id,
        "is_bot": False,
        "first_name": "Анна",
        "last_name": "Иванова",
        "username": "anna",
        "language_code": "ru",
    }
    assert message["chat"]["type"] == "private"


async def test_same_id_changes_the_person(tg: TelegramSandbox) -> None:
    await tg.person("Анна", id=77)
    again = await tg.person("Аня", id=77)
    assert [person.first_name for person in await tg.people()] == ["Аня"]
    assert again.id == 77


async def test_edit_and_reply(tg: TelegramSandbox, api: Api, anna: Person) -> None:
    sent = await anna.say("раз")
    edited = await anna.edit(sent, "два")
    assert edited.id == sent.id
    update = await newest(tg)
    assert "edited_message" in update
    await anna.say("ответ", reply_to=sent.id)
    message = (await newest(tg))["message"]
    assert isinstance(message, dict)
    assert message["reply_to_message"]["text"] == "два"
    await api("sendMessage", chat_id=anna.id, text="бот", reply_parameters={"message_id": sent.id})
    assert (await anna.last()).raw["reply_to_message"]["message_id"] == sent.id
    with pytest.raises(Refused, match="only one's own text"):
        await anna.edit(await anna.last(), "чужое")


async def test_contacts(tg: TelegramSandbox, anna: Person) -> None:
    own = (await anna.share_contact()).contact
    assert own == {"phone_number": "+79161234567", "first_name": "Анна", "user_id": anna.id}
    other = (await anna.send_contact("Борис", "89990001122")).contact
    assert other == {"phone_number": "89990001122", "first_name": "Борис"}
    with pytest.raises(Refused, match="a contact has"):
        await anna.send_contact("", "")


async def test_one_time_keyboard_folds(api: Api, anna: Person) -> None:
    markup = {"keyboard": [["Да", "Нет"]], "one_time_keyboard": True}
    await api("sendMessage", chat_id=anna.id, text="?", reply_markup=markup)
    assert await anna.press("Да") is None
    view = await anna.view()
    assert view["messages"][-1]["text"] == "Да"
    assert view["keyboard"]["collapsed"] is True
    await api("sendMessage", chat_id=anna.id, text="!", reply_markup={"remove_keyboard": True})
    assert (await anna.view())["keyboard"] is None


async def test_inline_buttons(tg: TelegramSandbox, api: Api, anna: Person) -> None:
    await api("sendMessage", chat_id=anna.id, text="Лид", reply_markup=TAKE)
    await api("sendMessage", chat_id=anna.id, text="Лид 2", reply_markup=TAKE)
    message = await anna.last()
    assert message.labels == ["Взять лид", "Сайт"]
    query = await anna.press("Взять")
    update = (await newest(tg))["callback_query"]
    assert isinstance(update, dict)
    assert (update["id"], update["data"]) == (query, "take:1")
    assert update["message"]["message_id"] == message.id
    opened = await anna.act("press", message_id=message.id, label="Сайт")
    assert opened == {"opens": {"url": "https://a.ru/"}}
    with pytest.raises(AssertionError, match="finds no button 'Нет такой'"):
        await anna.press("Нет такой", timeout=0)


async def test_waiting_is_by_version(api: Api, anna: Person) -> None:
    waiting = asyncio.create_task(anna.gets("потом"))
    await asyncio.sleep(0)
    await api("sendMessage", chat_id=anna.id, text="потом")
    assert (await waiting).text == "потом"
    with pytest.raises(AssertionError, match="no message with 'никогда'"):
        await anna.sees("никогда", timeout=0.05)
    await anna.say("ещё")
    with pytest.raises(AssertionError):
        await anna.gets("потом", timeout=0)
    assert (await anna.sees("потом", timeout=0)).text == "потом"


async def test_unread_counts_and_typing(tg: TelegramSandbox, api: Api, anna: Person) -> None:
    for text in ("раз", "два"):
        await api("sendMessage", chat_id=anna.id, text=text)
    assert (await anna.view())["unread"] == 2
    await anna.act("read")
    assert (await anna.view())["unread"] == 0
    await api("sendChatAction", chat_id=anna.id, action="typing")
    assert (await anna.view())["action"] == "typing"
    await tg.advance(6)
    assert (await anna.view())["action"] == ""


async def test_delete_pin_and_react(api: Api, anna: Person) -> None:
    sent = (await api("sendMessage", chat_id=anna.id, text="раз"))["result"]["message_id"]
    assert (await api("pinChatMessage", chat_id=anna.id, message_id=sent))["ok"]
    assert (await api("getChat", chat_id=anna.id))["result"]["pinned_message"]["text"] == "раз"
    await api(
        "setMessageReaction", chat_id=anna.id, message_id=sent, reaction=[{"type": "emoji", "emoji": "👍"}]
    )
    assert (await anna.view())["messages"][1]["reactions"] == ["👍"]
    assert (await api("unpinChatMessage", chat_id=anna.id))["ok"]
    assert (await api("deleteMessages", chat_id=anna.id, message_ids=[sent, 999_999]))["ok"]
    assert "раз" not in [m.text for m in await anna.messages()]


async def test_files_and_their_reuse(api: Api, anna: Person) -> None:
    sent = await anna.send_document("a.txt", "привет".encode())
    assert sent.document is not None
    file_id = sent.document["file_id"]
    found = (await api("getFile", file_id=file_id))["result"]
    assert found["file_size"] == len("привет".encode())
    assert (await api("sendDocument", chat_id=anna.id, document=file_id))["ok"]
    wrong = await api("sendPhoto", chat_id=anna.id, photo=file_id)
    assert wrong["description"] == "Bad Request: can't use file of type Document as Photo"
    nothing = await api("getFile", file_id="abc")
    assert nothing["description"] == "Bad Request: wrong file_id or the file is temporarily unavailable"
    with pytest.raises(Refused, match="IMAGE_PROCESS_FAILED"):
        await anna.send_photo(b"not a picture")


async def test_big_files_cannot_be_downloaded(tg: TelegramSandbox, api: Api, anna: Person) -> None:
    sent = await anna.send_document("big.bin", b"x" * (20 * 1024 * 1024 + 1))
    assert sent.document is not None
    answer = await api("getFile", file_id=sent.document["file_id"])
    assert answer["description"] == "Bad Request: file is too big"


async def test_download_needs_the_token(tg: TelegramSandbox, api: Api, anna: Person) -> None:
    sent = await anna.send_document("a.txt", b"abc")
    assert sent.document is not None
    path = (await api("getFile", file_id=sent.document["file_id"]))["result"]["file_path"]
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{tg.url}/file/bot{tg.token}/{path}") as response:
            assert await response.read() == b"abc"
        async with session.get(f"{tg.url}/file/bot1:no/{path}") as response:
            assert response.status == 401


async def test_groups_topics_and_privacy(tg: TelegramSandbox, api: Api, anna: Person) -> None:
    boris = await tg.person("Борис")
    group = await tg.group("Отдел", anna, boris, is_forum=True)
    joined = (await newest(tg))["my_chat_member"]
    assert isinstance(joined, dict)
    assert joined["new_chat_member"]["status"] == "member"
    before = len(await tg.pending_updates())
    await boris.say("между собой", chat=group)
    assert len(await tg.pending_updates()) == before
    await boris.say("/lead", chat=group)
    assert len(await tg.pending_updates()) == before + 1
    topic = (await api("createForumTopic", chat_id=group, name="Лиды"))["result"]["message_thread_id"]
    await api("sendMessage", chat_id=group, text="в тему", message_thread_id=topic)
    for person in (anna, boris):
        seen = await person.sees("в тему", chat=group)
        assert seen.raw["message_thread_id"] == topic
    contact = {"keyboard": [[{"text": "Телефон", "request_contact": True}]]}
    answer = await api("sendMessage", chat_id=group, text="x", reply_markup=contact)
    assert answer["description"] == "Bad Request: phone number can be requested in private chats only"
    await tg.remove_bot(group)
    answer = await api("sendMessage", chat_id=group, text="x")
    assert answer["description"] == "Forbidden: bot was kicked from the supergroup chat"


async def test_calls_are_recorded(tg: TelegramSandbox, api: Api, anna: Person) -> None:
    await api("sendMessage", chat_id=anna.id, text="раз", reply_markup=json.dumps(TAKE))
    await api("sendMessage", chat_id=1, text="два")
    good, bad = await tg.calls("sendMessage")
    assert good["params"]["reply_markup"] == TAKE
    assert (good["ok"], good["result"]["text"]) == (True, "раз")
    assert (bad["ok"], bad["status"], bad["description"]) == (False, 400, "Bad Request: chat not found")
    assert await tg.calls("sendMessage", since=bad["number"]) == []


async def test_inline_results_can_be_sent(tg: TelegramSandbox, api: Api, anna: Person) -> None:
    asking = asyncio.create_task(anna.inline("лид"))
    [update] = await tg.pending_updates("inline_query", wait=5)
    query = update["inline_query"]
    content = {"message_text": "Лид 5"}
    result = {"type": "article", "id": "1", "title": "Лид", "input_message_content": content}
    assert (await api("answerInlineQuery", inline_query_id=query["id"], results=[result]))["ok"]
    assert [r["title"] for r in await asking] == ["Лид"]
    await anna.act("choose", query_id=query["id"], result_id="1")
    assert (await anna.messages())[-1].text == "Лид 5"


async def test_live_events(tg: TelegramSandbox, api: Api, anna: Person) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{tg.url}/people/events") as stream:
        assert json.loads((await stream.content.readline())[6:])["kind"] == "hello"
        await api("sendMessage", chat_id=anna.id, text="раз")
        await stream.content.readline()
        event = json.loads((await stream.content.readline())[6:])
    assert (event["kind"], event["chat"]) == ("chat", anna.id)


async def test_wrong_requests_are_refused(tg: TelegramSandbox, anna: Person) -> None:
    with pytest.raises(Refused, match="people can only"):
        await anna.act("fly")
    with pytest.raises(Refused, match="missing or wrong field"):
        await anna.act("press")
    with pytest.raises(Refused, match="no such chat"):
        await anna.say("x", chat=-5)
    with pytest.raises(Refused, match="the text is empty"):
        await anna.say("  ")
    await anna.block()
    with pytest.raises(Refused, match="blocked"):
        await anna.say("x")
    with pytest.raises(Refused, match="unknown limit"):
        await tg.limits(nonsense=1)
    with pytest.raises(Refused, match="mode must be one of"):
        await tg.fail("sendMessage", mode="explode")


def test_limits_refuse_nonsense() -> None:
    with pytest.raises(ValueError, match="positive"):
        Limits().changed({"private_rate": 0})


async def test_as_a_process_of_its_own() -> None:
    arguments = [
        "-m",
        "sandbox",
        "telegram",
        "--port",
        "0",
        "--person",
        "9:Ольга:ru",
        "--link",
        "CRM=http://a.ru/",
    ]
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    url = (await process.stdout.readline()).decode().strip()
    async with Control(url) as control:
        [olga] = await control.people()
        await olga.say("привет")
        assert (await control.status())["links"] == [{"title": "CRM", "url": "http://a.ru/"}]
        assert len(await control.pending_updates()) == 1
    process.terminate()
    assert await process.wait() == 0


async def test_contact_place_and_album_from_the_bot(tg: TelegramSandbox, api: Api, anna: Person) -> None:
    card = {"phone_number": "+79161234567", "first_name": "Анна"}
    assert (await api("sendContact", chat_id=anna.id, **card))["result"]["contact"] == {
        **card,
        "user_id": anna.id,
    }
    assert (await api("sendLocation", chat_id=anna.id, latitude=55.75, longitude=37.6))["ok"]
    photo = (await anna.send_photo()).raw["photo"][0]["file_id"]
    document = (await anna.send_document("a.txt", b"a")).raw["document"]["file_id"]
    mixed = [{"type": "photo", "media": photo}, {"type": "document", "media": document}]
    refused = await api("sendMediaGroup", chat_id=anna.id, media=mixed)
    assert refused["description"] == "Bad Request: document can't be mixed with other media types"
    album = (await api("sendMediaGroup", chat_id=anna.id, media=mixed[:1] * 2))["result"]
    assert len({message["media_group_id"] for message in album}) == 1
    copied = await api(
        "copyMessages", chat_id=anna.id, from_chat_id=anna.id, message_ids=[album[0]["message_id"]]
    )
    assert copied["ok"]
    assert "photo" in (await anna.last()).raw


async def test_edit_caption_media_and_keyboard(api: Api, anna: Person) -> None:
    photo = (await anna.send_photo()).raw["photo"][0]["file_id"]
    document = (await anna.send_document("a.txt", b"a")).raw["document"]["file_id"]
    sent = (await api("sendPhoto", chat_id=anna.id, photo=photo, caption="раз"))["result"]
    target = {"chat_id": anna.id, "message_id": sent["message_id"]}
    assert (await api("editMessageCaption", **target, caption="<i>два</i>", parse_mode="HTML"))["ok"]
    assert (await anna.last()).entities("italic")
    assert (await api("editMessageReplyMarkup", **target, reply_markup=TAKE))["ok"]
    assert (await anna.last()).labels == ["Взять лид", "Сайт"]
    media = {"type": "document", "media": document, "caption": "три"}
    assert (await api("editMessageMedia", **target, media=media))["ok"]
    last = await anna.last()
    assert (last.text, last.document is not None, "photo" in last.raw) == ("три", True, False)
    assert [old.get("caption") for old in last.edits] == ["раз", "два", "два"]
