"""A table of leads as a CRM of Russia exports it, the same every time."""

import csv
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

HEADER = ("Name", "Company", "Phone", "E-mail", "INN", "Amount", "Comment", "Source", "Created", "City")
FIRST = ("Иван", "Пётр", "Анна", "Мария", "Олег", "Ирина", "Сергей", "Наталья", "Дмитрий", "Елена")
LAST = ("Петров", "Смирнов", "Кузнецов", "Попов", "Васильев", "Соколов", "Михайлов", "Новиков", "Фёдоров")
CITIES = ("Москва", "Казань", "Санкт-Петербург", "Екатеринбург")
ABROAD = ("+49 30 {:08d}", "+375 29 {:07d}", "+1 212 {:07d}", "+998 90 {:07d}")
BAD, TWINS, FOREIGN = 0.02, 0.01, 0.03


def table(rows: int, seed: int = 7) -> bytes:
    """A CSV in cp1251 with ";" between: mobile numbers in the ways people write them, some abroad, a few that
    are none, and a few that stand there twice."""
    chance = Random(seed)
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow(HEADER)
    known: list[str] = []
    for number in range(rows):
        twin = bool(known) and chance.random() < TWINS
        phone = chance.choice(known) if twin else _phone(chance, number)
        known = known if twin else [*known[-50:], phone]
        writer.writerow([
            f"{chance.choice(LAST)} {chance.choice(FIRST)}",
            f"ООО Ромашка {number % 3000}" if number % 3 else "",
            phone,
            "" if twin or number % 3 == 0 else f"person{number}@mail{number % 50}.example.ru",
            "" if twin or number % 10 else inn(number),
            f"{chance.randint(1, 999)} 000" if number % 2 else str(chance.randint(1000, 999_999)),
            "Интересуется ипотекой, просит перезвонить вечером после семи",
            chance.choice(("site", "avito", "referral")),
            f"{chance.randint(1, 28):02d}.{chance.randint(1, 12):02d}.2025 {chance.randint(8, 19):02d}:30",
            chance.choice(CITIES),
        ])  # fmt: skip
    return text.getvalue().encode("cp1251")


def _phone(chance: Random, number: int) -> str:
    kind = chance.random()
    if kind < BAD:
        return chance.choice(("12", "8 916 12", "+7 000 000 00 00", "none", f"{number}"))
    if kind < BAD + FOREIGN:
        return chance.choice(ABROAD).format(chance.randint(2_000_000, 9_999_999))
    digits = f"9{chance.choice('0123567')}{chance.randint(0, 9)}{number:07d}"
    return chance.choice((
        f"+7 ({digits[:3]}) {digits[3:6]}-{digits[6:8]}-{digits[8:]}",
        f"8{digits}",
        f"+7{digits}",
        f"8 {digits[:3]} {digits[3:6]} {digits[6:]}",
        f"7{digits}.0",
        f"8({digits[:3]}){digits[3:6]}-{digits[6:]}",
    ))  # fmt: skip


def inn(number: int) -> str:
    """A company's tax number that is right."""
    nine = f"77{number:07d}"
    total = sum(int(digit) * weight for digit, weight in zip(nine, (2, 4, 10, 3, 5, 9, 4, 6, 8), strict=True))
    return f"{nine}{total % 11 % 10}"


DAY = datetime(2025, 1, 1, 9, tzinfo=UTC)


def sheet_lead(number: int) -> dict[str, Any]:
    """A lead of the export, by the fields of RowLead."""
    phone, email = f"+79{number:09d}", f"person{number}@mail{number % 50}.example.ru"
    return {
        "row": number,
        "name": f"{LAST[number % 9]} {FIRST[number % 10]}",
        "company": f"ООО Ромашка & Ко {number % 3000}" if number % 3 else "",
        "phones": {phone: phone},
        "emails": {email: email},
        "amount": Decimal(1000 + number),
        "source": "site",
        "created_at": DAY + timedelta(minutes=number),
    }


def sheet_row(number: int) -> list[Any]:
    """The same lead as cells of the usual columns."""
    lead = sheet_lead(number)
    return [
        number, lead["name"], lead["company"], *lead["phones"], *lead["emails"], int(lead["amount"]), "new",
        "", "site", (lead["created_at"] + timedelta(hours=3)).replace(tzinfo=None),
    ]  # fmt: skip
