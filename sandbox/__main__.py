"""`python -m sandbox NAME ...` runs one stand-in."""

from __future__ import annotations

import argparse
import importlib
import sys

# A module has add_arguments(parser) and run(options) -> exit code; it is imported when it is asked for.
COMMANDS = {
    "telegram": ("sandbox.telegram.command", "a local Telegram: Bot API and chat page"),
    "espocrm": ("sandbox.espocrm.command", "a stateful EspoCRM"),
    "bitrix24": ("sandbox.bitrix24.command", "a stateful Bitrix24 portal"),
    "amocrm": ("sandbox.amocrm.command", "a stateful amoCRM account"),
    "retailcrm": ("sandbox.retailcrm.command", "a stateful RetailCRM account"),
    "twenty": ("sandbox.twenty.command", "a stateful Twenty workspace"),
    "yclients": ("sandbox.yclients.command", "a stateful chain of YCLIENTS"),
    "iiko": ("sandbox.iiko.command", "restaurants of iiko"),
    "onec": ("sandbox.onec.command", "a stateful base of 1C"),
    "s3": ("sandbox.s3.command", "S3-compatible storage"),
    "renovatio": ("sandbox.renovatio.command", "a stateful clinic of MIS Renovatio"),
}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="Stand-ins for the outside world.")
    parser.add_argument(
        "name", choices=COMMANDS, help="; ".join(f"{n}: {t}" for n, (_, t) in COMMANDS.items())
    )
    chosen = parser.parse_args(arguments[:1] or ["--help"]).name
    command = importlib.import_module(COMMANDS[chosen][0])
    own = argparse.ArgumentParser(prog=f"python -m sandbox {chosen}", description=COMMANDS[chosen][1])
    command.add_arguments(own)
    code: int = command.run(own.parse_args(arguments[1:]))
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
