"""What admins type about pipelines and stages: names and reasons."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from aiogram.fsm.context import FSMContext

from domain.errors import NotFound, TooLate
from domain.leads import StageKind
from domain.members import Member
from handlers.chat import Chat
from handlers.errors import in_words
from handlers.forms.forms import Answers, Asking, Form, Question
from handlers.pipelines.setup_screens import kind_name, list_screen, pipeline_screen, reasons_screen
from handlers.pipelines.words import reason_word, stage_name
from handlers.screens import esc
from locales import N_, _
from services.registry import Services


async def _finish_new(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    made = await services.pipelines_setup.add(member, context["preset"], answers["pipeline"])
    every = await services.pipelines_setup.all(member)
    chat.show(pipeline_screen(made, every, said=_("✅ The pipeline is ready.")))


async def _finish_rename(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    try:
        renamed = await services.pipelines_setup.rename(
            member, UUID(context["pipeline"]), answers["pipeline"]
        )
    except NotFound as error:
        await _gone(chat, member, services, error)
        return
    chat.show(pipeline_screen(renamed, await services.pipelines_setup.all(member), said=_("✏️ Renamed.")))


async def _finish_stage(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    kind = StageKind(answers["kind"])
    try:
        pipeline, _stage = await services.stages_setup.add(
            member, UUID(context["pipeline"]), answers["stage"], kind
        )
    except NotFound as error:
        await _gone(chat, member, services, error)
        return
    said = _("✅ The stage is there.")
    chat.show(pipeline_screen(pipeline, await services.pipelines_setup.all(member), said=said))


async def _finish_stage_name(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    try:
        pipeline, stage = await services.stages_setup.rename(member, UUID(context["stage"]), answers["stage"])
    except NotFound as error:
        await _gone(chat, member, services, error)
        return
    said = _("✏️ It is called “{stage}” now.").format(stage=esc(stage_name(stage)))
    chat.show(pipeline_screen(pipeline, await services.pipelines_setup.all(member), said=said))


async def _finish_reason(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    try:
        pipeline = await services.pipelines_setup.get(member, UUID(context["pipeline"]))
        shown = [reason_word(one) for one in pipeline.reasons]
        pipeline = await services.pipelines_setup.add_reason(member, pipeline.id, answers["reason"], shown)
    except NotFound as error:
        await _gone(chat, member, services, error)
        return
    chat.show(reasons_screen(pipeline, _("✅ Added.")))


async def _gone(chat: Chat, member: Member, services: Services, error: NotFound | TooLate) -> None:
    """Another admin was faster."""
    chat.show(list_screen(await services.pipelines_setup.all(member), in_words(error)))


def _about(text: str) -> Callable[[Asking], str]:
    return lambda asking: _(text).format(name=asking.context.get("name", ""))


def _unchanged() -> str:
    return _("Left as it was.")


NEW = Form(
    name="pipeline_new",
    questions=(Question("pipeline", _about(N_("🗂 What shall the new pipeline be called?"))),),
    finish=_finish_new,
    cancelled=_unchanged,
)
RENAME = Form(
    name="pipeline_name",
    questions=(Question("pipeline", _about(N_("✏️ What shall “{name}” be called?"))),),
    finish=_finish_rename,
    cancelled=_unchanged,
)
STAGE = Form(
    name="stage_new",
    questions=(
        Question("stage", _about(N_("➕ <b>{name}</b>: what shall the new stage be called?"))),
        Question("kind", _about(N_("🏷 What does it mean that a lead is there?")),
                 choices=lambda _asking: [(kind_name(kind), kind.value) for kind in StageKind],
                 typed=False, width=1),
    ),
    finish=_finish_stage,
    cancelled=_unchanged,
)  # fmt: skip
STAGE_NAME = Form(
    name="stage_name",
    questions=(Question("stage", _about(N_("✏️ What shall the stage “{name}” be called?"))),),
    finish=_finish_stage_name,
    cancelled=_unchanged,
)
REASON = Form(
    name="lost_reason",
    questions=(Question("reason", _about(N_("💬 Word the reason as it shall stand on the button."))),),
    finish=_finish_reason,
    cancelled=_unchanged,
)

ASKS: dict[str, Form] = {"rename": RENAME, "add_stage": STAGE, "add_reason": REASON}
"""What a pipeline's button asks for in words."""

FORMS: tuple[Form, ...] = (NEW, RENAME, STAGE, STAGE_NAME, REASON)
