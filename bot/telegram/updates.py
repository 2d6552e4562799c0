"""Working off the journal: one update, one transaction; one chat, one update at a time."""

import asyncio
import json
import secrets
from collections.abc import Sequence
from typing import Any

import structlog
from aiogram import Bot, Dispatcher

from bot.telegram.calls import BotCalls, Outcome, Result
from bot.telegram.dialogs import Dialog, current_dialog
from bot.telegram.turns import Turns
from domain.errors import VoronkaError
from domain.members import Member
from domain.origin import acting_from
from domain.slots import COMING, QUESTION, Shown
from handlers.chat import NO_BUTTONS, Chat
from handlers.errors import in_words, is_foreseen
from handlers.security.replaying import Handled, handled_now
from locales import _, known_language, use_language
from services.journal import Journal
from services.people.members import Members
from storage.messages.updates import JournalEntry

log = structlog.get_logger()

EVENTS = ("message", "callback_query", "my_chat_member", "inline_query", "edited_message")


class UpdateWorker:
    """Handles journal entries through the dispatcher and sends their answers."""

    def __init__(
        self,
        bot: Bot,
        dispatcher: Dispatcher,
        journal: Journal,
        members: Members,
        calls: BotCalls,
        turns: Turns,
        default_language: str,
    ) -> None:
        self.bot, self.dispatcher, self.calls, self.turns = bot, dispatcher, calls, turns
        self.journal, self.members = journal, members
        self.default_language = default_language

    async def handle(self, entry: JournalEntry) -> None:
        """The effect, once; then the answers."""
        async with self.turns.of(entry.lane):
            left = await self._handle_in_turn(entry)
        if left is not None:
            await self._follow_up(*left)

    async def _handle_in_turn(self, entry: JournalEntry) -> tuple[Chat, dict[str, Any]] | None:
        """What is left for after the turn: the chat whose handler has asked for it, and the update."""
        if entry.state == "handled":
            self.calls.watch.counted("possible_doubles", "answer")
            await self._send([entry.update_id], json.loads(entry.answers or "[]"))
            return None
        update: dict[str, Any] = json.loads(entry.body)
        chat = _chat_of(update)
        try:
            answers = await self._effect(entry.update_id, update, chat)
        except Exception:
            # it stays parked when its answers are out
            await self._send([], json.loads(await self._park(entry.update_id, update) or "[]"))
            return None
        if answers is not None:
            await self._send([entry.update_id], json.loads(answers))
        return (chat, update) if chat is not None and chat.follow_ups else None

    async def _follow_up(self, chat: Chat, update: dict[str, Any]) -> None:
        """Work that a handler left for after its transaction: it answers for itself."""
        member = await self.members.current(int((_whose(update) or {"id": 0})["id"]))
        language = self._language(member, _whose(update) or {})
        with use_language(language), acting_from(f"chat {chat.id}"):
            for work in chat.follow_ups:
                later = Chat(chat.id, chat.screen_id, media_id=chat.media_id)
                try:
                    await work(later)
                except Exception as error:
                    if isinstance(error, VoronkaError) and is_foreseen(error):
                        later.say(in_words(error))
                    else:
                        self._broke(later, update["update_id"])
                await self._send([], later.answers)
                later.discard_files()

    async def _effect(self, update_id: int, update: dict[str, Any], chat: Chat | None) -> str | None:
        person = _whose(update)
        if person is None or chat is None:
            await self.journal.answered([update_id])
            return None
        telegram_id = int(person["id"])
        async with self.journal.handling(update_id, chat.id, telegram_id) as work:
            if not work.fresh:
                return None
            member = work.opened.member
            dialog = Dialog(work.opened.state, work.opened.data)
            current_dialog.set(dialog)
            chat.question_id = work.opened.question_id
            language = self._language(member, person)
            with use_language(language):
                await self._feed(update, chat, member, language)
            if dialog.changed:
                await self.journal.keep_dialog(work, chat.id, telegram_id, dialog.state, dialog.data)
            work.answers, work.shown = chat.finish(), _will_show(chat)
        return work.answers

    async def _feed(self, update: dict[str, Any], chat: Chat, member: Member | None, language: str) -> None:
        async def again(earlier: dict[str, Any]) -> Chat:
            replayed = _chat_of(earlier)
            assert replayed is not None
            replayed.callback_id = None
            await self._feed(earlier, replayed, member, language)
            return replayed

        handled_now.set(Handled(update, again))
        with (
            acting_from(f"chat {chat.id}"),
            structlog.contextvars.bound_contextvars(
                update=update["update_id"], member=str(member.id) if member else None
            ),
        ):
            await self.dispatcher.feed_raw_update(
                self.bot, update, chat=chat, member=member, language=language
            )

    async def _park(self, update_id: int, update: dict[str, Any]) -> str | None:
        chat = _chat_of(update)
        person = _whose(update) or {"id": 0}
        with use_language(self._language(None, person)):
            error_id = self._broke(chat, update_id)
        await self.journal.park(update_id, error_id, int(person["id"]))
        return chat.finish() if chat is not None else None

    def _broke(self, chat: Chat | None, update_id: int) -> str:
        """Log the error being handled, and tell the person its short id."""
        error_id = secrets.token_hex(3)
        log.exception("update.failed", update=update_id, error_id=error_id)
        if chat is not None:
            text = _("Something broke on our side (code {code}). What you sent is kept. Please try again.")
            chat.say(text.format(code=error_id))
        return error_id

    async def _send(self, update_ids: Sequence[int], answers: Sequence[Sequence[Any]]) -> None:
        """Send what is answered, and keep which message shows what: answers are (method, params, slot)."""
        shown: list[Shown] = []
        reached = True
        for method, params, *slot in answers:
            result = await self._send_one(method, params) if reached else Result(Outcome.BLOCKED)
            reached = result.outcome is not Outcome.BLOCKED
            shown += _now_shows(params, "".join(slot), result)
        await self.journal.answered(update_ids, shown)

    async def _send_one(self, method: str, params: dict[str, Any]) -> Result:
        """Blocked when the person cannot be reached: the rest is pointless."""
        while True:
            result = await self.calls.call(method, params)
            if result.outcome in (Outcome.WAIT, Outcome.LATER):
                await asyncio.sleep(result.seconds)
                continue
            if result.outcome is Outcome.GONE and method == "editMessageText" and not _is_settled(params):
                method, params = "sendMessage", {k: v for k, v in params.items() if k != "message_id"}
                continue
            if result.outcome is Outcome.BLOCKED:
                await self.members.lost(int(params.get("chat_id", 0)))
            return result

    def _language(self, member: Member | None, person: dict[str, Any]) -> str:
        code = member.language if member and member.language else person.get("language_code")
        return known_language(code, self.default_language)


def _will_show(chat: Chat) -> list[Shown]:
    """What messages show once the answers are out. Which one has the question is told when it is sent."""
    edits = [
        Shown(chat.id, params["message_id"], slot)
        for method, params, slot in chat.answers
        if method == "editMessageText" and not _is_settled(params)
    ]
    coming = [
        Shown(chat.id, COMING, slot)
        for method, _params, slot in chat.answers
        if method in ("sendMessage", "sendPhoto") and slot not in ("", QUESTION)
    ]
    return edits + coming


def _is_settled(params: dict[str, Any]) -> bool:
    """Whether the edit only tidies up an answered question."""
    return params.get("reply_markup") == NO_BUTTONS


def _now_shows(params: dict[str, Any], slot: str, result: Result) -> list[Shown]:
    """The message that took the slot; none where an edit found the message that was told before."""
    if not slot or result.message_id == params.get("message_id", COMING):
        return []
    return [Shown(int(params["chat_id"]), result.message_id or COMING, slot)]


def _is_group(event: dict[str, Any]) -> bool:
    """Conversations are private: what is said in a group is nobody's answer to us."""
    chat = event.get("chat") or (event.get("message") or {}).get("chat") or {}
    return bool(chat.get("type", "private") != "private")


def _event(update: dict[str, Any]) -> dict[str, Any] | None:
    return next((update[name] for name in EVENTS if name in update), None)


def _whose(update: dict[str, Any]) -> dict[str, Any] | None:
    event = _event(update)
    person = event.get("from") if event else None
    return person if isinstance(person, dict) else None


def _chat_of(update: dict[str, Any]) -> Chat | None:
    event = _event(update)
    if event is None or (_is_group(event) and not _concerns_team(update, event)):
        return None
    if "callback_query" in update:
        message = event.get("message") or {}
        chat_id = message.get("chat", {}).get("id", event["from"]["id"])
        shown, has_text = message.get("message_id"), "text" in message
        return Chat(
            int(chat_id),
            shown if has_text else None,
            event["id"],
            thread_id=_topic(message),
            media_id=None if has_text else shown,
        )
    chat = event.get("chat") or event.get("from") or {}
    return Chat(int(chat["id"]), thread_id=_topic(event)) if "id" in chat else None


def _concerns_team(update: dict[str, Any], event: dict[str, Any]) -> bool:
    """Of a group only its own buttons and command matter, and what becomes of the bot or the group there."""
    if "message" in update:
        return "migrate_to_chat_id" in event or str(event.get("text", "")).startswith("/team")
    return "callback_query" in update or "my_chat_member" in update


def _topic(message: dict[str, Any]) -> int:
    """The topic of a forum's message; 0 outside of topics (a reply's thread is none)."""
    return int(message.get("message_thread_id", 0)) if message.get("is_topic_message") else 0
