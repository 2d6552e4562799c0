"""Errors reported to Sentry: where in the code and under which ids, and nothing that somebody has said.

What is sent is put together from what may be told; a new version of the client, which may know more, changes
nothing about it.
"""

import re
from collections.abc import Callable, Mapping, MutableMapping
from types import TracebackType
from typing import Any, cast

from bot.watching.masking import mask_text

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]
Processor = Callable[[Any, str, MutableMapping[str, Any]], MutableMapping[str, Any]]

CARRIERS = ("sentry_sdk", "urllib3")
REPORTED = frozenset({"error", "critical"})
TAGS = (
    "update",
    "request",
    "job",
    "operation",
    "cause",
    "organization",
    "error_id",
    "fault",
    "route",
)
"""Ids and names of ours that find the place in the log; members are not among them."""

FRAME = ("filename", "function", "module", "lineno", "in_app")
TOLD = ("event_id", "timestamp", "level", "platform", "message", "tags", "release", "environment", "sdk")
_EVENT = re.compile(r"[a-z0-9_]+(?:\.[a-z0-9_]+)*")
_TAG = re.compile(r"[\w .:{}/-]{1,100}", re.ASCII)
FLUSH = 2.0


def reporting(dsn: str) -> Processor:
    """A structlog processor that reports errors; call it once a process, `finish_reporting` at its end."""
    import sentry_sdk
    from sentry_sdk.utils import event_from_exception

    sentry_sdk.init(
        dsn=dsn,
        default_integrations=False,
        auto_enabling_integrations=False,
        auto_session_tracking=False,
        send_default_pii=False,
        include_local_variables=False,
        include_source_context=False,
        max_request_body_size="never",
        max_breadcrumbs=0,
        server_name="",
        before_send=cast(Any, stripped),
    )

    def process(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        # what fails on the way to Sentry is not told to Sentry
        if event.get("level") not in REPORTED or str(event.get("logger", "")).startswith(CARRIERS):
            return event
        report: Any = {}
        if found := _exception_of(event.get("exc_info")):
            report, _hint = event_from_exception(found)
        level = "fatal" if event["level"] == "critical" else "error"
        told: Any = {**report, "level": level, "message": _name(event), "tags": _tags(event)}
        sentry_sdk.capture_event(told)
        return event

    return process


def finish_reporting() -> None:
    """Let what is on its way get out, for FLUSH seconds at most."""
    import sentry_sdk

    sentry_sdk.flush(timeout=FLUSH)


def stripped(event: Mapping[str, Any], _hint: object) -> dict[str, Any]:
    """What of an event may leave: no text of an error, no value, no request, no person, no machine."""
    told = {name: event[name] for name in TOLD if name in event}
    values = (event.get("exception") or {}).get("values") or ()
    if values:
        told["exception"] = {"values": [_exception(one) for one in values]}
    return told


def _exception(value: Mapping[str, Any]) -> dict[str, Any]:
    frames = (value.get("stacktrace") or {}).get("frames") or ()
    return {
        "type": value.get("type"),
        "module": value.get("module"),
        "stacktrace": {"frames": [{name: one[name] for name in FRAME if name in one} for one in frames]},
    }


def _exception_of(given: Any) -> Any:
    """What structlog and the standard library take for exc_info: an exception, a triple, or True for now."""
    import sys

    if given is True:
        given = sys.exc_info()
    if isinstance(given, BaseException):
        return (type(given), given, given.__traceback__)
    return given if isinstance(given, tuple) and given[0] is not None else None


def _name(event: Mapping[str, Any]) -> str:
    """The event's name; what a library has said in its own words is told by the library's name alone."""
    text = str(event.get("event", ""))
    return text if _EVENT.fullmatch(text) else f"said by {event.get('logger', 'a library')}"


def _tags(event: Mapping[str, Any]) -> dict[str, str]:
    given = {name: str(event[name]) for name in TAGS if event.get(name)}
    return {name: text for name, text in given.items() if _TAG.fullmatch(text) and mask_text(text) == text}
