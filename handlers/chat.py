"""The chat an update came from, and the answers it gets.

Answers are collected while a handler runs and sent after the update's transaction has committed:
nothing is promised to a person that was rolled back, and after a crash they are sent from the journal.
"""

import base64
import json
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from domain.files import FileKind
from handlers.screens import Rows, Screen

Answer = tuple[str, dict[str, Any], str]
"""A Bot API method's name, its parameters as JSON, and the slot that the message has afterwards."""

FollowUp = Callable[["Chat"], Awaitable[None]]
"""Work after the update's transaction, with a chat of its own to answer in."""

NO_BUTTONS: dict[str, Any] = {"inline_keyboard": []}
"""Takes the buttons off a message that an edit leaves where it is."""

DOCUMENT_LIMIT = 2_000_000
"""Bytes of a document that is kept in the journal."""

CAPTION_LIMIT = 1024

MEDIA: dict[FileKind, tuple[str, str]] = {
    FileKind.DOCUMENT: ("sendDocument", "document"),
    FileKind.PHOTO: ("sendPhoto", "photo"),
    FileKind.VOICE: ("sendVoice", "voice"),
    FileKind.VIDEO_NOTE: ("sendVideoNote", "video_note"),
    FileKind.VIDEO: ("sendVideo", "video"),
    FileKind.AUDIO: ("sendAudio", "audio"),
    FileKind.ANIMATION: ("sendAnimation", "animation"),
}
"""The method that sends a file of a kind again, and its parameter."""


class Chat:
    """Collects answers. `screen_id` is the message whose button was pressed, if one was, and `question_id`
    the one that shows what the dialog asks. A pressed message without a text, such as a picture, is
    `media_id` instead: no screen can take its place. `thread_id` is the topic of a group, 0 outside of one.
    """

    def __init__(
        self,
        chat_id: int,
        screen_id: int | None = None,
        callback_id: str | None = None,
        *,
        thread_id: int = 0,
        media_id: int | None = None,
    ) -> None:
        self.id = chat_id
        self.thread_id = thread_id
        self.media_id = media_id
        self.screen_id = screen_id
        self.callback_id = callback_id
        self.question_id: int | None = None
        self.answers: list[Answer] = []
        self.follow_ups: list[FollowUp] = []

    def show(self, screen: Screen) -> None:
        """Put the screen in place of the one whose button was pressed; below, when nothing was pressed."""
        if self.screen_id is None or screen.reply_keyboard is not None:
            self.say(screen)
            return
        params = {"chat_id": self.id, "message_id": self.screen_id, **screen.as_params()}
        self.answers.append(("editMessageText", params, screen.slot))

    def settle(self, question: str, answer: str) -> None:
        """Leave the question with the answer to it, both HTML, in the message that asked: its buttons go.

        Nothing is done where the next screen takes the place of that message.
        """
        asked = self.question_id if self.screen_id is None else self.screen_id
        if asked is not None:
            text = "\n\n".join(part for part in (question, answer) if part)
            params = {"chat_id": self.id, "message_id": asked, **Screen(text).as_params()}
            params["reply_markup"] = NO_BUTTONS
            self.answers.append(("editMessageText", params, ""))
            self.question_id = self.screen_id = None

    def say(self, screen: Screen | str) -> None:
        """A new message."""
        if isinstance(screen, str):
            screen = Screen(screen)
        topic = {"message_thread_id": self.thread_id} if self.thread_id else {}
        params = {"chat_id": self.id, **topic, **screen.as_params()}
        self.answers.append(("sendMessage", params, screen.slot))

    def toast(self, text: str, *, alert: bool = False) -> None:
        """A short line over the chat for a pressed button; a message where nothing was pressed."""
        if self.callback_id is None:
            self.say(text)
            return
        params = {"callback_query_id": self.callback_id, "text": text[:200], "show_alert": alert}
        self.answers.append(("answerCallbackQuery", params, ""))
        self.callback_id = None

    def inline(
        self, query_id: str, results: Sequence[dict[str, Any]], *, seconds: int, next_offset: str = "",
        button: dict[str, str] | None = None,
    ) -> None:  # fmt: skip
        """What the bot offers where its name was typed into any chat: for this person alone, remembered by
        Telegram for `seconds`. `button` stands above the results and opens the bot."""
        params: dict[str, Any] = {
            "inline_query_id": query_id,
            "results": list(results),
            "cache_time": seconds,
            "is_personal": True,
            "next_offset": next_offset,
        }
        if button is not None:
            params["button"] = button
        self.answers.append(("answerInlineQuery", params, ""))

    def strip_buttons(self) -> None:
        """Take the buttons off the pressed message, or off the question: it is answered."""
        asked = self.question_id if self.screen_id is None else self.screen_id
        if asked is not None:
            params = {"chat_id": self.id, "message_id": asked}
            self.answers.append(("editMessageReplyMarkup", params, ""))

    def delete(self, message_id: int) -> None:
        self.answers.append(("deleteMessage", {"chat_id": self.id, "message_id": message_id}, ""))

    def contact(self, phone: str, name: str) -> None:
        """A contact card: a tap on it calls, as Telegram takes no tel: links."""
        params = {"chat_id": self.id, "phone_number": phone, "first_name": name[:64] or phone}
        self.answers.append(("sendContact", params, ""))

    def document(self, name: str, content: bytes, caption: str = "") -> None:
        """A file, such as a table of figures. Raises ValueError above DOCUMENT_LIMIT.

        The bytes stand in the answer as base64, {"name": ..., "base64": ...}, and thus in the journal until
        it forgets the update: after a crash the very same file is sent, whatever has changed meanwhile. That
        fits files of our own making, which are small; bot/telegram/calls.py turns them into an upload.
        """
        if len(content) > DOCUMENT_LIMIT:
            raise ValueError("a document is too big for the journal")
        file = {"name": name, "base64": base64.b64encode(content).decode()}
        params = {"chat_id": self.id, "document": file, "caption": caption[:CAPTION_LIMIT]}
        self.answers.append(("sendDocument", params, ""))

    def picture(self, png: bytes, caption: str, rows: Rows = (), slot: str = "") -> None:
        """A picture with HTML below and buttons. In place of the pressed picture, if one was pressed.

        Raises ValueError above DOCUMENT_LIMIT; as `document` it travels in the journal.
        """
        if len(png) > DOCUMENT_LIMIT:
            raise ValueError("a picture is too big for the journal")
        file = {"name": "picture.png", "base64": base64.b64encode(png).decode()}
        text = {"caption": caption[:CAPTION_LIMIT], "parse_mode": "HTML"}
        keyboard = Screen("", rows).as_params().get("reply_markup")
        params: dict[str, Any] = {"chat_id": self.id} | ({"reply_markup": keyboard} if keyboard else {})
        if self.media_id is None:
            self.answers.append(("sendPhoto", {**params, "photo": file, **text}, slot))
            return
        media = {"type": "photo", "media": file, **text}
        edit = {**params, "message_id": self.media_id, "media": media}
        self.answers.append(("editMessageMedia", edit, slot))

    def media(self, kind: FileKind, file_id: str, caption: str = "") -> None:
        """A file that Telegram has, shown as what it is: a voice note can be played. `caption` is plain."""
        method, name = MEDIA[kind]
        params: dict[str, Any] = {"chat_id": self.id, name: file_id}
        if caption and kind is not FileKind.VIDEO_NOTE:
            params["caption"] = caption[:CAPTION_LIMIT]
        self.answers.append((method, params, ""))

    def upload(self, name: str, content: bytes | Path, caption: str = "") -> None:
        """A file of any size, in memory or on disk: for follow-ups only, whose answers are kept nowhere. A
        file on disk is deleted once it is out."""
        if isinstance(content, Path):
            file = {"name": name, "path": str(content)}
        else:
            file = {"name": name, "base64": base64.b64encode(content).decode()}
        params = {"chat_id": self.id, "document": file, "caption": caption[:CAPTION_LIMIT]}
        self.answers.append(("sendDocument", params, ""))

    def discard_files(self) -> None:
        """Delete the files on disk that `upload` was given: they are out."""
        for _method, params, _slot in self.answers:
            file = params.get("document")
            if isinstance(file, dict) and "path" in file:
                Path(file["path"]).unlink(missing_ok=True)

    def set_commands(self, commands: Sequence[tuple[str, str]]) -> None:
        """The menu that Telegram shows beside the input of this chat: (command, description)."""
        menu = [{"command": name, "description": text} for name, text in commands]
        params = {"commands": menu, "scope": {"type": "chat", "chat_id": self.id}}
        self.answers.append(("setMyCommands", params, ""))

    def then(self, work: FollowUp) -> None:
        """Do `work` once the answers are out, outside any transaction: asking a CRM, for example.

        It is not repeated after a crash, so it must be something a person can start again.
        """
        self.follow_ups.append(work)

    def finish(self) -> str | None:
        """All answers as JSON for the journal; every pressed button is answered, if only with silence."""
        if self.callback_id is not None:
            self.answers.insert(0, ("answerCallbackQuery", {"callback_query_id": self.callback_id}, ""))
            self.callback_id = None
        return json.dumps(self.answers, ensure_ascii=False) if self.answers else None
