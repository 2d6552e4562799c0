"""A source of purchases in the words of the contract suite: its stand-in, and the people at its desk.

A new one is a class here or beside it, and a line in SOURCES.
"""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

from crm_adapters.http import CrmHttp
from sandbox.iiko import IikoSandbox
from sandbox.iiko.orders import item
from sandbox.iiko.seed import APP_ID
from sandbox.yclients import YclientsSandbox
from sandbox.yclients.state import Limits
from tests.crm_adapters.served import Served

START = datetime(2026, 3, 4, 12, tzinfo=UTC)
PHONE = "+79990001122"
OWN = {"zone": "Europe/Moscow", "region": "RU", "currency": "RUB"}
"""What services fill in of the business."""


class SourceStandIn(Served):
    """A source on a local port whose clock stands still but for `later`. Ids are the adapter's external ones.

    `account` is what the connection test calls the account; `medical` whether its purchases are."""

    account: str
    medical: ClassVar[bool] = False
    knows_phones: ClassVar[bool] = True
    mapping: Mapping[str, Any] = {}

    def later(self, seconds: float) -> None:
        """The clock goes on."""
        self.crm.clock.advance(seconds)

    def foul(self) -> None:
        """The access that we have ends: a wrong key from now on."""
        self.revoke_key()

    @abstractmethod
    def sell(self, amount: int, phone: str = PHONE) -> str:
        """A purchase of whole roubles, now; its external id."""

    @abstractmethod
    def edit(self, external_id: str, amount: int) -> None:
        """Its sum was wrong, and is mended."""

    @abstractmethod
    def cancel(self, external_id: str) -> None:
        """It is taken back as a whole, and stays to be seen."""

    @abstractmethod
    def delete(self, external_id: str) -> None:
        """It is thrown away."""

    @abstractmethod
    def refund(self, external_id: str) -> int:
        """A part of the money is given back, or all of it where no less can be; what is left."""

    @abstractmethod
    def spoil(self, external_id: str) -> str:
        """Something in it can no longer be read; the field of SourceTransaction that this is."""

    def crowd(self) -> int:
        """Sell more than what one request of the adapter brings; how many were sold."""
        for number in range(5):
            self.sell(100 + number)
        return 5


class YclientsSide(SourceStandIn):
    account = "Миндаль"

    def __init__(self, **options: Any) -> None:
        self.crm = YclientsSandbox(speed=0, start=START, limits=Limits(100_000, 100_000), **options)

    def connected(self) -> Mapping[str, str]:
        keys = self.crm.keys
        tokens = {"partner_token": keys.partner_token, "user_token": keys.user_token}
        return {"url": self.crm.url, **tokens, "company": str(self.crm.company), **OWN}

    def sell(self, amount: int, phone: str = PHONE) -> str:
        return str(self.crm.serve(services=[(55, amount)], name="Мария" if phone else "", phone=phone))

    def edit(self, external_id: str, amount: int) -> None:
        before = self._cost(external_id)
        self.crm.change(int(external_id), services=[(55, amount)])
        self.crm.pay(int(external_id), amount - before)

    def cancel(self, external_id: str) -> None:
        self.crm.change(int(external_id), attendance=-1)

    def delete(self, external_id: str) -> None:
        self.crm.delete(int(external_id))

    def refund(self, external_id: str) -> int:
        self.crm.pay(int(external_id), -300)
        return int(self._cost(external_id)) - 300

    def spoil(self, external_id: str) -> str:
        self.crm.state.table("records")[int(external_id)]["services"][0]["cost"] = float("1e300")
        return "amount"

    def _cost(self, external_id: str) -> float:
        return float(self.crm.state.table("records")[int(external_id)]["services"][0]["cost"])


class IikoSide(SourceStandIn):
    account = "Кафе Юг, Бар Север"

    def __init__(self, *, new_way: bool = False, **options: Any) -> None:
        self.crm = IikoSandbox(speed=0, start=START, **options)
        self._new_way = new_way

    def connected(self) -> Mapping[str, str]:
        keys = self.crm.keys
        if self._new_way:
            application = {"app_id": APP_ID, "client_secret": keys.client_secret}
            return {"url": self.crm.url, "api_key": keys.api_key, **application, **OWN}
        return {"url": self.crm.url, "api_login": keys.api_login, **OWN}

    def sell(self, amount: int, phone: str = PHONE) -> str:
        order = self.crm.sell(items=[item("Рамен", amount)], phone=phone or None)
        return f"{self.crm.state.table('deliveries')[order]['organization']}:{order}"

    def edit(self, external_id: str, amount: int) -> None:
        self.crm.change(_order(external_id), items=[item("Рамен", amount)])

    def cancel(self, external_id: str) -> None:
        self.crm.change(_order(external_id), status="Cancelled")

    def delete(self, external_id: str) -> None:
        self.crm.change(_order(external_id), deleted=True)

    def refund(self, external_id: str) -> int:
        self.cancel(external_id)
        return 0

    def spoil(self, external_id: str) -> str:
        self.crm.state.table("deliveries")[_order(external_id)]["discount"] = 1e300
        return "amount"


def _order(external_id: str) -> str:
    return external_id.split(":")[1]


SOURCES: Mapping[str, Mapping[str, Callable[[], SourceStandIn]]] = {
    "yclients": {
        "numbers": YclientsSide,
        "texts": lambda: YclientsSide(shape="strings"),
        "short pages, clock of UTC": lambda: YclientsSide(most=2, filters_in="utc"),
        "far east": lambda: YclientsSide(zone="Asia/Kamchatka"),
        "far east, clock of UTC": lambda: YclientsSide(zone="Asia/Kamchatka", filters_in="utc"),
    },
    "iiko": {
        "login": IikoSide,
        "application": lambda: IikoSide(new_way=True),
        "far east": lambda: IikoSide(zone="Asia/Kamchatka"),
    },
}


@dataclass(frozen=True, slots=True)
class Side:
    """An adapter, its stand-in and the client between them."""

    provider: str
    source: SourceStandIn
    adapter: Any
    http: CrmHttp
