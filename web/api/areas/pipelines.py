"""Pipelines with their stages, and the board of one."""

from domain.board import BoardFilter
from domain.errors import BadInput, NotFound
from domain.pipelines import Pipeline
from web.api.endpoint import CREATED, Call, Endpoint, Guard
from web.api.models.stages import (
    BoardOut,
    PipelineChange,
    PipelineIn,
    PipelineList,
    PipelineOut,
    column_out,
    pipeline_out,
)

TAG = "pipelines"
FIELDS = {"pipeline": "name"}


async def browse(call: Call) -> PipelineList:
    found = [pipeline_out(one, call.words) for one in await call.services.pipeline.pipelines(call.member)]
    return PipelineList(items=found, total=len(found))


async def get(call: Call) -> PipelineOut:
    for one in await call.services.pipeline.pipelines(call.member):
        if one.id == call.id:
            return _out(call, one)
    raise NotFound(what="pipeline")


async def board(call: Call) -> BoardOut:
    view = await call.services.board.view(call.member, call.id, BoardFilter())
    return BoardOut(
        pipeline_id=view.pipeline.id, columns=[column_out(total, call.words) for total in view.totals]
    )


async def create(call: Call) -> PipelineOut:
    given = call.given(PipelineIn)
    return _out(call, await call.services.pipelines_setup.add(call.member, given.preset, given.name))


async def change(call: Call) -> PipelineOut:
    given, setup = call.given(PipelineChange), call.services.pipelines_setup
    road = await setup.get(call.member, call.id)
    if given.name is not None:
        road = await setup.rename(call.member, call.id, given.name)
    if given.is_default:
        road = await setup.make_default(call.member, call.id)
    if "head_id" in given.model_fields_set:
        try:
            road = await setup.set_head(call.member, call.id, given.head_id)
        except NotFound as error:
            if error.params.get("what") != "member":
                raise
            raise BadInput("head_id", "gone") from None
    return _out(call, road)


async def delete(call: Call) -> None:
    await call.services.pipelines_setup.archive(call.member, call.id)


def _out(call: Call, road: Pipeline) -> PipelineOut:
    return pipeline_out(road, call.words)


GUARD = Guard("stage", get)
ONE, ALL = "/api/pipelines/{id}", "/api/pipelines"

ENDPOINTS = (
    Endpoint(
        "list_pipelines", "GET", ALL, "settings:read", browse, TAG,
        "Pipelines in use with their stages, the default one first", answer=PipelineList,
    ),
    Endpoint(
        "create_pipeline", "POST", ALL, "settings:write", create, TAG, "A new pipeline",
        answer=PipelineOut, body=PipelineIn, status=CREATED, fields=FIELDS, place=ONE,
    ),
    Endpoint("get_pipeline", "GET", ONE, "settings:read", get, TAG, "One pipeline", answer=PipelineOut),
    Endpoint(
        "patch_pipeline", "PATCH", ONE, "settings:write", change, TAG, "Change a pipeline",
        answer=PipelineOut, body=PipelineChange, guard=GUARD, fields=FIELDS,
    ),
    Endpoint(
        "delete_pipeline", "DELETE", ONE, "settings:write", delete, TAG,
        "Take a pipeline out of use; refused while open leads stand there", status=204, guard=GUARD,
    ),
    Endpoint(
        "get_board", "GET", f"{ONE}/board", "leads:read", board, TAG,
        "How many leads stand on each stage, and what they are worth", answer=BoardOut,
    ),
)  # fmt: skip
