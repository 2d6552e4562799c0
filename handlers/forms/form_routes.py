"""One road into every form: texts, shared contacts and form buttons go to the form of the dialog's state."""

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from domain.members import Member
from handlers.buttons import FormButton
from handlers.chat import Chat
from handlers.forms import forms
from handlers.forms.form_contacts import take_contact
from handlers.forms.form_ticks import tick, ticked
from handlers.forms.forms import Asking, Form
from handlers.incoming_files import incoming_file, packed
from locales import LANGUAGES, N_, _, translator
from services.registry import Services


class FormRoutes:
    """Knows the forms by name."""

    def __init__(self, known: tuple[Form, ...]) -> None:
        self.known = {form.name: form for form in known}
        if len(self.known) < len(known):
            raise ValueError("two forms have one name: the dialog's state could not tell them apart")

    def router(self) -> Router:
        router = Router(name="forms")
        router.message.register(self.cancel, Command("cancel"), self.in_form)
        router.message.register(self.text, F.text, ~F.text.startswith("/"), self.in_form)
        router.message.register(self.contact, F.contact, self.in_form)
        router.message.register(self.other, ~F.text, ~F.contact, self.in_form)
        router.callback_query.register(self.button, FormButton.filter())
        return router

    async def in_form(self, _event: Message, raw_state: str | None = None) -> bool:
        return self._where(raw_state) is not None

    def _where(self, raw_state: str | None) -> tuple[Form, str] | None:
        if not raw_state or not raw_state.startswith("form:"):
            return None
        _, name, question = raw_state.split(":", 2)
        form = self.known.get(name)
        return (form, question) if form else None

    async def text(
        self,
        message: Message,
        chat: Chat,
        member: Member,
        state: FSMContext,
        raw_state: str,
        services: Services,
    ) -> None:
        """A typed answer."""
        where = self._where(raw_state)
        assert where is not None
        form, key = where
        typed = message.text or ""
        if typed in key_words(N_("✖️ Cancel")):
            await forms.cancel(form, chat, state)
            return
        if typed in key_words(N_("⬅️ Back")):
            await forms.back(form, key, chat, state, member, services)
            return
        question = await self._question(form, key, state, member)
        if question is not None and not question.typed:
            await self._repeat(form, key, _("Please press one of the buttons."), chat, member, state)
            return
        if question is not None and (question.secret or question.sensitive(typed)):
            chat.delete(message.message_id)
        await forms.answer(form, key, typed, chat, state, member, services)

    async def contact(
        self,
        message: Message,
        chat: Chat,
        member: Member,
        state: FSMContext,
        raw_state: str,
        services: Services,
    ) -> None:
        """A shared contact answers a question that asks for a phone."""
        where = self._where(raw_state)
        assert where is not None
        assert message.contact is not None
        form, key = where
        question = await self._question(form, key, state, member)
        if question is None or not (question.contact or key == "phone"):
            await self._repeat(form, key, _("A contact does not fit here."), chat, member, state)
            return
        person = message.from_user
        if question.own_contact and (person is None or message.contact.user_id != person.id):
            text = _("This is somebody else's contact. Please share your own, by the key below.")
            await self._repeat(form, key, text, chat, member, state)
            return
        phone = message.contact.phone_number
        phone = phone if phone.startswith("+") else f"+{phone}"
        await take_contact(form, key, message.contact, state, member)
        await forms.answer(form, key, phone, chat, state, member, services)

    async def other(
        self,
        message: Message,
        chat: Chat,
        member: Member,
        state: FSMContext,
        raw_state: str,
        services: Services,
    ) -> None:
        """A file where one is asked; stickers, voice and the like where a text is."""
        where = self._where(raw_state)
        assert where is not None
        question = await self._question(*where, state, member)
        file = incoming_file(message) if question is not None and question.file else None
        if file is not None:
            await forms.answer(*where, packed(file), chat, state, member, services)
            return
        text = _("I can only read text here. Nothing is lost: please answer in words or by button.")
        await self._repeat(*where, text, chat, member, state)

    async def cancel(self, _message: Message, chat: Chat, state: FSMContext, raw_state: str) -> None:
        where = self._where(raw_state)
        assert where is not None
        await forms.cancel(where[0], chat, state)

    async def button(
        self,
        _query: CallbackQuery,
        callback_data: FormButton,
        chat: Chat,
        member: Member,
        state: FSMContext,
        services: Services,
        raw_state: str | None = None,
    ) -> None:
        """Choose, skip, back, cancel or repeat; a button of a question that is answered says so."""
        where = self._where(raw_state)
        if where is None or (where[0].name, where[1]) != (callback_data.form, callback_data.question):
            # the message keeps its buttons: after a double tap it already shows the next question
            chat.toast(_("This question is already answered. Please go on below."))
            return
        form, key = where
        if callback_data.do == "back":
            await forms.back(form, key, chat, state, member, services)
        elif callback_data.do == "cancel":
            await forms.cancel(form, chat, state)
        elif callback_data.do == "repeat":
            await forms.advance(form, chat, state, member, services)
        elif callback_data.do == "tick":
            await self._tick(form, key, callback_data.value, chat, member, state)
        elif callback_data.do == "ticked":
            typed = ticked((await state.get_data())["context"], key)
            await forms.answer(form, key, typed, chat, state, member, services)
        else:
            await forms.answer(form, key, callback_data.value, chat, state, member, services)

    async def _question(
        self, form: Form, key: str, state: FSMContext, member: Member
    ) -> forms.Question | None:
        data = await state.get_data()
        return form.question(key, Asking(member, data["answers"], data["context"]))

    async def _tick(
        self, form: Form, key: str, value: str, chat: Chat, member: Member, state: FSMContext
    ) -> None:
        """One of several choices more, or less; the question stays."""
        data = await state.get_data()
        asking = Asking(member, data["answers"], data["context"])
        question = form.question(key, asking)
        if question is None or value not in {known for _label, known in question.choices(asking)}:
            return
        tick(data["context"], key, value)
        await state.set_data(data)
        chat.show(forms.screen(form, question, asking))

    async def _repeat(
        self, form: Form, key: str, text: str, chat: Chat, member: Member, state: FSMContext
    ) -> None:
        data = await state.get_data()
        question = form.question(key, Asking(member, data["answers"], data["context"]))
        if question is None:
            return
        forms.ask_again(form, question, Asking(member, data["answers"], data["context"]), chat, text)


def key_words(label: str) -> frozenset[str]:
    """The label of a key in every language: reply keyboards send it as text."""
    return frozenset(translator(language).gettext(label) for language in LANGUAGES)
