"""Which method and path (after /api/) is served by whom, and which right of the key it needs."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.exchange import Answer
from sandbox.retailcrm import account, custom_fields, customers, history, orders, tasks, telephony
from sandbox.retailcrm.calls import Call


@dataclass(frozen=True, slots=True)
class Route:
    """`*` in the path is any one part of it. An empty `scope` is open to every key."""

    method: str
    path: str
    handler: Callable[[Call], Answer]
    scope: str = ""


def credentials(call: Call) -> Answer:
    own = [route for route in ROUTES if route.scope in call.key.scopes]
    methods = {"/api/" + route.path.removeprefix("v5/").replace("*", "{id}") for route in own}
    return account.credentials(call, sorted(methods))


ROUTES: tuple[Route, ...] = (
    Route("GET", "credentials", credentials),
    Route("GET", "api-versions", account.versions),
    Route("GET", "system-info", account.system_info),
    Route("GET", "v5/settings", account.settings),
    Route("GET", "v5/orders", orders.listed, "order_read"),
    Route("POST", "v5/orders/create", orders.create_call, "order_write"),
    Route("POST", "v5/orders/upload", orders.upload, "order_write"),
    Route("POST", "v5/orders/combine", orders.combine, "order_write"),
    Route("POST", "v5/orders/fix-external-ids", orders.fix_external_ids, "order_write"),
    Route("GET", "v5/orders/history", history.orders, "order_read"),
    Route("GET", "v5/orders/statuses", orders.statuses, "order_read"),
    Route("GET", "v5/orders/*", orders.read, "order_read"),
    Route("POST", "v5/orders/*/edit", orders.edit, "order_write"),
    Route("GET", "v5/customers", customers.listed, "customer_read"),
    Route("POST", "v5/customers/create", customers.create_call, "customer_write"),
    Route("POST", "v5/customers/upload", customers.upload, "customer_write"),
    Route("POST", "v5/customers/combine", customers.combine, "customer_write"),
    Route("POST", "v5/customers/fix-external-ids", customers.fix_external_ids, "customer_write"),
    Route("GET", "v5/customers/history", history.customers, "customer_read"),
    Route("GET", "v5/customers/notes", customers.list_notes, "customer_read"),
    Route("POST", "v5/customers/notes/create", customers.create_note, "customer_write"),
    Route("POST", "v5/customers/notes/*/delete", customers.delete_note, "customer_write"),
    Route("GET", "v5/customers/*", customers.read, "customer_read"),
    Route("POST", "v5/customers/*/edit", customers.edit, "customer_write"),
    Route("GET", "v5/tasks", tasks.listed, "task_read"),
    Route("POST", "v5/tasks/create", tasks.create, "task_write"),
    Route("GET", "v5/tasks/history", history.tasks, "task_read"),
    Route("GET", "v5/tasks/*", tasks.read, "task_read"),
    Route("POST", "v5/tasks/*/edit", tasks.edit, "task_write"),
    Route("GET", "v5/tasks/*/comments", tasks.comments, "task_read"),
    Route("GET", "v5/custom-fields", custom_fields.listed, "custom_fields_read"),
    Route("GET", "v5/custom-fields/dictionaries", custom_fields.dictionaries, "custom_fields_read"),
    Route(
        "POST", "v5/custom-fields/dictionaries/create", custom_fields.create_dictionary, "custom_fields_write"
    ),
    Route("POST", "v5/custom-fields/*/create", custom_fields.create, "custom_fields_write"),
    Route("GET", "v5/reference/*", account.reference, "reference_read"),
    Route("POST", "v5/reference/*/*/edit", account.edit_reference, "reference_write"),
    Route("GET", "v5/users", account.users, "user_read"),
    Route("GET", "v5/users/*", account.user, "user_read"),
    Route("POST", "v5/users/*/status", account.user_status, "user_write"),
    Route("GET", "v5/integration-modules/*", account.module, "integration_read"),
    Route("POST", "v5/integration-modules/*/edit", account.edit_module, "integration_write"),
    Route("GET", "v5/telephony/manager", telephony.manager, "telephony_read"),
    Route("POST", "v5/telephony/call/event", telephony.event, "telephony_write"),
    Route("POST", "v5/telephony/calls/upload", telephony.upload, "telephony_write"),
)


def find(method: str, path: str) -> tuple[Route, tuple[str, ...]] | int:
    """The route and the variable parts of its path; 404 or 405 where there is none."""
    known = False
    for route in ROUTES:
        args = _match(route.path, path)
        if args is None:
            continue
        if route.method == method:
            return route, args
        known = True
    return 405 if known else 404


def _match(pattern: str, path: str) -> tuple[str, ...] | None:
    wanted, given = pattern.split("/"), path.split("/")
    if len(wanted) != len(given):
        return None
    if any(part not in ("*", mine) for part, mine in zip(wanted, given, strict=True)):
        return None
    return tuple(mine for part, mine in zip(wanted, given, strict=True) if part == "*")
