"""The API described: as OpenAPI for machines, and for people as a page that needs nothing from outside."""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from html import escape
from typing import Any

from aiohttp import web

from locales import N_, translator
from web.api.openapi import document
from web.api.table import ENDPOINTS
from web.errors import language_of

STYLE = """
:root{color-scheme:light dark;--line:#8884;--dim:#777}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:0 auto;padding:1rem 1.25rem 4rem}
h1{font-size:1.6rem}h2{margin:2.5rem 0 .5rem;border-bottom:1px solid var(--line)}
details{border:1px solid var(--line);border-radius:.5rem;margin:.5rem 0;padding:.4rem .75rem}
summary{cursor:pointer}code,pre{font:.9em/1.5 ui-monospace,monospace}
pre{overflow:auto;border:1px solid var(--line);border-radius:.5rem;padding:.75rem}
b.m{display:inline-block;min-width:4.2rem}small{color:var(--dim)}
table{border-collapse:collapse;width:100%}
td{text-align:left;vertical-align:top;padding:.2rem .6rem .2rem 0}
nav a{margin-right:.9rem}
"""
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Cache-Control": "no-cache",
    "Vary": "Accept-Language",
    "X-Content-Type-Options": "nosniff",
}
INTRODUCTION = N_(
    "Make a key in the chat: /api. Show it with every request. A key acts with the rights of one member and "
    "within its scopes. Errors say what is wrong in your language, and have a code that stays the same."
)
TITLE, MACHINES = N_("REST API"), N_("For machines: OpenAPI 3.1")
PARAMETERS, BODY, ANSWER = N_("Parameters"), N_("Body"), N_("Answer")
REQUIRED, SCOPE = N_("required"), N_("Scope: {scope}")
EXAMPLE = """curl -H 'Authorization: Bearer vk_…' -H 'Content-Type: application/json' \\
  -H 'Idempotency-Key: order-17' -d '{"name": "Anna", "phones": ["+79161234567"]}' \\
  https://example.com/api/leads"""


async def openapi(request: web.Request) -> web.Response:
    """GET /api/openapi.json."""
    return web.Response(
        body=_encoded(), content_type="application/json", charset="utf-8",
        headers={"Cache-Control": "no-cache"},
    )  # fmt: skip


@cache
def _encoded() -> bytes:
    return json.dumps(document(ENDPOINTS), ensure_ascii=False).encode()


async def page(request: web.Request) -> web.Response:
    """GET /api/docs."""
    text = _page(language_of(request))
    return web.Response(text=text, content_type="text/html", headers=HEADERS)


@cache
def _page(language: str) -> str:
    say = translator(language).gettext
    known = document(ENDPOINTS)
    tags = [tag["name"] for tag in known["tags"]]
    links = "".join(f'<a href="#{_anchor(tag)}">{escape(tag)}</a>' for tag in tags)
    parts = [
        f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Voronka · {say(TITLE)}</title><style>{STYLE}</style>",
        f"<h1>Voronka · {say(TITLE)}</h1><p>{escape(say(INTRODUCTION))}</p>",
        f'<p><a href="openapi.json">{say(MACHINES)}</a></p>',
        f"<pre>{escape(EXAMPLE)}</pre><nav>{links}</nav>",
    ]
    for tag in tags:
        parts.append(f'<h2 id="{_anchor(tag)}">{escape(tag)}</h2>')
        for path, operations in known["paths"].items():
            for method, one in operations.items():
                if tag in one["tags"]:
                    parts.append(_operation(known, path, method, one, say))
    return "\n".join(parts) + "</html>"


def _anchor(tag: str) -> str:
    return tag.lower().replace(" ", "-")


def _operation(known: Any, path: str, method: str, one: Mapping[str, Any], say: Any) -> str:
    parts = [
        f'<details id="{one["operationId"]}"><summary><b class="m">{method.upper()}</b> '
        f"<code>{escape(path)}</code> {escape(one['summary'])}</summary>",
    ]
    scope = one.get("description", "").split("`")
    if len(scope) > 1:
        parts.append(f"<p><small>{escape(say(SCOPE).format(scope=scope[1]))}</small></p>")
    if one.get("parameters"):
        rows = [_row(p["name"], p["in"], p["schema"], p["required"], say) for p in one["parameters"]]
        parts.append(f"<h4>{say(PARAMETERS)}</h4><table>{''.join(rows)}</table>")
    body = one.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    if body:
        parts.append(f"<h4>{say(BODY)}</h4>{_fields(known, body, say)}")
    status, answer = next(iter(one["responses"].items()))
    schema = answer.get("content", {}).get("application/json", {}).get("schema")
    if schema:
        parts.append(f"<h4>{say(ANSWER)} {status}</h4>{_fields(known, schema, say)}")
    return "".join(parts) + "</details>"


def _fields(known: Any, schema: Mapping[str, Any], say: Any) -> str:
    shape = _resolved(known, schema)
    required: Sequence[str] = shape.get("required", ())
    rows = [
        _row(name, "", field, name in required, say) for name, field in shape.get("properties", {}).items()
    ]
    said = f"<p><small>{escape(shape.get('description', ''))}</small></p>" if shape.get("description") else ""
    return f"{said}<table>{''.join(rows)}</table>"


def _resolved(known: Any, schema: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = schema.get("$ref", "")
    found: Mapping[str, Any] = (
        known["components"]["schemas"][reference.split("/")[-1]] if reference else schema
    )
    return found


def _row(name: str, where: str, schema: Mapping[str, Any], required: bool, say: Any) -> str:
    mark = f" <small>{say(REQUIRED)}</small>" if required else ""
    more = " ".join(part for part in (where, _kind(schema), schema.get("description", "")) if part)
    return f"<tr><td><code>{escape(name)}</code>{mark}</td><td>{escape(more)}</td></tr>"


def _kind(schema: Mapping[str, Any]) -> str:
    """A schema in a few words."""
    if "$ref" in schema:
        return str(schema["$ref"]).split("/")[-1]
    if "enum" in schema:
        return " | ".join(str(one) for one in schema["enum"])
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_kind(one) for one in schema["anyOf"]))
    kind = str(schema.get("type", "any"))
    if kind == "array":
        return f"[{_kind(schema.get('items', {}))}]"
    return f"{kind} {schema['format']}" if "format" in schema else kind
