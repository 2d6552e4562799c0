"""What 1C answers with: JSON or XML as it was asked, errors with a code, and pages of the web server."""

import json
from typing import Any
from xml.sax.saxutils import escape

from sandbox.exchange import Answer, Refusal

HTML = "text/html; charset=utf-8"
JSON = "application/json;odata=minimalmetadata;charset=utf-8"
ATOM = "application/atom+xml;type=feed;charset=utf-8"
XML = "application/xml;charset=utf-8"
_NAMESPACES = (
    'xmlns="http://www.w3.org/2005/Atom" '
    'xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata" '
    'xmlns:d="http://schemas.microsoft.com/ado/2007/08/dataservices"'
)


def good(body: Any) -> Answer:
    return Answer(raw=json.dumps(body, ensure_ascii=False).encode(), content_type=JSON)


def refusal(status: int, code: int, text: str, *, as_json: bool) -> Refusal:
    """An error of the OData interface, in the format that was asked for."""
    if as_json:
        body = {"odata.error": {"code": str(code), "message": {"lang": "ru", "value": text}}}
        return Refusal(
            Answer(raw=json.dumps(body, ensure_ascii=False).encode(), status=status, content_type=JSON)
        )
    told = f"<m:error {_NAMESPACES}><m:code>{code}</m:code><m:message>{escape(text)}</m:message></m:error>"
    return Refusal(Answer(raw=told.encode(), status=status, content_type=XML))


def page(status: int, text: str) -> Answer:
    """What the web server, or 1C's module in it, says without a code."""
    return Answer(raw=f"<html><body><h1>{text}</h1></body></html>".encode(), status=status, content_type=HTML)


def feed(records: list[dict[str, Any]], count: int | None = None) -> Answer:
    """A list as Atom, which whoever asks for no format gets."""
    entries = "".join(
        f'<entry><content type="application/xml"><m:properties>{_properties(one)}</m:properties>'
        "</content></entry>"
        for one in records
    )
    total = "" if count is None else f"<m:count>{count}</m:count>"
    text = f'<?xml version="1.0" encoding="UTF-8"?><feed {_NAMESPACES}>{total}{entries}</feed>'
    return Answer(raw=("\ufeff" + text).encode(), content_type=ATOM)


def _properties(record: dict[str, Any]) -> str:
    return "".join(_property(name, value) for name, value in record.items())


def _property(name: str, value: Any) -> str:
    if isinstance(value, list):
        rows = "".join(f"<d:element>{_properties(row)}</d:element>" for row in value)
        return f'<d:{name} m:type="Collection(StandardODATA.{name}_RowType)">{rows}</d:{name}>'
    if isinstance(value, bool):
        value = str(value).lower()
    return f"<d:{name}>{escape(str(value))}</d:{name}>"
