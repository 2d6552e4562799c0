"""The restaurants as they are at the start: two of one owner, one of somebody else."""

import secrets
import uuid
from dataclasses import dataclass, field

from sandbox.iiko.state import Key, State

CAFE, BAR, FOREIGN = (str(uuid.UUID(int=0x7BC0 << 112 | number)) for number in (1, 2, 3))
TERMINAL = str(uuid.UUID(int=0xC19D << 112))
APP_ID = str(uuid.UUID(int=0xA99 << 112))
NAMES = {CAFE: "Кафе Юг", BAR: "Бар Север", FOREIGN: "Чужой ресторан"}


@dataclass(frozen=True, slots=True)
class Keys:
    """`api_login` is of the old way, the rest of the new one: the restaurant's key, and our application's
    secret."""

    api_login: str = field(default_factory=lambda: secrets.token_hex(4))
    api_key: str = field(default_factory=lambda: secrets.token_hex(16))
    client_secret: str = field(default_factory=lambda: secrets.token_hex(16))


def fill(state: State, keys: Keys) -> None:
    """Set the restaurants up."""
    own = (CAFE, BAR)
    state.keys[keys.api_login] = Key("Voronka", own)
    state.keys[keys.api_key] = Key("Voronka", own, APP_ID, keys.client_secret)
    for code, (number, name) in enumerate(NAMES.items(), 31):
        state.organizations[number] = {
            "responseType": "Extended", "id": number, "name": name, "code": str(code), "country": "RU",
            "restaurantAddress": "Самара, Мира, 1", "currencyIsoName": "RUB", "timezone": state.zone.key,
        }  # fmt: skip
