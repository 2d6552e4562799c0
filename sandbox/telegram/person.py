"""A person with the chat app in hand, for tests: says things, presses buttons, waits for what comes."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import aiohttp

from .errors import Json
from .seen import Message, number_of, place_of, shown

if TYPE_CHECKING:
    from .control import Control

TYPES = {
    "photo": "image/png",
    "voice": "audio/ogg",
    "sticker": "image/webp",
    "document": "application/octet-stream",
    "video_note": "video/mp4",
}
STICKER = b"RIFF\x1a\x00\x00\x00WEBPVP8L\r\x00\x00\x00/\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"
# One blue pixel.
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000"
    "000d49444154789c63309ef0e63f00055802af235ea4fd0000000049454e44ae426082"
)
PATIENCE = 10.0
ONE_POLL = 20.0


class Refused(Exception):
    """The stand-in would not do it; the text says why."""


class Person:
    """One person. `chat` in every act is a group's id; without it the act is in the private chat."""

    def __init__(self, control: Control, details: Json) -> None:
        self._control = control
        self.id = int(details["id"])
        self.first_name = str(details["first_name"])
        self.phone = str(details.get("phone", ""))
        self._acted_at = 0

    def __repr__(self) -> str:
        return f"Person({self.first_name!r}, {self.id})"

    async def _answer(self, response: aiohttp.ClientResponse) -> Any:
        answer = await response.json()
        if response.status >= 400:
            raise Refused(answer.get("error", str(answer)))
        return answer

    async def _get(self, path: str, **query: object) -> Any:
        params = {name: str(value) for name, value in query.items() if value is not None}
        url = f"{self._control.url}/people/{self.id}/{path}"
        async with self._control.session.get(url, params=params) as response:
            return await self._answer(response)

    async def act(self, name: str, **body: object) -> Json:
        """Do one act of the people's API; returns its result."""
        url = f"{self._control.url}/people/{self.id}/{name}"
        given = {key: value for key, value in body.items() if value is not None}
        async with self._control.session.post(url, json=given) as response:
            answer = await self._answer(response)
        self._acted_at = int(answer["version"])
        result: Json = answer["result"]
        return result

    # What they write

    async def start(self, payload: str | None = None) -> Message:
        """Open the bot, by a deep link when there is a payload."""
        return self._own(await self.act("start", payload=payload))

    async def say(
        self, text: str, *, chat: int | None = None, reply_to: int | None = None, topic: int | None = None
    ) -> Message:
        return self._own(await self.act("say", text=text, chat=chat, reply_to=reply_to, thread=topic))

    async def share_contact(self, phone: str | None = None) -> Message:
        """Their own contact, as the request_contact button does it."""
        return self._own(await self.act("share-contact", phone=phone))

    async def send_contact(self, name: str, phone: str, *, vcard: str | None = None) -> Message:
        """Somebody else's contact card."""
        return self._own(await self.act("contact", first_name=name, phone_number=phone, vcard=vcard))

    async def send_location(self, latitude: float, longitude: float) -> Message:
        return self._own(await self.act("location", latitude=latitude, longitude=longitude))

    async def send_file(
        self, kind: str, name: str, data: bytes, *, caption: str = "", content_type: str | None = None,
        reply_to: Message | int | None = None,
    ) -> Message:  # fmt: skip
        """kind: document, photo, voice, sticker, audio, video, animation, video_note."""
        replied = {"reply_to": str(number_of(reply_to))} if reply_to is not None else {}
        form = aiohttp.FormData({"kind": kind, "caption": caption, **replied}, quote_fields=False)
        form.add_field("file", io.BytesIO(data), filename=name, content_type=content_type or TYPES.get(kind))
        url = f"{self._control.url}/people/{self.id}/media"
        async with self._control.session.post(url, data=form) as response:
            answer = await self._answer(response)
        self._acted_at = int(answer["version"])
        return self._own(answer["result"])

    async def send_document(self, name: str, data: bytes, *, caption: str = "") -> Message:
        return await self.send_file("document", name, data, caption=caption)

    async def send_photo(self, data: bytes = PICTURE, *, caption: str = "") -> Message:
        return await self.send_file("photo", "photo.png", data, caption=caption)

    async def send_voice(self, data: bytes = b"OggS") -> Message:
        return await self.send_file("voice", "voice.ogg", data)

    async def send_video_note(self, data: bytes = b"ftyp") -> Message:
        return await self.send_file("video_note", "note.mp4", data)

    async def send_sticker(self) -> Message:
        return await self.send_file("sticker", "sticker.webp", STICKER)

    async def forward(self, text: str = "", *, from_name: str = "", **more: object) -> Message:
        """Something written by somebody else; from_person=id, phone_number=..., first_name=... also go."""
        return self._own(await self.act("forward", text=text, from_name=from_name, **more))

    async def edit(self, message: Message | int, text: str) -> Message:
        return self._own(await self.act("edit", message_id=number_of(message), text=text))

    def _own(self, raw: Json) -> Message:
        return Message({"from_bot": False, "edits": [], "version": self._acted_at, **raw})

    # What they press

    async def press(
        self,
        label: str,
        message: Message | int | None = None,
        *,
        chat: int | None = None,
        timeout: float = PATIENCE,  # noqa: ASYNC109
    ) -> str | None:
        """Press the button whose data is `label` or whose label contains it.

        The newest message that has one counts, or the reply keyboard; waits for it to appear. Returns
        the callback query's id (None for a reply-keyboard button). AssertionError when it does not come.
        """
        wanted = None if message is None else number_of(message)
        end = asyncio.get_running_loop().time() + timeout
        while True:
            left = end - asyncio.get_running_loop().time()
            seen = await self._wait(lambda view: place_of(view, label, wanted) is not None, left, chat)
            place = place_of(seen, label, wanted)
            if place is None:
                raise AssertionError(f"{self!r} finds no button {label!r}\n{shown(seen)}")
            try:
                result = await self.act(str(place.pop("act")), chat=chat, **place)
                break
            except Refused:
                # the bot has put other buttons there meanwhile: look again, as a person would
                if left <= 0:
                    raise
        query_id = result.get("query_id")
        return None if query_id is None else str(query_id)

    async def answer(self, query_id: str | None, timeout: float = PATIENCE) -> Json:  # noqa: ASYNC109
        """The bot's answer to a pressed button: text, show_alert, url. AssertionError without one."""
        found = (await self._get("toasts", query_id=query_id, timeout=timeout))["toasts"]
        if not found:
            raise AssertionError(f"the bot has not answered the callback query {query_id}")
        last: Json = found[-1]
        return last

    async def toasts(self) -> list[Json]:
        """Every answer to this person's callback queries, oldest first."""
        found: list[Json] = (await self._get("toasts"))["toasts"]
        return found

    async def block(self) -> None:
        await self.act("block")

    async def unblock(self) -> None:
        await self.act("unblock")

    async def deactivate(self) -> None:
        await self.act("deactivate")

    async def inline(self, query: str, timeout: float = PATIENCE) -> list[Json]:  # noqa: ASYNC109
        """Ask the bot inline; its results."""
        query_id = (await self.act("inline", query=query))["query_id"]
        found: list[Json] = (await self._get(f"inline/{query_id}", timeout=timeout))["results"]
        return found

    # What they see

    async def view(self, chat: int | None = None) -> Json:
        """The whole chat: messages, keyboard, commands, action, pinned, blocked, unread, version."""
        found: Json = await self._get("messages", chat=chat)
        return found

    async def messages(self, chat: int | None = None) -> list[Message]:
        return [Message(raw) for raw in (await self.view(chat))["messages"]]

    async def last(self, chat: int | None = None) -> Message:
        """The newest message of the bot. AssertionError when there is none."""
        found = [message for message in await self.messages(chat) if message.from_bot]
        if not found:
            raise AssertionError(f"the bot has written nothing to {self!r}")
        return found[-1]

    async def keyboard(self, chat: int | None = None) -> list[list[str]]:
        """Labels of the reply keyboard now shown; empty without one."""
        keyboard = (await self.view(chat))["keyboard"]
        rows = [] if keyboard is None else keyboard["keyboard"]
        return [[key if isinstance(key, str) else key["text"] for key in row] for row in rows]

    async def commands(self) -> dict[str, str]:
        """The commands menu this person sees: command -> description."""
        return {c["command"]: c["description"] for c in (await self.view())["commands"]}

    async def download(self, file_id: str) -> bytes:
        """The bytes of a file in the chat."""
        url = f"{self._control.url}/people/files/{file_id}"
        async with self._control.session.get(url) as response:
            if response.status >= 400:
                raise Refused("there is no such file")
            return await response.read()

    async def until(
        self,
        ready: Callable[[list[Message]], bool],
        timeout: float = PATIENCE,  # noqa: ASYNC109
        *,
        chat: int | None = None,
    ) -> list[Message]:
        """Wait until `ready(messages)` holds. AssertionError with the chat's content after `timeout` s."""

        def holds(view: Json) -> bool:
            return ready([Message(raw) for raw in view["messages"]])

        seen = await self._wait(holds, timeout, chat)
        if not holds(seen):
            raise AssertionError(f"{self!r} waited {timeout} s in vain\n{shown(seen)}")
        return [Message(raw) for raw in seen["messages"]]

    async def sees(
        self,
        text: str,
        timeout: float = PATIENCE,  # noqa: ASYNC109
        *,
        chat: int | None = None,
    ) -> Message:
        """The newest message of the bot whose current text contains `text`, waited for."""
        return await self._newest(text, 0, timeout, chat)

    async def gets(
        self,
        text: str = "",
        timeout: float = PATIENCE,  # noqa: ASYNC109
        *,
        chat: int | None = None,
    ) -> Message:
        """Like `sees`, but only what the bot wrote or edited since this person's last act."""
        return await self._newest(text, self._acted_at, timeout, chat)

    async def _newest(self, text: str, since: int, patience: float, chat: int | None) -> Message:
        def fits(message: Message) -> bool:
            return message.from_bot and message.version > since and text in message.text

        try:
            found = await self.until(lambda all_: any(map(fits, all_)), patience, chat=chat)
        except AssertionError as error:
            raise AssertionError(f"no message with {text!r}: {error}") from None
        return [message for message in found if fits(message)][-1]

    async def _wait(self, ready: Callable[[Json], bool], patience: float, chat: int | None) -> Json:
        loop = asyncio.get_running_loop()
        end = loop.time() + patience
        seen = await self.view(chat)
        while not ready(seen) and (left := end - loop.time()) > 0:
            seen = await self._get("wait", version=seen["version"], timeout=min(left, ONE_POLL), chat=chat)
        return seen
