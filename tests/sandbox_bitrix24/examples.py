"""What the documentation shows of Bitrix24's REST, as data: one call and the significant part of the answer.

Written down from the tables and examples of the official documentation; people and ids are made up. `$name`
stands for an id of the world that conftest.py builds. In `has` every named attribute must be there with that
value (None: null or absent); a type stands for any value of that type.
"""

from dataclasses import dataclass
from typing import Any

LEAD, DEAL, CONTACT = 1, 2, 3


@dataclass(frozen=True)
class Example:
    name: str
    method: str
    params: Any = None
    status: int = 200
    error: str | None = None
    has: Any = None
    lacks: tuple[str, ...] = ()
    app: bool = False


def fails(name: str, method: str, params: Any, status: int, error: str, **more: Any) -> Example:
    return Example(name, method, params, status, error, **more)


def item(entity: int, **more: Any) -> dict[str, Any]:
    return {"entityTypeId": entity, **more}


FULL = {
    "title": "Telegram: @anna_k", "name": "Анна", "lastName": "Кузнецова", "sourceId": "WEB",
    "sourceDescription": "promo7", "stageId": "NEW", "assignedById": 7, "opportunity": 15000,
    "currencyId": "RUB", "isManualOpportunity": "Y", "comments": "Хочет консультацию",
    "originatorId": "tgcrm", "originId": "lead-000123", "utmSource": "vk", "utmTerm": "crm",
    "ufCrm_1712000000": 44, "noSuchField": "x",
    "fm": [{"typeId": "PHONE", "valueType": "MOBILE", "value": "+79161234567"},
           {"typeId": "IM", "valueType": "TELEGRAM", "value": "anna_k"},
           {"valueType": "WORK", "value": "no type, ignored"}],
}  # fmt: skip
CALL = {
    "OWNER_TYPE_ID": 1, "OWNER_ID": "$lead", "TYPE_ID": 2, "SUBJECT": "Звонок", "DIRECTION": 2,
    "COMPLETED": "Y", "RESPONSIBLE_ID": 7, "START_TIME": "2026-11-20T12:00:00+03:00",
    "COMMUNICATIONS": [{"VALUE": "+79161234567", "ENTITY_ID": "$lead", "ENTITY_TYPE_ID": 1}],
    "ORIGINATOR_ID": "tgcrm", "ORIGIN_ID": "act-77",
}  # fmt: skip
NOTE = {"ENTITY_ID": "$lead", "ENTITY_TYPE": "lead", "COMMENT": "текст"}

PORTAL = [
    Example("profile", "profile", has={"ID": "1", "ADMIN": True, "TIME_ZONE": "Europe/Moscow"}),
    Example("scope", "scope", has=["crm", "user", "task"]),
    Example("mode", "crm.settings.mode.get", has=1),
    Example("method exists", "method.get", {"name": "crm.item.add"}, has={"isExisting": True,
            "isAvailable": True}),
    Example("feature", "feature.get", {"CODE": "rest_offline_extended"}, has={"value": "N"}),
    Example("app.info", "app.info", app=True, has={"STATUS": "L", "INSTALLED": True}),
    Example("users", "user.get", {"FILTER": {"ACTIVE": True}}, has=[{"ID": "1"}, {"ID": "7", "EMAIL": str}]),
    Example("lead stages", "crm.status.list", {"filter": {"ENTITY_ID": "STATUS"}},
            has=[{"STATUS_ID": "NEW", "SEMANTICS": None, "EXTRA": {"SEMANTICS": "process"}},
                 {"STATUS_ID": "IN_PROCESS"}, {"STATUS_ID": "PROCESSED"},
                 {"STATUS_ID": "CONVERTED", "SEMANTICS": "S", "EXTRA": {"SEMANTICS": "success"}},
                 {"STATUS_ID": "JUNK", "SEMANTICS": "F", "EXTRA": {"SEMANTICS": "failure"}}]),
    Example("stages of a pipeline", "crm.status.list", {"filter": {"ENTITY_ID": "DEAL_STAGE_9"}},
            has=[{"STATUS_ID": "C9:NEW", "CATEGORY_ID": "9"}]),
    Example("pipelines", "crm.category.list", item(DEAL),
            has={"categories": [{"id": 0, "isDefault": "Y"}, {"id": 9, "isDefault": "N"}]}),
    Example("fields", "crm.item.fields", item(LEAD),
            has={"fields": {"sourceId": {"type": "crm_status", "statusType": "SOURCE",
            "upperName": "SOURCE_ID"},
                            "ufCrm_1712000000": {"type": "enumeration", "isDynamic": True,
                                                 "upperName": "UF_CRM_1712000000"}}}),
    Example("own fields", "crm.lead.userfield.list", {"filter": {"FIELD_NAME": "UF_CRM_1712000000"}},
            has=[{"ENTITY_ID": "CRM_LEAD", "USER_TYPE_ID": "enumeration",
                  "LIST": [{"ID": "44", "VALUE": "Бот"}, {"ID": "45"}]}]),
    Example("older fields show options", "crm.lead.fields",
            has={"UF_CRM_1712000000": {"items": [{"ID": "44", "VALUE": "Бот"}, {"ID": "45"}]},
                 "STATUS_ID": {"type": "crm_status"}}),
]  # fmt: skip

ITEMS = [
    Example("add", "crm.item.add", item(LEAD, fields=FULL),
            has={"item": {"id": int, "title": "Telegram: @anna_k", "stageId": "NEW", "stageSemanticId": "P",
                          "assignedById": 7, "originId": "lead-000123", "opportunity": 15000,
                          "ufCrm_1712000000": 44, "hasPhone": "Y", "hasEmail": "N", "noSuchField": None,
                          "fm": [{"id": int, "typeId": "PHONE", "value": "+79161234567"},
                          {"typeId": "IM"}]}}),
    Example("own names", "crm.item.add", item(LEAD, fields={"UF_CRM_1712000000": 45}, useOriginalUfNames="Y"),
            has={"item": {"UF_CRM_1712000000": 45, "title": "Лид №2"}}),
    Example("get", "crm.item.get", item(LEAD, id="$lead"), has={"item": {"id": "$lead", "name": "Анна"}}),
    Example("phones change by id", "crm.item.update",
            item(LEAD, id="$lead", fields={"fm": {
                "$phone": {"typeId": "PHONE", "value": ""},
                "n0": {"typeId": "EMAIL", "valueType": "HOME", "value": "a@example.org"},
                "n1": {"value": "no type"}}}),
            has={"item": {"hasPhone": "N", "fm": [{"value": "Anna@Example.com"},
                                                  {"value": "a@example.org", "valueType": "HOME"}]}}),
    Example("move", "crm.item.update", item(DEAL, id="$deal", fields={"stageId": "WON"}),
            has={"item": {"stageSemanticId": "S"}}),
    Example("another pipeline", "crm.item.update",
            item(DEAL, id="$deal", fields={"categoryId": 9, "stageId": "C9:PREPARATION"}),
            has={"item": {"categoryId": 9, "stageId": "C9:PREPARATION"}}),
    Example("delete", "crm.item.delete", item(LEAD, id="$lead"), has=[]),
    Example("list by origin", "crm.item.list",
            item(LEAD, filter={"=originatorId": "tgcrm", "=originId": "lead-1"}),
            has={"items": [{"id": "$lead"}]}),
    Example("list with OR", "crm.item.list",
            item(LEAD, filter={"0": {"logic": "OR", "0": {"name": "Анна"}, "1": {"name": "Пётр"}}}),
            has={"items": [{"id": "$lead"}]}),
    Example("fm only with *", "crm.item.list", item(LEAD, select=["id", "title"]),
            has={"items": [{"id": "$lead", "fm": None, "name": None}]}),
    Example("older list", "crm.lead.list", {"filter": {"EMAIL": "Anna@Example.com"}, "select": ["ID",
            "PHONE"]},
            has=[{"ID": str, "PHONE": [{"VALUE_TYPE": "MOBILE", "TYPE_ID": "PHONE"}], "TITLE": None}]),
    Example("older get", "crm.lead.get", {"id": "$lead"},
            has={"TITLE": "Первый", "STATUS_ID": "NEW", "OPPORTUNITY": "0.00", "ASSIGNED_BY_ID": "7"}),
    Example("older add", "crm.lead.add",
            {"fields": {"TITLE": "X", "PHONE": [{"VALUE": "+7916", "VALUE_TYPE": "WORK"}]}}, has=int),
    Example("older update", "crm.deal.update", {"id": "$deal", "fields": {"STAGE_ID": "LOSE"}}, has=True),
]  # fmt: skip

REFUSALS = [
    fails("no such method", "crm.lead.explode", {}, 404, "ERROR_METHOD_NOT_FOUND"),
    fails("no record is a 400", "crm.item.get", item(LEAD, id=999), 400, "NOT_FOUND"),
    fails("no such type", "crm.item.get", item(777, id=1), 400, "NOT_FOUND"),
    fails("bad e-mail", "crm.item.add", item(LEAD, fields={"fm": [{"typeId": "EMAIL", "value": "x"}]}),
          400, "CRM_FIELD_ERROR_VALUE_NOT_VALID"),
    fails("no such stage", "crm.item.update", item(LEAD, id="$lead", fields={"stageId": "WON"}),
          400, "CRM_FIELD_ERROR_VALUE_NOT_VALID"),
    fails("stage of another pipeline", "crm.item.update", item(DEAL, id="$deal",
            fields={"stageId": "C9:NEW"}),
          400, "CRM_FIELD_ERROR_VALUE_NOT_VALID"),
    fails("no such option", "crm.item.add", item(LEAD, fields={"ufCrm_1712000000": "Бот"}),
          400, "CRM_FIELD_ERROR_VALUE_NOT_VALID"),
    fails("no such person", "crm.item.add", item(LEAD, fields={"assignedById": 999}),
          400, "CRM_FIELD_ERROR_VALUE_NOT_VALID"),
    fails("a lone value", "crm.item.add", item(LEAD, fields={"observers": 7}), 400, "100"),
    fails("unknown field in a filter", "crm.item.list", item(LEAD, filter={"nope": 1}), 400,
            "INVALID_ARG_VALUE"),
    fails("unknown field in an order", "crm.item.list", item(LEAD, order={"nope": "ASC"}),
          400, "INVALID_ARG_VALUE"),
    fails("application context", "event.get", {}, 403, "WRONG_AUTH_TYPE"),
    fails("scope", "telephony.externalCall.register", {}, 403, "WRONG_AUTH_TYPE"),
    fails("older not found", "crm.lead.get", {"id": 999}, 400, ""),
    fails("no such event", "event.bind", {"event": "ONLEAD", "handler": "https://x.example"},
          400, "ERROR_EVENT_NOT_FOUND", app=True),
]  # fmt: skip

ACTIVITIES = [
    Example("call", "crm.activity.add", {"fields": CALL}, has=int),
    fails("call without subject", "crm.activity.add", {"fields": {**CALL, "SUBJECT": ""}}, 400, ""),
    fails("call without anybody", "crm.activity.add", {"fields": {**CALL, "COMMUNICATIONS": []}}, 400, ""),
    fails("call of no lead", "crm.activity.add", {"fields": {**CALL, "OWNER_ID": 999}}, 400, ""),
    Example("to-do", "crm.activity.todo.add",
            {"ownerTypeId": 1, "ownerId": "$lead", "deadline": "2026-11-21T10:00:00+03:00",
            "title": "Звонить"},
            has={"id": int}),
    fails("to-do without deadline", "crm.activity.todo.add", {"ownerTypeId": 1, "ownerId": "$lead"}, 400,
            "100"),
    fails("to-do at no time", "crm.activity.todo.add",
          {"ownerTypeId": 1, "ownerId": "$lead", "deadline": "soon"}, 400, "WRONG_DATETIME_FORMAT"),
    fails("to-do of no lead", "crm.activity.todo.add",
          {"ownerTypeId": 1, "ownerId": 999, "deadline": "2026-11-21T10:00:00+03:00"}, 400,
          "OWNER_NOT_FOUND"),
    Example("comment", "crm.timeline.comment.add", {"fields": NOTE}, has=int),
    fails("FIELDS in capitals", "crm.timeline.comment.add", {"FIELDS": NOTE}, 400, "100"),
    fails("LEAD in capitals", "crm.timeline.comment.add", {"fields": {**NOTE, "ENTITY_TYPE": "LEAD"}},
          400, "OWNER_NOT_FOUND"),
    fails("empty comment", "crm.timeline.comment.add", {"fields": {**NOTE, "COMMENT": ""}},
          400, "INVALID_ARG_VALUE"),
    Example("log line", "crm.timeline.logmessage.add",
            {"fields": {"entityTypeId": 1, "entityId": "$lead", "title": "Telegram", "text": "Нажата кнопка",
                        "iconCode": "info"}},
            has={"logMessage": {"id": int, "title": "Telegram", "iconCode": "info"}}),
    Example("task", "tasks.task.add",
            {"fields": {"TITLE": "Счёт", "RESPONSIBLE_ID": 7, "UF_CRM_TASK": ["L_812"]}},
            has={"task": {"id": str, "ufCrmTask": ["L_812"]}}),
]  # fmt: skip

DUPLICATES = [
    Example("phones are compared by digits", "crm.duplicate.findbycomm",
            {"type": "PHONE", "values": ["+79161234567"]}, has={"LEAD": ["$lead"], "CONTACT": ["$contact"]}),
    Example("one type", "crm.duplicate.findbycomm",
            {"type": "PHONE", "values": ["+79161234567"], "entity_type": "CONTACT"},
            has={"CONTACT": ["$contact"], "LEAD": None}),
    Example("e-mails without case", "crm.duplicate.findbycomm", {"type": "EMAIL",
            "values": ["anna@EXAMPLE.com"]},
            has={"LEAD": ["$lead"]}),
    Example("nothing is a list", "crm.duplicate.findbycomm", {"type": "PHONE", "values": ["+70000000000"]},
            has=[]),
    fails("more than twenty", "crm.duplicate.findbycomm", {"type": "PHONE", "values": ["1"] * 21}, 400, ""),
]  # fmt: skip

ALL = [*PORTAL, *ITEMS, *REFUSALS, *ACTIVITIES, *DUPLICATES]
