"""`python -m sandbox s3`: the stand-in from the command line."""

import argparse

from sandbox import command
from sandbox.s3.server import S3Sandbox

SECRETS = {"key": "the access key", "secret": "the key's secret"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The start parameters; secrets that are not given are random."""
    command.add_arguments(parser, 8100, SECRETS)


def run(options: argparse.Namespace) -> int:
    """Run the stand-in until Ctrl-C."""
    keys = command.given(options, SECRETS)
    s3 = S3Sandbox(
        options.port, options.speed, host=options.host, key=keys.get("key", ""), secret=keys.get("secret", "")
    )
    return command.run(
        s3, lambda: f"FILES_URL={s3.files_url()}\n  FILES_KEY={s3.key}\n  FILES_SECRET={s3.secret}"
    )
