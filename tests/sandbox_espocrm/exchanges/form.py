"""The shape of a recorded exchange, and short ways to write one down."""

from dataclasses import dataclass, field
from typing import Any

BOTH = ("9.2.7", "10.0.0")
OLD, NEW = ("9.2.7",), ("10.0.0",)
SKIP = {"X-Skip-Duplicate-Check": "true"}
HTML = "text/html"


@dataclass(frozen=True)
class Exchange:
    name: str
    request: str
    body: Any = None
    status: int = 200
    reason: str | None = None
    has: Any = None
    lacks: tuple[str, ...] = ()
    key: str = "bot"
    headers: dict[str, str] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    empty: bool = False
    kind: str = "application/json"
    versions: tuple[str, ...] = BOTH
    first: tuple[tuple[str, str, Any], ...] = ()


def failed(entity: str, name: str, kind: str) -> dict[str, Any]:
    return {
        "status": 400,
        "reason": f"Field validation failure; entityType: {entity}, field: {name}, type: {kind}.",
        "has": {"messageTranslation": {"label": "validationFailure", "data": {"field": name, "type": kind}}},
    }


def where(kind: str, attribute: str, value: Any = None, **more: str) -> dict[str, Any]:
    query = {"where[0][type]": kind, "where[0][attribute]": attribute}
    if isinstance(value, list):
        query |= {f"where[0][value][{index}]": item for index, item in enumerate(value)}
    elif value is not None:
        query["where[0][value]"] = value
    return {**query, **more}


def lead(name: str, **body: Any) -> dict[str, Any]:
    return {"name": name, "request": "POST Lead", "body": body, "headers": SKIP}


X = Exchange
ANNA_CALL = {"name": "y", "parentType": "Lead", "parentId": "$lead", "assignedUserId": "$anna"}
IVAN = {"firstName": "Иван", "lastName": "Петров", "emailAddress": "ivan.petrov@example.com"}
