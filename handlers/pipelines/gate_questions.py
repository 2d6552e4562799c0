"""What a stage asks of a lead before it comes: the missing fields one at a time, and why it is lost."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from domain.errors import BadInput
from domain.fields import read_note
from domain.leads import Stage, StageKind
from domain.members import Member
from domain.pipelines import CUSTOM
from handlers.fields.questions import FIELDS, PIPELINE, pack, question_of, unpack
from handlers.forms.forms import Asking, Question
from handlers.leads import lead_fields
from handlers.pipelines.words import reason_word, stage_name
from handlers.screens import esc
from locales import N_, _
from services.leads.lead_care import PICKED
from services.registry import Services

REASON = "reason"
MARK = "#"
"""Before the place of an offered value or reason, in a button."""

ASKED = {
    **lead_fields.ASKED,
    "name": N_("👤 What is the person's name?"),
    "phone": N_("📞 What is the phone? Type it or send a contact card."),
    "email": N_("✉️ What is the e-mail?"),
    "amount": N_("💰 What is the amount? For example: 3 million"),
    "note": N_("📝 Write a note: what is wanted, and what was agreed?"),
}
"""What is asked of a lead that has nothing there yet."""


async def gate(services: Services, member: Member, stage: Stage, needed: Sequence[str]) -> Mapping[str, Any]:
    """The stage and what it asks for, as a form's context keeps it."""
    fields = await services.custom_fields.for_member(member, stage.pipeline_id)
    asked = [one for one in fields if one.path in needed]
    pipelines = await services.pipeline.pipelines(member)
    own = next((one for one in pipelines if one.id == stage.pipeline_id), None)
    failed = stage.kind is StageKind.FAILED
    return {
        "stage": str(stage.id),
        "stage_name": stage_name(stage),
        "needed": list(needed),
        "offers": {
            name: list(await services.lead_care.in_use(member, name)) for name in needed if name in PICKED
        },
        "reasons": list(own.reasons) if failed and own is not None else [],
        "failed": failed,
        FIELDS: pack(asked),
        PIPELINE: str(stage.pipeline_id or ""),
    }


def questions(asking: Asking) -> list[Question]:
    """One for each field that lacks, then the reason."""
    own = {one.path: one for one in unpack(asking.context.get(FIELDS, ()))}
    found = [
        _of_own(question_of(own[name], optional=False)) if name in own else _of_ours(name)
        for name in asking.context["needed"]
        if name in own or not name.startswith(CUSTOM)
    ]
    return [*found, _why()] if asking.context["failed"] else found


def _of_own(question: Question) -> Question:
    return replace(question, text=lambda asking: _asked(asking, question.text(asking)))


def _of_ours(name: str) -> Question:
    read = lead_fields.reader(name)

    def checked(typed: str, member: Member) -> str:
        value = typed if typed.startswith(MARK) else read(typed, member)
        if not value.strip():
            raise BadInput(name, "required")
        return value

    def choices(asking: Asking) -> list[tuple[str, str]]:
        offers = asking.context["offers"].get(name, ())
        return [(value[:40], f"{MARK}{place}") for place, value in enumerate(offers)]

    def text(asking: Asking) -> str:
        head = f"<b>{asking.context['title']}</b>\n{_(ASKED[name])}"
        return _asked(asking, head)

    return Question(name, text, checked, choices)


def _asked(asking: Asking, text: str) -> str:
    """The question under what was wrong with the answer before, and why it is asked."""
    why = _("“{stage}” needs this:").format(stage=esc(asking.context["stage_name"]))
    slip = asking.context.get("slip")
    return "\n".join([*([f"❗ {esc(slip)}", ""] if slip else []), why, text])


def _why() -> Question:
    return Question(REASON, _ask_why, _read_reason, _reasons)


def _ask_why(asking: Asking) -> str:
    text = _("🚫 Why “{stage}”? Choose or type the reason: the sender will see it.")
    return f"<b>{asking.context['title']}</b>\n" + text.format(stage=esc(asking.context["stage_name"]))


def _read_reason(typed: str, _member: Member) -> str:
    text = read_note(typed)
    if not text:
        raise BadInput("reason", "required")
    return text


def chosen_reason(answer: str, context: Mapping[str, Any]) -> str:
    """The reason in words: one of the pipeline's own by its place, or as it was typed."""
    place, reasons = answer.removeprefix(MARK), context["reasons"]
    if answer.startswith(MARK) and place.isdecimal() and int(place) < len(reasons):
        return reason_word(reasons[int(place)])
    return answer


def _reasons(asking: Asking) -> list[tuple[str, str]]:
    return [(reason_word(one), f"{MARK}{place}") for place, one in enumerate(asking.context["reasons"])]


def written(name: str, answer: str, context: Mapping[str, Any]) -> str | Decimal:
    """The value for the lead out of an answer: typed, or picked among those in use."""
    if answer.startswith(MARK) and name in context["offers"]:
        place = answer.removeprefix(MARK)
        offers = context["offers"][name]
        if not place.isdigit() or int(place) >= len(offers):
            raise BadInput(name, "invalid")
        return str(offers[int(place)])
    return Decimal(answer) if name == "amount" else answer
