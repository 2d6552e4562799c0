"""A real aiogram bot against the stand-in, by polling and by webhook."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
from aiogram import Bot, Dispatcher, F, Router
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramConflictError
from aiogram.filters import Command, CommandStart
from aiogram.types import (
    BotCommand,
    BufferedInputFile,
    CallbackQuery,
    ChatMemberUpdated,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InlineQuery,
    InlineQueryResultArticle,
    InputMediaDocument,
    InputTextMessageContent,
    KeyboardButton,
    Message,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)
from aiogram.webhook.aiohttp_server import SimpleRequestHandler
from aiohttp import web

from sandbox.telegram import TelegramSandbox

TAKE = InlineKeyboardMarkup(inline_keyboard=[[InlineKeyboardButton(text="Взять", callback_data="take:1")]])
SHARE = ReplyKeyboardMarkup(
    keyboard=[[KeyboardButton(text="Дать телефон", request_contact=True)], [KeyboardButton(text="Позже")]],
    resize_keyboard=True,
    one_time_keyboard=True,
)


async def on_start(message: Message) -> None:
    await message.answer(f"Здравствуйте, {message.text}", reply_markup=SHARE)


async def on_contact(message: Message) -> None:
    assert message.contact is not None
    mine = message.from_user is not None and message.contact.user_id == message.from_user.id
    text = f"{'Ваш' if mine else 'Чужой'} {message.contact.phone_number}"
    await message.answer(text, reply_markup=ReplyKeyboardRemove())


async def on_lead(message: Message) -> None:
    await message.answer("<b>Лид</b> &lt;1&gt;", parse_mode="HTML", reply_markup=TAKE)


async def on_take(query: CallbackQuery) -> None:
    assert isinstance(query.message, Message)
    await query.message.edit_text("Лид взят")
    await query.answer("Готово", show_alert=True)


async def on_file(message: Message, bot: Bot) -> None:
    assert message.document is not None
    data = await bot.download(message.document)
    assert data is not None
    back = BufferedInputFile(data.read()[::-1], f"back-{message.document.file_name}")
    sent = await message.answer_document(back, caption="Обратно")
    assert sent.document is not None
    again = InputMediaDocument(media=sent.document.file_id)
    await message.answer_media_group([again, InputMediaDocument(media=BufferedInputFile(b"2", "2.txt"))])


async def on_photo(message: Message) -> None:
    assert message.photo is not None
    await message.answer_photo(message.photo[-1].file_id, caption=f"{message.photo[-1].width} px")


async def on_voice(message: Message) -> None:
    await message.reply("Голос")


async def on_forward(message: Message, bot: Bot) -> None:
    assert message.forward_origin is not None
    await bot.send_chat_action(message.chat.id, "typing")
    await message.copy_to(message.chat.id)
    await message.forward(message.chat.id)
    await message.answer(f"Переслано: {message.forward_origin.type}")


async def on_inline(query: InlineQuery) -> None:
    content = InputTextMessageContent(message_text=f"Лид {query.query}")
    await query.answer([InlineQueryResultArticle(id="1", title=query.query, input_message_content=content)])


def build_router(blocked: list[str]) -> Router:
    router = Router()

    async def on_member(event: ChatMemberUpdated) -> None:
        blocked.append(event.new_chat_member.status)

    router.message.register(on_start, CommandStart())
    router.message.register(on_lead, Command("lead"))
    router.message.register(on_forward, F.forward_origin)
    for handler, kind in (
        (on_contact, F.contact),
        (on_file, F.document),
        (on_photo, F.photo),
        (on_voice, F.voice),
    ):
        router.message.register(handler, kind)
    router.callback_query.register(on_take, F.data.startswith("take:"))
    router.inline_query.register(on_inline)
    router.my_chat_member.register(on_member)
    return router


def connect(tg: TelegramSandbox) -> Bot:
    return Bot(tg.token, session=AiohttpSession(api=TelegramAPIServer.from_base(tg.url)))


@pytest.fixture
async def blocked(tg: TelegramSandbox) -> list[str]:
    return []


@contextlib.asynccontextmanager
async def by_polling(dispatcher: Dispatcher, bot: Bot) -> AsyncIterator[None]:
    task = asyncio.create_task(dispatcher.start_polling(bot, handle_signals=False, close_bot_session=False))
    try:
        yield
    finally:
        await dispatcher.stop_polling()
        await task


@contextlib.asynccontextmanager
async def by_webhook(dispatcher: Dispatcher, bot: Bot) -> AsyncIterator[None]:
    app = web.Application()
    SimpleRequestHandler(dispatcher, bot, handle_in_background=False, secret_token="s3cret").register(
        app, "/hook"
    )
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    await bot.set_webhook(f"http://127.0.0.1:{runner.addresses[0][1]}/hook", secret_token="s3cret")
    try:
        yield
    finally:
        await bot.delete_webhook()
        await runner.cleanup()


@pytest.fixture(params=[by_polling, by_webhook], ids=["polling", "webhook"])
async def bot(request: pytest.FixtureRequest, tg: TelegramSandbox, blocked: list[str]) -> AsyncIterator[Bot]:
    dispatcher, bot = Dispatcher(), connect(tg)
    dispatcher.include_router(build_router(blocked))
    async with request.param(dispatcher, bot):
        yield bot
    await bot.session.close()


async def test_registration_with_a_contact_button(tg: TelegramSandbox, bot: Bot) -> None:
    anna = await tg.person("Анна", language="ru", phone="+79161234567")
    await anna.start("invite-7")
    await anna.sees("Здравствуйте, /start invite-7")
    assert await anna.keyboard() == [["Дать телефон"], ["Позже"]]
    await anna.press("Дать телефон")
    await anna.gets("Ваш +79161234567")
    assert await anna.keyboard() == []
    await anna.send_contact("Борис", "+79990000000")
    await anna.gets("Чужой +79990000000")


async def test_button_edits_its_message(tg: TelegramSandbox, bot: Bot) -> None:
    anna = await tg.person("Анна")
    await anna.say("/lead")
    card = await anna.gets("Лид <1>")
    assert card.entities("bold")[0]["length"] == 3
    query = await anna.press("take:1")
    assert (await anna.answer(query))["show_alert"] is True
    edited = await anna.gets("Лид взят")
    assert edited.id == card.id
    assert edited.labels == []
    assert [e["text"] for e in edited.edits] == ["Лид <1>"]


async def test_files_both_ways(tg: TelegramSandbox, bot: Bot) -> None:
    anna = await tg.person("Анна")
    await anna.send_document("список.txt", "абв".encode("utf-16-le"))
    found = await anna.until(
        lambda messages: sum(m.document is not None and m.from_bot for m in messages) == 3
    )
    back = next(m for m in found if m.text == "Обратно").document
    assert back is not None
    assert back["file_name"] == "back-список.txt"
    assert await anna.download(back["file_id"]) == "абв".encode("utf-16-le")[::-1]
    png = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x10\x00\x00\x00\x08\x08\x02\x00\x00\x00"
    await anna.send_photo(png)
    await anna.gets("16 px")
    await anna.send_voice()
    answer = await anna.gets("Голос")
    assert "voice" in answer.raw["reply_to_message"]


async def test_forwards_copies_and_inline(tg: TelegramSandbox, bot: Bot) -> None:
    anna = await tg.person("Анна")
    await anna.forward("Иван 8 999 123-45-67", from_name="Скрытный")
    await anna.gets("Переслано: hidden_user")
    copy, forwarded = [m for m in await anna.messages() if m.from_bot and m.text.startswith("Иван")]
    assert "forward_origin" not in copy.raw
    assert forwarded.raw["forward_origin"]["sender_user_name"] == "Скрытный"
    boris = await tg.person("Борис")
    await anna.forward("Пётр", from_person=boris.id)
    await anna.gets("Переслано: user")
    assert [result["title"] for result in await anna.inline("пять")] == ["пять"]


async def test_block_and_unblock(tg: TelegramSandbox, bot: Bot, blocked: list[str]) -> None:
    anna = await tg.person("Анна")
    await anna.start()
    await anna.sees("Здравствуйте")
    await anna.block()
    await anna.unblock()
    await anna.say("/lead")
    await anna.sees("Лид <1>")
    assert blocked == ["kicked", "member"]


async def test_commands_menu_by_language_and_chat(tg: TelegramSandbox) -> None:
    bot = connect(tg)
    anna, john = await tg.person("Анна", language="ru"), await tg.person("John", language="en")
    await bot.set_my_commands([BotCommand(command="help", description="Help")])
    await bot.set_my_commands([BotCommand(command="help", description="Помощь")], language_code="ru")
    assert (await anna.commands(), await john.commands()) == ({"help": "Помощь"}, {"help": "Help"})
    await bot.set_my_description("Кто мы", language_code="ru")
    assert (await bot.get_my_description("ru")).description == "Кто мы"
    assert (await bot.get_my_description()).description == ""
    await bot.delete_my_commands(language_code="ru")
    assert await anna.commands() == {"help": "Help"}
    me = await bot.get_me()
    assert me.is_bot
    chat = await bot.get_chat(anna.id)
    assert chat.first_name == "Анна"
    assert (await bot.get_chat_member(anna.id, anna.id)).status == "member"
    await bot.session.close()


async def test_second_poller_ends_the_first(tg: TelegramSandbox) -> None:
    one, two = connect(tg), connect(tg)
    first = asyncio.create_task(one.get_updates(timeout=20))
    updates = tg.world.api.updates
    await updates.changes.wait_for(lambda: updates.polling, 10)
    second = asyncio.create_task(two.get_updates(timeout=20))
    with pytest.raises(TelegramConflictError, match="terminated by other getUpdates request; make sure"):
        await first
    anna = await tg.person("Анна")
    await anna.say("привет")
    [update] = await second
    assert update.message is not None
    assert update.message.text == "привет"
    assert [u["update_id"] for u in await tg.pending_updates()] == [update.update_id]
    assert await two.get_updates(offset=update.update_id + 1) == []
    assert await tg.pending_updates() == []
    await one.session.close()
    await two.session.close()


async def test_webhook_keeps_pollers_out(tg: TelegramSandbox) -> None:
    bot = connect(tg)
    await bot.set_webhook("http://127.0.0.1:9/hook")
    with pytest.raises(TelegramConflictError, match="can't use getUpdates method while webhook is active"):
        await bot.get_updates()
    assert (await bot.get_webhook_info()).url == "http://127.0.0.1:9/hook"
    await bot.delete_webhook()
    assert await bot.get_updates() == []
    await bot.session.close()


async def test_allowed_updates(tg: TelegramSandbox) -> None:
    bot = connect(tg)
    anna = await tg.person("Анна")
    await bot.get_updates(allowed_updates=["callback_query"])
    await anna.say("не придёт")
    await bot.get_updates(allowed_updates=[])
    await anna.say("придёт")
    assert [u.message.text for u in await bot.get_updates() if u.message] == ["придёт"]
    await bot.session.close()
