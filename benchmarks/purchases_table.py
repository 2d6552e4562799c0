"""A table of purchases brought in, beside pandas and phonenumbers that merely validate it."""

import csv
import io
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from benchmarks import postgres
from benchmarks.rounds import NotTheSame
from bot.memory import settle
from services.clock import system_clock
from storage.db import Database
from tests.transactions.shop import Till, open_shop

ROWS = 50_000
HEADER = ("id", "date", "amount", "phone", "description")
START = datetime(2025, 1, 1, 9, tzinfo=UTC)
WRONG = 0.02


@dataclass(frozen=True, slots=True)
class Brought:
    """Seconds: pandas and phonenumbers validate; the product receives the file and tells every row right or
    wrong; and it is received and brought in."""

    validated: float
    read: float
    committed: float


def table(rows: int = ROWS, seed: int = 7) -> bytes:
    """A CSV with ";" between: phones and sums as people write them, a few of them wrong."""
    chance, text = Random(seed), io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow(HEADER)
    for number in range(rows):
        digits = f"9{chance.choice('0123567')}{chance.randint(0, 9)}{number % 9000:07d}"
        phone = chance.choice((f"+7{digits}", f"8{digits}", f"8 {digits[:3]} {digits[3:6]}-{digits[6:]}"))
        amount = chance.choice((f"{chance.randint(1, 99)} {number % 1000:03d},50", f"{number % 5000 + 1}"))
        if chance.random() < WRONG:
            phone, amount = chance.choice((("8 916 12", amount), (phone, "none")))
        at = START + timedelta(minutes=number)
        writer.writerow((f"c{number}", f"{at:%d.%m.%Y %H:%M}", amount, phone, f"Receipt {number}"))
    return text.getvalue().encode()


def validate(content: bytes) -> tuple[int, int]:
    """(rows that are good, those of them with a phone), by pandas and phonenumbers; nothing is kept. A phone
    that cannot be read leaves a purchase that is nobody's."""
    import pandas
    import phonenumbers

    def e164(typed: str) -> str:
        try:
            number = phonenumbers.parse(typed, "RU")
        except phonenumbers.NumberParseException:
            return ""
        if not phonenumbers.is_valid_number(number):
            return ""
        return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))

    frame: Any = pandas.read_csv(io.BytesIO(content), sep=";", dtype=str, keep_default_na=False)
    frame["e164"] = frame["phone"].map(e164)
    plain = frame["amount"].str.replace(" ", "").str.replace(",", ".")
    frame["sum"] = pandas.to_numeric(plain, errors="coerce")
    frame["at"] = pandas.to_datetime(frame["date"], format="%d.%m.%Y %H:%M", errors="coerce")
    good = (frame["sum"] > 0) & frame["at"].notna() & (frame["id"] != "")
    return int(good.sum()), int((good & (frame["e164"] != "")).sum())


async def bring(server_url: str, number: int) -> Brought:
    """Both once, in turn, the product into a database of its own."""
    content = table()
    settle()
    began = time.perf_counter()
    good = validate(content)
    validated = time.perf_counter() - began
    db = Database(await postgres.database(server_url, f"table_{number}"))
    try:
        async with open_shop(db, system_clock, Till()) as shop:
            began = time.perf_counter()
            taken = await shop.tables.bring(shop.owner, "purchases.csv", content)
            received = time.perf_counter() - began
            _header, told = await shop.tables.wrong_rows(shop.owner, taken.id)
            wrong = [one for one in told if not one.kept]
            read = time.perf_counter() - began
            began = time.perf_counter()
            await shop.tables.advance()
            committed = received + time.perf_counter() - began
            kept = await shop.rows("transactions")
        found = (len(kept), sum(bool(row.phone) for row in kept))
        if found != good or len(wrong) != ROWS - good[0]:
            raise NotTheSame(f"{found} kept and {len(wrong)} wrong; by pandas {good} of {ROWS} are good")
        return Brought(validated, read, committed)
    finally:
        await db.close()
