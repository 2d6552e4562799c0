"""Values of a lead: phones, e-mails, enums, amounts, links, custom fields."""

from tests.sandbox_espocrm.exchanges.form import X, failed, lead

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
    *[
        X(
            **lead(f"phone {value}", lastName="P", phoneNumber=value),
            has={
                "phoneNumber": "+79161234567",
                "phoneNumberData": [
                    {
                        "phoneNumber": "+79161234567",
                        "type": "Mobile",
                        "primary": True,
                        "optOut": False,
                        "invalid": False,
                    }
                ],
            },
        )
        for value in GOOD_PHONES
    ],
    X(
        **lead("phone of the USA", lastName="P", phoneNumber="+12025550123"),
        has={"phoneNumber": "+12025550123"},
    ),
    *[
        X(
            **lead(f"phone {value!r} is bad", lastName="P", phoneNumber=value),
            **failed("Lead", "phoneNumber", "valid"),
        )
        for value in BAD_PHONES
    ],
    *[
        X(
            **lead(f"phone {value!r} is none", lastName="P", phoneNumber=value),
            has={"phoneNumber": None, "phoneNumberData": []},
        )
        for value in ("", None)
    ],
    X(
        **lead(
            "several numbers and addresses",
            lastName="Multi",
            phoneNumberData=[
                {"phoneNumber": "+79160000001", "primary": True, "type": "Mobile"},
                {"phoneNumber": "+79160000002", "primary": False, "type": "Home"},
            ],
            emailAddressData=[
                {"emailAddress": "a1@example.com", "primary": True},
                {"emailAddress": "a2@example.com", "primary": False},
            ],
        ),
        has={
            "name": "a1@example.com",
            "phoneNumber": "+79160000001",
            "emailAddress": "a1@example.com",
            "phoneNumberData": [{"type": "Mobile", "primary": True}, {"type": "Home", "primary": False}],
        },
    ),
    X(
        **lead(
            "unknown type of a number",
            lastName="B",
            phoneNumberData=[{"phoneNumber": "+79160000005", "primary": True, "type": "Telegram"}],
        ),
        **failed("Lead", "phoneNumber", "valid"),
    ),
    *[
        X(
            **lead(f"e-mail {value[:20]!r} is bad", lastName="E", emailAddress=value),
            **failed("Lead", "emailAddress", "emailAddress"),
        )
        for value in BAD_EMAILS
    ],
    X(
        **lead("e-mail in capitals", lastName="E", emailAddress="UPPER@EXAMPLE.COM"),
        has={"emailAddress": "UPPER@EXAMPLE.COM", "name": "UPPER@EXAMPLE.COM"},
    ),
    X(
        **lead("e-mail with spaces", lastName="E", emailAddress=" spaced@example.com "),
        has={"emailAddress": "spaced@example.com"},
    ),
    X(**lead("empty e-mail", lastName="E", emailAddress=""), has={"emailAddress": None}),
]

VALUES = [
    X(**lead("last name too long", lastName="x" * 101), **failed("Lead", "lastName", "maxLength")),
    X(**lead("unknown status", lastName="x", status="Nope"), **failed("Lead", "status", "valid")),
    X(**lead("unknown source", lastName="x", source="Telegram"), **failed("Lead", "source", "valid")),
    X(
        **lead("amount is no number", lastName="x", opportunityAmount="abc", opportunityAmountCurrency="RUB"),
        **failed("Lead", "opportunityAmount", "valid"),
    ),
    X(
        **lead("amount without a currency", lastName="x", opportunityAmount=100),
        has={"opportunityAmount": 100, "opportunityAmountCurrency": "RUB"},
    ),
    X(
        **lead("currency not enabled", lastName="x", opportunityAmount=100, opportunityAmountCurrency="XYZ"),
        **failed("Lead", "opportunityAmount", "validCurrency"),
    ),
    X(
        **lead(
            "amount as a string", lastName="x", opportunityAmount="100.50", opportunityAmountCurrency="RUB"
        ),
        has={"opportunityAmount": 100.5},
    ),
    X(**lead("bad url", lastName="x", website="javascript:alert(1)"), **failed("Lead", "website", "valid")),
    X(**lead("url without a scheme", lastName="x", website="t.me/ivan"), has={"website": "t.me/ivan"}),
    *[
        X(
            **lead(f"{name} that does not exist", lastName="x", **{name: value}),
            status=403,
            reason=f"Can't relate with non-existing record. entity type: Lead, link: {link}.",
            has={"messageTranslation": {"label": "cannotRelateNonExisting"}},
        )
        for name, link, value in [
            ("assignedUserId", "assignedUser", "doesnotexist"),
            ("teamsIds", "teams", ["nope"]),
            ("campaignId", "campaign", "nope"),
        ]
    ],
    X(
        **lead("assignedUserId as a number", lastName="x", assignedUserId=12),
        status=403,
        reason="Can't relate with non-existing record. entity type: Lead, link: assignedUser.",
    ),
    X(**lead("array for a string", lastName=["x"]), has={"lastName": "Array"}),
    X(**lead("string for a bool", lastName="x", doNotCall="yes"), has={"doNotCall": False}),
    X(
        **lead("read-only attributes", lastName="x", createdAt="2020-01-01 00:00:00", createdById="$anna"),
        has={"createdByName": "bot"},
    ),
    X(**lead("markup in a name", lastName="Emoji <b>tag</b>"), **failed("Lead", "lastName", "pattern")),
    X(**lead("long description", lastName="x", description="д" * 70_000), has={"lastName": "x"}),
    X("JSON array as a body", "POST Lead", [{"lastName": "x"}], **failed("Lead", "name", "required")),
    X(
        **lead(
            "custom fields",
            lastName="C",
            cInn="7707083893",
            cChannel="WhatsApp",
            cScholarship=True,
            cScore=55,
        ),
        has={"cInn": "7707083893", "cChannel": "WhatsApp", "cScholarship": True, "cScore": 55},
    ),
    X(**lead("custom enum, default", lastName="C"), has={"cChannel": "Telegram"}),
    X(**lead("custom enum, bad", lastName="C", cChannel="VK"), **failed("Lead", "cChannel", "valid")),
    X(**lead("custom int over its maximum", lastName="C", cScore=555), **failed("Lead", "cScore", "max")),
    X(**lead("custom int as a string", lastName="C", cScore="55"), has={"cScore": 55}),
    X(**lead("custom field without its prefix", lastName="C", inn="1"), has={"cInn": None}, lacks=("inn",)),
]
