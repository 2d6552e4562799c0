"""Signing in, metadata, and what each role is refused."""

from tests.sandbox_espocrm.exchanges.form import HTML, NEW, OLD, X

AUTH = [
    X(
        "App/user with a key",
        "GET App/user",
        has={
            "user": {"userName": "bot", "type": "api"},
            "acl": {"table": {"Lead": {"create": "yes", "read": "all", "delete": "own"}, "Webhook": True}},
            "settings": {"recordListMaxSizeLimit": 200},
        },
    ),
    X("version in App/user, old", "GET App/user", has={"settings": {"version": "9.2.7"}}, versions=OLD),
    X(
        "version in App/user, new",
        "GET App/user",
        has={"settings": {"version": "10.0.0"}, "appParams": {"pipelines": {}}},
        versions=NEW,
    ),
    X("App/about", "GET App/about", has={"version": "9.2.7"}, versions=OLD),
    X("wrong API key", "GET App/user", key="wrong", status=401, empty=True, kind=HTML),
    X("empty API key", "GET App/user", key="", status=401, empty=True, kind=HTML),
    X("no auth at all", "GET App/user", key="-", status=401, empty=True, kind=HTML),
    X("no auth at all, POST", "POST Lead", {"lastName": "x"}, key="-", status=401, empty=True, kind=HTML),
    X(
        "Basic, wrong password",
        "GET App/user",
        key="-",
        headers={"Authorization": "Basic YWRtaW46bm9wZQ=="},
        status=401,
        empty=True,
        kind=HTML,
    ),
    X(
        "Bearer is no scheme here",
        "GET App/user",
        key="-",
        headers={"Authorization": "Bearer abc"},
        status=401,
        empty=True,
        kind=HTML,
    ),
    X(
        "X-Api-Key wins over Basic",
        "GET App/user",
        headers={"Authorization": "Basic YWRtaW46bm9wZQ=="},
        has={"user": {"userName": "bot"}},
    ),
    X("key of an HMAC user as X-Api-Key", "GET App/user", key="hmac", status=401, empty=True, kind=HTML),
    X(
        "HMAC malformed",
        "GET App/user",
        key="-",
        headers={"X-Hmac-Authorization": "YWJj"},
        status=401,
        empty=True,
        kind=HTML,
    ),
    X("Settings without auth", "GET Settings", key="-", has={"applicationName": "EspoCRM"}),
    X("API index", "GET ", has="EspoCRM REST API"),
    X("API index without auth", "GET ", key="-", status=401, empty=True, kind=HTML),
    X(
        "OpenApi does not exist yet",
        "GET OpenApi",
        status=404,
        reason="Controller 'OpenApi' does not exist.",
        empty=True,
        versions=OLD,
    ),
    X(
        "OpenApi without its scope",
        "GET OpenApi",
        status=403,
        reason="No access to OpenApi scope.",
        empty=True,
        kind=HTML,
        versions=NEW,
    ),
    X("OpenApi for the admin", "GET OpenApi", key="admin", has={"openapi": "3.1.1"}, versions=NEW),
]

METADATA = [
    X(
        "options of one enum",
        "GET Metadata",
        query={"key": "entityDefs.Lead.fields.status"},
        has={
            "type": "enum",
            "default": "New",
            "options": ["New", "Assigned", "In Process", "Converted", "Recycled", "Dead"],
        },
    ),
    X(
        "fields of Lead",
        "GET Metadata",
        query={"key": "entityDefs.Lead.fields"},
        has={
            "lastName": {"type": "varchar", "maxLength": 100},
            "phoneNumber": {"type": "phone"},
            "cInn": {"type": "varchar", "isCustom": True},
        },
    ),
    X(
        "metadata of an entity without access",
        "GET Metadata",
        query={"key": "entityDefs.Lead.fields.status"},
        key="none",
        empty=True,
    ),
    X("metadata of a missing key", "GET Metadata", query={"key": "entityDefs.Lead.fields.nope"}, empty=True),
    X(
        "duplicate settings are not visible to an API key",
        "GET Metadata",
        query={"key": "recordDefs.Lead.duplicateCheckFieldList"},
        empty=True,
    ),
    X(
        "custom field is visible to an API key",
        "GET Metadata",
        query={"key": "entityDefs.Lead.fields.cScore"},
        has={"type": "int", "max": 100, "isCustom": True},
    ),
    X(
        "labels",
        "GET I18n",
        query={"default": "false"},
        has={
            "Lead": {
                "fields": {"emailAddress": "Email", "accountName": "Account Name"},
                "options": {"status": {"In Process": "In Process"}},
            }
        },
    ),
]

ERRORS = [
    X(
        "missing record",
        "GET Lead/000000000000000aa",
        status=404,
        reason="Record 000000000000000aa does not exist.",
        empty=True,
    ),
    *[
        X(
            f"unknown entity {request}",
            request,
            body,
            status=404,
            reason="Controller 'Zzz' does not exist.",
            empty=True,
        )
        for request, body in [("GET Zzz", None), ("POST Zzz", {"a": 1}), ("GET Zzz/123", None)]
    ],
    X("unknown depth of the route", "GET Lead/a/b/c/d", status=404, kind=HTML),
    X("no role: list", "GET Lead", key="none", status=403, reason="No read access.", empty=True),
    X(
        "no role: create",
        "POST Lead",
        {"lastName": "x"},
        key="none",
        status=403,
        reason="No create access.",
        empty=True,
    ),
    X(
        "no role: App/user works",
        "GET App/user",
        key="none",
        has={"acl": {"table": {"User": {"read": "own"}, "Lead": None}}},
    ),
    X("no role: read one", "GET Lead/$lead", key="none", status=403, reason="No read access.", empty=True),
    X(
        "no role: another entity",
        "GET Opportunity",
        key="none",
        status=403,
        reason="No read access.",
        empty=True,
    ),
    X(
        "create-only: create",
        "POST Lead",
        {"lastName": "CreateOnly"},
        key="create",
        has={"lastName": "CreateOnly"},
        lacks=("name",),
    ),
    X("create-only: list", "GET Lead", key="create", status=403, reason="No read access.", empty=True),
    X(
        "create-only: read one",
        "GET Lead/$lead",
        key="create",
        status=403,
        reason="No read access.",
        empty=True,
    ),
    X(
        "own: read a foreign lead",
        "GET Lead/$lead",
        key="own",
        status=403,
        reason="No 'read' access.",
        empty=True,
    ),
    X(
        "own: edit a foreign lead",
        "PUT Lead/$lead",
        {"status": "New"},
        key="own",
        status=403,
        reason="No edit access.",
        empty=True,
    ),
    X(
        "own: a lead made without an assignee is not own",
        "GET Lead",
        key="own",
        has={"total": 0, "list": []},
        first=(("own", "POST Lead", {"lastName": "Own"}),),
    ),
    X(
        "delete=own of a foreign lead",
        "DELETE Lead/$lead",
        status=403,
        reason="No delete access.",
        empty=True,
    ),
    X("admin deletes", "DELETE Lead/$lead", key="admin", has=True),
    X("Role is for admins", "GET Role", status=403, reason="No read access.", empty=True),
    X(
        "App/user shows closed fields",
        "GET App/user",
        key="fields",
        has={"acl": {"fieldTable": {"Lead": {"phoneNumber": {"read": "yes", "edit": "no"}}}}},
    ),
]
