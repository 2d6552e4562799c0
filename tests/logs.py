"""Logs as tests write them. structlog's own default paints every trace with its variables, in boxes: seconds
of the loop that the product runs in. What the product sets up when it runs by itself does not."""

import structlog


def plain_logs() -> None:
    """Configure structlog anew, with traces as Python writes them."""
    structlog.reset_defaults()
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], plain])
