"""The forms of /fields: a new field, another name, other choices."""

from typing import Any
from uuid import UUID

from aiogram.fsm.context import FSMContext

from domain.custom_fields import CHOOSING, NAME_LIMIT, CustomField, FieldType, read_choices
from domain.errors import BadInput
from domain.fields import read_text
from domain.members import Member
from handlers.chat import Chat
from handlers.fields.setup_screens import card
from handlers.fields.words import TYPES, type_name
from handlers.forms.forms import Answers, Asking, Form, Question
from handlers.screens import Screen, esc
from locales import _
from services.registry import Services


def _read_name(typed: str, _member: Member) -> str:
    return read_text("field_name", typed, NAME_LIMIT)


def _read_type(typed: str, _member: Member) -> str:
    if typed not in set(FieldType):
        raise BadInput("field_type", "invalid")
    return typed


def _read_choices(typed: str, _member: Member) -> str:
    return "\n".join(read_choices(_pieces(typed)))


def _pieces(typed: str) -> list[str]:
    """One a line; in a single line, between commas."""
    lines = [line for line in typed.splitlines() if line.strip()]
    return lines if len(lines) > 1 else typed.split(",")


def _needs_choices(asking: Asking) -> bool:
    return asking.answers.get("type") in {kind.value for kind in CHOOSING}


def _ask_choices(_asking: Asking) -> str:
    return _("🔘 What can be chosen? One choice a line, or all in one line with commas between.")


async def _finish_add(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, _context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    kind = FieldType(answers["type"])
    choices = answers["choices"].splitlines() if kind in CHOOSING else ()
    one = await services.custom_fields.add(member, answers["name"], kind, choices)
    await _show(chat, member, services, one, _("✅ Added."))


async def _finish_rename(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    one = await services.custom_fields.change(member, UUID(context["field"]), name=answers["name"])
    await _show(chat, member, services, one, _("✏️ Renamed."))


async def _finish_choices(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    chosen = answers["choices"].splitlines()
    one = await services.custom_fields.change(member, UUID(context["field"]), choices=chosen)
    await _show(chat, member, services, one, _("🔘 The choices are kept. What leads have stays as it is."))


async def _show(chat: Chat, member: Member, services: Services, one: CustomField, said: str) -> None:
    known = await services.pipelines_setup.all(member)
    shown = card(one, await services.custom_fields.every(member), known)
    chat.show(Screen(f"{said}\n\n{shown.text}", shown.rows))


def _unchanged() -> str:
    return _("Left as it was.")


ABOUT = {"field_name": "name"}

ADD = Form(
    name="custom_field",
    questions=(
        Question("name", lambda _a: _("🧩 <b>New field.</b> What is it called?"), _read_name),
        Question("type", lambda _a: _("🧩 What does one fill in?"), _read_type,
                 lambda _a: [(type_name(kind), kind.value) for kind in TYPES], typed=False),
        Question("choices", _ask_choices, _read_choices, when=_needs_choices),
    ),
    finish=_finish_add,
    cancelled=_unchanged,
    about=ABOUT,
)  # fmt: skip
RENAME = Form(
    name="fieldname",
    questions=(
        Question("name", lambda asking: _("✏️ What shall “{name}” be called?").format(
            name=esc(asking.context["name"])), _read_name),
    ),
    finish=_finish_rename,
    cancelled=_unchanged,
    about=ABOUT,
)  # fmt: skip
CHOICES = Form(
    name="choices",
    questions=(
        Question("choices", lambda asking: _ask_choices(asking) + "\n\n" + _("Now:\n{choices}").format(
            choices=esc(asking.context["now"])), _read_choices),
    ),
    finish=_finish_choices,
    cancelled=_unchanged,
)  # fmt: skip
FORMS: tuple[Form, ...] = (ADD, RENAME, CHOICES)
