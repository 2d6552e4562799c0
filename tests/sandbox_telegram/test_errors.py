"""Every refusal in Telegram's own words."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from sandbox.telegram import Person, TelegramSandbox

from .conftest import Api

NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are exactly the "
    "same as a current content and reply markup of the message"
)


def refused(answer: dict[str, Any]) -> str:
    assert answer["ok"] is False
    return f"{answer['error_code']} {answer['description']}"


def button(**action: Any) -> dict[str, Any]:
    return {"inline_keyboard": [[{"text": "Взять", **action}]]}


@pytest.mark.parametrize(
    ("params", "error"),
    [
        ({"text": "я" * 4097}, "400 Bad Request: message is too long"),
        ({"text": ""}, "400 Bad Request: message text is empty"),
        ({}, "400 Bad Request: message text is empty"),
        ({"text": "  \n"}, "400 Bad Request: message text is empty"),
        ({"text": "<b></b>", "parse_mode": "HTML"}, "400 Bad Request: message text is empty"),
        ({"text": "x", "parse_mode": "XML"}, "400 Bad Request: unsupported parse_mode"),
        (
            {"text": "x", "reply_markup": button(callback_data="я" * 33)},
            "400 Bad Request: BUTTON_DATA_INVALID",
        ),
        ({"text": "x", "reply_markup": button(callback_data="")}, "400 Bad Request: BUTTON_DATA_INVALID"),
        (
            {"text": "x", "reply_markup": button()},
            "400 Bad Request: text buttons are unallowed in the inline keyboard",
        ),
        (
            {"text": "x", "reply_markup": button(url="tel:+79161234567")},
            "400 Bad Request: inline keyboard button URL 'tel:+79161234567' is invalid: "
            "Unsupported URL protocol",
        ),
        (
            {"text": "x", "reply_markup": button(url="http://localhost/a")},
            "400 Bad Request: inline keyboard button URL 'http://localhost/a' is invalid: Wrong HTTP URL",
        ),
        ({"text": "x", "reply_markup": {"keyboardd": []}}, "400 Bad Request: reply markup has none of"),
        ({"text": "x", "reply_markup": "{"}, "400 Bad Request: can't parse reply markup JSON object"),
        ({"text": "x", "silent": True}, '400 Bad Request: unknown parameter "silent" of sendMessage'),
        (
            {"text": "x", "reply_markup": button(callback_data="a", colour="red")},
            '400 Bad Request: unknown field "reply_markup.inline_keyboard[0][0].colour" in sendMessage',
        ),
        ({"text": 5}, '400 Bad Request: parameter "text": Input should be a valid string'),
        ({"text": "x", "disable_notification": "maybe"}, '400 Bad Request: parameter "disable_notification"'),
        (
            {"text": "x", "reply_parameters": {"message_id": 987}},
            "400 Bad Request: message to be replied not found",
        ),
        ({"text": "x", "message_thread_id": 5}, "400 Bad Request: message thread not found"),
        ({"text": "x", "chat_id": 1}, "400 Bad Request: chat not found"),
        ({"text": "x", "chat_id": "@nobody"}, "400 Bad Request: chat not found"),
    ],
)
async def test_send_message_refusals(api: Api, anna: Person, params: dict[str, Any], error: str) -> None:
    answer = await api("sendMessage", **({"chat_id": anna.id} | params))
    assert refused(answer).startswith(error)
    assert [m for m in await anna.messages() if m.from_bot] == []


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("Привет <b>мир", 'Can\'t find end tag corresponding to start tag "b"'),
        ("Привет <x>мир</x>", 'Unsupported start tag "x" at byte offset 13'),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        ("<b>я</i>", 'Unmatched end tag at byte offset 5, expected "</b>", found "</i>"'),
        ("1 < 2", 'Unsupported start tag "" at byte offset 2'),
        ("a <b", "Unclosed start tag at byte offset 2"),
        ("<b>a</b", "Unclosed end tag at byte offset 4"),
        ("<span>a</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ("<a href=x/>a</a>", "Unexpected end of name token at byte offset 8"),
        ("<a =b>a</a>", 'Empty attribute name in the tag "a" at byte offset 0'),
    ],
)
async def test_html_complaints(api: Api, anna: Person, text: str, complaint: str) -> None:
    answer = await api("sendMessage", chat_id=anna.id, text=text, parse_mode="HTML")
    assert refused(answer) == f"400 Bad Request: can't parse entities: {complaint}"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("Итого 5.", "Character '.' is reserved and must be escaped with the preceding '\\'"),
        ("a-b", "Character '-' is reserved and must be escaped with the preceding '\\'"),
        ("🏟 🏟_abacaba", "Can't find end of Italic entity at byte offset 9"),
        ("🏟 🏟_abac * asd ", "Can't find end of Bold entity at byte offset 15"),
        ("🏟 🏟_abac * asd _", "Can't find end of Italic entity at byte offset 21"),
        ("🏟 🏟`", "Can't find end of Code entity at byte offset 9"),
        ("🏟 🏟```a ", "Can't find end of PreCode entity at byte offset 9"),
        ("🏟 🏟__🏟 🏟_", "Can't find end of Italic entity at byte offset 20"),
        ("[a](http://b.ru", "Can't find end of a URL at byte offset 4"),
        ("||a|", "Character '|' is reserved and must be escaped with the preceding '\\'"),
    ],
)
async def test_markdown_complaints(api: Api, anna: Person, text: str, complaint: str) -> None:
    answer = await api("sendMessage", chat_id=anna.id, text=text, parse_mode="MarkdownV2")
    assert refused(answer) == f"400 Bad Request: can't parse entities: {complaint}"


async def test_edit_refusals(api: Api, anna: Person) -> None:
    sent = (await api("sendMessage", chat_id=anna.id, text="раз", reply_markup=button(callback_data="a")))[
        "result"
    ]
    own = (await anna.say("моё")).id
    target = {"chat_id": anna.id, "message_id": sent["message_id"]}
    same = await api("editMessageText", **target, text="раз", reply_markup=button(callback_data="a"))
    assert refused(same) == f"400 {NOT_MODIFIED}"
    missing = await api("editMessageText", chat_id=anna.id, message_id=999_999, text="два")
    assert refused(missing) == "400 Bad Request: message to edit not found"
    foreign = await api("editMessageText", chat_id=anna.id, message_id=own, text="два")
    assert refused(foreign) == "400 Bad Request: message can't be edited"
    caption = await api("editMessageCaption", **target, caption="два")
    assert refused(caption) == "400 Bad Request: there is no caption in the message to edit"
    keyboard = await api("editMessageText", **target, text="два", reply_markup={"keyboard": [["a"]]})
    assert refused(keyboard) == "400 Bad Request: inline keyboard expected"
    assert (await anna.last()).text == "раз"


async def test_delete_refusals(tg: TelegramSandbox, api: Api, anna: Person) -> None:
    sent = (await api("sendMessage", chat_id=anna.id, text="раз"))["result"]
    missing = await api("deleteMessage", chat_id=anna.id, message_id=999_999)
    assert refused(missing) == "400 Bad Request: message to delete not found"
    await tg.advance(48 * 3600 + 5)
    old = await api("deleteMessage", chat_id=anna.id, message_id=sent["message_id"])
    assert refused(old) == "400 Bad Request: message can't be deleted for everyone"


async def test_people_who_cannot_be_written_to(tg: TelegramSandbox, api: Api, anna: Person) -> None:
    stranger = await tg.person("Чужой")
    answer = await api("sendMessage", chat_id=stranger.id, text="x")
    assert refused(answer) == "403 Forbidden: bot can't initiate conversation with a user"
    await anna.block()
    answer = await api("sendMessage", chat_id=anna.id, text="x")
    assert refused(answer) == "403 Forbidden: bot was blocked by the user"
    await anna.unblock()
    assert (await api("sendMessage", chat_id=anna.id, text="x"))["ok"]
    await anna.deactivate()
    answer = await api("sendMessage", chat_id=anna.id, text="x")
    assert refused(answer) == "403 Forbidden: user is deactivated"


async def test_wrong_token_and_method(api: Api) -> None:
    assert refused(await api("getMe", token="1:wrong")) == "401 Unauthorized"
    assert refused(await api("sendNothing")) == "404 Not Found: method not found"
    known = await api("sendPoll", chat_id=1, question="?", options=[])
    assert refused(known) == "400 Bad Request: method sendPoll exists in Telegram but not in this stand-in"


async def test_caption_too_long(api: Api, anna: Person) -> None:
    file_id = (await anna.send_document("a.txt", b"a")).raw["document"]["file_id"]
    answer = await api("sendDocument", chat_id=anna.id, document=file_id, caption="я" * 1025)
    assert refused(answer) == "400 Bad Request: message caption is too long"


async def test_private_chat_limit(tg: TelegramSandbox, api: Api, anna: Person) -> None:
    await tg.limits(on=True, private_rate=1, private_burst=3)
    for _ in range(3):
        assert (await api("sendMessage", chat_id=anna.id, text="x"))["ok"]
    answer = await api("sendMessage", chat_id=anna.id, text="x")
    assert refused(answer) == "429 Too Many Requests: retry after 1"
    assert answer["parameters"] == {"retry_after": 1}
    await tg.advance(1)
    assert (await api("sendMessage", chat_id=anna.id, text="x"))["ok"]
    await tg.limits(on=False)
    assert (await api("sendMessage", chat_id=anna.id, text="x"))["ok"]


async def test_group_and_overall_limits(tg: TelegramSandbox, api: Api, anna: Person) -> None:
    group = await tg.group("Отдел", anna)
    await tg.limits(on=True, group_rate=20, group_burst=20)
    answers = [await api("sendMessage", chat_id=group, text="x") for _ in range(21)]
    assert [answer["ok"] for answer in answers] == [True] * 20 + [False]
    assert answers[-1]["parameters"]["retry_after"] == 3
    await tg.limits(private_burst=100, overall_rate=30, overall_burst=2)
    answers = [await api("sendMessage", chat_id=anna.id, text="x") for _ in range(3)]
    assert [answer["ok"] for answer in answers] == [True, True, False]


async def test_clock_speed_frees_the_limit(tg: TelegramSandbox, api: Api, anna: Person) -> None:
    await tg.limits(on=True, private_rate=0.01, private_burst=1)
    await tg.speed(1_000_000)
    for _ in range(3):
        assert (await api("sendMessage", chat_id=anna.id, text="x"))["ok"]


async def test_callback_answers(tg: TelegramSandbox, api: Api, anna: Person) -> None:
    expired = "400 Bad Request: query is too old and response timeout expired or query ID is invalid"
    await api("sendMessage", chat_id=anna.id, text="x", reply_markup=button(callback_data="a"))
    query = await anna.press("Взять")
    assert (await api("answerCallbackQuery", callback_query_id=query, text="Ваш", show_alert=True))["ok"]
    assert [(t["text"], t["show_alert"]) for t in await anna.toasts()] == [("Ваш", True)]
    assert refused(await api("answerCallbackQuery", callback_query_id=query)) == expired
    assert refused(await api("answerCallbackQuery", callback_query_id="5")) == expired
    late = await anna.press("Взять")
    await tg.advance(120)
    assert refused(await api("answerCallbackQuery", callback_query_id=late)) == expired


async def test_injected_faults(tg: TelegramSandbox, api: Api, anna: Person) -> None:
    await tg.fail("sendMessage", count=2, status=502, description="Bad Gateway")
    assert refused(await api("sendMessage", chat_id=anna.id, text="x")) == "502 Bad Gateway"
    assert refused(await api("sendMessage", chat_id=anna.id, text="x")) == "502 Bad Gateway"
    assert (await api("sendMessage", chat_id=anna.id, text="третье"))["ok"]
    await tg.fail("sendMessage", mode="drop")
    with pytest.raises((OSError, aiohttp.ClientError)):
        await api("sendMessage", chat_id=anna.id, text="пропало")
    await tg.fail("sendMessage", mode="drop_after")
    with pytest.raises((OSError, aiohttp.ClientError)):
        await api("sendMessage", chat_id=anna.id, text="дошло")
    assert [m.text for m in await anna.messages() if m.from_bot] == ["третье", "дошло"]
    statuses = [call["status"] for call in await tg.calls("sendMessage")]
    assert statuses == [502, 502, 200, 0, 200]
