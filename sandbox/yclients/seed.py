"""The chain as it is at the start: two branches of one owner, one of somebody else."""

import secrets
from dataclasses import dataclass, field

from sandbox.yclients.state import State

COMPANY, SECOND, FOREIGN = 4102, 4103, 9900
SERVICES = {55: ("Стрижка", 2000), 56: ("Окрашивание", 5400), 57: ("Маникюр", 2200)}
GOODS = {801: ("Шампунь", 990), 802: ("Маска для волос", 1450)}
STAFF = {31: "Анна", 32: "Игорь"}
LOGIN = ("79161234567", "owner-password")


@dataclass(frozen=True, slots=True)
class Keys:
    """`partner_token` is the integrator's, `user_token` the owner's."""

    partner_token: str = field(default_factory=lambda: secrets.token_hex(10))
    user_token: str = field(default_factory=lambda: secrets.token_hex(16))


def fill(state: State, keys: Keys) -> None:
    """Set the chain up."""
    state.partner_token = keys.partner_token
    state.users[keys.user_token] = frozenset({COMPANY, SECOND})
    state.logins[LOGIN] = keys.user_token
    for number, title in ((COMPANY, "Миндаль"), (SECOND, "Миндаль на Мира"), (FOREIGN, "Чужой салон")):
        state.companies[number] = {
            "id": number, "title": title, "short_descr": "Салон красоты", "logo": "", "active": 1,
            "phone": "+74951112233", "country_id": 7, "country": "Россия", "city_id": 2, "city": "Москва",
            "timezone": state.zone.key, "schedule": "10-22", "address": "ул. Мира, 1",
            "coordinate_lat": 55.7, "coordinate_lon": 37.6,
        }  # fmt: skip
