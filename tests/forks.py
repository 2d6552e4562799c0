"""One server of processes for all tests that need some: it imports what any of them does, once a worker of
pytest, and each process is a fork of it. Whoever asks first starts it."""

import multiprocessing
from multiprocessing import forkserver

PRELOADED = [
    "tests.programs",
    "tests.transactions.crowd",
    "bot.crm.commands",
    "bot.operating.keeping",
    "bot.crm.moves",
    "bot.crm.diff",
    "bot.assembly",
    "bot.operating.copies",
    "bot.operating.doctor",
]
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(PRELOADED)


def begin() -> None:
    """Let the server start while the caller does something else; otherwise it starts with its first process,
    which waits for it."""
    forkserver.ensure_running()
