"""A program that reports one error with as much personal in it as there could be."""

import json
import os

import structlog

from bot.watching.logs import set_up_logs
from bot.watching.reporting import finish_reporting, reporting


def fail(name: str, phone: str, mail: str, token: str, local: str) -> None:
    held = f"{local} {name}"
    try:
        raise KeyError(phone)
    except KeyError:
        raise ValueError(f"{held} {mail} {token}") from None if not name else KeyError(name)


def main() -> None:
    secrets = json.loads(os.environ["SECRETS"])
    set_up_logs(style="json", secrets=(secrets[3],), report=reporting(os.environ["DSN"]))
    structlog.contextvars.bind_contextvars(update=123, member=secrets[0], job="imports", route=secrets[2])
    structlog.get_logger().info("all.well", text=secrets[0])
    try:
        fail(*secrets)
    except ValueError:
        structlog.get_logger().exception("update.failed", error_id="ab12cd", params=secrets, text=secrets[1])
    finish_reporting()


main()
