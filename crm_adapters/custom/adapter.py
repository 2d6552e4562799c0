"""A source of purchases that people describe themselves: an address, a key, and where the values are."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from urllib.parse import quote, urlsplit
from xml.etree.ElementTree import Element
from zlib import crc32

from crm_adapters.base import Connection, Manifest, Pace, Provider, Setting, Way
from crm_adapters.custom.api import CustomApi, check_settings
from crm_adapters.custom.config import DEFAULT_MAPPING, Config, config_of
from crm_adapters.custom.expressions import text_of
from crm_adapters.custom.reading import Reader
from crm_adapters.custom.webhook import BY_HAND, EVENTS, parse, verify
from crm_adapters.purchase_values import own_of
from crm_adapters.spans import belongs
from crm_adapters.xml_answers import plain
from domain.crm import ConnectionReport, Problem, Subscription
from domain.errors import CrmGone, CrmRejected, CrmUnavailable, CrmUnsupported
from domain.transactions import SourceTransaction, TransactionPage, Unreadable, Window

MANIFEST = Manifest(
    name="custom",
    title="Custom",
    settings=(
        Setting("url"),
        Setting("auth", required=False),
        Setting("login", required=False),
        Setting("password", secret=True, required=False),
        Setting("header", required=False),
        Setting("api_key", secret=True, required=False),
        Setting("token_url", required=False),
        Setting("client_id", required=False),
        Setting("client_secret", secret=True, required=False),
        Setting("webhook_secret", secret=True, required=False),
    ),
    webhook_events=EVENTS,
    # nobody has told us what it takes
    pace=Pace(burst=2, per_second=2, at_once=1),
    ways=(
        Way("none", ("url",)),
        Way("basic", ("url", "login", "password")),
        Way("bearer", ("url", "api_key")),
        Way("header", ("url", "header", "api_key")),
        Way("oauth", ("url", "token_url", "client_id", "client_secret")),
    ),
    extras=("webhook_secret",),
    seeded_secret="webhook_secret",  # noqa: S106 - a setting's name
    serves=frozenset({"transactions"}),
)
OVERLAP = timedelta(days=1)
SAMPLE = timedelta(days=30)
MOST_PAGES = 5000
COUNTED = ("page", "offset")
LONGEST_PLACE = 2000
REPEATS = "the source repeats a page"
ENDLESS = "the source never ends"
_SINCE: Mapping[str, Callable[[datetime, tzinfo], str]] = {
    "local": lambda moment, zone: moment.astimezone(zone).strftime("%Y-%m-%dT%H:%M:%S"),
    "utc": lambda moment, zone: moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    "date": lambda moment, zone: moment.astimezone(zone).strftime("%Y-%m-%d"),
    "unix": lambda moment, zone: str(int(moment.timestamp())),
}


class Custom:
    """Fulfils Tests, Transactions and WebhooksByHand; `sample` is for whoever makes the mapping. A mapping
    that cannot be followed is BadInput here and now."""

    overlap = OVERLAP

    def __init__(self, connection: Connection) -> None:
        self._config: Config = config_of(connection.mapping)
        self._own, self._now = own_of(connection.settings), connection.now
        self._api = CustomApi(connection.settings, connection.http, connection.now)
        self._webhook_secret = connection.settings.get("webhook_secret", "")
        self._reader = Reader(self._config, self._own, self._api.url)

    async def test(self) -> ConnectionReport:
        """Ask for the last month. Problem codes: no_records_found, records_unreadable."""
        now, problems = self._now(), []
        answer = await self._api.get(self._api.url, self._params(now - SAMPLE, now, ""))
        records, _ = self._told(answer)
        read = self._reader.page(records, now)
        wrong = [one for one in read if isinstance(one, Unreadable)]
        if not read and not self._config.holder.find(answer):
            problems.append(Problem("no_records_found", params={"path": self._config.records.text}))
        elif wrong and len(wrong) == len(read):
            params = {"field": wrong[0].field, "path": self._path_of(wrong[0].field)}
            problems.append(Problem("records_unreadable", fatal=True, params=params))
        return ConnectionReport(urlsplit(self._api.url).netloc, self._version, tuple(problems))

    @property
    def _version(self) -> str:
        return "XML" if self._config.xml else "JSON"

    def _path_of(self, name: str) -> str:
        ours = {"external_id": "id", "happened_at": "date"}.get(name, name)
        found = self._config.fields.get(ours)
        return found.text if found else ""

    async def sample(self) -> Any:
        """What the first request brings, as JSON would have it: the mapping is chosen from it."""
        return (await self.look())[0]

    async def look(self) -> tuple[Any, bool]:
        """The sample, and whether it came as XML."""
        now = self._now()
        found = await self._api.get(self._api.url, self._params(now - SAMPLE, now, ""))
        xml = isinstance(found, Element)
        return (plain(found) if xml else found), xml

    def read(self, answer: Any) -> list[SourceTransaction | Unreadable]:
        """The purchases of an answer that is given, such as a sample: nothing is asked."""
        return self._reader.page(self._told(answer)[0], self._now())

    async def transactions(self, window: Window, after: str) -> TransactionPage:
        number, told, place = _place(after)
        if place and self._config.paging.kind in COUNTED and not place.isdecimal():
            raise CrmRejected("unknown place in the source")
        if number >= MOST_PAGES:
            raise CrmRejected(ENDLESS)
        if self._config.paging.kind == "next_link" and place:
            answer = await self._api.get(self._api.following(place))
        else:
            answer = await self._api.get(self._api.url, self._params(window.since, window.until, place))
        records, following = self._told(answer, place)
        mark = f"{crc32(repr([_shown(one) for one in records]).encode()):08x}"
        if following and (following == place or mark == told):
            # some systems show the last page again and again to whoever asks for a later one
            if self._config.paging.kind in COUNTED and len(records) < self._config.paging.size:
                return TransactionPage([])
            raise CrmRejected(REPEATS)
        read = self._reader.page(records, self._now())
        found = [one for one in read if isinstance(one, Unreadable) or belongs(one.happened_at, window)]
        return TransactionPage(found, f"{number + 1}|{mark}|{following}" if following else "")

    def _params(self, since: datetime, until: datetime, place: str) -> list[tuple[str, str]]:
        config, paging = self._config, self._config.paging
        written, params = _SINCE[config.since_as], list(config.params)
        params += [(config.since, written(since, self._own.zone))] if config.since else []
        params += [(config.until, written(until, self._own.zone))] if config.until else []
        params += [(paging.size_param, str(paging.size))] if paging.size_param else []
        first = {"page": str(paging.first), "offset": "0"}.get(paging.kind, "")
        if paging.param and (place or first) and paging.kind != "next_link":
            params.append((paging.param, place or first))
        return params

    def _told(self, answer: Any, place: str = "") -> tuple[list[Any], str]:
        """The records of an answer, and the place of the next one. Raises CrmUnavailable: another format."""
        if isinstance(answer, Element) is not self._config.xml:
            raise CrmUnavailable("answer cannot be read")
        records, paging = self._config.records.find(answer), self._config.paging
        if len(records) == 1 and isinstance(records[0], list):
            records = records[0]  # the path of the list itself will do
        match paging.kind:
            case "page" if records:
                return records, str(int(place or paging.first) + 1)
            case "offset" if records:
                return records, str(int(place or 0) + len(records))
            case "next_link" | "cursor" if paging.next is not None:
                return records, text_of(paging.next.one(answer))[:LONGEST_PLACE]
        return records, ""

    async def read_transaction(self, external_id: str) -> SourceTransaction | Unreadable:
        """Only where the connector has a path for it."""
        if not self._config.one:
            raise CrmUnsupported("the source reads no single purchase")
        path = self._config.one.replace("{id}", quote(external_id, safe=""))
        answer = await self._api.one(self._api.following(self._api.url.rstrip("/") + path))
        records = [answer] if isinstance(answer, dict | Element) else answer
        if not isinstance(records, list) or not records:
            raise CrmGone("record not found")
        (read,) = self._reader.page(records[:1], self._now())
        return read

    def webhook_by_hand(self, url: str) -> Subscription:
        return Subscription(EVENTS[0], url, BY_HAND, self._webhook_secret)


def _place(after: str) -> tuple[int, str, str]:
    """(pages read, mark of the last one, place of the next). Raises CrmRejected for none of ours."""
    if not after:
        return 0, "", ""
    number, told, place = (*after.split("|", 2), "", "")[:3]
    if not place or not number.isascii() or not number.isdigit():
        raise CrmRejected("unknown place in the source")
    return int(number), told, place


def _shown(record: Any) -> Any:
    return plain(record) if isinstance(record, Element) else record


PROVIDER = Provider(
    manifest=MANIFEST,
    build=Custom,
    default_mapping=DEFAULT_MAPPING,
    verify=verify,
    parse=parse,
    check_settings=check_settings,
)
