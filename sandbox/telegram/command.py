"""`python -m sandbox telegram`: the stand-in as a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys

from .errors import Json
from .limits import Limits
from .server import TelegramSandbox
from .world import DEFAULT_NAME, DEFAULT_TOKEN, DEFAULT_USERNAME


def _link(text: str) -> Json:
    title, _, url = text.partition("=")
    if not url.startswith(("http://", "https://")):
        raise argparse.ArgumentTypeError("a link is TITLE=http://...")
    return {"title": title, "url": url}


def _person(text: str) -> Json:
    """ID:NAME[:LANGUAGE[:USERNAME[:PHONE]]]"""
    names = ("id", "first_name", "language_code", "username", "phone")
    person: Json = dict(zip(names, text.split(":"), strict=False))
    if not person["id"].isdigit() or not person.get("first_name"):
        raise argparse.ArgumentTypeError("a person is ID:NAME[:LANGUAGE[:USERNAME[:PHONE]]]")
    return person


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8081)
    parser.add_argument("--token", default=DEFAULT_TOKEN, help="the only token that is let in")
    parser.add_argument("--username", default=DEFAULT_USERNAME)
    parser.add_argument("--name", default=DEFAULT_NAME)
    parser.add_argument("--person", type=_person, action="append", default=[], help=_person.__doc__)
    parser.add_argument(
        "--link", type=_link, action="append", default=[], help="TITLE=URL in the page's header"
    )
    parser.add_argument("--speed", type=float, default=1.0, help="how much faster limits and resends run")
    parser.add_argument("--no-limits", action="store_true", help="never answer 429")


async def serve(options: argparse.Namespace) -> None:
    """Serve until SIGINT or SIGTERM; the first line of stdout is the address."""
    sandbox = TelegramSandbox(
        host=options.host,
        port=options.port,
        token=options.token,
        username=options.username,
        name=options.name,
        people=options.person,
        links=options.link,
        limits=Limits(on=not options.no_limits),
        speed=options.speed,
    )
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with sandbox:
        sys.stdout.write(f"{sandbox.url}\n")
        sys.stdout.flush()
        await stop.wait()


def run(options: argparse.Namespace) -> int:
    asyncio.run(serve(options))
    return 0
