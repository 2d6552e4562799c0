"""A visit or an invoice of a clinic as a purchase, and nothing medical of it. Pure.

What is kept: id, moment, sum, whether it was taken back, the phone, and the patient as a keyed hash. What is
dropped right here, before anything is stored or told: names, birth date, gender, e-mail, doctor, profession,
room, clinic, type of the visit, and every service with its title. A purchase is always marked as medical.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from crm_adapters.purchase_values import Own, happened
from domain.errors import BadInput
from domain.leads import Money
from domain.phones import read_phone
from domain.transaction_values import keyed_id, read_amount, read_moment
from domain.transactions import SourceTransaction, Unreadable

VISIT, INVOICE = "visit-", "invoice-"
KEPT = ("id", "time_start", "date", "date_created", "date_updated", "status", "status_id", "sum_value",
        "value", "paid_sum", "moved_to", "moved_from")  # fmt: skip
"""What of a record may be kept raw: nothing of it tells who was treated for what."""
LONGEST = 100
MOST_SERVICES = 500

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Clinic:
    """What services fill in of the business; `secret` keys the hashes of patients."""

    site: str
    own: Own
    secret: str = field(repr=False)

    def patient(self, patient_id: Any) -> str:
        """The patient as nobody can find him again without the secret; empty for none, or without it."""
        known = isinstance(patient_id, int | str) and not isinstance(patient_id, bool)
        number = str(patient_id).strip() if known else ""
        if not self.secret or number in ("", "0"):
            return ""
        return keyed_id(self.secret, "renovatio", self.site, number)


def kept(record: Record) -> dict[str, Any]:
    """The part of a record that may be stored."""
    return {name: str(record[name])[:LONGEST] for name in KEPT if record.get(name) not in (None, "")}


def visit(record: Record, clinic: Clinic, cancelled: bool, now: datetime) -> SourceTransaction | Unreadable:
    """A visit that took place, or one that did not in the end."""
    when = record.get("time_start") or record.get("date")
    return _read(record, VISIT, clinic, now, _Told(when, lambda: _sum(record), cancelled or _moved(record)))


def invoice(
    record: Record, clinic: Clinic, phone: str, paid: bool, now: datetime
) -> SourceTransaction | Unreadable:
    """An invoice; only a paid one counts."""
    value = record.get("paid_sum") if record.get("paid_sum") not in (None, "") else record.get("value")
    shown = {**record, "patient_phone": phone}
    return _read(shown, INVOICE, clinic, now, _Told(record.get("date"), lambda: value, not paid))


@dataclass(frozen=True, slots=True)
class _Told:
    when: Any
    amount: Callable[[], Any]
    cancelled: bool


def _read(
    record: Record, prefix: str, clinic: Clinic, now: datetime, told: _Told
) -> SourceTransaction | Unreadable:
    number = record.get("id")
    if not isinstance(number, int | str) or isinstance(number, bool) or not str(number).strip().isalnum():
        return Unreadable("external_id", "required" if number in (None, "") else "invalid", kept(record))
    external_id = f"{prefix}{str(number).strip()[:LONGEST]}"
    try:
        moment = happened(told.when, clinic.own, now)
        amount = told.amount()
        changed = record.get("date_updated")
        return SourceTransaction(
            external_id,
            Money(Decimal(0), clinic.own.currency) if told.cancelled and amount is None
            else read_amount(amount, clinic.own.currency, point="."),
            moment,
            cancelled=told.cancelled,
            phone=phone_in(record, clinic.own.region),
            customer=clinic.patient(record.get("patient_id")),
            changed_at=read_moment(changed, clinic.own.zone, "changed_at") if changed else None,
            medical=True,
            raw=kept(record),
        )  # fmt: skip
    except BadInput as error:
        return Unreadable(error.field, error.reason, kept(record), external_id)


def _moved(record: Record) -> bool:
    """A visit that was moved is told as two: the new one counts."""
    return str(record.get("moved_to") or "0") not in ("0", "")


def _sum(record: Record) -> Any:
    """`sum_value`, or price by count over the services; None without either."""
    if record.get("sum_value") not in (None, ""):
        return record["sum_value"]
    services = record.get("services")
    if not isinstance(services, list) or not services:
        return None
    total = Decimal(0)
    for one in services[:MOST_SERVICES]:
        if not isinstance(one, dict):
            raise BadInput("amount", "invalid")
        price = read_amount(one.get("price") or 0, "RUB", point=".").amount
        count = read_amount(one.get("count") or 1, "RUB", point=".").amount
        total += price * count
    return total


def phone_in(record: Record, region: str) -> str:
    """E.164, or nothing: the vendor writes digits without a plus."""
    for name in ("patient_phone", "mobile", "phone"):
        try:
            return read_phone(str(record.get(name) or ""), region)
        except BadInput:
            continue
    return ""


def meaning(word: Any, statuses: Mapping[str, Sequence[str]]) -> str:
    """completed, cancelled, open, or nothing for a word that nobody has told us."""
    wanted = str(word or "").strip().casefold()
    return next((kind for kind, words in statuses.items() if wanted in words), "")
