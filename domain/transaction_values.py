"""Amounts, moments and ids of purchases as sources write them. Readers raise BadInput(field, reason)."""

import hashlib
import hmac
import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.errors import BadInput
from domain.fields import MAX_AMOUNT, read_number
from domain.leads import Money

CENT = Decimal("0.01")
FIRST_YEAR, LAST_YEAR = 1990, 2200

_LONGEST = 64
_AMOUNT = re.compile(
    r"(?P<minus>[-+\u2212]?)\s*(?P<before>[^\W\d_]*|[^\w\s.,+-]?)\s*"
    r"(?P<number>\d[\d\s.,']*?)\s*(?P<after>[^\W\d_]*|[^\w\s.,+-]?)\.?"
)
_MACHINE = re.compile(r"\d+(?:\.\d*)?(?:[eE][+-]?\d{1,2})?", re.ASCII)
_CODE = re.compile(r"[A-Z]{3}")
# A sign or a word of a price list, in lower case -> the currency it names. Letters that are not Latin are
# those of "rub", "r", "roubles" and "tenge" in Russian.
_WORDS: Mapping[str, str] = {
    "\u20bd": "RUB",
    "rur": "RUB",
    "\u0440": "RUB",
    "\u0440\u0443\u0431": "RUB",
    "\u0440\u0443\u0431\u043b\u044c": "RUB",
    "\u0440\u0443\u0431\u043b\u044f": "RUB",
    "\u0440\u0443\u0431\u043b\u0435\u0439": "RUB",
    "\u20b8": "KZT",
    "\u0442\u0435\u043d\u0433\u0435": "KZT",
    "$": "USD",
    "\u20ac": "EUR",
}


def read_currency(code: str) -> str:
    """An ISO 4217 code in capitals; the withdrawn RUR is RUB. Raises BadInput("currency", "invalid")."""
    text = code.strip().upper()
    text = _WORDS.get(text.lower(), text)
    if not _CODE.fullmatch(text):
        raise BadInput("currency", "invalid")
    return text


def read_amount(value: object, currency: str, *, negative: bool = False, point: str = "") -> Money:
    """A sum to the cent, halves rounded up. Numbers, Decimals and texts: "1.000,50", "1,000.50", "1 000,50",
    with the currency's sign or word at either end.

    With point="." a text is a machine's number and nothing else ("150.000" is 150); without it three digits
    after a lone "." or "," are thousands, as everywhere that people type (see fields.read_number). Reasons:
    required, invalid, negative (unless `negative`), out_of_range (a million millions and more), currency (the
    text names another one).
    """
    code = read_currency(currency)
    amount = _plain(value) if not isinstance(value, str) else _typed(value, code, point)
    if not amount.is_finite():
        raise BadInput("amount", "invalid")
    if abs(amount) > MAX_AMOUNT:
        raise BadInput("amount", "out_of_range")
    amount = amount.quantize(CENT, ROUND_HALF_UP)
    if amount < 0 and not negative:
        raise BadInput("amount", "negative")
    return Money(amount or Decimal("0.00"), code)  # no minus zero


def _plain(value: object) -> Decimal:
    if value is None:
        raise BadInput("amount", "required")
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise BadInput("amount", "invalid")
    if isinstance(value, int) and abs(value) > MAX_AMOUNT:
        raise BadInput("amount", "out_of_range")
    return value if isinstance(value, Decimal) else Decimal(str(value))


def _typed(text: str, currency: str, point: str) -> Decimal:
    text = text.strip()
    if not text:
        raise BadInput("amount", "required")
    match = _AMOUNT.fullmatch(text) if len(text) <= _LONGEST else None
    if point and match is None:
        match = re.fullmatch(r"(?P<minus>[-+]?)(?P<number>\d[\d.]*[eE][+-]?\d+)", text, re.ASCII)
    if match is None:
        raise BadInput("amount", "invalid")
    found = match.groupdict("")
    for word in filter(None, (found.get("before"), found.get("after"))):
        named = _WORDS.get(word.lower(), word.upper())
        if not _CODE.fullmatch(named):
            raise BadInput("amount", "invalid")
        if named != currency:
            raise BadInput("amount", "currency")
    amount = _machine(found["number"]) if point else read_number(found["number"])
    return -amount if found["minus"] in ("-", "\u2212") else amount


def _machine(text: str) -> Decimal:
    try:
        if _MACHINE.fullmatch(text):
            return Decimal(text)
    except InvalidOperation:
        pass
    raise BadInput("amount", "invalid")


def read_quantity(value: object) -> Decimal:
    """How many of a line, without its sign, to the thousandth; one where nobody can tell, since no sum hangs
    on it."""
    try:
        told = Decimal(1) if isinstance(value, bool) else Decimal(str(value).strip().replace(",", "."))
        exact = abs(told).quantize(Decimal("0.001"), ROUND_HALF_UP)
    except InvalidOperation:
        return Decimal(1)
    return exact.normalize() + 0 if exact.is_finite() else Decimal(1)


def zone_named(name: str) -> ZoneInfo:
    """The IANA zone. Raises BadInput("zone", "invalid")."""
    try:
        return ZoneInfo(name.strip())
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInput("zone", "invalid") from None


_OFFSET = r"\s*(?P<offset>[zZ]|[+-]\d\d(?::?\d\d)?)?"
_CLOCK = r"(?:[T\s]+(?P<hour>\d\d?):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<part>\d{1,9}))?)?)?"
_FORMS = tuple(
    re.compile(form, re.ASCII)
    for form in (
        r"(?P<year>\d{4})-(?P<month>\d\d?)-(?P<day>\d\d?)" + _CLOCK + _OFFSET,
        r"(?P<day>\d\d?)\.(?P<month>\d\d?)\.(?P<year>\d{4})" + _CLOCK + _OFFSET,
        r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"
        r"(?:T?(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d)(?:[.,](?P<part>\d{1,9}))?)?" + _OFFSET,
    )
)
_UNIX = re.compile(r"\d{9,10}(?:\.\d{1,9})?|\d{12,13}", re.ASCII)


def read_moment(value: object, zone: str | tzinfo, field: str = "happened_at") -> datetime:
    """A moment as aware UTC, to the microsecond. `zone` (IANA, the business's own) is where a moment without
    an offset was told.

    ISO 8601 with or without offset, dd.mm.yyyy hh:mm, yyyymmddhhmmss, Unix seconds or milliseconds, a
    datetime. A date alone is the midnight it begins with. An hour that the clock shows twice is its first
    pass; one that it leaves out is as long after the change as it pretends to be (02:30 becomes 03:30).
    Reasons: required, invalid, out_of_range (outside of 1990 to 2200: 1C's empty date is the year 1).
    """
    if isinstance(zone, str):
        zone = zone_named(zone)
    if value is None or (isinstance(value, str) and not value.strip()):
        raise BadInput(field, "required")
    try:
        moment = _moment(value, zone)
    except (ValueError, OverflowError, OSError):
        raise BadInput(field, "invalid") from None
    if moment is None:
        raise BadInput(field, "invalid")
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise BadInput(field, "out_of_range")
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone, fold=0)).astimezone(UTC)


def _moment(value: object, zone: tzinfo) -> datetime | None:
    if isinstance(value, datetime):
        return value
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _unix(value)
    if not isinstance(value, str) or len(value) > _LONGEST:
        return None
    text = value.strip()
    if _UNIX.fullmatch(text):
        return _unix(float(text))
    match = next((found for form in _FORMS if (found := form.fullmatch(text))), None)
    return None if match is None else _written(match.groupdict())


def _unix(seconds: float) -> datetime:
    """What is too far ahead for seconds is milliseconds: 10^11 seconds are the year 5138."""
    return datetime.fromtimestamp(seconds / 1000 if abs(seconds) >= 1e11 else seconds, UTC)


def _written(parts: Mapping[str, str | None]) -> datetime:
    names = ("year", "month", "day", "hour", "minute", "second")
    year, month, day, hour, minute, second = (int(parts[name] or 0) for name in names)
    micro = int((parts["part"] or "0").ljust(6, "0")[:6])
    moment = datetime(year, month, day, hour, minute, second, micro)
    offset = parts["offset"]
    if not offset:
        return moment
    if offset in "zZ":
        return moment.replace(tzinfo=UTC)
    shift = offset.replace(":", "").ljust(5, "0")
    return moment.replace(tzinfo=datetime.strptime(shift, "%z").tzinfo)


def hashed_id(business: str, happened_at: datetime, phone: str, amount: Money, ordinal: int = 0) -> str:
    """An id for a purchase that its source gives none: SHA-256 over moment, phone, sum and business, each in
    its own place, so that no two rows run together, and the ordinal among equal ones (see `HashedIds`).

    The same row makes the same id in every telling. `happened_at` is aware, `phone` E.164 or empty.
    """
    exact = format(amount.amount.quantize(CENT, ROUND_HALF_UP), "f")
    moment = happened_at.astimezone(UTC).isoformat()
    told = json.dumps([business, moment, phone, exact, amount.currency, ordinal])
    return "sha256-" + hashlib.sha256(told.encode()).hexdigest()


class HashedIds:
    """Ids of the rows of one telling, in its order. Two honest equal purchases get the ordinals 0 and 1 and
    stay two; a repeat of the whole telling gets the same ids again."""

    def __init__(self, business: str) -> None:
        self._business = business
        self._seen: Counter[str] = Counter()

    def of(self, happened_at: datetime, phone: str, amount: Money) -> str:
        """The id of the next row."""
        first = hashed_id(self._business, happened_at, phone, amount)
        ordinal = self._seen[first]
        self._seen[first] += 1
        return hashed_id(self._business, happened_at, phone, amount, ordinal) if ordinal else first


def hashed_ids(business: str, rows: Iterable[tuple[datetime, str, Money]]) -> list[str]:
    """Ids of the rows (moment, phone, sum) of a whole telling."""
    ids = HashedIds(business)
    return [ids.of(*row) for row in rows]


def keyed_id(secret: str, *parts: str) -> str:
    """An id that nobody without `secret` finds the parts of again, by trying all numbers either: HMAC-SHA256
    over the parts, each in its own place. Raises BadInput("secret", "required")."""
    if not secret:
        raise BadInput("secret", "required")
    return hmac.new(secret.encode(), json.dumps(parts).encode(), hashlib.sha256).hexdigest()
