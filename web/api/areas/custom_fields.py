"""Fields of the organization's own."""

from domain.custom_fields import CustomField, FieldType
from domain.errors import BadInput
from web.api.endpoint import CREATED, Call, Endpoint
from web.api.models.around import FieldChange, FieldIn, FieldList, FieldOut, field_out

TAG = "custom fields"
FIELDS = {"field_name": "name", "field_key": "key"}


async def browse(call: Call) -> FieldList:
    found = [field_out(one) for one in await call.services.custom_fields.for_member(call.member)]
    return FieldList(items=found, total=len(found))


async def get(call: Call) -> FieldOut:
    return field_out(await call.services.custom_fields.get(call.member, call.id))


async def create(call: Call) -> FieldOut:
    given, fields = call.given(FieldIn), call.services.custom_fields
    one = await fields.add(call.member, given.name, FieldType(given.type), given.choices, given.key)
    if given.required:
        one = await fields.change(call.member, one.id, required=True)
    return field_out(await _placed(call, one, given))


async def change(call: Call) -> FieldOut:
    given, fields = call.given(FieldChange), call.services.custom_fields
    one = await fields.change(
        call.member, call.id, name=given.name, choices=given.choices, required=given.required
    )
    return field_out(await _placed(call, one, given))


async def _placed(call: Call, one: CustomField, given: FieldIn | FieldChange) -> CustomField:
    if "pipeline_id" not in given.model_fields_set:
        return one
    used = {road.id for road in await call.services.pipeline.pipelines(call.member)}
    if given.pipeline_id is not None and given.pipeline_id not in used:
        raise BadInput("pipeline_id", "gone")
    return await call.services.custom_fields.place(call.member, one.id, given.pipeline_id)


async def delete(call: Call) -> None:
    await call.services.custom_fields.archive(call.member, call.id)


ONE, ALL = "/api/custom-fields/{id}", "/api/custom-fields"

ENDPOINTS = (
    Endpoint(
        "list_custom_fields", "GET", ALL, "settings:read", browse, TAG, "Fields that the member sees",
        answer=FieldList,
    ),
    Endpoint(
        "create_custom_field", "POST", ALL, "settings:write", create, TAG, "A new field",
        answer=FieldOut, body=FieldIn, status=CREATED, fields=FIELDS, place=ONE,
    ),
    Endpoint("get_custom_field", "GET", ONE, "settings:read", get, TAG, "One field", answer=FieldOut),
    Endpoint(
        "patch_custom_field", "PATCH", ONE, "settings:write", change, TAG, "Change a field",
        answer=FieldOut, body=FieldChange, fields=FIELDS,
    ),
    Endpoint(
        "delete_custom_field", "DELETE", ONE, "settings:write", delete, TAG,
        "Put a field away; leads keep their values", status=204,
    ),
)  # fmt: skip
