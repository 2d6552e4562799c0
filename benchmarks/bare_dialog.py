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

    async def to(self, message: Message) -> None:
        rows = [
            [InlineKeyboardButton(text=label, callback_data=data) for label, data in row] for row in self.rows
        ]
        await message.answer(
            self.text,
            parse_mode="HTML",
            link_preview_options=LinkPreviewOptions(is_disabled=True),
            reply_markup=InlineKeyboardMarkup(inline_keyboard=rows),
        )


class LeadForm(StatesGroup):
    phone = State()
    name = State()
    amount = State()
    note = State()


class BareDialog:
    """Answers every step with the words the product uses, given by the step's name."""

    def __init__(self, replies: Mapping[str, Reply]) -> None:
        self.replies = replies

    async def new(self, message: Message, state: FSMContext) -> None:
        await state.set_state(LeadForm.phone)
        await self.replies["new"].to(message)

    async def phone(self, message: Message, state: FSMContext) -> None:
        await state.update_data(phone=message.text)
        await state.set_state(LeadForm.name)
        await self.replies["phone"].to(message)

    async def name(self, message: Message, state: FSMContext) -> None:
        await state.update_data(name=message.text)
        await state.set_state(LeadForm.amount)
        await self.replies["name"].to(message)

    async def amount(self, message: Message, state: FSMContext) -> None:
        await state.update_data(amount=message.text)
        await state.set_state(LeadForm.note)
        await self.replies["amount"].to(message)

    async def cancel(self, message: Message, state: FSMContext) -> None:
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
