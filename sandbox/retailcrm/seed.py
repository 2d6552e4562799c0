"""The account as it is after its set-up: a shop, people, statuses, order methods, the product's fields."""

import secrets
from dataclasses import dataclass, field

from sandbox.retailcrm.state import Key, Record, State

SCOPES = frozenset(
    f"{area}_{action}"
    for area in (
        "order",
        "customer",
        "reference",
        "user",
        "custom_fields",
        "integration",
        "task",
        "telephony",
    )
    for action in ("read", "write")
) | {"analytics_write"}

GROUPS: tuple[tuple[str, str, bool], ...] = (
    ("new", "Новый", False),
    ("approval", "Согласование", True),
    ("assembling", "Комплектация", True),
    ("delivery", "Доставка", True),
    ("complete", "Выполнен", False),
    ("cancel", "Отменён", False),
)
STATUSES: tuple[tuple[str, str, str, int], ...] = (
    ("new", "Новый", "new", 10),
    ("availability-confirmed", "Наличие подтверждено", "approval", 10),
    ("offer-analog", "Предложить замену", "approval", 20),
    ("client-confirmed", "Согласовано с клиентом", "approval", 30),
    ("send-to-assembling", "Передано в комплектацию", "assembling", 10),
    ("delivering", "Доставляется", "delivery", 10),
    ("complete", "Выполнен", "complete", 10),
    ("no-call", "Недозвон", "cancel", 10),
    ("cancel-other", "Отменён", "cancel", 50),
)
METHODS = (
    ("phone", "По телефону"),
    ("landing-page", "Заявка с посадочной страницы"),
    ("telegram-bot", "Telegram-бот"),
)
TYPES = (("eshop-individual", "Физическое лицо"), ("eshop-legal", "Юридическое лицо"))
SITES = (("main", "Основной магазин"), ("second", "Второй магазин"))
PEOPLE = ((27, "Олег", "Сафин", "o@acme.example"), (28, "Анна", "Орлова", "a@acme.example"))
FIELDS = (
    ("voronka_company", "Компания", "string"),
    ("voronka_inn", "ИНН", "string"),
    ("voronka_number", "Номер лида", "integer"),
    ("voronka_amount", "Сумма", "numeric"),
    ("voronka_currency", "Валюта", "string"),
    ("voronka_source", "Источник", "string"),
    ("voronka_referral", "Реферальный код", "string"),
    ("voronka_user_type", "Кто", "string"),
    ("voronka_language", "Язык", "string"),
    ("voronka_field_of_study", "Направление", "string"),
    ("voronka_universities", "Вузы", "text"),
    ("voronka_scholarship", "Стипендия", "boolean"),
)


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of the account; random unless given. `two_sites` sees both shops and must name one."""

    api_key: str = field(default_factory=lambda: secrets.token_hex(16))
    two_sites: str = field(default_factory=lambda: secrets.token_hex(16))


def fill(state: State, keys: Keys) -> None:
    """Set the account up."""
    state.keys[keys.api_key] = Key(keys.api_key, SCOPES, ("main",))
    state.keys[keys.two_sites] = Key(keys.two_sites, SCOPES, ("main", "second"))
    state.references |= {
        "status-groups": _groups(),
        "statuses": {code: _status(code, name, group, order) for code, name, group, order in STATUSES},
        "order-methods": _named(METHODS),
        "order-types": _named(TYPES),
        "sites": {code: {"code": code, "name": name, "url": ""} for code, name in SITES},
        "stores": {},
        "delivery-types": {},
        "payment-types": {},
        "mg-channels": {},
    }
    for number, first, last, email in PEOPLE:
        state.users[number] = _user(number, first, last, email)
    robot = _user(1, "API", "", "robot@acme.example")
    state.users[1] = {**robot, "isManager": False, "isAdmin": True}
    for code, name, kind in FIELDS:
        add_field(state, "order", {"code": code, "name": name, "type": kind})


def add_field(state: State, entity: str, given: Record) -> None:
    """A custom field of an entity, as an admin makes it."""
    made = {"required": False, "inFilter": True, "inList": True, "ordering": 50, "viewMode": "editable"}
    state.custom_fields[entity, given["code"]] = {
        **made,
        "displayArea": "customer",
        **given,
        "entity": entity,
    }


def _groups() -> dict[str, Record]:
    return {
        code: {
            "name": name,
            "code": code,
            "active": True,
            "ordering": (index + 1) * 10,
            "process": process,
            "statuses": [status for status, _, group, _ in STATUSES if group == code],
        }
        for index, (code, name, process) in enumerate(GROUPS)
    }


def _status(code: str, name: str, group: str, ordering: int) -> Record:
    return {"name": name, "code": code, "active": True, "ordering": ordering, "group": group}


def _named(pairs: tuple[tuple[str, str], ...]) -> dict[str, Record]:
    return {code: {"code": code, "name": name, "active": True} for code, name in pairs}


def _user(number: int, first: str, last: str, email: str) -> Record:
    return {
        "id": number,
        "createdAt": "2024-01-01 10:00:00",
        "active": True,
        "email": email,
        "phone": "",
        "firstName": first,
        "lastName": last,
        "status": "free",
        "online": True,
        "isAdmin": False,
        "isManager": True,
        "groups": [{"id": 2, "code": "managers", "name": "Менеджеры"}],
        "mgUserId": number,
    }
