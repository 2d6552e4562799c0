"""The base that a stand-in starts with: a shop's configuration with sales, receipts, customers and goods."""

import secrets
from dataclasses import dataclass, field
from typing import Any

from sandbox.onec.state import NO_DATE, NO_REF, Record, State

RUB_KEY = "00c10000-0000-4000-8000-000000000643"
USD_KEY = "00c10000-0000-4000-8000-000000000840"
PHONE_KIND = "fa110000-0000-4000-8000-000000000001"

_LINES = {
    "LineNumber": "Edm.Int64",
    "Номенклатура_Key": "Edm.Guid",
    "Количество": "Edm.Double",
    "Цена": "Edm.Double",
    "Сумма": "Edm.Double",
}
_DOCUMENT = {
    "Ref_Key": "Edm.Guid",
    "DataVersion": "Edm.String",
    "DeletionMark": "Edm.Boolean",
    "Number": "Edm.String",
    "Date": "Edm.DateTime",
    "Posted": "Edm.Boolean",
    "СуммаДокумента": "Edm.Double",
    "Комментарий": "Edm.String",
}
_SALE = {**_DOCUMENT, "Контрагент_Key": "Edm.Guid", "Валюта_Key": "Edm.Guid", "Товары": "Collection"}
_CATALOG = {
    "Ref_Key": "Edm.Guid",
    "DataVersion": "Edm.String",
    "DeletionMark": "Edm.Boolean",
    "Description": "Edm.String",
    "Code": "Edm.String",
}
SCHEMA: dict[str, dict[str, str]] = {
    "Document_РеализацияТоваровУслуг": _SALE,
    "Document_ВозвратТоваровОтПокупателя": {**_SALE, "Сделка": "Edm.String", "Сделка_Type": "Edm.String"},
    "Document_ЧекККМ": {**_SALE, "ВидОперации": "Edm.String", "ЧекККМПродажа_Key": "Edm.Guid"},
    "Document_ОтчетОРозничныхПродажах": _SALE,
    "Document_ЗаказКлиента": {
        **_SALE,
        "Организация_Key": "Edm.Guid",
        "Статус": "Edm.String",
        "Основание": "Edm.String",
        "Основание_Type": "Edm.String",
    },
    "Catalog_Контрагенты": {**_CATALOG, "ИНН": "Edm.String", "КонтактнаяИнформация": "Collection"},
    "Catalog_Номенклатура": {**_CATALOG, "Parent_Key": "Edm.Guid", "IsFolder": "Edm.Boolean"},
    "Catalog_Валюты": _CATALOG,
}
ROWS = {"Товары": _LINES, "КонтактнаяИнформация": {
    "LineNumber": "Edm.Int64",
    "Тип": "Edm.String",
    "Вид_Key": "Edm.Guid",
    "Представление": "Edm.String",
    "НомерТелефона": "Edm.String",
    "НомерТелефонаБезКодов": "Edm.String",
    "АдресЭП": "Edm.String",
}}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Keys:
    """The user of the base and the client of the login server; secrets are random unless given."""

    login: str = "Воронка"
    password: str = field(default_factory=lambda: secrets.token_hex(8))
    client_id: str = "voronka"
    client_secret: str = field(default_factory=lambda: secrets.token_hex(16))


def fill(state: State, keys: Keys) -> None:
    """Set the base up: the whole schema is published."""
    state.login, state.password = keys.login, keys.password
    state.client_id, state.client_secret = keys.client_id, keys.client_secret
    state.schema = {name: dict(known) for name, known in SCHEMA.items()}
    state.published = list(SCHEMA)
    for key, code, name in ((RUB_KEY, "643", "руб."), (USD_KEY, "840", "USD")):
        state.put(
            "Catalog_Валюты", {"Ref_Key": key, "Code": code, "Description": name, "DeletionMark": False}
        )


def empty(kind: str) -> Any:
    """What 1C stores where nobody has written anything."""
    values: dict[str, Any] = {
        "Edm.Guid": NO_REF,
        "Edm.DateTime": NO_DATE,
        "Edm.Boolean": False,
        "Edm.Double": 0,
        "Edm.Int64": "0",
        "Collection": [],
    }
    return values.get(kind, "")


def complete(name: str, record: Record) -> Record:
    """A record with every attribute of its kind; rows are numbered, their numbers are texts."""
    unset = {attribute: empty(kind) for attribute, kind in SCHEMA[name].items() if attribute != "Ref_Key"}
    whole = unset | record
    for part, kind in SCHEMA[name].items():
        if kind == "Collection":
            whole[part] = [
                {
                    **{attribute: empty(of) for attribute, of in ROWS[part].items()},
                    "LineNumber": str(at),
                    **row,
                }
                for at, row in enumerate(whole[part], 1)
            ]
    return whole
