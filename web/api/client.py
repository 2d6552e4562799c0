"""Writes the typed client out of the table of endpoints: `python -m web.api.client`; `--check` compares.

The client speaks in TypedDicts: what it takes and gives is plain JSON, and a type checker knows its fields.
"""

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from web.api.endpoint import Endpoint
from web.api.openapi import document
from web.api.table import ENDPOINTS

FOLDER = Path(__file__).parents[2] / "api_client"
PLAIN = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "null": "None"}
MODELS_HEAD = '''"""What the API takes and gives, as JSON. Written by web/api/client.py."""

from __future__ import annotations

from typing import Any, Literal, NotRequired, TypedDict
'''
OPERATIONS_HEAD = '''"""A method an operation. Written by web/api/client.py."""

from typing import cast

from api_client import models
from api_client.transport import Transport


class Operations(Transport):
    """Every operation of the API. `if_match` is the ETag that the record must still have."""
'''


def written() -> dict[str, str]:
    """The files' texts by name."""
    known = document(ENDPOINTS)
    schemas: Mapping[str, Any] = known["components"]["schemas"]
    classes = [_model(name, schema) for name, schema in schemas.items()]
    methods = [_method(one, known) for one in ENDPOINTS if not one.form]
    return {
        "models.py": "\n\n".join([MODELS_HEAD, *classes]) + "\n",
        "operations.py": "\n".join([OPERATIONS_HEAD, *methods]),
    }


def _model(name: str, schema: Mapping[str, Any]) -> str:
    required: Sequence[str] = schema.get("required", ())
    lines = [f"class {name}(TypedDict):"]
    if schema.get("description"):
        text = " ".join(schema["description"].split())
        lines.append(f'    """{text}"""\n' if len(text) < 95 else f'    """{_folded(text)}"""\n')
    for field, one in schema.get("properties", {}).items():
        kind = _type(one, "")
        lines.append(f"    {field}: {kind if field in required else f'NotRequired[{kind}]'}")
    return "\n".join(lines)


def _folded(text: str) -> str:
    lines, line = [], ""
    for word in text.split():
        if len(line) + len(word) > 90:
            lines.append(line)
            line = ""
        line = f"{line} {word}".strip()
    return "\n    ".join([*lines, line])


def _type(schema: Mapping[str, Any], prefix: str) -> str:
    """A schema as Python says it; names of models get the prefix."""
    if "$ref" in schema:
        return prefix + str(schema["$ref"]).split("/")[-1]
    if "enum" in schema or "const" in schema:
        return f"Literal[{', '.join(repr(one) for one in schema.get('enum', [schema.get('const')]))}]"
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_type(one, prefix) for one in schema["anyOf"]))
    kind = schema.get("type")
    if kind == "array":
        return f"list[{_type(schema.get('items', {}), prefix)}]"
    if kind == "object":
        patterns = list(schema.get("patternProperties", {}).values())
        values: Any = schema.get("additionalProperties") or (patterns[0] if patterns else None)
        return f"dict[str, {_type(values, prefix) if isinstance(values, Mapping) else 'Any'}]"
    return PLAIN.get(str(kind), "Any")


def _method(one: Endpoint, known: Mapping[str, Any]) -> str:
    told = known["paths"][one.path][one.method.lower()]
    places = "".join(f", {place}: str" for place in one.places)
    body = told.get("requestBody")
    body = None if one.takes_file else body
    kind = "models." + body["content"]["application/json"]["schema"]["$ref"].split("/")[-1] if body else ""
    taken = (
        ", content: bytes"
        if one.takes_file
        else (
            f", body: {kind}"
            if body and body["required"]
            else f", body: {kind} | None = None"
            if body
            else ""
        )
    )
    asked = [part for part in told.get("parameters", ()) if part["in"] == "query"]
    options = [f"{part['name']}: {_query_type(part['schema'])} | None = None" for part in asked]
    if one.guard is not None:
        options.append('if_match: str = ""')
    if one.repeatable:
        options.append('idempotency_key: str = ""')
    keywords = f", *, {', '.join(options)}" if options else ""
    answer = _answer(told, one)
    return f"""
    async def {one.name}(self{places}{taken}{keywords}) -> {answer}:
        \"\"\"{one.summary}.\"\"\"
        {_sent(one, asked, body)}
        {_given_back(answer)}
"""


def _query_type(schema: Mapping[str, Any]) -> str:
    """Choices are texts here: the server says which there are."""
    return re.sub(r"Literal\[[^]]*\]", "str", _type(schema, "models."))


def _answer(told: Mapping[str, Any], one: Endpoint) -> str:
    if one.files:
        return "bytes"
    if one.answer is None:
        return "None"
    content = told["responses"][str(one.status)]["content"]["application/json"]["schema"]
    return _type(content, "models.")


def _sent(one: Endpoint, asked: Sequence[Mapping[str, Any]], body: Mapping[str, Any] | None) -> str:
    path = f'f"{one.path}"' if one.places else f'"{one.path}"'
    parts = [f'"{one.method}"', path]
    if asked:
        names = ", ".join(f'"{part["name"]}": {part["name"]}' for part in asked)
        parts.append(f"query={{{names}}}")
    if body:
        parts.append("body=body" if body["required"] else "body=body if body is not None else {}")
    if one.takes_file:
        parts.append("content=content")
    if one.guard is not None:
        parts.append("if_match=if_match")
    if one.repeatable:
        parts.append("idempotency_key=idempotency_key")
    answered = "" if one.answer is None and not one.files else "answer = "
    return f"{answered}await self.call({', '.join(parts)})"


def _given_back(answer: str) -> str:
    return {"None": "return None", "bytes": "return answer.content"}.get(
        answer, f"return cast({answer}, answer.json())"
    )


def main(arguments: Sequence[str]) -> int:
    """Write the files, or with --check tell whether they are as they would be written."""
    from subprocess import run

    stale = 0
    for name, text in written().items():
        formatted = run(  # noqa: S603
            [Path(sys.executable).with_name("ruff"), "format", "-", "--stdin-filename", FOLDER / name],
            input=text, capture_output=True, text=True, check=True, cwd=FOLDER.parent,
        ).stdout  # fmt: skip
        if "--check" in arguments:
            stale += (FOLDER / name).read_text() != formatted
        else:
            (FOLDER / name).write_text(formatted)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
