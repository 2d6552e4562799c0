"""The language of the command line: that of DEFAULT_LANGUAGE, Russian without it."""

import base64
import json
import re
from pathlib import Path

from bot.operating.doctor import NAMES
from sandbox.telegram.server import TelegramSandbox
from storage.migrations import upgrade
from tests.programs import run

RUSSIAN = re.compile("[а-яё]", re.IGNORECASE)


async def test_operators_are_spoken_to_in_the_default_language(tmp_path: Path) -> None:
    environment = {
        "ENV_FILE": "",
        "DEFAULT_LANGUAGE": "",
        "BOT_TOKEN": "1:x",
        "SECRET_KEY": base64.b64encode(b"k" * 32).decode(),
        "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/x.db",
        "FILES_URL": str(tmp_path),
        "PUBLIC_URL": "http://127.0.0.1:1",
        "REDIS_URL": "redis://127.0.0.1:1",
        "SMTP_URL": "smtp://me@example.com:p@127.0.0.1:1",
        "SENTRY_DSN": "http://key@127.0.0.1:1/1",
    }
    english = {**environment, "DEFAULT_LANGUAGE": "en"}
    await upgrade(environment["DATABASE_URL"])
    async with TelegramSandbox(token="1:x") as telegram:
        address = {"BOT_API_URL": telegram.url}
        code, said = await run(["doctor", "--json"], environment | address)
        in_words = await run(["doctor"], environment | address)
        in_english = await run(["doctor"], english | address)
        refused = await run(
            ["run", "bot"], environment | address | {"BOT_TOKEN": "2:y", "LOG_LEVEL": "ERROR"}
        )
    assert refused == (2, "Telegram не принимает BOT_TOKEN: скопируйте его у @BotFather ещё раз.\n")
    assert (code, in_words[0], in_english[0]) == (1, 1, 1), said
    told = json.loads(said)
    assert {one["what"] for one in told["findings"]} == set(NAMES) - {"row security"}, (
        "codes stay as they are"
    )
    assert {one["state"] for one in told["findings"]} == {"ok", "note", "bad"}
    sentences = [text for one in told["findings"] for text in (one["said"], one["todo"]) if text]
    assert all(RUSSIAN.search(text) for text in sentences), sentences
    shown = [line.split() for line in in_words[1].splitlines()]
    assert {words[0] for words in shown} == {"норма", "учтите", "ПЛОХО", "->", "В"}, in_words[1]
    assert all(RUSSIAN.search(" ".join(words[1:])) for words in shown), in_words[1]
    assert not RUSSIAN.search(in_english[1]), in_english[1]

    for number, (given, told) in enumerate(
        [(environment, "Записано и проверено"), (english, "Written and read")]
    ):
        code, said = await run(["backup", str(tmp_path / f"{number}.tar.gz")], given)
        assert (code, told in said) == (0, True), said
    away = {"DATABASE_URL": "postgresql+asyncpg://u:p@127.0.0.1:1/d"}
    for given, told in ((environment, "База данных 127.0.0.1:1/d не отвечает"), (english, "The database at")):
        code, said = await run(["migrate"], given | away)
        assert (code, said.startswith(told)) == (2, True), said
    for given, told in ((environment, "HTTP_PORT: значение не подходит"), (english, "HTTP_PORT must be")):
        code, said = await run(["run", "web"], given | {"HTTP_PORT": "no"})
        assert (code, said.startswith(told)) == (2, True), said
