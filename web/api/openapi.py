"""The OpenAPI 3.1 document, made of the table of endpoints."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from domain.api_keys import SCOPES
from web.api.endpoint import Endpoint
from web.api.models.base import Problem
from web.api.openapi_doors import SCHEMES, doors
from web.api.openapi_doors import TAG as DOORS
from web.api.openapi_webhooks import webhooks

VERSION = "1.0.0"
REF = "#/components/schemas/{model}"
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
DESCRIPTION = """Leads, the people behind them, activities, stages and the traffic with CRMs.

Every call acts with the rights of the member for whom the key was made, within the key's scopes. Errors are
problem details (RFC 9457) with a stable `code`; their texts follow Accept-Language (ru, en). Writes take an
`Idempotency-Key`; writes to one record take `If-Match` with the record's ETag.
"""

PROBLEMS: Mapping[str, str] = {
    "400": "The body is not valid JSON, or nested too deeply.",
    "401": "No key, or one that opens nothing.",
    "403": "The key's scopes or the member's rights do not allow it, or a second factor is asked for.",
    "404": "There is no such record, or not for this member.",
    "408": "The body did not arrive in time.",
    "409": "It is past this step, or a duplicate stands in the way.",
    "412": "If-Match names a state that is no more.",
    "413": "The body is too large.",
    "415": "The body is no JSON.",
    "422": "Fields must be corrected.",
    "424": "The CRM did not do it.",
    "429": "Too many requests; Retry-After says when to come again.",
    "503": "Not now: send it again later.",
}
FILE: Mapping[str, Any] = {
    "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "required": ["file"],
            "properties": {
                "file": {"type": "string", "format": "binary"},
                "field": {"type": "string", "maxLength": 64},
            },
        }
    },
}
"""The body of a request that brings a file."""

ENTRANCES: Mapping[str, Any] = {
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "A key made in the chat by /api, or a token. Scopes: " + ", ".join(SCOPES),
    },
    "client": {
        "type": "oauth2",
        "description": "The client is a key: its id, and the key as the secret.",
        "flows": {"clientCredentials": {"tokenUrl": "/oauth/token", "scopes": {one: one for one in SCOPES}}},
    },
}
READING = ("401", "403", "404", "422", "429", "503")
WRITING = ("400", "401", "403", "404", "408", "409", "412", "413", "415", "422", "429", "503")


class Schemas:
    """Components by name, and where each model stands among them."""

    def __init__(self) -> None:
        self.components: dict[str, Any] = {}

    def of(self, kind: Any, mode: JsonSchemaMode) -> dict[str, Any]:
        """A reference to the schema, or the schema itself where it has no name."""
        schema = TypeAdapter(kind).json_schema(ref_template=REF, mode=mode)
        self._keep(schema.pop("$defs", {}))
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            name = kind.__name__.replace("[", "_").replace("]", "")
            self.components[name] = schema
            return {"$ref": REF.format(model=name)}
        return schema

    def inline(self, kind: type[BaseModel]) -> dict[str, Any]:
        """The schema itself, what it refers to kept among the components."""
        schema = TypeAdapter(kind).json_schema(ref_template=REF, mode="validation")
        self._keep(schema.pop("$defs", {}))
        return schema

    def _keep(self, definitions: Mapping[str, Any]) -> None:
        self.components |= definitions


def document(endpoints: tuple[Endpoint, ...]) -> dict[str, Any]:
    """The whole document, the same for everybody."""
    schemas = Schemas()
    problem = schemas.of(Problem, "serialization")
    paths: dict[str, dict[str, Any]] = {}
    for one in endpoints:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one, schemas)
    sent = webhooks(schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Voronka", "version": VERSION, "description": DESCRIPTION},
        "servers": [{"url": "/"}],
        "tags": [{"name": tag} for tag in (*dict.fromkeys(one.tag for one in endpoints), DOORS)],
        "security": [{"key": []}, {"client": []}],
        "paths": {**paths, **doors()},
        "webhooks": sent,
        "components": {
            "securitySchemes": {**ENTRANCES, **SCHEMES},
            "responses": {
                status: {
                    "description": text,
                    "content": {"application/problem+json": {"schema": problem}},
                }
                for status, text in PROBLEMS.items()
            },
            "schemas": dict(sorted(schemas.components.items())),
        },
    }


def _operation(one: Endpoint, schemas: Schemas) -> dict[str, Any]:
    parameters = [*_in_path(one), *_in_query(one, schemas), *_in_headers(one)]
    said: dict[str, Any] = {
        "operationId": one.name,
        "tags": [one.tag],
        "summary": one.summary,
        "description": f"Scope: `{one.scope}`." if one.scope else "No key." if one.open else "Any key.",
        "responses": {str(one.status): _answer(one, schemas), **_problems(one, schemas)},
    }
    if parameters:
        said["parameters"] = parameters
    if one.takes_file:
        said["requestBody"] = {"required": True, "content": FILE}
    if one.body is not None:
        required = any(field.is_required() for field in one.body.model_fields.values())
        content = {FORM if one.form else JSON: {"schema": schemas.of(one.body, "validation")}}
        said["requestBody"] = {"required": required or one.form, "content": content}
    if one.open:
        said["security"] = []
    return said


def _problems(one: Endpoint, schemas: Schemas) -> dict[str, Any]:
    statuses: Iterable[str] = WRITING if one.writes else READING
    if one.outside:
        statuses = (*statuses, "424")
    told: dict[str, Any] = {status: {"$ref": f"#/components/responses/{status}"} for status in statuses}
    if one.refusal is not None:
        content = {JSON: {"schema": schemas.of(one.refusal, "serialization")}}
        told |= {status: {"description": PROBLEMS[status], "content": content} for status in ("400", "401")}
    return told


def _answer(one: Endpoint, schemas: Schemas) -> dict[str, Any]:
    said: dict[str, Any] = {"description": one.summary}
    headers: dict[str, Any] = {}
    if one.tagged:
        headers["ETag"] = {"schema": {"type": "string"}, "description": "For If-Match and If-None-Match."}
    if one.place:
        headers["Location"] = {"schema": {"type": "string"}, "description": "Where it is read."}
    if headers:
        said["headers"] = headers
    if one.answer is not None:
        said["content"] = {JSON: {"schema": schemas.of(one.answer, "serialization")}}
    elif one.files:
        said["content"] = {media_type: {} for media_type in one.files}
    return said


def _in_path(one: Endpoint) -> list[dict[str, Any]]:
    schema = {"type": "string", "format": "uuid"}
    return [{"name": name, "in": "path", "required": True, "schema": schema} for name in one.places]


def _in_query(one: Endpoint, schemas: Schemas) -> list[dict[str, Any]]:
    if one.query is None:
        return []
    schema = schemas.inline(one.query)
    required = schema.get("required", ())
    return [
        {"name": name, "in": "query", "required": name in required, "schema": _without_null(field)}
        for name, field in schema["properties"].items()
    ]


def _without_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A query knows no null: what is not given is left out."""
    options = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    rest = {name: value for name, value in schema.items() if name not in ("anyOf", "default")}
    kept = {"default": schema["default"]} if schema.get("default") is not None else {}
    if len(options) == 1:
        return {**options[0], **rest, **kept}
    return {**({"anyOf": options} if options else {}), **rest, **kept}


def _in_headers(one: Endpoint) -> list[dict[str, Any]]:
    def header(name: str, description: str) -> dict[str, Any]:
        schema = {"type": "string", "maxLength": 255}
        return {"name": name, "in": "header", "required": False, "schema": schema, "description": description}

    found = [header("Accept-Language", "The language of names and errors: ru or en.")]
    if one.writes and not one.open:
        found.append(header("Second-Factor", "A code of the member's second factor, where one is asked."))
    if one.repeatable:
        found.append(header("Idempotency-Key", "The same key again gives the same answer, for a day."))
    if one.guard is not None:
        found.append(header("If-Match", "Refuse with 412 unless the record has this ETag."))
    if one.tagged and not one.writes:
        found.append(header("If-None-Match", "Answer 304 if the record has this ETag."))
    return found
