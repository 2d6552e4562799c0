"""What each method answers. Nearly all of them are POST, also those that only read."""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sandbox.exchange import Answer
from sandbox.iiko import guests, orders
from sandbox.iiko.answers import good, invalid, refusal
from sandbox.iiko.call import Call
from sandbox.iiko.seed import TERMINAL
from sandbox.iiko.state import Key, Record, State, Token

LIVES = timedelta(hours=1)
BEHIND = timedelta(hours=3)
GUARANTEED = timedelta(days=7)


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
    "1/loyalty/iiko/customer/info": guests.info,
    "1/loyalty/iiko/customer/create_or_update": guests.upsert,
    "1/loyalty/iiko/customer/wallet/topup": guests.top_up,
    "1/loyalty/iiko/customer/wallet/chargeoff": guests.charge_off,
    "1/loyalty/iiko/customer/transactions/by_date": guests.movements,
    "1/webhooks/settings": hook,
    "1/webhooks/update_settings": set_hook,
}
WRITES = frozenset(
    {
        "1/loyalty/iiko/customer/create_or_update",
        "1/loyalty/iiko/customer/wallet/topup",
        "1/loyalty/iiko/customer/wallet/chargeoff",
        "1/webhooks/update_settings",
    }
)
