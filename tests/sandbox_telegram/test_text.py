"""Formatted text as people see it: text without markup and entities in UTF-16 units."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.telegram import Person
from sandbox.telegram.text_units import cut

from .conftest import Api


def parts(message: Any) -> list[tuple[str, str]]:
    return [(e["type"], cut(message["text"], e["offset"], e["length"])) for e in message.get("entities", [])]


@pytest.mark.parametrize(
    ("source", "text", "expected"),
    [
        ("<b>Лид</b> №5", "Лид №5", [("bold", "Лид")]),
        ("🏟 <b>🏟 стадион</b> <i>б</i>", "🏟 🏟 стадион б", [("bold", "🏟 стадион"), ("italic", "б")]),
        ("<b>а<i>б</i></b>в", "абв", [("bold", "аб"), ("italic", "б")]),
        ("1 &lt; 2 &amp;&amp; &quot;x&quot; &#65;&#x42; &copy;", '1 < 2 && "x" AB &copy;', []),
        ("<u>а</u><s>б</s><tg-spoiler>в</tg-spoiler>", "абв",
         [("underline", "а"), ("strikethrough", "б"), ("spoiler", "в")]),
        ("<blockquote>цитата</blockquote>", "цитата", [("blockquote", "цитата")]),
        ("<blockquote expandable>цитата</blockquote>", "цитата", [("expandable_blockquote", "цитата")]),
        ("<code>a &lt; b</code>", "a < b", [("code", "a < b")]),
        ("  <b> х </b>  ", "х", [("bold", "х")]),
        ("<b>/start</b> @durov_bot #лид a@b.ru", "/start @durov_bot #лид a@b.ru",
         [("bold", "/start"), ("bot_command", "/start"), ("mention", "@durov_bot"), ("hashtag", "#лид"),
          ("email", "a@b.ru")]),
        ("+7 916 123-45-67 и https://a.ru/x.", "+7 916 123-45-67 и https://a.ru/x.",
         [("phone_number", "+7 916 123-45-67"), ("url", "https://a.ru/x")]),
    ],
)  # fmt: skip
async def test_html(api: Api, anna: Person, source: str, text: str, expected: list[tuple[str, str]]) -> None:
    sent = (await api("sendMessage", chat_id=anna.id, text=source, parse_mode="HTML"))["result"]
    assert sent["text"] == text
    assert parts(sent) == expected


async def test_html_arguments(api: Api, anna: Person) -> None:
    source = (
        f'<a href="http://a.ru/?x=1&amp;y=2">раз</a> <a href="tg://user?id={anna.id}">Анна</a> '
        '<pre><code class="language-python">x = 1</code></pre> <a href="tg://user?id=5">никто</a>'
    )
    sent = (await api("sendMessage", chat_id=anna.id, text=source, parse_mode="HTML"))["result"]
    link, mention, code = sent["entities"]
    assert (link["type"], link["url"]) == ("text_link", "http://a.ru/?x=1&y=2")
    assert (mention["type"], mention["user"]["first_name"]) == ("text_mention", "Анна")
    assert (code["type"], code["language"]) == ("pre", "python")


@pytest.mark.parametrize(
    ("source", "text", "expected"),
    [
        (r"*Лид* _новый_ №5\.", "Лид новый №5.", [("bold", "Лид"), ("italic", "новый")]),
        ("__а__ ~б~ ||в|| `г*`", "а б в г*",
         [("underline", "а"), ("strikethrough", "б"), ("spoiler", "в"), ("code", "г*")]),
        ("*а _б_*", "а б", [("bold", "а б"), ("italic", "б")]),
        ("```python\nx = 1```", "x = 1", [("pre", "x = 1")]),
        ("[раз](http://a.ru/b)", "раз", [("text_link", "раз")]),
        (">цитата\n>ещё\nтекст", "цитата\nещё\nтекст", [("blockquote", "цитата\nещё")]),
        (">цитата\n>ещё||\nтекст", "цитата\nещё\nтекст", [("expandable_blockquote", "цитата\nещё")]),
        (">цитата", "цитата", [("blockquote", "цитата")]),
    ],
)  # fmt: skip
async def test_markdown_v2(
    api: Api, anna: Person, source: str, text: str, expected: list[tuple[str, str]]
) -> None:
    sent = (await api("sendMessage", chat_id=anna.id, text=source, parse_mode="MarkdownV2"))["result"]
    assert sent["text"] == text
    assert parts(sent) == expected


async def test_old_markdown_and_given_entities(api: Api, anna: Person) -> None:
    sent = (
        await api("sendMessage", chat_id=anna.id, text=r"*а* \_ [б](http://b.ru/) `в`", parse_mode="Markdown")
    )["result"]
    assert parts(sent) == [("bold", "а"), ("text_link", "б"), ("code", "в")]
    given = [{"type": "bold", "offset": 2, "length": 2}, {"type": "url", "offset": 0, "length": 1}]
    sent = (await api("sendMessage", chat_id=anna.id, text="  аб", entities=given))["result"]
    assert parts(sent) == [("bold", "аб")]


async def test_limit_counts_characters_after_parsing(api: Api, anna: Person) -> None:
    assert (await api("sendMessage", chat_id=anna.id, text="<b>" + "я" * 4096 + "</b>", parse_mode="HTML"))[
        "ok"
    ]
