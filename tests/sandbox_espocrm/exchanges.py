"""What real EspoCRM servers (9.2.7 and 10.0.0) answered, as data: one request and the significant part.

Written down from recordings of both versions; the people, keys and ids are made up. `$name` stands for an id
of the world that conftest.py builds. In `has` every named attribute must be there with that value, None means
null or absent.
"""

from dataclasses import dataclass, field
from typing import Any

BOTH = ("9.2.7", "10.0.0")
OLD, NEW = ("9.2.7",), ("10.0.0",)
SKIP = {"X-Skip-Duplicate-Check": "true"}
HTML = "text/html"


@dataclass(frozen=True)
class Exchange:
    name: str
    request: str
    body: Any = None
    status: int = 200
    reason: str | None = None
    has: Any = None
    lacks: tuple[str, ...] = ()
    key: str = "bot"
    headers: dict[str, str] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    empty: bool = False
    kind: str = "application/json"
    versions: tuple[str, ...] = BOTH
    first: tuple[tuple[str, str, Any], ...] = ()


def failed(entity: str, name: str, kind: str) -> dict[str, Any]:
    return {
        "status": 400,
        "reason": f"Field validation failure; entityType: {entity}, field: {name}, type: {kind}.",
        "has": {"messageTranslation": {"label": "validationFailure", "data": {"field": name, "type": kind}}},
    }


def where(kind: str, attribute: str, value: Any = None, **more: str) -> dict[str, Any]:
    query = {"where[0][type]": kind, "where[0][attribute]": attribute}
    if isinstance(value, list):
        query |= {f"where[0][value][{index}]": item for index, item in enumerate(value)}
    elif value is not None:
        query["where[0][value]"] = value
    return {**query, **more}


def lead(name: str, **body: Any) -> dict[str, Any]:
    return {"name": name, "request": "POST Lead", "body": body, "headers": SKIP}


X = Exchange
ANNA_CALL = {"name": "y", "parentType": "Lead", "parentId": "$lead", "assignedUserId": "$anna"}
IVAN = {"firstName": "Иван", "lastName": "Петров", "emailAddress": "ivan.petrov@example.com"}

AUTH = [
    X("App/user with a key", "GET App/user", has={"user": {"userName": "bot", "type": "api"},
      "acl": {"table": {"Lead": {"create": "yes", "read": "all", "delete": "own"}, "Webhook": True}},
      "settings": {"recordListMaxSizeLimit": 200}}),
    X("version in App/user, old", "GET App/user", has={"settings": {"version": "9.2.7"}}, versions=OLD),
    X("version in App/user, new", "GET App/user", has={"settings": {"version": "10.0.0"},
      "appParams": {"pipelines": {}}}, versions=NEW),
    X("App/about", "GET App/about", has={"version": "9.2.7"}, versions=OLD),
    X("wrong API key", "GET App/user", key="wrong", status=401, empty=True, kind=HTML),
    X("empty API key", "GET App/user", key="", status=401, empty=True, kind=HTML),
    X("no auth at all", "GET App/user", key="-", status=401, empty=True, kind=HTML),
    X("no auth at all, POST", "POST Lead", {"lastName": "x"}, key="-", status=401, empty=True, kind=HTML),
    X("Basic, wrong password", "GET App/user", key="-", headers={"Authorization": "Basic YWRtaW46bm9wZQ=="},
      status=401, empty=True, kind=HTML),
    X("Bearer is no scheme here", "GET App/user", key="-", headers={"Authorization": "Bearer abc"}, status=401,
      empty=True, kind=HTML),
    X("X-Api-Key wins over Basic", "GET App/user", headers={"Authorization": "Basic YWRtaW46bm9wZQ=="},
      has={"user": {"userName": "bot"}}),
    X("key of an HMAC user as X-Api-Key", "GET App/user", key="hmac", status=401, empty=True, kind=HTML),
    X("HMAC malformed", "GET App/user", key="-", headers={"X-Hmac-Authorization": "YWJj"}, status=401, empty=True,
      kind=HTML),
    X("Settings without auth", "GET Settings", key="-", has={"applicationName": "EspoCRM"}),
    X("API index", "GET ", has="EspoCRM REST API"),
    X("API index without auth", "GET ", key="-", status=401, empty=True, kind=HTML),
    X("OpenApi does not exist yet", "GET OpenApi", status=404, reason="Controller 'OpenApi' does not exist.",
      empty=True, versions=OLD),
    X("OpenApi without its scope", "GET OpenApi", status=403, reason="No access to OpenApi scope.", empty=True,
      kind=HTML, versions=NEW),
    X("OpenApi for the admin", "GET OpenApi", key="admin", has={"openapi": "3.1.1"}, versions=NEW),
]  # fmt: skip

METADATA = [
    X("options of one enum", "GET Metadata", query={"key": "entityDefs.Lead.fields.status"},
      has={"type": "enum", "default": "New",
           "options": ["New", "Assigned", "In Process", "Converted", "Recycled", "Dead"]}),
    X("fields of Lead", "GET Metadata", query={"key": "entityDefs.Lead.fields"},
      has={"lastName": {"type": "varchar", "maxLength": 100}, "phoneNumber": {"type": "phone"},
           "cInn": {"type": "varchar", "isCustom": True}}),
    X("metadata of an entity without access", "GET Metadata", query={"key": "entityDefs.Lead.fields.status"},
      key="none", empty=True),
    X("metadata of a missing key", "GET Metadata", query={"key": "entityDefs.Lead.fields.nope"}, empty=True),
    X("duplicate settings are not visible to an API key", "GET Metadata",
      query={"key": "recordDefs.Lead.duplicateCheckFieldList"}, empty=True),
    X("custom field is visible to an API key", "GET Metadata", query={"key": "entityDefs.Lead.fields.cScore"},
      has={"type": "int", "max": 100, "isCustom": True}),
    X("labels", "GET I18n", query={"default": "false"},
      has={"Lead": {"fields": {"emailAddress": "Email", "accountName": "Account Name"},
                    "options": {"status": {"In Process": "In Process"}}}}),
]  # fmt: skip

CREATE = [
    X(**lead("full lead", **IVAN, phoneNumber="+79161230000", source="Web Site", opportunityAmount=150000,
             opportunityAmountCurrency="RUB", assignedUserId="$anna", unknownField="x"),
      has={"name": "Иван Петров", "deleted": False, "status": "New", "opportunityAmount": 150000,
           "assignedUserName": "Анна Орлова", "doNotCall": False, "teamsIds": []}, lacks=("unknownField",)),
    X("re-read has nulls", "GET Lead/$lead", has={"name": "Иван Петров", "emailAddress": "Ivan.Petrov@Example.com"}),
    X("no User read: cannot assign", "POST Lead", {"lastName": "A", "assignedUserId": "$anna"}, key="nouser",
      status=403, reason="No foreign record access for link operation (Lead:assignedUser).",
      has={"messageTranslation": {"label": "cannotRelateForbidden",
                                  "data": {"foreignEntityType": "User", "action": "read"}}}),
    X("assignmentPermission=no", "POST Lead", {"lastName": "As", "assignedUserId": "$anna"}, key="noassign",
      status=403, reason="Assignment failure: assigned user or team not allowed.", empty=True),
    X("duplicate by e-mail of another case", "POST Lead",
      {"lastName": "Сидоров", "emailAddress": "IVAN.petrov@example.com"}, status=409, reason="duplicate",
      has=[{"id": "$lead", "name": "Иван Петров", "emailAddress": "Ivan.Petrov@Example.com"}]),
    X("same phone is no duplicate", "POST Lead", {"lastName": "Другой", "phoneNumber": "+79161234567"},
      has={"name": "+79161234567", "lastName": "Другой"}),
    X("duplicate by full name", "POST Lead", {"firstName": "Иван", "lastName": "Петров"}, status=409,
      reason="duplicate", has=[{"id": "$lead"}]),
    X("skip the check", "POST Lead", IVAN, headers=SKIP, has={"emailAddress": "ivan.petrov@example.com"}),
    X("skip the check, TRUE", "POST Lead", IVAN, headers={"X-Skip-Duplicate-Check": "TRUE"}),
    X("skip the check with 1 does not work", "POST Lead", IVAN, headers={"X-Skip-Duplicate-Check": "1"}, status=409,
      reason="duplicate"),
    X("skip in the body does not work", "POST Lead", {**IVAN, "skipDuplicateCheck": True}, status=409,
      reason="duplicate"),
    X("a create-only key does not see duplicates", "POST Lead",
      {"lastName": "X", "emailAddress": "ivan.petrov@example.com"}, key="create",
      has={"emailAddress": "ivan.petrov@example.com",
           "emailAddressData": [{"emailAddress": "Ivan.Petrov@Example.com", "lower": "ivan.petrov@example.com"}]}),
    X("a read=own key does not see foreign duplicates", "POST Lead",
      {"lastName": "X", "emailAddress": "ivan.petrov@example.com"}, key="own", has={"lastName": "X"}),
    X("a field that the role forbids is dropped", "POST Lead", {"lastName": "Own", "description": "secret"}, key="own",
      has={"lastName": "Own"}, lacks=("description",)),
    X("another forbidden field is dropped", "POST Lead",
      {"lastName": "Fld", "phoneNumber": "+79160001122"}, key="fields", has={"phoneNumber": None}),
]  # fmt: skip

NAMES = [
    X(**lead("last name and phone", lastName="OnlyLast", phoneNumber="+79990000001"),
      has={"name": "+79990000001", "lastName": "OnlyLast"}),
    X(**lead("first name only", firstName="OnlyFirst"), has={"firstName": "OnlyFirst"}, lacks=("name",)),
    X(**lead("e-mail only", emailAddress="noname@example.com"), has={"name": "noname@example.com"}),
    X(**lead("phone only", phoneNumber="+79990000003"), has={"name": "+79990000003", "lastName": None}),
    X(**lead("company only", accountName="Фирма"), has={"name": "Фирма"}),
    X(**lead("empty object"), **failed("Lead", "name", "required")),
    X(**lead("name instead of its parts", name_="x") | {"body": {"name": "Full Name"}},
      **failed("Lead", "name", "required")),
    X(**lead("no name at all", description="x"), **failed("Lead", "name", "required")),
    X("name of a re-read lead", "GET Lead/$second", has={"name": "Второй"}),
]  # fmt: skip

GOOD_PHONES = [
    "+79161234567",
    "+7 (916) 123-45-67",
    "+7 916 123 45 67",
    "+79161234567 доб. 12",
    "+79161234567 ext. 12",
]
BAD_PHONES = [
    "89161234567",
    "79161234567",
    "9161234567",
    "+1 555",
    "abc",
    "+7916",
    79161234567,
    "8 (916) 123-45-67",
]
BAD_EMAILS = ["not-an-email", "имя@пример.рф", "a@b", "x" * 250 + "@example.com"]

ADDRESSES = [
    *[X(**lead(f"phone {value}", lastName="P", phoneNumber=value),
        has={"phoneNumber": "+79161234567", "phoneNumberData": [
            {"phoneNumber": "+79161234567", "type": "Mobile", "primary": True, "optOut": False, "invalid": False}]})
      for value in GOOD_PHONES],
    X(**lead("phone of the USA", lastName="P", phoneNumber="+12025550123"), has={"phoneNumber": "+12025550123"}),
    *[X(**lead(f"phone {value!r} is bad", lastName="P", phoneNumber=value), **failed("Lead", "phoneNumber", "valid"))
      for value in BAD_PHONES],
    *[X(**lead(f"phone {value!r} is none", lastName="P", phoneNumber=value),
        has={"phoneNumber": None, "phoneNumberData": []}) for value in ("", None)],
    X(**lead("several numbers and addresses", lastName="Multi",
             phoneNumberData=[{"phoneNumber": "+79160000001", "primary": True, "type": "Mobile"},
                              {"phoneNumber": "+79160000002", "primary": False, "type": "Home"}],
             emailAddressData=[{"emailAddress": "a1@example.com", "primary": True},
                               {"emailAddress": "a2@example.com", "primary": False}]),
      has={"name": "a1@example.com", "phoneNumber": "+79160000001", "emailAddress": "a1@example.com",
           "phoneNumberData": [{"type": "Mobile", "primary": True}, {"type": "Home", "primary": False}]}),
    X(**lead("unknown type of a number", lastName="B",
             phoneNumberData=[{"phoneNumber": "+79160000005", "primary": True, "type": "Telegram"}]),
      **failed("Lead", "phoneNumber", "valid")),
    *[X(**lead(f"e-mail {value[:20]!r} is bad", lastName="E", emailAddress=value),
        **failed("Lead", "emailAddress", "emailAddress")) for value in BAD_EMAILS],
    X(**lead("e-mail in capitals", lastName="E", emailAddress="UPPER@EXAMPLE.COM"),
      has={"emailAddress": "UPPER@EXAMPLE.COM", "name": "UPPER@EXAMPLE.COM"}),
    X(**lead("e-mail with spaces", lastName="E", emailAddress=" spaced@example.com "),
      has={"emailAddress": "spaced@example.com"}),
    X(**lead("empty e-mail", lastName="E", emailAddress=""), has={"emailAddress": None}),
]  # fmt: skip

VALUES = [
    X(**lead("last name too long", lastName="x" * 101), **failed("Lead", "lastName", "maxLength")),
    X(**lead("unknown status", lastName="x", status="Nope"), **failed("Lead", "status", "valid")),
    X(**lead("unknown source", lastName="x", source="Telegram"), **failed("Lead", "source", "valid")),
    X(**lead("amount is no number", lastName="x", opportunityAmount="abc", opportunityAmountCurrency="RUB"),
      **failed("Lead", "opportunityAmount", "valid")),
    X(**lead("amount without a currency", lastName="x", opportunityAmount=100),
      has={"opportunityAmount": 100, "opportunityAmountCurrency": "RUB"}),
    X(**lead("currency not enabled", lastName="x", opportunityAmount=100, opportunityAmountCurrency="XYZ"),
      **failed("Lead", "opportunityAmount", "validCurrency")),
    X(**lead("amount as a string", lastName="x", opportunityAmount="100.50", opportunityAmountCurrency="RUB"),
      has={"opportunityAmount": 100.5}),
    X(**lead("bad url", lastName="x", website="javascript:alert(1)"), **failed("Lead", "website", "valid")),
    X(**lead("url without a scheme", lastName="x", website="t.me/ivan"), has={"website": "t.me/ivan"}),
    *[X(**lead(f"{name} that does not exist", lastName="x", **{name: value}), status=403,
        reason=f"Can't relate with non-existing record. entity type: Lead, link: {link}.",
        has={"messageTranslation": {"label": "cannotRelateNonExisting"}})
      for name, link, value in [("assignedUserId", "assignedUser", "doesnotexist"), ("teamsIds", "teams", ["nope"]),
                                ("campaignId", "campaign", "nope")]],
    X(**lead("assignedUserId as a number", lastName="x", assignedUserId=12), status=403,
      reason="Can't relate with non-existing record. entity type: Lead, link: assignedUser."),
    X(**lead("array for a string", lastName=["x"]), has={"lastName": "Array"}),
    X(**lead("string for a bool", lastName="x", doNotCall="yes"), has={"doNotCall": False}),
    X(**lead("read-only attributes", lastName="x", createdAt="2020-01-01 00:00:00", createdById="$anna"),
      has={"createdByName": "bot"}),
    X(**lead("markup in a name", lastName="Emoji <b>tag</b>"), **failed("Lead", "lastName", "pattern")),
    X(**lead("long description", lastName="x", description="д" * 70_000), has={"lastName": "x"}),
    X("JSON array as a body", "POST Lead", [{"lastName": "x"}], **failed("Lead", "name", "required")),
    X(**lead("custom fields", lastName="C", cInn="7707083893", cChannel="WhatsApp", cScholarship=True, cScore=55),
      has={"cInn": "7707083893", "cChannel": "WhatsApp", "cScholarship": True, "cScore": 55}),
    X(**lead("custom enum, default", lastName="C"), has={"cChannel": "Telegram"}),
    X(**lead("custom enum, bad", lastName="C", cChannel="VK"), **failed("Lead", "cChannel", "valid")),
    X(**lead("custom int over its maximum", lastName="C", cScore=555), **failed("Lead", "cScore", "max")),
    X(**lead("custom int as a string", lastName="C", cScore="55"), has={"cScore": 55}),
    X(**lead("custom field without its prefix", lastName="C", inn="1"), has={"cInn": None}, lacks=("inn",)),
]  # fmt: skip

UPDATE = [
    X("PUT one attribute", "PUT Lead/$lead", {"status": "In Process"},
      has={"status": "In Process", "modifiedByName": "bot", "title": None}),
    X("PATCH is the same", "PATCH Lead/$lead", {"description": "по телефону"}, has={"description": "по телефону"}),
    X("PUT with unknown attributes only", "PUT Lead/$lead", {"nope": 1}, has={"id": "$lead"}, lacks=("nope",)),
    X("PUT of an empty object", "PUT Lead/$lead", {}, has={"id": "$lead", "modifiedById": "$bot"}),
    X("PUT null clears", "PUT Lead/$lead", {"website": None}, has={"website": None}),
    X("status Converted by PUT", "PUT Lead/$lead", {"status": "Converted"},
      has={"status": "Converted", "createdContactId": None}),
    X("PUT of a phone shows the list of before", "PUT Lead/$lead", {"phoneNumber": "+79169999999"},
      has={"phoneNumber": "+79169999999", "phoneNumberData": [{"phoneNumber": "+79161234567"}]}),
    X("PUT of two phones", "PUT Lead/$lead",
      {"phoneNumberData": [{"phoneNumber": "+79161234567", "primary": True, "type": "Mobile"},
                           {"phoneNumber": "+79169999999", "primary": False, "type": "Mobile"}]},
      has={"phoneNumber": "+79161234567", "phoneNumberData": [{"primary": True}, {"primary": False}]}),
    X("PUT of another's e-mail: no check", "PUT Lead/$second", {"emailAddress": "ivan.petrov@example.com"},
      has={"emailAddress": "ivan.petrov@example.com"}),
    X("PUT of a bad value", "PUT Lead/$lead", {"status": "Nope"}, **failed("Lead", "status", "valid")),
    X("PUT of a missing id", "PUT Lead/000000000000000aa", {"status": "New"}, status=404,
      reason="Record 000000000000000aa not found.", empty=True),
    X("X-Version-Number means nothing for Lead", "PUT Lead/$lead", {"status": "New"},
      headers={"X-Version-Number": "1"}, has={"status": "New", "versionNumber": None}),
    X("POST to an item", "POST Lead/$lead", {"status": "New"}, status=405, kind=HTML),
    X("PUT without the right", "PUT Lead/$lead", {"status": "Assigned"}, key="create", status=403,
      reason="No edit access.", empty=True),
    X("PUT of a forbidden field", "PUT Lead/$lead", {"phoneNumber": "+79160001122", "status": "Assigned"},
      key="fields", has={"phoneNumber": "+79161234567", "status": "Assigned"}),
]  # fmt: skip

ERRORS = [
    X("missing record", "GET Lead/000000000000000aa", status=404,
      reason="Record 000000000000000aa does not exist.", empty=True),
    *[X(f"unknown entity {request}", request, body, status=404, reason="Controller 'Zzz' does not exist.", empty=True)
      for request, body in [("GET Zzz", None), ("POST Zzz", {"a": 1}), ("GET Zzz/123", None)]],
    X("unknown depth of the route", "GET Lead/a/b/c/d", status=404, kind=HTML),
    X("no role: list", "GET Lead", key="none", status=403, reason="No read access.", empty=True),
    X("no role: create", "POST Lead", {"lastName": "x"}, key="none", status=403, reason="No create access.",
      empty=True),
    X("no role: App/user works", "GET App/user", key="none",
      has={"acl": {"table": {"User": {"read": "own"}, "Lead": None}}}),
    X("no role: read one", "GET Lead/$lead", key="none", status=403, reason="No read access.", empty=True),
    X("no role: another entity", "GET Opportunity", key="none", status=403, reason="No read access.", empty=True),
    X("create-only: create", "POST Lead", {"lastName": "CreateOnly"}, key="create", has={"lastName": "CreateOnly"},
      lacks=("name",)),
    X("create-only: list", "GET Lead", key="create", status=403, reason="No read access.", empty=True),
    X("create-only: read one", "GET Lead/$lead", key="create", status=403, reason="No read access.", empty=True),
    X("own: read a foreign lead", "GET Lead/$lead", key="own", status=403, reason="No 'read' access.", empty=True),
    X("own: edit a foreign lead", "PUT Lead/$lead", {"status": "New"}, key="own", status=403,
      reason="No edit access.", empty=True),
    X("own: a lead made without an assignee is not own", "GET Lead", key="own", has={"total": 0, "list": []},
      first=(("own", "POST Lead", {"lastName": "Own"}),)),
    X("delete=own of a foreign lead", "DELETE Lead/$lead", status=403, reason="No delete access.", empty=True),
    X("admin deletes", "DELETE Lead/$lead", key="admin", has=True),
    X("Role is for admins", "GET Role", status=403, reason="No read access.", empty=True),
    X("App/user shows closed fields", "GET App/user", key="fields",
      has={"acl": {"fieldTable": {"Lead": {"phoneNumber": {"read": "yes", "edit": "no"}}}}}),
]  # fmt: skip

SELECT = {"select": "id,phoneNumber"}
ONE = {"select": "id", "maxSize": "1"}

LISTS = [
    X("page, order, select", "GET Lead",
      query={"maxSize": "2", "offset": "1", "orderBy": "createdAt", "order": "desc", "select": "id,name,createdAt"},
      has={"total": 3, "list": [{"name": "Второй", "accountName": None}, {"name": "Иван Петров"}]}),
    X("e-mail", "GET Lead", query=where("equals", "emailAddress", "ivan.petrov@example.com", select="id,emailAddress"),
      has={"total": 1, "list": [{"name": "Ivan.Petrov@Example.com", "emailAddress": "Ivan.Petrov@Example.com"}]}),
    X("e-mail of another case", "GET Lead", query=where("equals", "emailAddress", "IVAN.PETROV@example.com"),
      has={"total": 1}),
    X("phone in E.164", "GET Lead", query=where("equals", "phoneNumber", "+79161234567", **SELECT),
      has={"total": 1, "list": [{"id": "$lead", "name": "+79161234567"}]}),
    X("secondary phone", "GET Lead", query=where("equals", "phoneNumber", "+79160000002", **SELECT),
      has={"total": 1, "list": [{"id": "$third"}]}),
    X("formatted phone finds nothing", "GET Lead", query=where("equals", "phoneNumber", "+7 (916) 123-45-67"),
      has={"total": 0, "list": []}),
    X("digits of a phone", "GET Lead", query=where("equals", "phoneNumberNumeric", "79161234567"),
      has={"total": 1, "list": [{"id": "$lead"}]}),
    X("like a phone", "GET Lead", query=where("like", "phoneNumber", "%9161234567"), has={"total": 1}),
    X("end of a phone", "GET Lead", query=where("endsWith", "phoneNumber", "9161234567"), has={"total": 1}),
    X("part of a name", "GET Lead", query=where("contains", "name", "етро", select="id,name"),
      has={"total": 1, "list": [{"name": "Иван Петров"}]}),
    X("in", "GET Lead", query=where("in", "status", ["New", "In Process"], maxSize="2", select="id,status"),
      has={"total": 3, "list": [{"status": "New"}, {"status": "New"}]}),
    X("or", "GET Lead", query={"where[0][type]": "or", "where[0][value][0][type]": "equals",
      "where[0][value][0][attribute]": "emailAddress", "where[0][value][0][value]": "ivan.petrov@example.com",
      "where[0][value][1][type]": "equals", "where[0][value][1][attribute]": "phoneNumber",
      "where[0][value][1][value]": "+79160000001"}, has={"total": 2}),
    X("after", "GET Lead", query=where("after", "createdAt", "2026-01-01 00:00:00", **ONE), has={"total": 3}),
    X("poll by modifiedAt", "GET Lead", query=where("greaterThan", "modifiedAt", "2026-01-01 00:00:00",
      orderBy="modifiedAt", order="asc", select="id,modifiedAt"), has={"total": 3, "list": [{"id": "$lead"}]}),
    X("today in a time zone", "GET Lead",
      query=where("today", "createdAt", **{"where[0][timeZone]": "Europe/Moscow"}), has={"total": 3}),
    X("is null", "GET Lead", query=where("isNull", "assignedUserId", **ONE), has={"total": 2}),
    X("searchParams", "GET Lead", query={"searchParams": '{"maxSize": 1, "select": ["id", "name"], "where": '
      '[{"type": "equals", "attribute": "status", "value": "New"}]}'}, has={"total": 3, "list": [{"name": "Третий"}]}),
    X("text filter by name", "GET Lead", query={"textFilter": "Петров"}, has={"total": 1}),
    X("text filter does not see phones", "GET Lead", query={"textFilter": "9161234567"}, has={"total": 0}),
    X("quick search does not count", "GET Lead", query={"q": "Петров", "maxSize": "2"},
      has={"total": -2, "list": [{"id": "$lead"}]}),
    X("actual", "GET Lead", query={"primaryFilter": "actual", **ONE}, has={"total": 3}),
    X("only mine", "GET Lead", query={"boolFilterList[]": "onlyMy", **ONE}, has={"total": 0}),
    X("no total", "GET Lead", query=ONE, headers={"X-No-Total": "true"}, has={"total": -1}),
    X("maxSize 200", "GET Lead", query={"maxSize": "200"}, has={"total": 3}),
    X("maxSize 201", "GET Lead", query={"maxSize": "201"}, status=403,
      reason="Max size should not exceed 200. Use offset and limit.", empty=True),
    X("maxSize 0", "GET Lead", query={"maxSize": "0"}, has={"total": 3, "list": []}),
    X("maxSize is text", "GET Lead", query={"maxSize": "abc"}, has={"total": 3, "list": []}),
    X("offset past the end", "GET Lead", query={"offset": "100000"}, has={"total": 3, "list": []}),
    X("unknown attribute", "GET Lead", query=where("equals", "nope", "x"), status=400,
      reason="Not existing attribute 'nope' in where.", empty=True),
    X("unknown type", "GET Lead", query=where("nope", "name", "x"), status=400,
      reason="Unknown where item type 'nope'.", empty=True),
    X("unknown order", "GET Lead", query={"orderBy": "nope"}, status=400,
      reason="Order by non-existing field 'nope'.", empty=True),
    X("unknown selection is ignored", "GET Lead", query={"select": "id,nope", "maxSize": "1"},
      has={"list": [{"id": "$third"}]}),
    X("by id", "GET Lead", query=where("in", "id", ["$lead"], select="id,name,phoneNumberData"), has={"total": 1}),
    X("by a custom field", "GET Lead", query=where("equals", "cExternalId", "lead-2", select="id,cExternalId"),
      has={"total": 1, "list": [{"id": "$second", "cExternalId": "lead-2"}]}),
    X("by a forbidden field, old", "GET Lead", query=where("equals", "description", "x"), key="own", status=400,
      reason="Forbidden attribute 'description' in where. Forbidden attribute 'description' in where.", empty=True,
      versions=OLD),
    X("by a forbidden field, new", "GET Lead", query=where("equals", "description", "x"), key="own", status=400,
      reason="Forbidden attribute 'description' in where.", empty=True, versions=NEW),
    X("users do not list API users", "GET User", query={"select": "userName,type"},
      has={"total": 4, "list": [{"userName": "admin", "name": "admin", "type": "admin"}, {"userName": "anna"}]}),
    X("users by type", "GET User", query=where("equals", "type", "regular", select="name,userName,isActive"),
      has={"total": 3, "list": [{"name": "Анна Орлова", "userName": "anna", "isActive": True}]}),
]  # fmt: skip

HALF = {"name": "x", "parentType": "Lead", "parentId": "$lead"}
DATES = {"dateStart": "2026-11-22 11:00:00", "dateEnd": "2026-11-22 11:10:00"}

ACTIVITIES = [
    X("planned call", "POST Call", {**ANNA_CALL, **DATES, "direction": "Outbound"},
      has={"status": "Planned", "duration": 300, "parentName": "Иван Петров", "usersIds": ["$anna"], "leadsIds": []}),
    X("call without dates", "POST Call", HALF, **failed("Call", "dateStart", "required")),
    X("call with a start only", "POST Call", {**HALF, "dateStart": DATES["dateStart"]},
      **failed("Call", "dateEnd", "required")),
    X("call with a duration", "POST Call", {**HALF, "dateStart": DATES["dateStart"], "duration": 600},
      **failed("Call", "dateEnd", "required")),
    X("call without an assignee", "POST Call", {**HALF, **DATES}, **failed("Call", "assignedUser", "required")),
    X("call with ISO dates", "POST Call",
      {**ANNA_CALL, "dateStart": "2026-11-22T11:00:00Z", "dateEnd": "2026-11-22T11:10:00+03:00"},
      has={"dateStart": "2026-11-22 11:00:00", "dateEnd": "2026-11-22 08:10:00"}),
    X("call without seconds", "POST Call",
      {**ANNA_CALL, "dateStart": "2026-11-22 11:00", "dateEnd": "2026-11-22 11:10"},
      has={"dateStart": "2026-11-22 11:00"}),
    X("call that ends before it starts", "POST Call", {**ANNA_CALL, **DATES, "dateEnd": "2026-11-22 10:00:00"},
      has={"dateEnd": "2026-11-22 10:00:00"}),
    X("held call with leads", "POST Call", {**ANNA_CALL, **DATES, "status": "Held", "leadsIds": ["$lead"]},
      has={"status": "Held", "leadsNames": {"$lead": "Иван Петров"}, "leadsColumns": {"$lead": {"status": "None"}}}),
    X("meeting", "POST Meeting", {**ANNA_CALL, **DATES, "usersIds": ["$anna"], "leadsIds": ["$lead"]},
      has={"status": "Planned", "parentName": "Иван Петров", "leadsIds": ["$lead"]}),
    X("meeting with a start only", "POST Meeting", {**ANNA_CALL, "dateStart": DATES["dateStart"]},
      has={"status": "Planned"}),
    X("task", "POST Task", {**ANNA_CALL, "dateEnd": "2026-11-22 15:00:00", "priority": "High"},
      has={"status": "Not Started", "priority": "High", "versionNumber": 1}),
    X("task without an assignee", "POST Task", HALF, **failed("Task", "assignedUser", "required")),
    X("task with a day", "POST Task", {**ANNA_CALL, "dateEndDate": "2026-11-25"},
      has={"dateEnd": "2026-11-26 00:00:00", "dateEndDate": "2026-11-25"}),
    X("task with a day in the wrong place", "POST Task", {**ANNA_CALL, "dateEnd": "2026-11-25"},
      **failed("Task", "dateEnd", "valid")),
    X("task to a missing parent", "POST Task", {**ANNA_CALL, "parentId": "nope"}, status=403,
      reason="Can't relate with non-existing record. entity type: Task, link: parent.",
      has={"messageTranslation": {"label": "cannotRelateNonExisting", "data": {"foreignEntityType": "Lead"}}}),
    X("task to an unknown type of parent", "POST Task", {**HALF, "parentType": "Zzz"},
      **failed("Task", "parent", "valid")),
    X("task for an API user", "POST Task", {**ANNA_CALL, "assignedUserId": "$bot"},
      has={"assignedUserName": "bot", "isFollowed": True}),
    X("task done", "PUT Task/$task", {"status": "Completed"}, has={"status": "Completed", "versionNumber": 2}),
    X("task with an old version", "PUT Task/$task", {"status": "Completed"}, headers={"X-Version-Number": "7"},
      status=409, reason="modified", has={"versionNumber": 1, "values": {"id": "$task"}}),
    X("calls of a lead are not those with it as parent", "GET Lead/$lead/calls", has={"total": 0, "list": []}),
    X("tasks of a lead", "GET Lead/$lead/tasks", query={"select": "id,name,status"},
      has={"total": 1, "list": [{"id": "$task", "parentName": "Иван Петров"}]}),
    X("link a call", "POST Lead/$lead/calls", {"id": "$call"}, has=True),
    X("unlink with a query", "DELETE Lead/$lead/calls", query={"id": "$call"}, has=False,
      first=(("bot", "POST Lead/$lead/calls", {"id": "$call"}),)),
    X("unlink with a body", "DELETE Lead/$lead/calls", {"id": "$call"}, has=True,
      first=(("bot", "POST Lead/$lead/calls", {"id": "$call"}),)),
    X("activities need their scope", "GET Activities/Lead/$lead/activities", status=403, reason="", empty=True,
      kind=HTML),
    X("post", "POST Note", {"type": "Post", "parentType": "Lead", "parentId": "$lead", "post": "**привет** 😀"},
      has={"type": "Post", "post": "**привет** 😀", "parentName": "Иван Петров", "isInternal": False}),
    X("post without a type", "POST Note", {"parentType": "Lead", "parentId": "$lead", "post": "x"},
      has={"type": "Post"}),
    X("empty post", "POST Note", {"type": "Post", "parentType": "Lead", "parentId": "$lead", "post": ""},
      has={"post": None}),
    X("post of a system type", "POST Note", {"type": "Status", "parentType": "Lead", "parentId": "$lead"},
      has={"type": "Post"}),
    X("post to a missing parent", "POST Note", {"type": "Post", "parentType": "Lead", "parentId": "nope", "post": "x"},
      status=403, reason="No create access.", empty=True),
    X("post without the stream right", "POST Note", {"parentType": "Lead", "parentId": "$lead", "post": "x"},
      key="create", status=403, reason="No create access.", empty=True),
    X("long post", "POST Note", {"parentType": "Lead", "parentId": "$lead", "post": "д" * 70_000},
      has={"type": "Post"}),
    X("edit a post", "PUT Note/$note", {"post": "изменено"}, has={"id": "$note", "post": "изменено"}),
    X("stream", "GET Lead/$lead/stream", query={"maxSize": "1"}, has={"list": [{"id": "$note", "post": "заметка"}]}),
    X("follow", "PUT Lead/$lead/subscription", has=True),
]  # fmt: skip

DEAL = {"name": "Сделка", "amount": 1000, "amountCurrency": "RUB", "closeDate": "2026-12-31"}
BOTH_RECORDS = {"id": "$lead", "records": {"Contact": IVAN, "Opportunity": DEAL}}

OTHERS = [
    X("attributes for a conversion", "POST Lead/action/getConvertAttributes", {"id": "$lead"},
      has={"Contact": {"lastName": "Петров", "phoneNumber": "+79161234567"}, "Account": {"name": "ООО Ромашка"},
           "Opportunity": {"amount": 150000}}),
    X("convert", "POST Lead/action/convert", BOTH_RECORDS, has={"id": "$lead", "status": "Converted"}),
    X("convert again", "POST Lead/action/convert", {"id": "$lead", "records": {"Contact": IVAN}}, status=409,
      reason="duplicate", has=[{"name": "Иван Петров", "_entityType": "Contact"}],
      first=(("bot", "POST Lead/action/convert", BOTH_RECORDS),)),
    X("opportunity without an amount", "POST Opportunity", {"name": "x"},
      **failed("Opportunity", "amount", "required")),
    X("attachment", "POST Attachment", {"name": "a.txt", "type": "text/plain", "role": "Attachment",
      "relatedType": "Note", "field": "attachments", "file": "data:text/plain;base64,aGVsbG8="},
      has={"size": 5, "storage": "EspoUploadDir", "relatedType": "Note"}),
    X("fields are the admin's", "POST Admin/fieldManager/Lead", {"name": "x", "type": "varchar"}, status=403,
      reason="", empty=True),
    X("a new field", "POST Admin/fieldManager/Lead",
      {"name": "tag", "type": "varchar", "label": "Tag", "maxLength": 50, "required": False}, key="admin",
      has={"type": "varchar", "maxLength": 50, "isCustom": True, "label": "Tag"}, lacks=("name", "required")),
    X("a new bool", "POST Admin/fieldManager/Lead", {"name": "hot", "type": "bool"}, key="admin",
      has={"notNull": True, "type": "bool", "label": "cHot"}),
    X("the same field again", "POST Admin/fieldManager/Lead", {"name": "inn", "type": "varchar"}, key="admin",
      status=409, reason="Field 'cInn' already exists in 'Lead'.",
      has={"messageTranslation": {"label": "fieldAlreadyExists", "scope": "FieldManager"}}),
    X("bad name of a field", "POST Admin/fieldManager/Lead", {"name": "telegram-id", "type": "varchar"}, key="admin",
      status=500, reason="Field name should contain only letters and numbers.", empty=True),
    X("read a field", "GET Admin/fieldManager/Lead/cScore", key="admin", has={"type": "int", "max": 100}),
    X("delete a field", "DELETE Admin/fieldManager/Lead/cScore", key="admin", has=True),
    X("a new source works at once", "POST Lead", {"lastName": "Src", "source": "Telegram"},
      has={"source": "Telegram"},
      first=(("admin", "PUT Admin/fieldManager/Lead/source", {"options": ["", "Call", "Telegram"]}),)),
    X("a new entity", "POST EntityManager/action/createEntity", {"name": "BotSession", "type": "Base"}, key="admin",
      has={"name": "CBotSession"}),
    X("a new entity without access", "POST CBotSession", {"name": "s1"}, status=403, reason="No create access.",
      first=(("admin", "POST EntityManager/action/createEntity", {"name": "BotSession", "type": "Base"}),)),
    X("duplicates by phone when the admin says so", "POST Lead", {"lastName": "D", "phoneNumber": "+7 916 123-45-67"},
      status=409, reason="duplicate", has=[{"id": "$lead"}],
      first=(("admin", "POST EntityManager/action/updateEntity",
              {"name": "Lead", "duplicateCheckFieldList": ["emailAddress", "phoneNumber"]}),)),
    X("duplicates on update when the admin says so", "PUT Lead/$second", {"phoneNumber": "+79161234567"},
      status=409, reason="duplicate", has=[{"id": "$lead"}],
      first=(("admin", "POST EntityManager/action/updateEntity",
              {"name": "Lead", "duplicateCheckFieldList": ["phoneNumber"], "updateDuplicateCheck": True}),)),
    X("PATCH of settings, old", "PATCH Settings", {"maintenanceMode": True}, key="admin", status=404,
      reason="Action PATCH 'patch' does not exist in controller 'Settings'.", empty=True, versions=OLD),
    X("PATCH of settings, new", "PATCH Settings", {"maintenanceMode": True}, key="admin",
      has={"maintenanceMode": True}, versions=NEW),
    X("maintenance", "POST Lead", {"lastName": "Mm"}, status=503, reason="Application is in maintenance mode.",
      has={"message": "The application currently is in maintenance mode."}, kind=HTML,
      first=(("admin", "PUT Settings", {"maintenanceMode": True}),)),
    X("maintenance lets the admin in", "GET App/about", key="admin",
      first=(("admin", "PUT Settings", {"maintenanceMode": True}),)),
]  # fmt: skip

HOOK = {"event": "Lead.create", "url": "https://bot.example/hook"}

WEBHOOKS = [
    X("register", "POST Webhook", {"event": "Lead.fieldUpdate.status", "url": "https://bot.example/h"}, status=201,
      has={"event": "Lead.fieldUpdate.status", "entityType": "Lead", "type": "fieldUpdate", "field": "status",
           "isActive": True, "skipOwn": False}),
    X("register the same again", "POST Webhook", HOOK, status=201, first=(("bot", "POST Webhook", HOOK),)),
    X("skip own", "POST Webhook", {**HOOK, "skipOwn": True}, status=201, has={"skipOwn": True, "field": None}),
    *[X(f"event {event}", "POST Webhook", {"event": event, "url": "https://bot.example/x"}, status=403, reason=reason,
        empty=True)
      for event, reason in [("Lead.nope", "Not supported event."), ("Case.create", "Entity type is forbidden."),
                            ("Zzz.create", "Entity type is not available for Webhooks.")]],
    X("bad url, old", "POST Webhook", {**HOOK, "url": "not a url"}, status=201, versions=OLD),
    X("bad url, new", "POST Webhook", {**HOOK, "url": "not a url"}, versions=NEW, **failed("Webhook", "url", "valid")),
    X("own list", "GET Webhook", has={"total": 1, "list": [{"event": "Lead.create"}]},
      first=(("bot", "POST Webhook", HOOK), ("admin", "POST Webhook", HOOK))),
    *[X(f"register without the scope: {key}", "POST Webhook", HOOK, key=key, status=403, reason="No create access.",
        empty=True) for key in ("none", "own")],
]  # fmt: skip

ALL = [*AUTH, *METADATA, *CREATE, *NAMES, *ADDRESSES, *VALUES, *UPDATE, *ERRORS, *LISTS, *ACTIVITIES, *OTHERS,
       *WEBHOOKS]  # fmt: skip
