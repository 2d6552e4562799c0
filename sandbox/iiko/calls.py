"""What each method answers. Nearly all of them are POST, also those that only read."""

import secrets
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox.exchange import Answer
from sandbox.iiko import orders
from sandbox.iiko.answers import good, invalid, refusal
from sandbox.iiko.seed import TERMINAL
from sandbox.iiko.state import Key, Record, State, Token

LIVES = timedelta(hours=1)
BEHIND = timedelta(hours=3)
GUARANTEED = timedelta(days=7)
_MOMENTS = ("%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S")


@dataclass(frozen=True, slots=True)
class Call:
    """A request let in by a key; `key` is nobody's for the token methods."""

    state: State
    key: Key
    body: Mapping[str, Any]

    def organizations(self) -> list[str]:
        """The restaurants asked for, all of which the key must see."""
        asked = self.body.get("organizationIds")
        if not isinstance(asked, list) or not asked:
            raise invalid("organizationIds is required")
        return [self._seen(one) for one in asked]

    def organization(self) -> str:
        return self._seen(self.body.get("organizationId"))

    def _seen(self, number: object) -> str:
        if number not in self.key.organizations:
            raise invalid("Organization is not available for the API login")
        return str(number)

    def moment(self, name: str) -> datetime | None:
        """A wall clock of the terminal: yyyy-MM-dd HH:mm:ss.fff."""
        text = self.body.get(name)
        if text is None:
            return None
        for form in _MOMENTS:
            try:
                return datetime.strptime(str(text), form)
            except ValueError:
                continue
        raise invalid(f"{name} has a wrong format")


def login(call: Call) -> Answer:
    """The old way: the login alone."""
    key = call.state.keys.get(str(call.body.get("apiLogin")))
    if key is None or key.secret or call.state.faults.is_on("key_revoked"):
        raise refusal(401, "Login is not authorized.")
    return _issued(call.state, key)


def application(call: Call) -> Answer:
    """The new way: the restaurant's key and the application's secret."""
    key = call.state.keys.get(str(call.body.get("apiKey")))
    shown = (call.body.get("appId"), call.body.get("clientSecret"))
    if (
        key is None
        or not key.secret
        or shown != (key.app_id, key.secret)
        or call.state.faults.is_on("key_revoked")
    ):
        raise refusal(401, "Application is not authorized.")
    return _issued(call.state, key)


def _issued(state: State, key: Key) -> Answer:
    token = f"eyJ.{secrets.token_urlsafe(24)}"
    state.tokens[token] = Token(key, state.clock.now() + LIVES)
    return good(token=token)


def organizations(call: Call) -> Answer:
    wanted = call.body.get("organizationIds") or call.key.organizations
    found = [call.state.organizations[one] for one in wanted if one in call.key.organizations]
    if not call.body.get("returnAdditionalInfo"):
        found = [
            {"responseType": "Simple", "id": one["id"], "name": one["name"], "code": one["code"]}
            for one in found
        ]
    return good(organizations=found)


def terminals(call: Call) -> Answer:
    items = [{"id": TERMINAL, "organizationId": one, "name": "Касса"} for one in call.organizations()]
    return good(terminalGroups=[{"organizationId": one["organizationId"], "items": [one]} for one in items],
                terminalGroupsInSleep=[])  # fmt: skip


def by_date(call: Call) -> Answer:
    first, last = call.moment("deliveryDateFrom"), call.moment("deliveryDateTo")
    if first is None:
        raise invalid("deliveryDateFrom is required")
    state, statuses = call.state, call.body.get("statuses") or ()
    oldest = state.clock.now() - GUARANTEED

    def wanted(order: Record) -> bool:
        if order["at"] < oldest or (statuses and order["status"] not in statuses):
            return False
        return orders.within(state, order, first, last or datetime.max)

    return _grouped(call, wanted)


def by_revision(call: Call) -> Answer:
    start = call.body.get("startRevision")
    if not isinstance(start, int) or isinstance(start, bool):
        raise invalid("startRevision is required")
    if call.state.revision - start > BEHIND.total_seconds() * 1000:
        raise refusal(400, "Start revision is too old.", "TOO_OLD_REVISION")
    return _grouped(call, lambda order: order["revision"] > start)


def _grouped(call: Call, wanted: Callable[[Record], bool]) -> Answer:
    every = list(call.state.table("deliveries").values())
    groups = []
    for organization in call.organizations():
        own = [one for one in every if one["organization"] == organization and wanted(one)]
        groups.append(
            {"organizationId": organization, "orders": [orders.shown(call.state, one) for one in own]}
        )
    return good(maxRevision=call.state.revision, ordersByOrganizations=groups)


def deliveries_by_id(call: Call) -> Answer:
    return _by_id(call, "deliveries", [call.organization()])


def tables_by_id(call: Call) -> Answer:
    return _by_id(call, "tables", call.organizations())


def _by_id(call: Call, table: str, own: list[str]) -> Answer:
    asked = call.body.get("orderIds") or call.body.get("posOrderIds")
    if not asked:
        raise invalid("orderIds or posOrderIds is required")
    found = [call.state.table(table).get(str(number)) for number in asked]
    return good(orders=[orders.shown(call.state, one) for one in found if one and one["organization"] in own])


def guest(call: Call) -> Answer:
    """customer/info: not found is a 400 here."""
    call.organization()
    kind = call.body.get("type")
    fields = {
        "phone": "phone",
        "id": "id",
        "email": "email",
        "cardTrack": "cardTrack",
        "cardNumber": "cardNumber",
    }
    if kind not in fields:
        raise invalid("type is required")
    value = call.body.get(fields[kind])
    for one in call.state.table("customers").values():
        cards = {card for owned in one["cards"] for card in (owned["track"], owned["number"])}
        if value and (value == one.get(kind) or value in cards):
            return Answer(dict(one))
    raise refusal(400, "There is no user with the given data.", "Validation_IncorrectPhone")


def upsert(call: Call) -> Answer:
    call.organization()
    number = call.body.get("id")
    if number is not None and number not in call.state.table("customers"):
        raise refusal(400, "Customer is not found.")
    phone, name = str(call.body.get("phone") or ""), str(call.body.get("name") or "")
    made = add_guest(call.state, phone, name, id=number, card=call.body.get("cardNumber"))
    return Answer({"id": made["id"]})


def add_guest(state: State, phone: str, name: str = "", **more: Any) -> Record:
    """A guest of the loyalty programme; the same phone is the same guest."""
    known = next((one for one in state.table("customers").values() if phone and one["phone"] == phone), None)
    number = more.get("id") or (known["id"] if known else str(uuid.uuid4()))
    card = more.get("card")
    cards = [{"id": str(uuid.uuid4()), "track": card, "number": card, "validToDate": None}] if card else []
    state.table("customers")[number] = {
        "id": number, "referrerId": None, "name": name, "surname": None, "middleName": None, "comment": None,
        "phone": phone, "cultureName": "ru-RU", "birthday": None, "email": None, "sex": 0, "consentStatus": 0,
        "anonymized": False, "cards": cards, "categories": [], "userData": None, "isDeleted": False,
        "walletBalances": [{"id": str(uuid.UUID(int=3)), "name": "Бонусы", "type": 1, "balance": 0}],
    }  # fmt: skip
    return state.table("customers")[number]


def hook(call: Call) -> Answer:
    own = call.state.hooks.get((call.organization(), call.key.name), {})
    names = ("webHooksUri", "authToken", "webHooksFilter")
    return good(apiLoginName=call.key.name, **{name: own.get(name) for name in names})


def set_hook(call: Call) -> Answer:
    """It overwrites what another integrator may have set with the same key."""
    place = (call.organization(), call.key.name)
    uri = call.body.get("webHooksUri")
    if not uri:
        raise invalid("webHooksUri is required")
    call.state.hooks[place] = {
        "webHooksUri": uri,
        "authToken": call.body.get("authToken"),
        "webHooksFilter": call.body.get("webHooksFilter"),
    }
    return good()


Handler = Callable[[Call], Answer]
TOKENS: Mapping[str, Handler] = {"1/access_token": login, "v2/access_token": application}
METHODS: Mapping[str, Handler] = {
    "1/organizations": organizations,
    "1/terminal_groups": terminals,
    "1/deliveries/by_delivery_date_and_status": by_date,
    "1/deliveries/by_revision": by_revision,
    "1/deliveries/by_id": deliveries_by_id,
    "1/order/by_id": tables_by_id,
    "1/loyalty/iiko/customer/info": guest,
    "1/loyalty/iiko/customer/create_or_update": upsert,
    "1/webhooks/settings": hook,
    "1/webhooks/update_settings": set_hook,
}
WRITES = frozenset({"1/loyalty/iiko/customer/create_or_update", "1/webhooks/update_settings"})
