"""Numbers as they stand in people's tables: dressed in every way, of many countries, many of them none."""

from collections.abc import Iterator
from random import Random

BETWEEN = (" ", "-", ".", "(", ")", "\u00a0", "/", "x", ",", "~")
HOME = ("+7", "8", "7", "", "+7 ", "8 ")
NEAR = ("9", "495", "812", "800", "700", "701", "777", "336", "804", "33622")
ABROAD = ("+380", "+375", "+998", "+1", "+44", "+49", "+996", "380", "998", "49", "8 10 ", "+7 8", "810")
BEFORE = ("+", "(", " ", "++", "tel ", "8 (", "")
AFTER = ("", " доб. 12", "x5", "#1", ")", " ", ".")


def mixed_phones(count: int, seed: int = 7) -> Iterator[str]:
    """The same ones for the same seed."""
    chance = Random(seed)
    return (_dressed(chance, _number(chance)) for _ in range(count))


def _digits(chance: Random, number: int) -> str:
    return "".join(chance.choice("0123456789") for _ in range(number))


def _number(chance: Random) -> str:
    kind = chance.random()
    if kind < 0.45:
        return chance.choice(HOME) + chance.choice("3489" * 3 + "0125679") + _digits(chance, 9)
    if kind < 0.55:
        return chance.choice(HOME[:4]) + chance.choice(NEAR) + _digits(chance, chance.randint(4, 9))
    if kind < 0.7:
        return chance.choice(ABROAD) + _digits(chance, chance.randint(6, 12))
    if kind < 0.85:
        return _digits(chance, chance.randint(1, 16))
    return chance.choice(BEFORE) + _digits(chance, chance.randint(7, 12)) + chance.choice(AFTER)


def _dressed(chance: Random, number: str) -> str:
    kind = chance.random()
    if kind < 0.4:
        return number
    if kind < 0.6 and len(number) >= 10:
        return f"{number[:-10]} ({number[-10:-7]}) {number[-7:-4]}-{number[-4:-2]}-{number[-2:]}"
    dressed = ""
    for character in number:
        dressed += character
        if chance.random() < 0.25:
            dressed += chance.choice(BETWEEN if chance.random() < 0.3 else BETWEEN[:2])
    return dressed
