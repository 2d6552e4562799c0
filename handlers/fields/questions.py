"""Questions of a form that ask for an organization's own fields.

A form keeps the fields in its context, as they were when it was begun: under FIELDS a list made by `pack`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from domain.custom_fields import CustomField, FieldType
from domain.custom_values import NO, YES, read_value
from domain.errors import BadInput
from domain.members import Member
from handlers.fields.words import HINTS, yes_no
from handlers.forms.forms import Answers, Asking, Question
from handlers.incoming_files import MARK, unpacked
from handlers.screens import esc
from handlers.words import known_answers
from locales import _

FIELDS = "fields"
PIPELINE = "pipeline"
"""In a form's context or answers: the id of the pipeline whose fields are asked for."""


def pack(fields: Sequence[CustomField]) -> list[dict[str, Any]]:
    """Fields as JSON, for a form to keep."""
    return [
        {
            "id": str(one.id),
            "key": one.key,
            "name": one.name,
            "type": one.type.value,
            "choices": list(one.choices),
            "required": one.required,
            "pipeline": str(one.pipeline_id or ""),
        }
        for one in fields
    ]


def unpack(packed: Sequence[dict[str, Any]]) -> list[CustomField]:
    return [
        CustomField(
            id=UUID(one["id"]),
            key=one["key"],
            name=one["name"],
            type=FieldType(one["type"]),
            choices=tuple(one["choices"]),
            required=one["required"],
            pipeline_id=UUID(one["pipeline"]) if one["pipeline"] else None,
        )
        for one in packed
    ]


def further(asking: Asking) -> list[Question]:
    """A question for each field in the form's context: give it to Form.further."""
    return [question_of(one) for one in unpack(asking.context.get(FIELDS, ()))]


def question_of(one: CustomField, *, optional: bool | None = None) -> Question:
    """Asks for one field. The answer is kept as typed: the use case reads it. Its key is "custom.<key>"."""
    return Question(
        one.path,
        lambda asking: _ask(one, asking),
        _reader(one),
        lambda _asking: choices_of(one),
        optional=not one.required if optional is None else optional,
        typed=one.type is not FieldType.FILE,
        width=2 if one.type is FieldType.YES_NO else 1,
        when=lambda asking: one.belongs_to(_pipeline_of(asking)),
        given=_given if one.type is FieldType.FILE else None,
        many=one.type is FieldType.CHOICES,
        file=one.type is FieldType.FILE,
    )


def choices_of(one: CustomField) -> list[tuple[str, str]]:
    """Answers by button: what the button says, and its value."""
    if one.type is FieldType.YES_NO:
        return [(yes_no(True), f"#{YES}"), (yes_no(False), f"#{NO}")]
    return [(choice, f"#{place}") for place, choice in enumerate(one.choices)]


def typed_values(answers: Answers) -> dict[str, str]:
    """What a form's answers say of fields, by key; files are left out."""
    return {
        key.partition(".")[2]: typed
        for key, typed in answers.items()
        if key.startswith("custom.") and not typed.startswith(MARK)
    }


def files_in(answers: Answers) -> Mapping[str, str]:
    """The files among a form's answers, by the field's key, as unpacked() reads them."""
    return {
        key.partition(".")[2]: typed
        for key, typed in answers.items()
        if key.startswith("custom.") and typed.startswith(MARK)
    }


def _pipeline_of(asking: Asking) -> UUID | None:
    chosen = asking.answers.get(PIPELINE) or asking.context.get(PIPELINE) or ""
    try:
        return UUID(chosen)
    except ValueError:
        return None


def _ask(one: CustomField, asking: Asking) -> str:
    head = f"<b>{asking.context['title']}</b>\n" if asking.context.get("title") else ""
    now = asking.context.get("now")
    shown = "\n" + _("Now: {value}").format(value=now) if now else ""
    return f"{head}🧩 <b>{esc(one.name)}</b>\n{_(HINTS[one.type])}{shown}"


def _reader(one: CustomField) -> Callable[[str, Member], str]:
    by_button = {value: choice for choice, value in choices_of(one)}
    if one.type is FieldType.YES_NO:
        by_button = {f"#{YES}": YES, f"#{NO}": NO}

    def read(typed: str, member: Member) -> str:
        if one.type is FieldType.FILE:
            unpacked(typed)
            return typed
        text = "; ".join(by_button.get(piece, piece) for piece in typed.split("; "))
        if not read_value(one, text, member.region, known_answers()) and one.required:
            raise BadInput(f"custom_{one.type}", "required", name=one.name)
        return text

    return read


def _given(asking: Asking) -> str:
    return "➡️ 📎"
