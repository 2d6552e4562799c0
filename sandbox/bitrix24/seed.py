"""A portal as an admin has prepared it: people, a webhook, an application, own fields."""

import secrets
from dataclasses import dataclass, field

from sandbox.bitrix24 import auth
from sandbox.bitrix24.schema import CONTACT, DEAL, LEAD, Field
from sandbox.bitrix24.state import App, Hook, State, User

ADMIN, ANNA, OLEG = 1, 7, 9
SCOPES = ("crm", "user", "task")
OWN_FIELDS = (
    ("UF_CRM_VORONKA_INN", "string", "ИНН"),
    ("UF_CRM_VORONKA_NUMBER", "integer", "Номер заявки"),
    ("UF_CRM_VORONKA_USER_TYPE", "string", "Кто обращается"),
    ("UF_CRM_VORONKA_LANGUAGE", "string", "Язык"),
    ("UF_CRM_VORONKA_STUDY", "string", "Направление"),
    ("UF_CRM_VORONKA_UNIVERSITIES", "string", "Университеты"),
    ("UF_CRM_VORONKA_SCHOLARSHIP", "boolean", "Стипендия"),
)
CHANNEL = Field("UF_CRM_1712000000", "enumeration", "Канал", "UF_CRM_1712000000",
                options=(("44", "Бот"), ("45", "Сайт")))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Keys:
    """The secrets of a portal; random by default."""

    code: str = field(default_factory=lambda: secrets.token_hex(8))
    client_id: str = field(default_factory=lambda: f"local.{secrets.token_hex(7)}")
    client_secret: str = field(default_factory=lambda: secrets.token_hex(25))
    application_token: str = field(default_factory=lambda: secrets.token_hex(16))


def fill(state: State, keys: Keys) -> None:
    """Put in people, the inbound webhook of the admin, and an application."""
    people = (
        User(ADMIN, "Мария", "Смирнова", "maria@example.com", admin=True),
        User(ANNA, "Анна", "Орлова", "anna@example.com"),
        User(OLEG, "Олег", "Титов", "oleg@example.com"),
    )
    state.users = {person.id: person for person in people}
    state.hooks = [Hook(ADMIN, keys.code, SCOPES)]
    state.apps = [App(keys.client_id, keys.client_secret, SCOPES, keys.application_token)]
    for type_id in (LEAD, DEAL, CONTACT):
        for name, kind, title in OWN_FIELDS:
            state.add_field(type_id, Field(name, kind, title, name))
    state.add_field(LEAD, CHANNEL)


def tokens(state: State, user_id: int = ADMIN) -> dict[str, str]:
    """A pair of tokens of the application, as the installation brings them."""
    pair = auth.issue(state, state.apps[0], user_id)
    return {"access_token": pair["access_token"], "refresh_token": pair["refresh_token"]}
