"""The floor: the same dialog in plain aiogram with MemoryStorage. It knows no database and no rights."""

from collections.abc import Mapping
from dataclasses import dataclass

from aiogram import Dispatcher, F, Router
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.fsm.storage.memory import MemoryStorage
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions, Message


@dataclass(frozen=True, slots=True)
class Reply:
    """A text and rows of (label, callback data)."""

    text: str
    rows: tuple[tuple[tuple[str, str], ...], ...]

    async def to(self, message: Message) -> int:
        """The id of the message that was sent."""
        rows = [
            [InlineKeyboardButton(text=label, callback_data=data) for label, data in row] for row in self.rows
        ]
        sent = await message.answer(
            self.text,
            parse_mode="HTML",
            link_preview_options=LinkPreviewOptions(is_disabled=True),
            reply_markup=InlineKeyboardMarkup(inline_keyboard=rows),
        )
        return sent.message_id


class LeadForm(StatesGroup):
    phone = State()
    name = State()
    amount = State()
    note = State()


class BareDialog:
    """Answers every step with the words the product uses, given by the step's name."""

    def __init__(self, replies: Mapping[str, Reply]) -> None:
        self.replies = replies

    async def _ask(self, step: str, message: Message, state: FSMContext) -> None:
        asked = await self.replies[step].to(message)
        await state.update_data(asked=asked)

    async def _settle(self, step: str, message: Message, state: FSMContext) -> None:
        """Leave the question that was asked at `step` with its answer, without buttons."""
        assert message.bot is not None
        asked = (await state.get_data())["asked"]
        await message.bot.edit_message_text(
            f"{self.replies[step].text}\n\n➡️ <b>{message.text}</b>",
            chat_id=message.chat.id,
            message_id=asked,
            parse_mode="HTML",
            link_preview_options=LinkPreviewOptions(is_disabled=True),
            reply_markup=InlineKeyboardMarkup(inline_keyboard=[]),
        )

    async def new(self, message: Message, state: FSMContext) -> None:
        await state.set_state(LeadForm.phone)
        await self._ask("new", message, state)

    async def phone(self, message: Message, state: FSMContext) -> None:
        await state.update_data(phone=message.text)
        await state.set_state(LeadForm.name)
        await self._settle("new", message, state)
        await self._ask("phone", message, state)

    async def name(self, message: Message, state: FSMContext) -> None:
        await state.update_data(name=message.text)
        await state.set_state(LeadForm.amount)
        await self._settle("phone", message, state)
        await self._ask("name", message, state)

    async def amount(self, message: Message, state: FSMContext) -> None:
        await state.update_data(amount=message.text)
        await state.set_state(LeadForm.note)
        await self._settle("name", message, state)
        await self._ask("amount", message, state)

    async def cancel(self, message: Message, state: FSMContext) -> None:
        assert message.bot is not None
        asked = (await state.get_data())["asked"]
        await message.bot.edit_message_reply_markup(chat_id=message.chat.id, message_id=asked)
        await state.clear()
        await self.replies["cancel"].to(message)

    def dispatcher(self) -> Dispatcher:
        router = Router()
        router.message.register(self.cancel, Command("cancel"))
        router.message.register(self.new, Command("new"))
        router.message.register(self.phone, LeadForm.phone, F.text)
        router.message.register(self.name, LeadForm.name, F.text)
        router.message.register(self.amount, LeadForm.amount, F.text)
        dispatcher = Dispatcher(storage=MemoryStorage())
        dispatcher.include_router(router)
        return dispatcher
