"""What the web process loads: nothing of Telegram's library, and nothing before it is needed."""

import subprocess
import sys
from pathlib import Path

from storage import migrations
from storage.revision import newest

HEAVY = ("aiogram", "alembic", "apscheduler", "redis", "xlsxwriter", "numpy")
LOADED = f"""
import sys
import bot.app, bot.assembly, bot.starting, web.api.table
print(" ".join(name for name in {HEAVY} if name in sys.modules))
"""


def test_the_web_process_loads_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-c", LOADED], cwd=Path(__file__).parent.parent, capture_output=True, text=True
    )
    assert (done.stdout.strip(), done.returncode) == ("", 0), done.stderr


def test_the_newest_revision_is_known_without_alembic() -> None:
    assert newest() == migrations.head()
