"""Creating leads: duplicates, rights, names; and changing them."""

from tests.sandbox_espocrm.exchanges.form import HTML, IVAN, SKIP, X, failed, lead

CREATE = [
    X(
        **lead(
            "full lead",
            **IVAN,
            phoneNumber="+79161230000",
            source="Web Site",
            opportunityAmount=150000,
            opportunityAmountCurrency="RUB",
            assignedUserId="$anna",
            unknownField="x",
        ),
        has={
            "name": "Иван Петров",
            "deleted": False,
            "status": "New",
            "opportunityAmount": 150000,
            "assignedUserName": "Анна Орлова",
            "doNotCall": False,
            "teamsIds": [],
        },
        lacks=("unknownField",),
    ),
    X(
        "re-read has nulls",
        "GET Lead/$lead",
        has={"name": "Иван Петров", "emailAddress": "Ivan.Petrov@Example.com"},
    ),
    X(
        "no User read: cannot assign",
        "POST Lead",
        {"lastName": "A", "assignedUserId": "$anna"},
        key="nouser",
        status=403,
        reason="No foreign record access for link operation (Lead:assignedUser).",
        has={
            "messageTranslation": {
                "label": "cannotRelateForbidden",
                "data": {"foreignEntityType": "User", "action": "read"},
            }
        },
    ),
    X(
        "assignmentPermission=no",
        "POST Lead",
        {"lastName": "As", "assignedUserId": "$anna"},
        key="noassign",
        status=403,
        reason="Assignment failure: assigned user or team not allowed.",
        empty=True,
    ),
    X(
        "duplicate by e-mail of another case",
        "POST Lead",
        {"lastName": "Сидоров", "emailAddress": "IVAN.petrov@example.com"},
        status=409,
        reason="duplicate",
        has=[{"id": "$lead", "name": "Иван Петров", "emailAddress": "Ivan.Petrov@Example.com"}],
    ),
    X(
        "same phone is no duplicate",
        "POST Lead",
        {"lastName": "Другой", "phoneNumber": "+79161234567"},
        has={"name": "+79161234567", "lastName": "Другой"},
    ),
    X(
        "duplicate by full name",
        "POST Lead",
        {"firstName": "Иван", "lastName": "Петров"},
        status=409,
        reason="duplicate",
        has=[{"id": "$lead"}],
    ),
    X("skip the check", "POST Lead", IVAN, headers=SKIP, has={"emailAddress": "ivan.petrov@example.com"}),
    X("skip the check, TRUE", "POST Lead", IVAN, headers={"X-Skip-Duplicate-Check": "TRUE"}),
    X(
        "skip the check with 1 does not work",
        "POST Lead",
        IVAN,
        headers={"X-Skip-Duplicate-Check": "1"},
        status=409,
        reason="duplicate",
    ),
    X(
        "skip in the body does not work",
        "POST Lead",
        {**IVAN, "skipDuplicateCheck": True},
        status=409,
        reason="duplicate",
    ),
    X(
        "a create-only key does not see duplicates",
        "POST Lead",
        {"lastName": "X", "emailAddress": "ivan.petrov@example.com"},
        key="create",
        has={
            "emailAddress": "ivan.petrov@example.com",
            "emailAddressData": [
                {"emailAddress": "Ivan.Petrov@Example.com", "lower": "ivan.petrov@example.com"}
            ],
        },
    ),
    X(
        "a read=own key does not see foreign duplicates",
        "POST Lead",
        {"lastName": "X", "emailAddress": "ivan.petrov@example.com"},
        key="own",
        has={"lastName": "X"},
    ),
    X(
        "a field that the role forbids is dropped",
        "POST Lead",
        {"lastName": "Own", "description": "secret"},
        key="own",
        has={"lastName": "Own"},
        lacks=("description",),
    ),
    X(
        "another forbidden field is dropped",
        "POST Lead",
        {"lastName": "Fld", "phoneNumber": "+79160001122"},
        key="fields",
        has={"phoneNumber": None},
    ),
]

NAMES = [
    X(
        **lead("last name and phone", lastName="OnlyLast", phoneNumber="+79990000001"),
        has={"name": "+79990000001", "lastName": "OnlyLast"},
    ),
    X(**lead("first name only", firstName="OnlyFirst"), has={"firstName": "OnlyFirst"}, lacks=("name",)),
    X(**lead("e-mail only", emailAddress="noname@example.com"), has={"name": "noname@example.com"}),
    X(**lead("phone only", phoneNumber="+79990000003"), has={"name": "+79990000003", "lastName": None}),
    X(**lead("company only", accountName="Фирма"), has={"name": "Фирма"}),
    X(**lead("empty object"), **failed("Lead", "name", "required")),
    X(
        **lead("name instead of its parts", name_="x") | {"body": {"name": "Full Name"}},
        **failed("Lead", "name", "required"),
    ),
    X(**lead("no name at all", description="x"), **failed("Lead", "name", "required")),
    X("name of a re-read lead", "GET Lead/$second", has={"name": "Второй"}),
]

UPDATE = [
    X(
        "PUT one attribute",
        "PUT Lead/$lead",
        {"status": "In Process"},
        has={"status": "In Process", "modifiedByName": "bot", "title": None},
    ),
    X(
        "PATCH is the same",
        "PATCH Lead/$lead",
        {"description": "по телефону"},
        has={"description": "по телефону"},
    ),
    X(
        "PUT with unknown attributes only",
        "PUT Lead/$lead",
        {"nope": 1},
        has={"id": "$lead"},
        lacks=("nope",),
    ),
    X("PUT of an empty object", "PUT Lead/$lead", {}, has={"id": "$lead", "modifiedById": "$bot"}),
    X("PUT null clears", "PUT Lead/$lead", {"website": None}, has={"website": None}),
    X(
        "status Converted by PUT",
        "PUT Lead/$lead",
        {"status": "Converted"},
        has={"status": "Converted", "createdContactId": None},
    ),
    X(
        "PUT of a phone shows the list of before",
        "PUT Lead/$lead",
        {"phoneNumber": "+79169999999"},
        has={"phoneNumber": "+79169999999", "phoneNumberData": [{"phoneNumber": "+79161234567"}]},
    ),
    X(
        "PUT of two phones",
        "PUT Lead/$lead",
        {
            "phoneNumberData": [
                {"phoneNumber": "+79161234567", "primary": True, "type": "Mobile"},
                {"phoneNumber": "+79169999999", "primary": False, "type": "Mobile"},
            ]
        },
        has={"phoneNumber": "+79161234567", "phoneNumberData": [{"primary": True}, {"primary": False}]},
    ),
    X(
        "PUT of another's e-mail: no check",
        "PUT Lead/$second",
        {"emailAddress": "ivan.petrov@example.com"},
        has={"emailAddress": "ivan.petrov@example.com"},
    ),
    X("PUT of a bad value", "PUT Lead/$lead", {"status": "Nope"}, **failed("Lead", "status", "valid")),
    X(
        "PUT of a missing id",
        "PUT Lead/000000000000000aa",
        {"status": "New"},
        status=404,
        reason="Record 000000000000000aa not found.",
        empty=True,
    ),
    X(
        "X-Version-Number means nothing for Lead",
        "PUT Lead/$lead",
        {"status": "New"},
        headers={"X-Version-Number": "1"},
        has={"status": "New", "versionNumber": None},
    ),
    X("POST to an item", "POST Lead/$lead", {"status": "New"}, status=405, kind=HTML),
    X(
        "PUT without the right",
        "PUT Lead/$lead",
        {"status": "Assigned"},
        key="create",
        status=403,
        reason="No edit access.",
        empty=True,
    ),
    X(
        "PUT of a forbidden field",
        "PUT Lead/$lead",
        {"phoneNumber": "+79160001122", "status": "Assigned"},
        key="fields",
        has={"phoneNumber": "+79161234567", "status": "Assigned"},
    ),
]
