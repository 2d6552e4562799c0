"""The form engine: questions as data, answers kept as typed until the form has succeeded.

The dialog's state is "form:<form>:<question>", its data {"answers": {question: typed}, "context": {...}}.
A wrong answer is explained and asked again; Back returns to the question before; nothing is dropped
before `finish` has returned. Answers are read once more at the end, by the use case itself.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from aiogram.fsm.context import FSMContext

from domain.errors import BadInput
from domain.members import Member
from handlers.buttons import FormButton
from handlers.chat import Chat
from handlers.errors import in_words
from handlers.screens import Button, Screen, contact_keyboard, grid
from locales import _

Answers = dict[str, str]
CHOICE_LIMIT = 20


@dataclass(frozen=True, slots=True)
class Asking:
    """What a question may look at when it words itself."""

    member: Member
    answers: Answers
    context: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """One step. `read` raises BadInput for an answer it cannot take; its result is what is kept.

    `choices` are (label, value) pairs shown as buttons; `typed` says whether text is taken as well.
    `when` leaves the question out; `contact` offers the share-my-phone keyboard.
    """

    key: str
    text: Callable[[Asking], str]
    read: Callable[[str, Member], str] = lambda typed, _member: typed.strip()
    choices: Callable[[Asking], Sequence[tuple[str, str]]] = lambda _asking: ()
    optional: bool = False
    typed: bool = True
    contact: bool = False
    width: int = 2
    when: Callable[[Asking], bool] = lambda _asking: True


Finish = Callable[[Chat, FSMContext, Member, Answers, dict[str, Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Form:
    """`finish` gets every answer; the dialog is cleared only after it has returned.

    `after` may look at an answer as soon as it is given and take the conversation over (True).
    """

    name: str
    questions: tuple[Question, ...]
    finish: Finish
    cancelled: Callable[[], str]
    after: Mapping[str, Finish] = field(default_factory=dict)
    mandatory: bool = False

    def question(self, key: str) -> Question | None:
        return next((one for one in self.questions if one.key == key), None)


def state_of(form: str, question: str) -> str:
    return f"form:{form}:{question}"


async def start(
    form: Form, chat: Chat, state: FSMContext, member: Member, context: dict[str, Any] | None = None,
    answers: Answers | None = None,
) -> None:  # fmt: skip
    """Begin (or resume with `answers` already known) and ask the first open question."""
    data = {"answers": answers or {}, "context": context or {}}
    await state.set_data(data)
    await advance(form, chat, state, member)


async def advance(form: Form, chat: Chat, state: FSMContext, member: Member, after: str = "") -> None:
    """Ask the next unanswered question, or finish."""
    data = await state.get_data()
    asking = Asking(member, data["answers"], data["context"])
    for question in form.questions:
        if question.key not in asking.answers and question.when(asking):
            await state.set_state(state_of(form.name, question.key))
            chat.show(screen(form, question, asking))
            return
    try:
        await form.finish(chat, state, member, asking.answers, asking.context)
    except BadInput as error:
        await _ask_again(form, chat, state, member, error)
        return
    await _clear_if_ours(form, state)


async def answer(form: Form, key: str, typed: str, chat: Chat, state: FSMContext, member: Member) -> None:
    """Take an answer for question `key`, given by text, button or contact."""
    question = form.question(key)
    if question is None:
        return
    data = await state.get_data()
    try:
        value = question.read(typed, member) if typed or not question.optional else ""
    except BadInput as error:
        chat.screen_id = None
        asking = Asking(member, data["answers"], data["context"])
        again = screen(form, question, asking)
        chat.say(Screen(in_words(error), again.rows, again.reply_keyboard))
        return
    data["answers"][key] = value
    await state.set_data(data)
    hook = form.after.get(key)
    before = await state.get_state()
    if hook is not None:
        await hook(chat, state, member, data["answers"], data["context"])
        if await state.get_state() != before:
            return
    await advance(form, chat, state, member)


async def back(form: Form, key: str, chat: Chat, state: FSMContext, member: Member) -> None:
    """Return to the question asked before `key`; from the first one, cancel."""
    data = await state.get_data()
    asking = Asking(member, data["answers"], data["context"])
    keys = [one.key for one in form.questions if one.when(asking)]
    earlier = keys[: keys.index(key)] if key in keys else []
    given = [one for one in earlier if one in asking.answers]
    if not given:
        await cancel(form, chat, state)
        return
    data["answers"].pop(given[-1])
    await state.set_data(data)
    await advance(form, chat, state, member)


async def cancel(form: Form, chat: Chat, state: FSMContext) -> None:
    """Leave the form; what was sent before stays sent."""
    await state.clear()
    chat.show(Screen(form.cancelled()))


def screen(form: Form, question: Question, asking: Asking) -> Screen:
    """The question with its buttons: choices, Skip, Back and Cancel."""

    def button(text: str, do: str, value: str = "") -> Button:
        return Button(text, FormButton(form=form.name, question=question.key, do=do, value=value))

    text = question.text(asking)
    if question.contact:
        return Screen(text, (), contact_keyboard(_("📱 Share my phone"), _("✖️ Cancel")))
    chosen = question.choices(asking)[:CHOICE_LIMIT]
    rows = grid([button(label, "choose", value) for label, value in chosen], question.width)
    last = [button(_("⬅️ Back"), "back")]
    if question.optional:
        last.append(button(_("Skip ➡️"), "skip"))
    last.append(button(_("✖️ Cancel"), "cancel"))
    return Screen(text, [*rows, last])


async def _ask_again(form: Form, chat: Chat, state: FSMContext, member: Member, error: BadInput) -> None:
    data = await state.get_data()
    question = form.question(error.field) or form.questions[-1]
    data["answers"].pop(question.key, None)
    await state.set_data(data)
    await state.set_state(state_of(form.name, question.key))
    again = screen(form, question, Asking(member, data["answers"], data["context"]))
    chat.say(Screen(in_words(error), again.rows, again.reply_keyboard))


async def _clear_if_ours(form: Form, state: FSMContext) -> None:
    current = await state.get_state()
    if current is None or current.startswith(f"form:{form.name}:"):
        await state.clear()
