"""The form engine: questions as data, answers kept as typed until the form has succeeded.

The dialog's state is "form:<form>:<question>", its data {"form": name, "answers": {question: typed},
"context": {...}}. A wrong answer is explained and asked again; Back returns to the question before;
nothing is dropped before `finish` has returned. Answers are read once more at the end, by the use case
itself. A form's hooks get every service: `finish(chat, state, member, answers, context, services)`.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from aiogram.fsm.context import FSMContext
from aiogram.types import Contact

from domain.errors import BadInput
from domain.members import Member
from domain.phones import show_phone
from domain.slots import QUESTION
from handlers.buttons import FormButton, MenuButton
from handlers.chat import Chat
from handlers.errors import in_words
from handlers.forms.form_ticks import ticked_rows
from handlers.screens import NO_KEYBOARD, Button, Screen, contact_keyboard, esc, grid
from locales import _
from services.registry import Services

Answers = dict[str, str]
CHOICE_LIMIT = 20
GIVEN_ROOM = 300


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
    `when` leaves the question out; `contact` offers the share-my-phone keyboard, and `own_contact` takes
    nobody else's. `beside` are buttons that lead elsewhere. `given` words the answer for the message that
    asked, as HTML, where it should not stand there as it was typed. The answer to a `secret` question is
    deleted from the chat and sealed before it is kept: `finish` opens it with integrations.open_secret.
    `sensitive` tells of a typed text that it holds a secret though none was asked for: it is deleted too.
    Of `many` choices several are ticked; what is read are their values with "; " between. A `file` question
    takes a photo, a document or a voice note: what is read is handlers.incoming_files.packed.
    """

    key: str
    text: Callable[[Asking], str]
    read: Callable[[str, Member], str] = lambda typed, _member: typed.strip()
    choices: Callable[[Asking], Sequence[tuple[str, str]]] = lambda _asking: ()
    optional: bool = False
    typed: bool = True
    contact: bool = False
    own_contact: bool = False
    secret: bool = False
    sensitive: Callable[[str], bool] = lambda _typed: False
    width: int = 2
    when: Callable[[Asking], bool] = lambda _asking: True
    beside: Callable[[Asking], Sequence[Button]] = lambda _asking: ()
    given: Callable[[Asking], str] | None = None
    many: bool = False
    file: bool = False


Finish = Callable[[Chat, FSMContext, Member, Answers, dict[str, Any], Services], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Form:
    """`finish` gets every answer; the dialog is cleared only after it has returned.

    `after` may look at an answer as soon as it is given, and takes the conversation over by setting
    another state; `after_each` looks at those that `after` does not name. `further`
    are questions that depend on the context: an organization's own fields.
    `about` names the question of a field that a use case complains of, where the names differ.
    `from_contact` tells what else a shared contact card answers, and what of it goes into
    the context. A `mandatory` form has no Cancel: leaving it keeps the answers for `resume`. A
    `numbered` one shows how far the person is: "2/4".
    """

    name: str
    questions: tuple[Question, ...]
    finish: Finish
    cancelled: Callable[[], str]
    after: Mapping[str, Finish] = field(default_factory=dict)
    after_each: Finish | None = None
    from_contact: Callable[[Contact, Member], tuple[Answers, dict[str, Any]]] | None = None
    mandatory: bool = False
    numbered: bool = False
    further: Callable[[Asking], Sequence[Question]] = lambda _asking: ()
    about: Mapping[str, str] = field(default_factory=dict)

    def asks(self, asking: Asking) -> tuple[Question, ...]:
        """Every question there may be, in order."""
        return (*self.questions, *self.further(asking))

    def question(self, key: str, asking: Asking | None = None) -> Question | None:
        """One question; those of `further` only where it is told what to look at."""
        known = self.questions if asking is None else self.asks(asking)
        return next((one for one in known if one.key == key), None)


def state_of(form: str, question: str) -> str:
    return f"form:{form}:{question}"


async def start(
    form: Form, chat: Chat, state: FSMContext, member: Member, services: Services,
    context: dict[str, Any] | None = None, answers: Answers | None = None,
) -> None:  # fmt: skip
    """Begin (or resume with `answers` already known) and ask the first open question."""
    data = {"form": form.name, "answers": answers or {}, "context": context or {}}
    await state.set_data(data)
    await advance(form, chat, state, member, services)


async def resume(form: Form, chat: Chat, state: FSMContext, member: Member, services: Services) -> bool:
    """Go on with the form where it was left; False when this dialog holds nothing of it."""
    data = await state.get_data()
    if data.get("form") != form.name:
        return False
    await advance(form, chat, state, member, services)
    return True


async def advance(
    form: Form, chat: Chat, state: FSMContext, member: Member, services: Services,
    answered: tuple[str, str] | None = None,
) -> None:  # fmt: skip
    """Ask the next unanswered question, or finish. `answered` is the question before, and its answer."""
    data = await state.get_data()
    asking = Asking(member, data["answers"], data["context"])
    for question in form.asks(asking):
        if question.key not in asking.answers and question.when(asking):
            await state.set_state(state_of(form.name, question.key))
            if question.contact and chat.screen_id is not None:
                # it must be a new message: the pressed one stays above it
                chat.settle(*answered) if answered else chat.strip_buttons()
            chat.show(screen(form, question, asking))
            return
    try:
        await form.finish(chat, state, member, asking.answers, asking.context, services)
    except BadInput as error:
        await _ask_again(form, chat, state, member, error)
        return
    await _clear_if_ours(form, state)


async def answer(
    form: Form, key: str, typed: str, chat: Chat, state: FSMContext, member: Member, services: Services
) -> None:
    """Take an answer for question `key`, given by text, button or contact."""
    data = await state.get_data()
    question = form.question(key, Asking(member, data["answers"], data["context"]))
    if question is None:
        return
    try:
        value = question.read(typed, member) if typed or not question.optional else ""
    except BadInput as error:
        ask_again(form, question, Asking(member, data["answers"], data["context"]), chat, in_words(error))
        return
    if question.secret and value:
        value = await services.integrations.seal_secret(member, value)
    data["answers"][key] = value
    asking = Asking(member, data["answers"], data["context"])
    settled = (screen(form, question, asking).text, _given(question, asking, typed))
    if question.contact:
        text = _("✅ Your phone: {phone}. To change it later: /profile")
        chat.say(Screen(text.format(phone=esc(show_phone(value))), reply_keyboard=NO_KEYBOARD))
    elif chat.screen_id is None:
        chat.settle(*settled)
    await state.set_data(data)
    hook = form.after.get(key, form.after_each)
    before = await state.get_state()
    if hook is not None:
        await hook(chat, state, member, data["answers"], data["context"], services)
        if await state.get_state() != before:
            return
    await advance(form, chat, state, member, services, settled)


async def back(
    form: Form, key: str, chat: Chat, state: FSMContext, member: Member, services: Services
) -> None:
    """Return to the question asked before `key`; from the first one, cancel."""
    data = await state.get_data()
    asking = Asking(member, data["answers"], data["context"])
    keys = [one.key for one in form.asks(asking) if one.when(asking)]
    earlier = keys[: keys.index(key)] if key in keys else []
    given = [one for one in earlier if one in asking.answers]
    if not given:
        await cancel(form, chat, state)
        return
    data["answers"].pop(given[-1])
    await state.set_data(data)
    left = form.question(key, asking)
    if left is not None and left.contact:
        chat.say(Screen(_("One step back."), reply_keyboard=NO_KEYBOARD))
    await advance(form, chat, state, member, services)


async def cancel(form: Form, chat: Chat, state: FSMContext) -> None:
    """Leave the form; what was sent before stays sent. A mandatory one keeps its answers for `resume`."""
    current = await state.get_state()
    left = form.question(current.rpartition(":")[2]) if current else None
    await (state.set_state(None) if form.mandatory else state.clear())
    menu = [[Button(_("☰ Menu"), MenuButton(place="main"))]]
    if left is not None and left.contact:
        chat.say(Screen(_("Stopped."), reply_keyboard=NO_KEYBOARD))
    elif chat.screen_id is None:
        chat.strip_buttons()
    chat.show(Screen(form.cancelled(), menu))


def screen(form: Form, question: Question, asking: Asking) -> Screen:
    """The question with its buttons: choices, Skip, Back and Cancel."""

    def button(text: str, do: str, value: str = "") -> Button:
        return Button(text, FormButton(form=form.name, question=question.key, do=do, value=value))

    text = _number(form, question, asking) + question.text(asking)
    if question.contact:
        ways = [_("⬅️ Back")] if form.mandatory else [_("⬅️ Back"), _("✖️ Cancel")]
        return Screen(text, reply_keyboard=contact_keyboard(_("📱 Share my phone"), *ways))
    chosen = question.choices(asking)[:CHOICE_LIMIT]
    rows = grid([button(label, "choose", value) for label, value in chosen], question.width)
    if question.many:
        rows = ticked_rows(question.key, chosen, asking.context, button)
    rows += [[one] for one in question.beside(asking)]
    first = not any(one.key in asking.answers for one in _before(form, question, asking))
    last = [] if first else [button(_("⬅️ Back"), "back")]
    if not form.mandatory:
        last.append(button(_("✖️ Cancel"), "cancel"))
    if question.optional:
        skip = button(_("Skip ➡️"), "skip")
        # three words beside one another are cut on a telephone
        rows, last = ([*rows, [skip]], last) if len(last) > 1 else (rows, [skip, *last])
    return Screen(text, [*rows, last], slot=QUESTION)


def ask_again(form: Form, question: Question, asking: Asking, chat: Chat, text: str) -> None:
    """Say what is wrong, below, with the question's buttons: they go off the message that asked before."""
    if chat.screen_id is not None or not question.contact:
        chat.strip_buttons()
    chat.screen_id = None
    chat.say(replace(screen(form, question, asking), text=text))


def _given(question: Question, asking: Asking, typed: str) -> str:
    """The answer in the message that asked, as HTML."""
    if question.given is not None:
        return question.given(asking)
    if question.secret:
        return "➡️ •••"
    label = next((label for label, value in question.choices(asking) if value == typed), typed)
    return f"➡️ <b>{esc(label[:GIVEN_ROOM])}</b>" if label.strip() else ""


def _before(form: Form, question: Question, asking: Asking) -> list[Question]:
    asked = [one for one in form.asks(asking) if one.when(asking)]
    return asked[: asked.index(question)] if question in asked else []


def _number(form: Form, question: Question, asking: Asking) -> str:
    if not form.numbered:
        return ""
    total = sum(one.when(asking) for one in form.asks(asking))
    return f"<b>{len(_before(form, question, asking)) + 1}/{total}</b>  "


async def _ask_again(form: Form, chat: Chat, state: FSMContext, member: Member, error: BadInput) -> None:
    data = await state.get_data()
    asking = Asking(member, data["answers"], data["context"])
    asked = [one for one in form.asks(asking) if one.when(asking)]
    question = form.question(form.about.get(error.field, error.field), asking) or asked[-1]
    data["answers"].pop(question.key, None)
    await state.set_data(data)
    await state.set_state(state_of(form.name, question.key))
    ask_again(form, question, asking, chat, in_words(error))


async def _clear_if_ours(form: Form, state: FSMContext) -> None:
    current = await state.get_state()
    if current is None or current.startswith(f"form:{form.name}:"):
        await state.clear()
