"""What a process loads: what its role or its command needs, and nothing before that."""

import subprocess
import sys
from pathlib import Path

import pytest

from storage import migrations
from storage.revision import newest

EVERYWHERE = ("aiogram", "apscheduler", "pydantic", "redis", "xlsxwriter", "numpy", "jinja2", "web.api.table")
SERVING = (*EVERYWHERE, "alembic", "sqlite3")
START = "import bot.__main__, bot.app, bot.assembly, bot.starting, bot.watching.logs, bot.wiring.basis"
WORKS = "bot.wiring.hooks_in, bot.wiring.hooks_out, bot.wiring.letters, bot.wiring.road"
LOADED = {
    "web": (f"{START}, web.app", (*SERVING, "babel", "httpx", "phonenumbers")),
    "worker": (f"{START}, {WORKS}, bot.wiring.transactions", (*SERVING, "aiohttp")),
    "crm": ("import bot.__main__, bot.crm.commands", (*EVERYWHERE, "aiohttp")),
    "doctor": ("import bot.__main__, bot.operating.doctor", (*EVERYWHERE, "aiohttp")),
    "backup": ("import bot.__main__, bot.operating.copies", (*EVERYWHERE, "aiohttp", "httpx")),
}


@pytest.mark.parametrize("what", LOADED)
def test_a_process_loads_nothing_that_it_does_not_need(what: str) -> None:
    imported, heavy = LOADED[what]
    program = f"import sys; {imported}; print(*(name for name in {heavy} if name in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=Path(__file__).parent.parent, capture_output=True, text=True
    )
    assert (done.stdout.strip(), done.returncode) == ("", 0), done.stderr


def test_the_newest_revision_is_known_without_alembic() -> None:
    assert newest() == migrations.head()
