"""Conversion, files, the admin's side, webhooks being registered."""

from tests.sandbox_espocrm.exchanges.form import HTML, IVAN, NEW, OLD, X, failed

DEAL = {"name": "Сделка", "amount": 1000, "amountCurrency": "RUB", "closeDate": "2026-12-31"}
BOTH_RECORDS = {"id": "$lead", "records": {"Contact": IVAN, "Opportunity": DEAL}}

OTHERS = [
    X(
        "attributes for a conversion",
        "POST Lead/action/getConvertAttributes",
        {"id": "$lead"},
        has={
            "Contact": {"lastName": "Петров", "phoneNumber": "+79161234567"},
            "Account": {"name": "ООО Ромашка"},
            "Opportunity": {"amount": 150000},
        },
    ),
    X("convert", "POST Lead/action/convert", BOTH_RECORDS, has={"id": "$lead", "status": "Converted"}),
    X(
        "convert again",
        "POST Lead/action/convert",
        {"id": "$lead", "records": {"Contact": IVAN}},
        status=409,
        reason="duplicate",
        has=[{"name": "Иван Петров", "_entityType": "Contact"}],
        first=(("bot", "POST Lead/action/convert", BOTH_RECORDS),),
    ),
    X(
        "opportunity without an amount",
        "POST Opportunity",
        {"name": "x"},
        **failed("Opportunity", "amount", "required"),
    ),
    X(
        "attachment",
        "POST Attachment",
        {
            "name": "a.txt",
            "type": "text/plain",
            "role": "Attachment",
            "relatedType": "Note",
            "field": "attachments",
            "file": "data:text/plain;base64,aGVsbG8=",
        },
        has={"size": 5, "storage": "EspoUploadDir", "relatedType": "Note"},
    ),
    X(
        "fields are the admin's",
        "POST Admin/fieldManager/Lead",
        {"name": "x", "type": "varchar"},
        status=403,
        reason="",
        empty=True,
    ),
    X(
        "a new field",
        "POST Admin/fieldManager/Lead",
        {"name": "tag", "type": "varchar", "label": "Tag", "maxLength": 50, "required": False},
        key="admin",
        has={"type": "varchar", "maxLength": 50, "isCustom": True, "label": "Tag"},
        lacks=("name", "required"),
    ),
    X(
        "a new bool",
        "POST Admin/fieldManager/Lead",
        {"name": "hot", "type": "bool"},
        key="admin",
        has={"notNull": True, "type": "bool", "label": "cHot"},
    ),
    X(
        "the same field again",
        "POST Admin/fieldManager/Lead",
        {"name": "inn", "type": "varchar"},
        key="admin",
        status=409,
        reason="Field 'cInn' already exists in 'Lead'.",
        has={"messageTranslation": {"label": "fieldAlreadyExists", "scope": "FieldManager"}},
    ),
    X(
        "bad name of a field",
        "POST Admin/fieldManager/Lead",
        {"name": "telegram-id", "type": "varchar"},
        key="admin",
        status=500,
        reason="Field name should contain only letters and numbers.",
        empty=True,
    ),
    X("read a field", "GET Admin/fieldManager/Lead/cScore", key="admin", has={"type": "int", "max": 100}),
    X("delete a field", "DELETE Admin/fieldManager/Lead/cScore", key="admin", has=True),
    X(
        "a new source works at once",
        "POST Lead",
        {"lastName": "Src", "source": "Telegram"},
        has={"source": "Telegram"},
        first=(("admin", "PUT Admin/fieldManager/Lead/source", {"options": ["", "Call", "Telegram"]}),),
    ),
    X(
        "a new entity",
        "POST EntityManager/action/createEntity",
        {"name": "BotSession", "type": "Base"},
        key="admin",
        has={"name": "CBotSession"},
    ),
    X(
        "a new entity without access",
        "POST CBotSession",
        {"name": "s1"},
        status=403,
        reason="No create access.",
        first=(("admin", "POST EntityManager/action/createEntity", {"name": "BotSession", "type": "Base"}),),
    ),
    X(
        "duplicates by phone when the admin says so",
        "POST Lead",
        {"lastName": "D", "phoneNumber": "+7 916 123-45-67"},
        status=409,
        reason="duplicate",
        has=[{"id": "$lead"}],
        first=(
            (
                "admin",
                "POST EntityManager/action/updateEntity",
                {"name": "Lead", "duplicateCheckFieldList": ["emailAddress", "phoneNumber"]},
            ),
        ),
    ),
    X(
        "duplicates on update when the admin says so",
        "PUT Lead/$second",
        {"phoneNumber": "+79161234567"},
        status=409,
        reason="duplicate",
        has=[{"id": "$lead"}],
        first=(
            (
                "admin",
                "POST EntityManager/action/updateEntity",
                {"name": "Lead", "duplicateCheckFieldList": ["phoneNumber"], "updateDuplicateCheck": True},
            ),
        ),
    ),
    X(
        "PATCH of settings, old",
        "PATCH Settings",
        {"maintenanceMode": True},
        key="admin",
        status=404,
        reason="Action PATCH 'patch' does not exist in controller 'Settings'.",
        empty=True,
        versions=OLD,
    ),
    X(
        "PATCH of settings, new",
        "PATCH Settings",
        {"maintenanceMode": True},
        key="admin",
        has={"maintenanceMode": True},
        versions=NEW,
    ),
    X(
        "maintenance",
        "POST Lead",
        {"lastName": "Mm"},
        status=503,
        reason="Application is in maintenance mode.",
        has={"message": "The application currently is in maintenance mode."},
        kind=HTML,
        first=(("admin", "PUT Settings", {"maintenanceMode": True}),),
    ),
    X(
        "maintenance lets the admin in",
        "GET App/about",
        key="admin",
        first=(("admin", "PUT Settings", {"maintenanceMode": True}),),
    ),
]

HOOK = {"event": "Lead.create", "url": "https://bot.example/hook"}

WEBHOOKS = [
    X(
        "register",
        "POST Webhook",
        {"event": "Lead.fieldUpdate.status", "url": "https://bot.example/h"},
        status=201,
        has={
            "event": "Lead.fieldUpdate.status",
            "entityType": "Lead",
            "type": "fieldUpdate",
            "field": "status",
            "isActive": True,
            "skipOwn": False,
        },
    ),
    X("register the same again", "POST Webhook", HOOK, status=201, first=(("bot", "POST Webhook", HOOK),)),
    X(
        "skip own",
        "POST Webhook",
        {**HOOK, "skipOwn": True},
        status=201,
        has={"skipOwn": True, "field": None},
    ),
    *[
        X(
            f"event {event}",
            "POST Webhook",
            {"event": event, "url": "https://bot.example/x"},
            status=403,
            reason=reason,
            empty=True,
        )
        for event, reason in [
            ("Lead.nope", "Not supported event."),
            ("Case.create", "Entity type is forbidden."),
            ("Zzz.create", "Entity type is not available for Webhooks."),
        ]
    ],
    X("bad url, old", "POST Webhook", {**HOOK, "url": "not a url"}, status=201, versions=OLD),
    X(
        "bad url, new",
        "POST Webhook",
        {**HOOK, "url": "not a url"},
        versions=NEW,
        **failed("Webhook", "url", "valid"),
    ),
    X(
        "own list",
        "GET Webhook",
        has={"total": 1, "list": [{"event": "Lead.create"}]},
        first=(("bot", "POST Webhook", HOOK), ("admin", "POST Webhook", HOOK)),
    ),
    *[
        X(
            f"register without the scope: {key}",
            "POST Webhook",
            HOOK,
            key=key,
            status=403,
            reason="No create access.",
            empty=True,
        )
        for key in ("none", "own")
    ],
]
