"""What the official pages show, as data: one request and the significant part of the answer.

People, ids and addresses are made up; `$name` stands for an id of the world in conftest.py. In `has` every
named key must be there with that value; lists may be longer.
"""

from dataclasses import dataclass
from typing import Any

HAL, PROBLEM, PLAIN = "application/hal+json", "application/problem+json", "application/json"


@dataclass(frozen=True)
class X:
    name: str
    request: str
    body: Any = None
    status: int = 200
    has: Any = None
    lacks: tuple[str, ...] = ()
    kind: str = HAL
    token: str | None = None


def wrong(code: str, path: str, request_id: str = "0") -> dict[str, Any]:
    error = {"request_id": request_id, "errors": [{"code": code, "path": path}]}
    return {"validation-errors": [error], "title": "Bad Request", "type": "https://httpstatus.es/400",
            "status": 400, "detail": "Request validation failed"}  # fmt: skip


ANNA = {
    "first_name": "Иван",
    "last_name": "Петров",
    "responsible_user_id": 8001,
    "custom_fields_values": [
        {"field_code": "PHONE", "values": [{"enum_code": "MOB", "value": "+79165550000"}]},
        {"field_code": "EMAIL", "values": [{"enum_code": "WORK", "value": "ivan@example.com"}]},
    ],
}
COMPLEX = {
    "name": "Telegram @ivan", "price": 15000, "pipeline_id": 5001, "status_id": 43001,
    "responsible_user_id": 8001, "created_by": 0, "request_id": "lead-000123",
    "custom_fields_values": [
        {"field_id": "$ours", "values": [{"value": "tg-55502"}]},
        {"field_code": "UTM_SOURCE", "values": [{"value": "vk"}]},
        {"field_id": "$channel", "values": [{"enum_id": "$bot"}]},
    ],
    "tags_to_add": [{"name": "telegram"}],
    "_embedded": {"contacts": [ANNA], "source": {"external_id": "tg-bot-1", "type": "widget"}},
}  # fmt: skip
CALL = {"uniq": "call-88", "duration": 190, "source": "tgcrm", "link": "https://rec.example/88.mp3",
        "phone": "+79161234567", "call_responsible": 8001}  # fmt: skip
HOOK = {"destination": "https://bot.example/amo/K3Y", "settings": ["add_lead", "status_lead"], "sort": 10}

ACCOUNT = [
    X("account", "GET account?with=version,is_api_filter_enabled,task_types,datetime_settings",
      has={"subdomain": "acme", "currency": "RUB", "version": 14, "is_api_filter_enabled": False,
           "current_user_id": 8001, "_embedded": {"task_types": [{"id": 1, "code": "FOLLOW_UP"}, {"id": 2}],
           "datetime_settings": {"timezone": "Europe/Moscow"}}}),
    X("what was not asked for", "GET account", has={"subdomain": "acme"}, lacks=("version",)),
    X("no token", "GET account", token="", status=401, kind=PROBLEM,
      has={"title": "Unauthorized", "type": "https://httpstatus.es/401", "status": 401}),
    X("a wrong token", "GET leads", token="eyJ0eXAi", status=401, kind=PROBLEM, has={"status": 401}),
    X("no such method", "GET nosuch", status=404, kind=PROBLEM, has={"status": 404}),
    X("a method that is not there", "DELETE leads", status=405, kind=PROBLEM, has={"status": 405}),
    X("users", "GET users?limit=250", has={"_embedded": {"users": [
        {"id": 8001, "name": "Олег Сафин", "rights": {"is_admin": True, "is_active": True}}]}}),
    X("pipelines", "GET leads/pipelines", has={"_total_items": 1, "_embedded": {"pipelines": [
        {"id": 5001, "is_main": True, "_embedded": {"statuses": [
            {"id": 43000, "name": "Неразобранное", "type": 1, "is_editable": False},
            {"id": 43001, "type": 0, "is_editable": True}, {"id": 43002}, {"id": 43003}, {"id": 43004},
            {"id": 142, "sort": 10000}, {"id": 143, "sort": 11000}]}}]}}),
    X("fields", "GET contacts/custom_fields", has={"_embedded": {"custom_fields": [{"name": "Телефон",
        "type": "multitext", "code": "PHONE", "enums": [{"code": "WORK", "sort": 10}]}]}}),
    X("fields come by fifty", "GET leads/custom_fields?limit=250", status=400, kind=PROBLEM),
    X("loss reasons", "GET leads/loss_reasons", has={"_embedded": {"loss_reasons": [{"id": 12}]}}),
    X("tags", "GET leads/tags?query=tele", has={"_embedded": {"tags": [{"id": "$tag", "name": "telegram"}]}}),
    X("a new tag", "POST leads/tags", [{"name": "vip"}], has={"_embedded": {"tags": [{"name": "vip"}]}}),
    X("a new field", "POST leads/custom_fields", [{"name": "Город", "type": "text", "code": "CITY"}],
      has={"_embedded": {"custom_fields": [{"name": "Город", "code": "CITY", "entity_type": "leads"}]}}),
]  # fmt: skip

LEADS = [
    X("complex create", "POST leads/complex", [COMPLEX], kind=PLAIN,
      has=[{"request_id": ["lead-000123"], "merged": False, "company_id": None}]),
    X("complex create with an existing contact", "POST leads/complex",
      [{"name": "x", "_embedded": {"contacts": [{"id": "$anna"}], "companies": [{"name": "ООО Лён"}]}}],
      kind=PLAIN, has=[{"contact_id": "$anna", "request_id": ["0"], "merged": False}]),
    X("one contact a lead", "POST leads/complex", [{"_embedded": {"contacts": [ANNA, ANNA]}}], status=400,
      kind=PROBLEM, has=wrong("TooManyElements", "_embedded.contacts")),
    X("simple create", "POST leads", [{"name": "Сделка"}],
      has={"_embedded": {"leads": [{"request_id": "0"}]}}),
    X("a body that is no array", "POST leads", {"name": "Сделка"}, status=400, kind=PROBLEM),
    X("an unknown field", "POST leads",
      [{"custom_fields_values": [{"field_id": 1, "values": [{"value": "x"}]}]}], status=400, kind=PROBLEM,
      has=wrong("NotSupportedChoice", "custom_fields_values.0.field_id")),
    X("an unknown option", "PATCH leads/$lead",
      {"custom_fields_values": [{"field_id": "$channel", "values": [{"enum_id": 1}]}]}, status=400,
      kind=PROBLEM, has=wrong("NotSupportedChoice", "custom_fields_values.0.values.0.enum_id")),
    X("a budget with decimals", "PATCH leads/$lead", {"price": 99.5}, status=400, kind=PROBLEM,
      has=wrong("InvalidType", "price")),
    X("an unknown user", "PATCH leads/$lead", {"responsible_user_id": 9}, status=400, kind=PROBLEM,
      has=wrong("NotSupportedChoice", "responsible_user_id")),
    X("a stage of no pipeline", "PATCH leads/$lead", {"status_id": 1, "pipeline_id": 5001}, status=400,
      kind=PROBLEM, has=wrong("NotSupportedChoice", "status_id")),
    X("update", "PATCH leads/$lead", {"price": 20000, "status_id": 43002, "pipeline_id": 5001,
      "tags_to_add": [{"name": "vip"}], "tags_to_delete": [{"id": "$tag"}]}, has={"id": "$lead"}),
    X("update of several", "PATCH leads", [{"id": "$lead", "price": 1}],
      has={"_embedded": {"leads": [{"id": "$lead", "request_id": "0"}]}}),
    X("lost, with the reason", "PATCH leads/$lead",
      {"status_id": 143, "pipeline_id": 5001, "loss_reason_id": 12}, has={"id": "$lead"}),
    X("read", "GET leads/$lead?with=contacts", has={
        "id": "$lead", "name": "Telegram @anna_k", "price": 15000, "status_id": 43001, "pipeline_id": 5001,
        "loss_reason_id": None, "closed_at": None, "is_deleted": False, "account_id": 30111222,
        "custom_fields_values": [{"field_id": "$channel", "field_name": "Канал", "field_code": None,
            "field_type": "select", "values": [{"value": "Бот", "enum_id": "$bot", "enum_code": None}]}],
        "_embedded": {"tags": [{"id": "$tag", "name": "telegram", "color": None}], "companies": [],
            "contacts": [{"id": "$anna", "is_main": True}]}}),
    X("no custom values are null", "GET companies/$company", has={"custom_fields_values": None}),
    X("an absent lead is nothing", "GET leads/1", status=204, kind=""),
    X("an empty list is nothing", "GET leads?page=9", status=204, kind=""),
    X("a page too long", "GET leads?limit=500", status=400, kind=PROBLEM),
    X("list", "GET leads?page=1&limit=250&order[updated_at]=desc&with=contacts",
      has={"_page": 1, "_embedded": {"leads": [{"id": "$lead"}]}}),
    X("search by our id", "GET leads?query=tg-55501", has={"_embedded": {"leads": [{"id": "$lead"}]}}),
    X("search by a phone", "GET contacts?query=79161234567&with=leads&limit=50",
      has={"_embedded": {"contacts": [{"id": "$anna", "_embedded": {"leads": [{"id": "$lead"}]}}]}}),
    X("search without a hit", "GET contacts?query=79990000000", status=204, kind=""),
    X("two letters find nothing", "GET contacts?query=ан", status=204, kind=""),
    X("filters are paid for", "GET leads?filter[id][]=$lead", status=402, kind=PROBLEM, has={"status": 402}),
    X("links", "POST leads/$lead/link", [{"to_entity_id": "$company", "to_entity_type": "companies"}],
      has={"_embedded": {"links": [{"to_entity_id": "$anna", "metadata": {"main_contact": True}},
                                   {"to_entity_id": "$company", "to_entity_type": "companies"}]}}),
    X("links of a lead", "GET leads/$lead/links", has={"_embedded": {"links": [{"to_entity_id": "$anna"}]}}),
    X("unlink", "POST leads/$lead/unlink", [{"to_entity_id": "$anna", "to_entity_type": "contacts"}],
      status=204, kind=""),
    X("contact's phone cleared", "PATCH contacts/$anna",
      {"custom_fields_values": [{"field_code": "PHONE", "values": None}]}, has={"id": "$anna"}),
    X("events", "GET events?limit=100&filter[type][]=lead_added",
      has={"_embedded": {"events": [{"type": "lead_added", "entity_id": "$lead", "entity_type": "lead"}]}}),
    X("events come by a hundred", "GET events?limit=250", status=400, kind=PROBLEM),
]  # fmt: skip

ACTIVITIES = [
    X("notes", "POST leads/$lead/notes", [
        {"entity_id": "$lead", "note_type": "call_out", "params": CALL, "created_by": 8001,
         "responsible_user_id": 8001, "created_at": 1795161800, "request_id": "act-77",
         "is_need_to_trigger_digital_pipeline": False},
        {"note_type": "common", "params": {"text": "Оставил контакты в боте"}},
        {"note_type": "service_message", "params": {"service": "Telegram-бот", "text": "Кнопка"}}],
      has={"_embedded": {"notes": [{"entity_id": "$lead", "request_id": "act-77"},
                                   {"request_id": "1"}, {"request_id": "2"}]}}),
    X("notes of many leads", "POST leads/notes",
      [{"entity_id": "$lead", "note_type": "common", "params": {"text": "x"}}],
      has={"_embedded": {"notes": [{"entity_id": "$lead", "request_id": "0"}]}}),
    X("a note of no kind", "POST leads/$lead/notes", [{"note_type": "song", "params": {}}], status=400,
      kind=PROBLEM, has=wrong("NotSupportedChoice", "note_type")),
    X("a call without a source", "POST leads/$lead/notes",
      [{"note_type": "call_in", "params": {"uniq": "1", "duration": 1, "phone": "+7"}}], status=400,
      kind=PROBLEM, has=wrong("FieldMissing", "params.source")),
    X("no notes are nothing", "GET leads/$lead/notes", status=204, kind=""),
    X("task", "POST tasks", [{"text": "Перезвонить", "complete_till": 1795248000, "entity_id": "$lead",
      "entity_type": "leads", "task_type_id": 1, "responsible_user_id": 8001, "duration": 1800,
      "request_id": "t1"}], has={"_embedded": {"tasks": [{"request_id": "t1"}]}}),
    X("a task needs a time", "POST tasks", [{"text": "x"}], status=400, kind=PROBLEM,
      has=wrong("FieldMissing", "complete_till")),
    X("call to a known phone", "POST calls", [{**CALL, "direction": "inbound", "call_status": 4,
      "call_result": "Договорились", "created_by": 8001, "request_id": "c1"}],
      has={"_total_items": 1, "errors": [], "_embedded": {"calls": [
          {"entity_id": "$lead", "entity_type": "lead", "request_id": "c1"}]}}),
    X("call to nobody", "POST calls", [{**CALL, "direction": "inbound", "phone": "+79990000000"}],
      has={"_total_items": 0, "errors": [{"request_id": "0"}]}),
    X("call without a direction", "POST calls", [CALL], status=400, kind=PROBLEM,
      has=wrong("FieldMissing", "direction")),
]  # fmt: skip

HOOKS = [
    X("hook", "POST webhooks", HOOK, status=201, has={**HOOK, "disabled": False, "account_id": 30111222,
      "created_by": 8001}),
    X("no hooks are nothing", "GET webhooks", status=204, kind=""),
    X("a hook of no action", "POST webhooks", {**HOOK, "settings": ["sing_lead"]}, status=400, kind=PROBLEM),
    X("a hook to a Cyrillic domain", "POST webhooks", {**HOOK, "destination": "https://бот.рф/x"}, status=400,
      kind=PROBLEM),
    X("a hook that is not there", "DELETE webhooks", {"destination": "https://bot.example/no"}, status=404,
      kind=PROBLEM),
]  # fmt: skip

ALL = [*ACCOUNT, *LEADS, *ACTIVITIES, *HOOKS]
