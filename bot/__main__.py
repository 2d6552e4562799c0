"""The command line: `python -m bot COMMAND`."""

import argparse
import asyncio
import atexit
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from bot.crm.arguments import add_arguments
from bot.memory import start
from bot.operating.arguments import add_operating
from bot.operating.keeping_arguments import add_archive, add_audit, add_second_factor, add_secrets
from bot.operating.troubles import CannotStart
from bot.settings import Settings, SettingsError, load_settings, operators_language
from locales import use_language

PARTS = ("all", "bot", "web", "worker", "scheduler")


def main(arguments: Sequence[str]) -> int:
    """Run one command; a fault the operator can mend is one sentence on stderr and exit code 2."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.command(options)
    except (SettingsError, CannotStart) as error:
        with use_language(operators_language()):
            print(error, file=sys.stderr)
        return 2
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot", description="Voronka, the CRM in Telegram.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=text)
        made.set_defaults(command=command)
        return made

    running = add("run", _run, "run the product with the settings of the environment and .env")
    running.add_argument("part", nargs="?", default="all", choices=PARTS)
    demo = add("demo", _demo, "run the product with a local Telegram and an EspoCRM stand-in")
    demo.add_argument("--check", action="store_true", help="walk the acceptance road and exit")
    demo.add_argument("--empty", action="store_true", help="begin without the working day")
    demo.add_argument("--language", default="ru", choices=("ru", "en"))
    add("migrate", _migrate, "bring the database up to date")
    add_operating(add)
    add_arguments(add("crm", _crm, "test, preview, push, and move to another CRM"))
    add_audit(add("audit", _audit, "verify the record of actions"))
    add_archive(add("archive", _archive, "the archive of activities"))
    add_secrets(add("secrets", _secrets, "seal everything anew with a new SECRET_KEY"))
    add_second_factor(add("second-factor", _second_factor, "see who has one, or turn somebody's off"))
    return parser


def _run(options: argparse.Namespace) -> int:
    start()
    settings = load_settings()
    from bot.priority import step_back
    from bot.roles import ROLES

    roles = ROLES if options.part == "all" else (options.part,)
    if roles == ("scheduler",):
        # imports and exports: for the whole of a minute they would take all that the bot does not hold
        step_back()
    return asyncio.run(_serve(settings, roles))


async def _serve(settings: Settings, roles: Sequence[str]) -> int:
    from bot.app import run
    from bot.assembly import assemble
    from bot.memory import settle
    from bot.starting import check_redis, prepare_database
    from bot.watching.logs import set_up_logs

    report = None
    if settings.sentry_dsn:
        from bot.watching.reporting import finish_reporting, reporting

        report = reporting(settings.sentry_dsn)
        atexit.register(finish_reporting)
    set_up_logs(settings.log_level, settings.log_format, settings.secrets, report=report)
    await prepare_database(settings)
    await check_redis(settings)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with assemble(settings) as product:
        settle()
        await run(product, roles, stop)
    return 0


def _demo(options: argparse.Namespace) -> int:
    from bot.demo.command import demo

    wanted = demo(check=options.check, language=options.language, empty=options.empty)
    return asyncio.run(_interruptible(wanted))


def _migrate(_options: argparse.Namespace) -> int:
    from bot.starting import prepare_database

    asyncio.run(prepare_database(load_settings(needed=()), anyway=True))
    return 0


def _crm(options: argparse.Namespace) -> int:
    from bot.crm.commands import run

    return run(options)


def _audit(options: argparse.Namespace) -> int:
    from bot.operating.keeping import audit

    return audit(options)


def _archive(options: argparse.Namespace) -> int:
    from bot.operating.archive import run

    return run(options)


def _secrets(options: argparse.Namespace) -> int:
    from bot.operating.keeping import secrets

    return secrets(options)


def _second_factor(options: argparse.Namespace) -> int:
    from bot.operating.second_factors import run

    return run(options)


async def _interruptible(work: Coroutine[Any, Any, int]) -> int:
    """Ctrl-C and SIGTERM cancel the work, which cleans up behind itself."""
    task = asyncio.ensure_future(work)
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
