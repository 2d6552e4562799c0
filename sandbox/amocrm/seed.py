"""The account that a stand-in starts with: people, a pipeline, custom fields, one integration."""

import base64
import json
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sandbox.amocrm.state import Grant, Record, State

ACCOUNT_ID = 30111222
PIPELINE_ID = 5001
WON, LOST = 142, 143
UNSORTED = 1
PEOPLE = ((8001, "Олег Сафин", True), (8002, "Анна Орлова", False), (8003, "Вера Лапина", False))
STAGES = ("Первичный контакт", "Переговоры", "Принимают решение", "Согласование договора")
PHONE_ENUMS = ("WORK", "WORKDD", "MOB", "FAX", "HOME", "OTHER")
EMAIL_ENUMS = ("WORK", "PRIV", "OTHER")
UTM = ("UTM_SOURCE", "UTM_MEDIUM", "UTM_CAMPAIGN", "UTM_CONTENT", "UTM_TERM", "REFERRER")
OWN_FIELDS = {
    "VORONKA_ID": "text",
    "VORONKA_NUMBER": "numeric",
    "VORONKA_NOTE": "textarea",
    "VORONKA_INN": "text",
    "VORONKA_REFERRAL": "text",
    "VORONKA_USER_TYPE": "text",
    "VORONKA_LANGUAGE": "text",
    "VORONKA_STUDY": "text",
    "VORONKA_UNIVERSITIES": "text",
    "VORONKA_SCHOLARSHIP": "checkbox",
}
LONG_LIVED = timedelta(days=365)


def _word() -> str:
    return secrets.token_hex(16)


@dataclass(frozen=True, slots=True)
class Keys:
    """The integration's secrets; random unless given."""

    client_id: str = field(default_factory=_word)
    client_secret: str = field(default_factory=_word)
    redirect_uri: str = "https://bot.example/amo/oauth"
    long_lived: str = ""


def jwt(state: State, until: Any) -> str:
    """A token of the vendor's size and claims (its signature is noise)."""
    claims = {
        "account_id": ACCOUNT_ID,
        "exp": int(until.timestamp()),
        "api_domain": state.base_url,
        "jti": _word(),
    }
    parts = (json.dumps({"typ": "JWT", "alg": "RS256"}), json.dumps(claims), secrets.token_hex(400))
    return ".".join(base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts)


def fill(state: State, keys: Keys) -> None:
    """Set up the account in an empty state."""
    state.account = {
        "id": ACCOUNT_ID, "name": "ООО Лён", "subdomain": "acme", "current_user_id": PEOPLE[0][0],
        "country": "RU", "currency": "RUB", "currency_symbol": "₽", "is_unsorted_on": True,
        "is_loss_reason_enabled": True, "version": 14, "is_api_filter_enabled": False,
        "duplicate_control": False,
    }  # fmt: skip
    for user_id, name, admin in PEOPLE:
        add_user(state, user_id, name, admin=admin)
    _pipeline(state)
    state.loss_reasons[12] = {"id": 12, "name": "Дорого", "sort": 1}
    for entity in ("contacts", "companies"):
        add_field(state, entity, "Телефон", "multitext", "PHONE", PHONE_ENUMS)
        add_field(state, entity, "Email", "multitext", "EMAIL", EMAIL_ENUMS)
    for code in UTM:
        add_field(state, "leads", code.lower(), "tracking_data", code)
    add_field(state, "leads", "Канал", "select", "", ("Бот", "Сайт", "Звонок"))
    for code, kind in OWN_FIELDS.items():
        add_field(state, "leads", code, kind, code)
    if keys.long_lived:
        state.tokens[keys.long_lived] = Grant(PEOPLE[0][0], state.clock.now() + LONG_LIVED)


def add_user(state: State, user_id: int, name: str, *, admin: bool = False, active: bool = True) -> Record:
    rights: Record = dict.fromkeys(("view", "edit", "add", "delete", "export"), "A")
    state.users[user_id] = {
        "id": user_id, "name": name, "email": f"u{user_id}@acme.example", "lang": "ru",
        "rights": {"leads": rights, "is_admin": admin, "is_free": False, "is_active": active,
                   "group_id": None, "role_id": None},
    }  # fmt: skip
    return state.users[user_id]


def add_field(
    state: State, entity: str, name: str, kind: str, code: str = "", options: tuple[str, ...] = ()
) -> Record:
    """A custom field; a multitext's options are codes."""
    field_id = state.new_id()
    enums = [
        {
            "id": state.new_id(),
            "value": option,
            "sort": at * 10,
            "code": option if kind == "multitext" else None,
        }
        for at, option in enumerate(options, 1)
    ]
    state.fields[entity][field_id] = {
        "id": field_id, "name": name, "type": kind, "code": code or None,
        "sort": 500 + len(state.fields[entity]), "account_id": ACCOUNT_ID,
        "entity_type": entity, "is_api_only": False, "group_id": None,
        "is_predefined": code in ("PHONE", "EMAIL", *UTM), "required_statuses": [], "enums": enums or None,
    }  # fmt: skip
    return state.fields[entity][field_id]


def _pipeline(state: State) -> None:
    add_pipeline(state, PIPELINE_ID, "Воронка", STAGES, main=True, first=43000)


def add_pipeline(
    state: State, pipeline_id: int, name: str, stages: tuple[str, ...], *, main: bool = False, first: int
) -> Record:
    """A pipeline with Unsorted, the stages, and 142 and 143, which every pipeline has."""
    rows = [("Неразобранное", first, 10, UNSORTED, False)]
    rows += [(stage, first + at, 10 + at * 10, 0, True) for at, stage in enumerate(stages, 1)]
    rows += [
        ("Успешно реализовано", WON, 10000, 0, False),
        ("Закрыто и не реализовано", LOST, 11000, 0, False),
    ]
    statuses = [
        {"id": status_id, "name": stage, "sort": sort, "is_editable": editable, "pipeline_id": pipeline_id,
         "color": "#99ccff", "type": kind, "account_id": ACCOUNT_ID}
        for stage, status_id, sort, kind, editable in rows
    ]  # fmt: skip
    state.pipelines[pipeline_id] = {
        "id": pipeline_id, "name": name, "sort": len(state.pipelines) + 1, "is_main": main,
        "is_unsorted_on": True, "is_archive": False, "account_id": ACCOUNT_ID,
        "_embedded": {"statuses": statuses},
    }  # fmt: skip
    return state.pipelines[pipeline_id]
