"""Two installations with one BOT_TOKEN: Telegram gives each update to one of them only, and says so."""

import base64
from pathlib import Path

from sandbox.telegram.server import TelegramSandbox
from tests.product import OWNER
from tests.programs import started
from tests.waiting import until

SAID = "Another program polls for this bot. Stop it, or give this one a BOT_TOKEN of its own."
KEY = base64.b64encode(b"k" * 32).decode()


async def test_two_pollers_say_so_once_and_the_one_that_is_left_goes_on(tmp_path: Path) -> None:
    async with TelegramSandbox() as telegram:

        def given(name: str) -> dict[str, str]:
            database = f"sqlite+aiosqlite:///{tmp_path}/{name}.db"
            return {"ENV_FILE": "", "BOT_TOKEN": telegram.token, "BOT_API_URL": telegram.url,
                    "SECRET_KEY": KEY, "ADMIN_IDS": str(OWNER), "DATABASE_URL": database,
                    "LOG_LEVEL": "WARNING"}  # fmt: skip

        first, second = tmp_path / "first.log", tmp_path / "second.log"
        with started(["run", "bot"], given("first"), first) as left:
            await until(lambda: telegram.world.api.updates.polling, seconds=60)
            with started(["run", "bot"], given("second"), second):
                await until(lambda: SAID in first.read_text(), seconds=60)
                olga = await telegram.person("Olga", id=OWNER, language="en")
                await olga.start()
                await olga.gets("")
            await olga.say("/start")
            await olga.gets("")
            assert left.is_alive()
        assert first.read_text().count(SAID) == 1
        assert second.read_text().count(SAID) <= 1
