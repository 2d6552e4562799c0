"""What a shared contact card answers in a form besides the question it was sent to."""

from aiogram.fsm.context import FSMContext
from aiogram.types import Contact

from domain.members import Member
from handlers.forms.forms import Form


async def take_contact(form: Form, key: str, contact: Contact, state: FSMContext, member: Member) -> None:
    """Keep what a contact card answers besides question `key`; what was answered before stays."""
    if form.from_contact is None:
        return
    data = await state.get_data()
    answers, context = form.from_contact(contact, member)
    answers.pop(key, None)
    await state.update_data(answers=answers | data["answers"], context=data["context"] | context)
