"""1C by OData and by its own service, a clinic, and amoCRM's won leads, in the words of the suite."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.amocrm import AmoSandbox
from sandbox.onec import OneCSandbox
from sandbox.renovatio import RenovatioSandbox
from tests.sources.sides import OWN, PHONE, START, SourceStandIn

RECEIPT, RETURN = "Document_ЧекККМ", "Document_ВозвратТоваровОтПокупателя"
HASH_SECRET = "a-secret-kept-outside-of-the-database"
MANY = 130


class ODataSide(SourceStandIn):
    """A base of 1C asked by OData."""

    def __init__(self, **options: Any) -> None:
        self.crm = OneCSandbox(speed=0, start=START, **options)
        self.crm.state.literal_plus = True

    def connected(self) -> Mapping[str, str]:
        self.account = self.crm.url.removeprefix("http://")
        keys, zone = self.crm.keys, str(self.crm.state.zone)
        return {"url": self.crm.url, "login": keys.login, "password": keys.password, **OWN, "zone": zone}

    @property
    def address(self) -> str:
        return str(self.crm.url).removeprefix("http://").partition("/")[0]

    def sell(self, amount: int, phone: str = PHONE) -> str:
        buyer = self.crm.customer("Мария", phone)
        lines = [{"Количество": 1, "Сумма": amount}]
        values = {"Контрагент_Key": buyer["Ref_Key"], "СуммаДокумента": amount, "Товары": lines}
        return "1C-" + str(self.crm.write(RECEIPT, ВидОперации="Продажа", **values)["Ref_Key"])

    def edit(self, external_id: str, amount: int) -> None:
        lines = [{"LineNumber": "1", "Количество": 1, "Сумма": amount}]
        self.crm.write(RECEIPT, Ref_Key=external_id[3:], СуммаДокумента=amount, Товары=lines)

    def cancel(self, external_id: str) -> None:
        self.crm.write(RECEIPT, Ref_Key=external_id[3:], DeletionMark=True, Posted=False)

    def delete(self, external_id: str) -> None:
        self.crm.delete(RECEIPT, external_id[3:])

    def refund(self, external_id: str) -> int:
        whole = self.crm.state.table(RECEIPT)[external_id[3:]]["СуммаДокумента"]
        made_for = {"Сделка": external_id[3:], "Сделка_Type": f"StandardODATA.{RECEIPT}"}
        self.crm.write(RETURN, СуммаДокумента=300, **made_for)
        return int(whole) - 300

    def spoil(self, external_id: str) -> str:
        self.crm.write(RECEIPT, Ref_Key=external_id[3:], СуммаДокумента="сто рублей")
        return "amount"

    def crowd(self) -> int:
        for number in range(MANY):
            self.crm.write(RECEIPT, СуммаДокумента=100 + number, ВидОперации="Продажа")
        return MANY


class ServiceSide(SourceStandIn):
    """A base of 1C asked through its own HTTP service, by OAuth2."""

    def __init__(self, *, xml: str = "", pages: bool = True) -> None:
        self.crm = OneCSandbox(speed=0, start=START)
        self.crm.state.service_xml, self.crm.state.service_pages = xml, pages

    def connected(self) -> Mapping[str, str]:
        self.account, self._sold = self.crm.url.removeprefix("http://"), 12344
        client = {"client_id": self.crm.keys.client_id, "client_secret": self.crm.keys.client_secret}
        return {"url": self.crm.url, "service": "/api/transactions", "token_url": self.crm.token_url,
                **client, **OWN}  # fmt: skip

    @property
    def address(self) -> str:
        return str(self.crm.url).removeprefix("http://").partition("/")[0]

    def foul(self) -> None:
        self.crm.fail("key_revoked")

    def sell(self, amount: int, phone: str = PHONE) -> str:
        self._sold += 1
        name, items = f"1C-{self._sold}", [{"name": "Процедура", "price": amount}]
        self.crm.tell(id=name, customer_phone=phone, amount=amount, items=items)
        return name

    def edit(self, external_id: str, amount: int) -> None:
        self.crm.tell(id=external_id, amount=amount, items=[{"name": "Процедура", "price": amount}])

    def cancel(self, external_id: str) -> None:
        self.crm.tell(id=external_id, deleted=True)

    def delete(self, external_id: str) -> None:
        del self.crm.state.service[external_id]

    def refund(self, external_id: str) -> int:
        self.crm.tell(id=f"{external_id}-R", amount=-300, refund_of=external_id, date=self.crm.state.local())
        return int(self.crm.state.service[external_id]["amount"]) - 300

    def spoil(self, external_id: str) -> str:
        self.crm.tell(id=external_id, date="вчера")
        return "happened_at"

    def crowd(self) -> int:
        for number in range(2 * MANY):
            self.sell(100 + number)
        return 2 * MANY


class ClinicSide(SourceStandIn):
    """Visits of a clinic."""

    account = "Клиника на Мира"
    medical = True

    def __init__(self, **options: Any) -> None:
        self.crm = RenovatioSandbox(speed=0, start=START, **options)

    def connected(self) -> Mapping[str, str]:
        return {"url": self.crm.url, "api_key": self.crm.api_key, "hash_secret": HASH_SECRET, **OWN,
                "zone": str(self.crm.state.zone)}  # fmt: skip

    def sell(self, amount: int, phone: str = PHONE) -> str:
        person = self.crm.patient(mobile=phone.removeprefix("+"), last_name="Петров", first_name="Олег")
        services = [{"title": "Приём терапевта", "price": str(amount), "count": "1"}]
        visit = self.crm.visit(patient_id=person["patient_id"], status="completed", status_id=4,
                               services=services, sum_value=str(amount))  # fmt: skip
        return f"visit-{visit['id']}"

    def edit(self, external_id: str, amount: int) -> None:
        services = [{"title": "Приём терапевта", "price": str(amount), "count": "1"}]
        self.crm.change_visit(_number(external_id), services=services, sum_value=str(amount))

    def cancel(self, external_id: str) -> None:
        self.crm.change_visit(_number(external_id), status="refused", status_id=5)

    def delete(self, external_id: str) -> None:
        self.crm.delete_visit(_number(external_id))

    def refund(self, external_id: str) -> int:
        self.cancel(external_id)
        return 0

    def spoil(self, external_id: str) -> str:
        self.crm.change_visit(_number(external_id), sum_value="сто")
        return "amount"

    def crowd(self) -> int:
        for number in range(10):
            self.sell(100 + number)
            self.later(10 * 3600)
        return 10


def _number(external_id: str) -> int:
    return int(external_id.partition("-")[2])


class DealsSide(SourceStandIn):
    """Won leads of an amoCRM account, with or without the paid filters."""

    account = "ООО Лён"

    def __init__(self, *, filters: bool = False) -> None:
        self.crm = AmoSandbox(speed=0, start=START, per_second=0)
        self._filters = filters

    def connected(self) -> Mapping[str, str]:
        self.crm.state.account["is_api_filter_enabled"] = self._filters
        return {"url": self.crm.url, "api_key": self.crm.token}

    def sell(self, amount: int, phone: str = PHONE) -> str:
        values = [{"field_code": "PHONE", "values": [{"value": phone, "enum_code": "MOB"}]}] if phone else []
        person = self.crm.create("contacts", first_name="Мария", custom_fields_values=values)
        lead = self.crm.create(
            "leads", name="Сделка", price=amount, _embedded={"contacts": [{"id": person["id"]}]}
        )
        self.crm.change("leads", lead["id"], status_id=142)
        return str(lead["id"])

    def edit(self, external_id: str, amount: int) -> None:
        self.crm.change("leads", int(external_id), price=amount)

    def cancel(self, external_id: str) -> None:
        self.crm.change("leads", int(external_id), status_id=43002)

    def delete(self, external_id: str) -> None:
        self.crm.delete("leads", int(external_id))

    def refund(self, external_id: str) -> int:
        self.cancel(external_id)
        return 0

    def spoil(self, external_id: str) -> str:
        self.crm.state.tables["leads"][int(external_id)]["price"] = 10**15
        return "amount"

    def crowd(self) -> int:
        for number in range(2 * MANY):
            lead = self.crm.create("leads", name=f"Сделка {number}", price=100)
            self.crm.state.tables["leads"][lead["id"]] |= {"status_id": 142, "closed_at": lead["updated_at"]}
            if number % 2:
                self.later(1)
        return 2 * MANY


CUSTOM: Mapping[str, Any] = {
    "one": "/{id}",
    "request": {"params": {"limit": "50"}},
    "paging": {"kind": "cursor", "param": "cursor", "next": "$.next"},
    "fields": {"cancelled": "deleted", "refers_to": "refund_of", "kind": "type"},
    "lines": {"each": "$.items[*]", "title": "name", "price": "price"},
    "words": {"refund": ["return"]},
}
CUSTOM_XML: Mapping[str, Any] = {
    **CUSTOM,
    "format": "xml",
    "records": "./items/item",
    "paging": {"kind": "none", "param": "", "next": ""},
    "lines": {"each": "./items/item", "title": "name", "price": "./price"},
}


class CustomSide(ServiceSide):
    """The same service, described as people describe a system that nobody knows."""

    def __init__(self, *, xml: str = "") -> None:
        super().__init__(xml=xml, pages=not xml)
        self.mapping = CUSTOM_XML if xml else CUSTOM

    def connected(self) -> Mapping[str, str]:
        self._sold, keys = 12344, self.crm.keys
        self.account = self.address
        user = {"login": keys.login, "password": keys.password}
        return {"url": f"{self.crm.url}/api/transactions", **user, **OWN}

    def refund(self, external_id: str) -> int:
        back = {"type": "return", "refund_of": external_id, "date": self.crm.state.local()}
        self.crm.tell(id=f"{external_id}-R", amount=300, **back)
        return int(self.crm.state.service[external_id]["amount"]) - 300


MORE: Mapping[str, Mapping[str, Callable[[], SourceStandIn]]] = {
    "onec": {
        "odata": ODataSide,
        "odata, far east": lambda: ODataSide(zone="Asia/Kamchatka"),
        "service": ServiceSide,
        "service, a list in XML": lambda: ServiceSide(xml="windows-1251", pages=False),
    },
    "renovatio": {
        "visits": ClinicSide,
        "visits, far east": lambda: ClinicSide(zone="Asia/Kamchatka"),
    },
    "custom": {
        "pages of JSON": CustomSide,
        "a list in XML": lambda: CustomSide(xml="utf-8"),
    },
    "amocrm": {
        "newest first": DealsSide,
        "with filters": lambda: DealsSide(filters=True),
    },
}
