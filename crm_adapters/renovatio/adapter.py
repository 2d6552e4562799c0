"""MIS Renovatio as a source of purchases: visits that took place, or invoices that were paid.

Nothing is paged and nothing can be asked for by its last change: days are read, a few at a time, and read
again (see crm_adapters/spans.py).
"""

from collections import OrderedDict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from crm_adapters import mapping as rules
from crm_adapters.base import Connection, Manifest, Pace, Provider, Setting, Way
from crm_adapters.egress import check_url
from crm_adapters.purchase_values import own_of
from crm_adapters.renovatio.api import RenovatioApi, site_of
from crm_adapters.renovatio.reading import INVOICE, VISIT, Clinic, Record, invoice, meaning, phone_in, visit
from crm_adapters.renovatio.webhook import EVENTS, parse, verify
from crm_adapters.spans import OVERLAP, belongs, mark_of, start_of
from domain.crm import ConnectionReport, Problem, Subscription
from domain.errors import BadInput, CrmAccessLost, CrmGone, CrmRejected, CrmUnavailable
from domain.transaction_values import read_moment
from domain.transactions import SourceTransaction, TransactionPage, Unreadable, Window

VISITS, INVOICES = "visits", "invoices"
MANIFEST = Manifest(
    name="renovatio",
    title="Renovatio",
    settings=(
        Setting("url", required=False),
        Setting("api_key", secret=True),
        Setting("clinic_id", required=False),
        Setting("read_from", required=False),
        Setting("hash_secret", secret=True, required=False),
    ),
    webhook_events=EVENTS,
    # no limit is published
    pace=Pace(burst=2, per_second=2, at_once=1),
    ways=(Way("key", ("url", "api_key")),),
    extras=("clinic_id", "read_from"),
    seeded_secret="",
    serves=frozenset({"transactions"}),
)
DEFAULT_MAPPING = rules.load(Path(__file__).with_name("statuses.toml"))
DAYS = 4
VERSION = "public"
TOO_LARGE = "answer too large"
INVOICES_A_PAGE = 20
MOST_PATIENTS = 20_000
BY_HAND = "by-hand"
GOES_BACK = "the source goes back in time"


def completed(settings: Mapping[str, str]) -> Mapping[str, str]:
    """With the vendor's own address where the clinic has none."""
    return {**settings, "url": site_of(settings.get("url", ""))}


def check_settings(settings: Mapping[str, str]) -> None:
    """Raise BadInput for the first setting that cannot be right: url, api_key, clinic_id or read_from."""
    check_url(site_of(settings.get("url", "")))
    key = settings.get("api_key", "")
    if not key:
        raise BadInput("api_key", "required")
    if not key.isascii() or not key.isprintable() or " " in key:
        raise BadInput("api_key", "invalid")
    clinic = settings.get("clinic_id", "")
    if clinic and not (clinic.isascii() and clinic.isdigit()):
        raise BadInput("clinic_id", "invalid")
    if settings.get("read_from", VISITS) not in ("", VISITS, INVOICES):
        raise BadInput("read_from", "invalid")


class Renovatio:
    """Fulfils Tests, Transactions and WebhooksByHand."""

    overlap = OVERLAP

    def __init__(self, connection: Connection) -> None:
        settings = connection.settings
        self._api, self._now = RenovatioApi(settings, connection.http), connection.now
        self._clinic_id = settings.get("clinic_id", "")
        self._from = settings.get("read_from") or VISITS
        self._statuses: Mapping[str, Any] = connection.mapping
        self._phones: OrderedDict[str, str] = OrderedDict()
        self._clinic = Clinic(self._api.site, own_of(settings), settings.get("hash_secret", ""))

    async def test(self) -> ConnectionReport:
        """Ask for the clinics and for today. Problem codes: no_right, clinic_unknown, status_unknown."""
        clinics = await self._api.rows("getClinics")
        mine = [one for one in clinics if not self._clinic_id or str(one.get("id")) == self._clinic_id]
        problems = []
        if not mine:
            params = {"clinics": ", ".join(f"{one.get('id')} {one.get('title')}" for one in clinics[:20])}
            problems.append(Problem("clinic_unknown", fatal=True, params=params))
        problems += [problem async for problem in self._rights()]
        name = ", ".join(str(one.get("title") or one.get("id")) for one in mine[:3])
        return ConnectionReport(name or self._api.site, VERSION, tuple(problems))

    async def _rights(self) -> Any:
        """A key is allowed method by method."""
        today = self._now().astimezone(self._clinic.own.zone).date()
        method = "getAppointments" if self._from == VISITS else "getInvoices"
        try:
            rows = await self._days(today - timedelta(days=DAYS), today)
            if self._from == INVOICES:
                method = "getPatient"
                await self._patient("0")
        except (CrmAccessLost, CrmRejected):
            yield Problem("no_right", fatal=True, params={"scope": method, "action": "read"})
            return
        words = {str(row.get("status")) for row in rows if self._meaning(row) == ""}
        if words and self._from == VISITS:
            yield Problem("status_unknown", params={"statuses": ", ".join(sorted(words)[:10])})

    def _meaning(self, row: Record) -> str:
        return meaning(row.get("status"), self._statuses.get(self._from, {}))

    async def transactions(self, window: Window, after: str) -> TransactionPage:
        start, month = start_of(window)
        last = self._day(window.until)
        day, done = _place(after, self._day(start))
        until = min(day + timedelta(days=DAYS - 1), last)
        try:
            rows = await self._days(day, until)
        except CrmUnavailable as error:
            if error.reason != TOO_LARGE or day == until:
                raise
            until = day
            rows = await self._days(day, day)
        if self._from == INVOICES:
            part = rows[done : done + INVOICES_A_PAGE]
            found = [await self._invoice(row) for row in part]
            if done + len(part) < len(rows):
                return TransactionPage(found, f"{day.isoformat()}|{done + len(part)}")
        else:
            if any(self._is_elsewhere(row, day, until) for row in rows):
                raise CrmRejected(GOES_BACK)
            found = [self._visit(row) for row in rows]
        found = [one for one in found if isinstance(one, Unreadable) or belongs(one.happened_at, window)]
        if until < last:
            return TransactionPage(found, f"{(until + timedelta(days=1)).isoformat()}|0")
        return TransactionPage(found, mark=mark_of(window, month=month))

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(self._clinic.own.zone).date()

    async def _days(self, first: date, last: date) -> list[dict[str, Any]]:
        """Records of whole days of the clinic's calendar, the last one included."""
        days = {"date_from": f"{first:%d.%m.%Y}", "date_to": f"{last:%d.%m.%Y}", "clinic_id": self._clinic_id}
        if self._from == INVOICES:
            return await self._api.rows("getInvoices", **days)
        return await self._api.rows("getAppointments", **days, show_patient_data="1")

    def _is_elsewhere(self, row: Record, first: date, last: date) -> bool:
        """Whether a visit is of days that were not asked for, by more than the edge of one."""
        try:
            day = self._day(read_moment(row.get("time_start"), self._clinic.own.zone))
        except BadInput:
            return False
        return day < first - timedelta(days=1) or day > last + timedelta(days=1)

    def _visit(self, row: Record) -> SourceTransaction | Unreadable:
        """A visit that is still to come, or of which nobody knows how it stands, is no purchase yet."""
        return visit(row, self._clinic, self._meaning(row) != "completed", self._now())

    async def _invoice(self, row: Record) -> SourceTransaction | Unreadable:
        patient = str(row.get("patient_id") or "")
        phone = await self._patient(patient) if patient else ""
        return invoice(row, self._clinic, phone, self._meaning(row) == "paid", self._now())

    async def _patient(self, patient_id: str) -> str:
        """The patient's phone; kept for as long as the adapter lives, and never stored."""
        if patient_id not in self._phones:
            try:
                rows = await self._api.rows("getPatient", id=patient_id)
            except CrmRejected:
                rows = []  # "nothing found" may come as an error
            self._phones[patient_id] = phone_in(rows[0], self._clinic.own.region) if rows else ""
            while len(self._phones) > MOST_PATIENTS:
                self._phones.popitem(last=False)
        return self._phones[patient_id]

    async def read_transaction(self, external_id: str) -> SourceTransaction | Unreadable:
        """A visit by its id. An invoice cannot be asked for by its own, so it is left to the next walk."""
        number = external_id.removeprefix(VISIT)
        if external_id.startswith(INVOICE) or not number.isalnum():
            raise CrmRejected("an invoice is read by its date alone")
        rows = await self._api.rows("getAppointments", id=number, show_patient_data="1")
        row = next((one for one in rows if str(one.get("id")) == number), None)
        if row is None:
            raise CrmGone("record not found")
        return self._visit(row)

    def webhook_by_hand(self, url: str) -> Subscription:
        """The address for a notification that the clinic's administrator sets up."""
        return Subscription(EVENTS[0], url, BY_HAND, "")


def _place(after: str, start: date) -> tuple[date, int]:
    """The day a walk goes on with, and how many of its records are done."""
    if not after:
        return start, 0
    day, _, done = after.partition("|")
    try:
        return date.fromisoformat(day), int(done)
    except ValueError:
        raise CrmRejected("unknown place in the source") from None


PROVIDER = Provider(
    manifest=MANIFEST,
    build=Renovatio,
    default_mapping=DEFAULT_MAPPING,
    verify=verify,
    parse=parse,
    check_settings=check_settings,
    address=site_of,
    completed=completed,
)
