"""Stages: in their order, and set up by whoever may set up the organization."""

from dataclasses import replace
from uuid import UUID

from domain.errors import BadInput, NotFound
from domain.leads import Stage, StageKind
from web.api.endpoint import CREATED, Call, Endpoint, Guard
from web.api.models.stages import StageChange, StageIn, StageList, StageOut, StagesAsked, stage_out

TAG = "lead stages"
FIELDS = {"stage": "name", "required": "required_fields"}


async def browse(call: Call) -> StageList:
    wanted = call.asked(StagesAsked).pipeline_id
    found = [
        stage_out(one, call.words)
        for one in await call.services.pipeline.stages(call.member)
        if wanted in (None, one.pipeline_id)
    ]
    return StageList(items=found, total=len(found))


async def get(call: Call) -> StageOut:
    return stage_out(await _stage(call, call.id), call.words)


async def create(call: Call) -> StageOut:
    given, setup = call.given(StageIn), call.services.stages_setup
    kind = _kind(given.is_qualified, given.is_failed) or StageKind.OPEN
    pipeline_id = await _pipeline_of(call, given.pipeline_id)
    _pipeline, made = await setup.add(call.member, pipeline_id, given.name, kind)
    if given.color:
        await setup.recolor(call.member, made.id, given.color)
    if given.required_fields:
        await setup.require(call.member, made.id, given.required_fields)
    await _place(call, made, given.order_index)
    return stage_out(await _stage(call, made.id), call.words)


async def change(call: Call) -> StageOut:
    given, setup = call.given(StageChange), call.services.stages_setup
    _pipeline, stage = await setup.get(call.member, call.id)
    if given.name is not None:
        await setup.rename(call.member, stage.id, given.name)
    if given.color:
        await setup.recolor(call.member, stage.id, given.color)
    kind = _kind(given.is_qualified, given.is_failed, stage.kind)
    if kind is not None:
        await setup.mark(call.member, stage.id, kind)
    if given.required_fields is not None:
        await setup.require(call.member, stage.id, given.required_fields)
    await _place(call, stage, given.order_index)
    return stage_out(await _stage(call, stage.id), call.words)


async def delete(call: Call) -> None:
    await call.services.stages_setup.remove(call.member, call.id)


def _kind(qualified: bool | None, failed: bool | None, now: StageKind | None = None) -> StageKind | None:
    """What a stage becomes; None: what it is. Raises BadInput where it would be both."""
    if qualified is None and failed is None:
        return None
    wins = qualified if qualified is not None else now is StageKind.QUALIFIED and not failed
    loses = failed if failed is not None else now is StageKind.FAILED and not qualified
    if wins and loses:
        raise BadInput("is_failed", "invalid")
    return StageKind.QUALIFIED if wins else StageKind.FAILED if loses else StageKind.OPEN


async def _place(call: Call, stage: Stage, wanted: int | None) -> None:
    if wanted is not None:
        pipeline, stage = await call.services.stages_setup.get(call.member, stage.id)
        now = [one.id for one in pipeline.stages].index(stage.id)
        await call.services.stages_setup.shift(call.member, stage.id, wanted - now)


async def _stage(call: Call, stage_id: UUID) -> Stage:
    for one in await call.services.pipeline.stages(call.member):
        if one.id == stage_id:
            return one
    raise NotFound(what="stage")


async def _pipeline_of(call: Call, pipeline_id: UUID | None) -> UUID:
    used = await call.services.pipeline.pipelines(call.member)
    found = [one.id for one in used if pipeline_id in (None, one.id)]
    if not found:
        raise BadInput("pipeline_id", "gone")
    return found[0]


GUARD = Guard("stage", get)
ONE, ALL = "/api/lead-stages/{id}", "/api/lead-stages"

_CHANGE = Endpoint(
    "update_stage", "PUT", ONE, "settings:write", change, TAG, "Change a stage",
    answer=StageOut, body=StageChange, guard=GUARD, fields=FIELDS,
)  # fmt: skip

ENDPOINTS = (
    Endpoint(
        "list_stages", "GET", ALL, "settings:read", browse, TAG, "Stages in their order",
        answer=StageList, query=StagesAsked,
    ),
    Endpoint(
        "create_stage", "POST", ALL, "settings:write", create, TAG, "A new stage",
        answer=StageOut, body=StageIn, status=CREATED, fields=FIELDS, place=ONE,
    ),
    Endpoint("get_stage", "GET", ONE, "settings:read", get, TAG, "One stage", answer=StageOut),
    _CHANGE,
    replace(_CHANGE, name="patch_stage", method="PATCH"),
    Endpoint(
        "delete_stage", "DELETE", ONE, "settings:write", delete, TAG,
        "Take a stage out of use; refused while leads stand there", status=204, guard=GUARD,
    ),
)  # fmt: skip
