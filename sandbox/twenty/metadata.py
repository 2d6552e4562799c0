"""The data model over the API, in the older envelope and in the newer one."""

import re
from typing import Any

from sandbox.twenty.answers import bad, no_record
from sandbox.twenty.schema import CREATABLE, Field
from sandbox.twenty.state import State

_NAME = re.compile(r"[a-z][a-zA-Z0-9]{0,62}")
_OPTION = re.compile(r"[A-Z][A-Z0-9_]{0,62}")


def objects(state: State) -> dict[str, Any]:
    found = [one.shown() for one in state.objects.values()]
    info = {"hasNextPage": False, "startCursor": None, "endCursor": None}
    if state.ways.new_metadata:
        return {"data": found, "pageInfo": info}
    return {"data": {"objects": found}, "pageInfo": info, "totalCount": len(found)}


def create_field(state: State, body: Any) -> dict[str, Any]:
    """Add a field to an object. Refusal 400, 404."""
    if not isinstance(body, dict):
        raise bad("Request body must be an object")
    about = next((one for one in state.objects.values() if one.id == body.get("objectMetadataId")), None)
    if about is None:
        raise no_record()
    name, kind = str(body.get("name") or ""), str(body.get("type") or "")
    if not _NAME.fullmatch(name):
        raise bad(f'Name "{name[:60]}" is not valid: it must be camelCase and Latin')
    if name in about.fields:
        raise bad(f'Name "{name}" is not available as it is already used by another field')
    if kind not in CREATABLE:
        raise bad(f"type must be one of {', '.join(sorted(CREATABLE))}")
    made = Field(
        name,
        kind,
        str(body.get("label") or name),
        options=_options(kind, body.get("options")),
        custom=True,
        unique=body.get("isUnique") is True,
        nullable=body.get("isNullable") is not False,
    )
    state.put_field(about.singular, made)
    return made.shown() if state.ways.new_metadata else {"data": {"createOneField": made.shown()}}


def _options(kind: str, sent: Any) -> tuple[tuple[str, str], ...]:
    if kind not in ("SELECT", "MULTI_SELECT"):
        return ()
    options = [one for one in sent or () if isinstance(one, dict)] if isinstance(sent, list) else []
    if not options:
        raise bad("Options are required for enum fields")
    for one in options:
        if not _OPTION.fullmatch(str(one.get("value"))):
            raise bad(f'Value "{str(one.get("value"))[:60]}" must be in UPPER_CASE and follow snake_case')
    return tuple((str(one["value"]), str(one.get("label") or one["value"])) for one in options)
