"""One line an event, for people or for machines, with nothing personal and no secret in it.

Our own code logs through structlog. What libraries say through the standard logging module takes the
same road, and so does the exception that ends the program.
"""

import logging
import sys
from collections.abc import Iterable, MutableMapping
from types import TracebackType
from typing import Any, Literal, TextIO

import structlog
from structlog.typing import Processor

from bot.watching.masking import masking

QUIET = {
    # each writes a line per request, update or statement; ours say it with the organization and the member
    "aiogram.event": logging.WARNING,
    "aiohttp.access": logging.WARNING,
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "apscheduler": logging.WARNING,
    "sqlalchemy": logging.WARNING,
    "aiosqlite": logging.WARNING,
}


def set_up_logs(
    level: str = "INFO",
    style: Literal["console", "json"] = "console",
    secrets: Iterable[str] = (),
    stream: TextIO | None = None,
    report: Processor | None = None,
) -> None:
    """Send every event of at least `level` to `stream` (standard error), masked.

    `secrets` are exact texts, such as the bot's token, to hide wherever they appear. `report` sees every
    event with its error, before it is put into words.
    """
    stream = stream or sys.stderr
    renderer: Processor = structlog.processors.JSONRenderer(ensure_ascii=False)
    if style == "console":
        renderer = structlog.dev.ConsoleRenderer(colors=stream.isatty(), sort_keys=False)
    first: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        *([report] if report is not None else []),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]
    last: list[Processor] = [
        masking(secrets),
        _one_line,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        renderer,
    ]
    numeric = logging.getLevelNamesMapping()[level]
    structlog.configure(
        processors=[*first, *last],
        wrapper_class=structlog.make_filtering_bound_logger(numeric),
        logger_factory=structlog.WriteLoggerFactory(file=stream),
        cache_logger_on_first_use=False,
    )
    _route_standard_logging(numeric, stream, first, last)
    sys.excepthook = _log_crash


def _route_standard_logging(
    level: int, stream: TextIO, first: list[Processor], last: list[Processor]
) -> None:
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *first],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, floor in QUIET.items():
        logging.getLogger(name).setLevel(max(level, floor))
    logging.captureWarnings(True)


def _one_line(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    event["event"] = str(event.get("event", "")).replace("\r", "").replace("\n", " | ")
    return event


def _log_crash(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    structlog.get_logger().critical("program.crashed", exc_info=(kind, error, trace))
