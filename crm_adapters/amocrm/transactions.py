"""Won leads as purchases. A lead that is not won, or no more, is told as taken back.

With the paid filter add-on a walk goes forward by the moment of change; a step begins at the last moment
seen, so that leads which change meanwhile hide no others. Without it the newest come first: the page where an
older window ends is looked for by halves, then the pages behind it are walked until the window's beginning.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from crm_adapters.amocrm.api import PAGE, AmoApi, Record, embedded, has_next
from crm_adapters.amocrm.catalogue import WON, Catalogue, stage_id
from crm_adapters.amocrm.mapping import main_contact, moment_of
from crm_adapters.amocrm.values import decoded
from crm_adapters.purchase_values import AHEAD, phone_in
from domain.errors import BadInput, CrmGone, CrmRejected
from domain.transaction_values import read_amount, read_currency, read_moment
from domain.transactions import SourceTransaction, TransactionPage, Unreadable, Window

OVERLAP = timedelta(minutes=10)
SMALL_PAGE = 50
"""Without the add-on each contact is a request of its own."""
DEEPEST = 4096
RECENT = timedelta(hours=1)
STAYS_KNOWN = timedelta(minutes=10)
MOST_KEPT = 5000
LONGEST = 500
REPEATS = "the source repeats a page"
GOES_BACK = "the source goes back in time"
FORWARD, FIND, BACK = "forward", "find", "back"


class WonLeads:
    """Purchases of one account. `settings` may hold region and currency of the business."""

    def __init__(
        self, api: AmoApi, catalogue: Catalogue, settings: Mapping[str, str], now: Callable[[], datetime]
    ) -> None:
        self._api, self._catalogue, self._now = api, catalogue, now
        self._region, self._currency = settings.get("region") or "RU", settings.get("currency", "")
        self._won = _words(settings.get("won_statuses", "")) or (WON,)
        self._phones: OrderedDict[str, tuple[str, datetime]] = OrderedDict()

    async def transactions(self, window: Window, after: str) -> TransactionPage:
        since, until = (int(moment.timestamp()) for moment in (window.since, window.until))
        way, *place = after.split("|")
        numbers = [int(one) if one.isascii() and one.isdigit() else 0 for one in (*place, "", "")][:2]
        if not after:
            filtered = (await self._catalogue.account()).get("is_api_filter_enabled")
            recent = window.until > self._now() - RECENT
            way, numbers = (FORWARD, [since, 1]) if filtered else (BACK, [1, 0]) if recent else (FIND, [0, 0])
        if way == FORWARD:
            return await self._forward(numbers[0], numbers[1], until)
        if way == FIND:
            return await self._find(numbers[0], numbers[1], until)
        if way == BACK and numbers[0]:
            return await self._back(numbers[0], since, until)
        raise CrmRejected("unknown place in the source")

    async def _forward(self, since: int, page: int, until: int) -> TransactionPage:
        """Oldest first: the next step begins at the last moment, unless all of a page bears it."""
        answer = await self._api.get("leads", [
            ("filter[updated_at][from]", str(since)),
            ("filter[updated_at][to]", str(until - 1)),
            ("order[updated_at]", "asc"),
            *_page(page, PAGE),
        ])  # fmt: skip
        leads = embedded(answer, "leads")
        if any(not since <= _changed(lead) < until for lead in leads):
            raise CrmRejected(GOES_BACK)
        found = await self._read(leads, filtered=True)
        if not leads or not has_next(answer):
            return TransactionPage(found)
        last = _changed(leads[-1])
        if page > DEEPEST or len({lead["id"] for lead in leads}) < len(leads):
            raise CrmRejected(REPEATS)
        return TransactionPage(
            found, f"{FORWARD}|{last}|1" if last > since else f"{FORWARD}|{last}|{page + 1}"
        )

    async def _find(self, low: int, high: int, until: int) -> TransactionPage:
        """Page `low` is newer than the window's end, `high` is not: by doubling, then by halves."""
        if high and high - low <= 1:
            return TransactionPage([], f"{BACK}|{high}")
        middle = (low + high) // 2 if high else max(low * 2, 1)
        if middle > DEEPEST:
            raise CrmRejected("too many leads to walk without the filter add-on")
        leads = embedded(await self._newest(middle), "leads")
        if leads and _changed(leads[-1]) >= until:
            return TransactionPage([], f"{FIND}|{middle}|{high}")
        return TransactionPage([], f"{FIND}|{low}|{middle}")

    async def _back(self, page: int, since: int, until: int) -> TransactionPage:
        answer = await self._newest(page)
        leads = embedded(answer, "leads")
        moments = [_changed(lead) for lead in leads]
        if moments != sorted(moments, reverse=True):
            raise CrmRejected(GOES_BACK)
        wanted = [lead for lead in leads if since <= _changed(lead) < until]
        found = await self._read(wanted, filtered=False)
        if not leads or not has_next(answer) or moments[-1] < since:
            return TransactionPage(found)
        if page >= 2 * DEEPEST:
            raise CrmRejected(REPEATS)
        return TransactionPage(found, f"{BACK}|{page + 1}")

    async def _newest(self, page: int) -> Any:
        return await self._api.get("leads", [("order[updated_at]", "desc"), *_page(page, SMALL_PAGE)])

    async def read_transaction(self, external_id: str) -> SourceTransaction | Unreadable:
        raw = await self._api.get(f"leads/{external_id}", [("with", "contacts")])
        if not isinstance(raw, dict) or not raw.get("id") or raw.get("is_deleted"):
            raise CrmGone("record deleted")
        (found,) = await self._read([raw], filtered=False)
        return found

    async def _read(self, leads: list[Record], *, filtered: bool) -> list[SourceTransaction | Unreadable]:
        """People are asked for only where there is a purchase of theirs."""
        contacts = {str(lead["id"]): main_contact(lead) for lead in leads if self._is_won(lead)}
        phones = await self._phones_of(dict.fromkeys(filter(None, contacts.values())), filtered=filtered)
        currency = self._currency or str((await self._catalogue.account()).get("currency") or "RUB")
        found: list[SourceTransaction | Unreadable] = []
        for lead in leads:
            contact = contacts.get(str(lead["id"]), "")
            try:
                found.append(self._purchase(lead, contact, phones.get(contact, ""), currency))
            except BadInput as error:
                found.append(Unreadable(error.field, error.reason, lead, str(lead["id"])))
        return found

    def _is_won(self, lead: Record) -> bool:
        status = str(lead.get("status_id"))
        return bool({status, stage_id(lead.get("pipeline_id"), status)} & set(self._won))

    def _purchase(self, lead: Record, contact: str, phone: str, currency: str) -> SourceTransaction:
        won = self._is_won(lead) and not lead.get("is_deleted")
        closed = read_moment(lead.get("closed_at") or lead.get("updated_at"), "UTC")
        if closed > self._now() + AHEAD:
            raise BadInput("happened_at", "future")
        return SourceTransaction(
            str(lead["id"]),
            read_amount(lead.get("price") or 0, read_currency(currency), point="."),
            closed,
            cancelled=not won,
            phone=phone,
            customer=contact,
            description=str(lead.get("name") or "")[:LONGEST],
            changed_at=moment_of(lead.get("updated_at")),
            raw=lead,
        )

    async def _phones_of(self, contacts: Iterable[str], *, filtered: bool) -> dict[str, str]:
        fresh_since = self._now() - STAYS_KNOWN
        wanted = list(contacts)
        missing = [one for one in wanted if one not in self._phones or self._phones[one][1] < fresh_since]
        field = (await self._catalogue.fields("contacts")).find("PHONE") if missing else None
        if filtered and missing:
            ids = [("filter[id][]", contact) for contact in missing]
            read = embedded(await self._api.get("contacts", [*ids, ("limit", str(PAGE))]), "contacts")
        else:
            answers = [await self._api.get(f"contacts/{contact}") for contact in missing]
            read = [one for one in answers if isinstance(one, dict) and one.get("id")]
        for one in read:
            self._phones[str(one["id"])] = (self._first(decoded(one, field)), self._now())
        while len(self._phones) > MOST_KEPT:
            self._phones.popitem(last=False)
        return {contact: self._phones[contact][0] for contact in wanted if contact in self._phones}

    def _first(self, phones: list[str]) -> str:
        return next((phone for text in phones if (phone := phone_in(text, self._region))), "")


def _page(page: int, size: int) -> list[tuple[str, str]]:
    return [("with", "contacts"), ("page", str(page)), ("limit", str(size))]


def _changed(lead: Record) -> int:
    stamp = lead.get("updated_at")
    return stamp if isinstance(stamp, int) else 0


def _words(text: str) -> tuple[str, ...]:
    """Statuses that count as won besides 142: "5001:43005, 43006"."""
    return tuple(word for part in text.split(",") if (word := part.strip()))
