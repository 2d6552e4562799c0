"""Documented requests of API v5 and what comes back, in data invented by us."""

from dataclasses import dataclass, field
from typing import Any

ANNA = {
    "externalId": "tg-55501",
    "firstName": "Анна",
    "lastName": "Кузнецова",
    "email": "anna@example.com",
    "phones": [{"number": "+79161234567"}],
    "managerId": 27,
    "tags": [{"name": "telegram"}],
    "source": {"source": "vk"},
    "customFields": {"tg_user": "anna_k"},
}
ORDER = {
    "externalId": "tg-lead-123",
    "orderMethod": "telegram-bot",
    "orderType": "eshop-individual",
    "firstName": "Анна",
    "lastName": "Кузнецова",
    "phone": "+79161234567",
    "email": "anna@example.com",
    "status": "new",
    "customerComment": "Хочет консультацию",
    "managerComment": "бот",
    "managerId": 27,
    "customer": {"externalId": "tg-55501"},
    "source": {"source": "vk", "medium": "cpc", "campaign": "autumn", "keyword": "crm", "content": "b2"},
    "customFields": {"tg_user": "anna_k"},
    "items": [],
}
TASK = {
    "text": "Перезвонить",
    "commentary": "после 15:00",
    "datetime": "2026-11-21 15:00",
    "performerId": 27,
    "order": {"externalId": "tg-lead-123"},
    "customer": {"externalId": "tg-55501"},
    "phone": "+79161234567",
}
NOTE = {"customer": {"externalId": "tg-55501", "site": "main"}, "text": "Нажата кнопка", "managerId": 27}
CALL = {
    "date": "2026-11-20 11:58:00",
    "type": "in",
    "phone": "79161234567",
    "userId": 27,
    "code": "101",
    "result": "answered",
    "duration": 190,
    "externalId": "call-88",
    "site": "main",
}
MODULE = {
    "code": "tg-crm-phone",
    "integrationCode": "tg-crm-phone",
    "active": True,
    "name": "TG CRM",
    "logo": "https://bot.example/logo.svg",
    "clientId": "acct-77",
    "baseUrl": "https://bot.example/rcrm/",
    "actions": {"activity": "activity"},
}
IN_ENTITY = "Errors in the entity format"


@dataclass(frozen=True)
class Exchange:
    """`request` is a method and a path; `form` the fields of a POST; `has` a part of the answer."""

    name: str
    request: str
    form: dict[str, Any] = field(default_factory=dict)
    status: int = 200
    has: Any = None


X = Exchange


def one(total: int = 1) -> dict[str, int]:
    return {"limit": 20, "totalCount": total, "currentPage": 1, "totalPageCount": 1}


def refused(message: str, errors: Any = None) -> dict[str, Any]:
    told = {"success": False, "errorMsg": message}
    return told if errors is None else {**told, "errors": errors}


def order(**changes: Any) -> dict[str, Any]:
    return {"order": {**ORDER, "externalId": "other", **changes}}


# Each runs in an account with the customer, the order, a task and a note of above.
ALL = [
    X("key and rights", "GET /api/credentials", has={"success": True, "sitesAvailable": ["main"]}),
    X("selective", "GET /api/credentials", has={"siteAccess": "access_selective"}),
    X("versions", "GET /api/api-versions", has={"success": True, "versions": ["3.0", "4.0", "5.0"]}),
    X("system", "GET /api/system-info", has={"systemVersion": "8.1.5"}),
    X("settings", "GET settings", has={"settings": {"timezone": {"value": "Europe/Moscow"}}}),
    X("sites by code", "GET reference/sites", has={"sites": {"main": {"code": "main"}}}),
    X("statuses by code", "GET reference/statuses", has={"statuses": {"complete": {"group": "complete"}}}),
    X("groups", "GET reference/status-groups", has={"statusGroups": {"new": {"statuses": ["new"]}}}),
    X("a new order", "POST orders/create", order(), 201, {"success": True, "order": {"status": "new"}}),
    X(
        "an order finds its customer",
        "POST orders/create",
        order(),
        201,
        {"order": {"customer": {"id": 903}}},
    ),
    X("an order is shown", "GET orders/4107?by=id", has={"order": {"id": 4107, "number": "4107C"}}),
    X("by is externalId", "GET orders/4107", status=404, has=refused("Not found")),
    X(
        "its own id",
        "GET orders/tg-lead-123?site=main",
        has={"order": {"customFields": {"tg_user": "anna_k"}}},
    ),
    X(
        "an edit changes what is sent",
        "POST orders/tg-lead-123/edit",
        {"by": "externalId", "site": "main", "order": {"status": "client-confirmed", "managerId": 28}},
        has={"id": 4107, "order": {"status": "client-confirmed", "managerId": 28, "phone": "+79161234567"}},
    ),
    X(
        "externalId is unique",
        "POST orders/create",
        {"order": ORDER},
        400,
        {"success": False, "errors": {"externalId": "Order with externalId=tg-lead-123 already exists."}},
    ),
    X("an object is missing", "POST orders/create", {}, 400, refused("Parameter 'order' is missing")),
    X(
        "a status that does not exist",
        "POST orders/create",
        order(status="foo"),
        400,
        refused(IN_ENTITY, ['order.status: Status with code "foo" does not exist.']),
    ),
    X(
        "an order method that does not exist",
        "POST orders/create",
        order(orderMethod="foo"),
        400,
        refused(IN_ENTITY, ['order.orderMethod: OrderMethod with code "foo" does not exist.']),
    ),
    X(
        "a customer that does not exist",
        "POST orders/create",
        order(customer={"externalId": "2106"}),
        400,
        refused("Order is not loaded", {"customer.externalId": "Customer with externalId=2106 not found."}),
    ),
    X(
        "a bad phone",
        "POST orders/create",
        order(phone="12"),
        400,
        refused(IN_ENTITY, {"phone": "Неверный формат"}),
    ),
    X(
        "an element that the dictionary lacks",
        "POST orders/create",
        order(customFields={"channel": "post"}),
        400,
        refused(IN_ENTITY, {"customFields.channel": "Неверный формат"}),
    ),
    X("an element", "POST orders/create", order(customFields={"channel": "bot"}), 201, {"success": True}),
    X("a shop that does not exist", "POST orders/create", {**order(), "site": "no"}, 400, refused(IN_ENTITY)),
    X("orders of a phone", "GET orders?filter[customer]=79161234567", has={"pagination": one()}),
    X("orders of a part", "GET orders?filter[customer]=кузнец", has={"pagination": one()}),
    X("orders of an e-mail", "GET orders?filter[email]=anna@example.com", has={"pagination": one()}),
    X("orders by ids", "GET orders?filter[ids][]=4107&filter[ids][]=5", has={"pagination": one()}),
    X("orders by field", "GET orders?filter[customFields][tg_user]=anna_k", has={"pagination": one()}),
    X("orders of another day", "GET orders?filter[createdAtTo]=2020-01-01", has={"pagination": one(0)}),
    X("orders of a campaign", "GET orders?filter[campaignName]=autumn", has={"pagination": one()}),
    X("a filter that does not exist", "GET orders?filter[phone]=1", status=400, has={"success": False}),
    X("a limit that does not exist", "GET orders?limit=10", status=400, has={"success": False}),
    X("customers of an e-mail", "GET customers?filter[email]=anna@example.com", has={"pagination": one()}),
    X(
        "a customer in a list",
        "GET customers?filter[name]=79161234567",
        has={
            "customers": [
                {
                    "type": "customer",
                    "id": 903,
                    "externalId": "tg-55501",
                    "vip": False,
                    "contragent": {"contragentType": "individual"},
                    "tags": [{"name": "telegram", "color": "#3e89ff", "attached": False}],
                    "phones": [{"number": "+79161234567"}],
                    "ordersCount": 1,
                    "source": {"source": "vk"},
                }
            ]
        },
    ),
    X("tags come and go", "POST customers/tg-55501/edit", {"customer": {"addTags": ["a"]}}, has={"id": 903}),
    X("a task", "POST tasks/create", {"task": TASK}, 201, {"success": True, "id": 552}),
    X("a task is done", "POST tasks/551/edit", {"task": {"complete": True}}, has={"success": True}),
    X("tasks to do", "GET tasks?filter[status]=performing", has={"tasks": [{"id": 551, "complete": False}]}),
    X("tasks of an order", "GET tasks?filter[orderNumber]=4107C", has={"pagination": one()}),
    X("comments of a task", "GET tasks/551/comments", has={"success": True}),
    X("a task for nobody", "POST tasks/create", {"task": {"text": "x"}}, 400, refused(IN_ENTITY)),
    X("a note", "POST customers/notes/create", {"note": NOTE, "site": "main"}, 201, {"id": 89}),
    X("notes of a customer", "GET customers/notes?filter[customerIds][]=903", has={"notes": [{"id": 88}]}),
    X("a note is deleted", "POST customers/notes/88/delete", has={"success": True}),
    X(
        "users",
        "GET users?filter[active]=1&filter[isManager]=1&limit=100",
        has={"users": [{"id": 27, "firstName": "Олег", "status": "free"}, {"id": 28}]},
    ),
    X("a user is busy", "POST users/27/status", {"status": "busy"}, has={"success": True}),
    X(
        "custom fields",
        "GET custom-fields?filter[entity]=customer&limit=100",
        has={
            "customFields": [{"code": "tg_user", "type": "string", "entity": "customer", "required": False}]
        },
    ),
    X(
        "dictionaries",
        "GET custom-fields/dictionaries",
        has={"customDictionaries": [{"code": "channels", "elements": [{"name": "Бот", "code": "bot"}]}]},
    ),
    X(
        "a new field",
        "POST custom-fields/order/create",
        {"customField": {"code": "size", "name": "Размер", "type": "integer"}},
        201,
        {"success": True},
    ),
    X(
        "a new order method",
        "POST reference/order-methods/app/edit",
        {"orderMethod": {"code": "app", "name": "Приложение", "active": True}},
        has={"success": True},
    ),
    X(
        "an upload in parts",
        "POST orders/upload",
        {"orders": [{**ORDER, "externalId": "a"}, ORDER], "site": "main"},
        460,
        {
            "success": False,
            "failedOrders": [{"externalId": "tg-lead-123"}],
            "uploadedOrders": [{"externalId": "a"}],
        },
    ),
    X(
        "a good upload",
        "POST customers/upload",
        {"customers": [{"externalId": "b"}]},
        201,
        {"success": True, "failedCustomers": []},
    ),
    X("too many", "POST orders/upload", {"orders": [{}] * 51}, 400, {"success": False}),
    X(
        "where orders stand",
        "GET orders/statuses?ids[]=4107&externalIds[]=a",
        has={"orders": [{"id": 4107, "externalId": "tg-lead-123", "status": "new", "group": "new"}]},
    ),
    X(
        "who calls",
        "GET telephony/manager?phone=79161234567&details=1&ignoreStatus=1",
        has={"manager": {"id": 27}, "customer": {"id": 903}},
    ),
    X(
        "a pop-up",
        "POST telephony/call/event",
        {"event": {"phone": "79161234567", "type": "in", "codes": ["101"], "userIds": [27, 99]}},
        has={"success": True, "notExistUsers": [99]},
    ),
    X(
        "no answered, in an event",
        "POST telephony/call/event",
        {"event": {"phone": "7", "type": "hangup", "hangupStatus": "no answer"}},
        400,
        {"success": False},
    ),
    X(
        "a call twice",
        "POST telephony/calls/upload",
        {"calls": [CALL, CALL]},
        has={"processedCallsCount": 1, "duplicateCalls": ["call-88"]},
    ),
    X(
        "a module",
        "POST integration-modules/tg-crm-phone/edit",
        {"integrationModule": MODULE},
        has={"info": {}},
    ),
    X("another method", "POST settings", status=405, has=refused("Method Not Allowed")),
    X("another path", "GET leads", status=404, has=refused("Not found")),
]
