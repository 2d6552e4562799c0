"""Which update, request or job of ours an operation comes from, so that the log tells the whole way."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import structlog

from domain.delivery import Operation

LIMIT = 64
_KINDS = ("update", "request", "inbox", "job")
"""The ids that our doors and workers bind to the log, the nearest first."""

MOST_TOLD = 20


def cause_now() -> str:
    """Such as "update 123"; empty where nobody has said."""
    bound = structlog.contextvars.get_contextvars()
    kind = next((one for one in _KINDS if bound.get(one)), "")
    if not kind:
        return ""
    run = f" {bound['run']}" if kind == "job" and "run" in bound else ""
    return f"{kind} {bound[kind]}{run}"[:LIMIT]


def caused_by(operations: Sequence[Operation]) -> AbstractContextManager[Any]:
    """While they are carried out, the log names them and what they come from."""
    bound: dict[str, Any] = {"organization": str(operations[0].organization_id)}
    if len(operations) == 1:
        bound |= {"operation": str(operations[0].id), "cause": operations[0].cause}
    else:
        causes = sorted({one.cause for one in operations})
        bound |= {"operations": len(operations), "causes": causes[:MOST_TOLD]}
    return structlog.contextvars.bound_contextvars(**bound)
