"""Documented requests of the REST API and what comes back, in data invented by us."""

from dataclasses import dataclass, field
from typing import Any

OLEG = "5f0c7a3e-5a0b-4f57-9d5b-3a1f6b1c0001"
ACME = "5f0c7a3e-5a0b-4f57-9d5b-3a1f6b1c0002"
DEAL = "5f0c7a3e-5a0b-4f57-9d5b-3a1f6b1c0003"
NOTE = "5f0c7a3e-5a0b-4f57-9d5b-3a1f6b1c0004"
NOBODY = "5f0c7a3e-5a0b-4f57-9d5b-3a1f6b1c0009"
PERSON = {
    "id": OLEG,
    "name": {"firstName": "Олег", "lastName": "Петров"},
    "emails": {"primaryEmail": "oleg@Example.RU", "additionalEmails": ["o2@example.ru"]},
    "phones": {
        "primaryPhoneNumber": "9990001122",
        "primaryPhoneCountryCode": "RU",
        "primaryPhoneCallingCode": "+7",
        "additionalPhones": [{"number": "+74951112233"}],
    },
    "city": "Самара",
    "companyId": ACME,
}
COMPANY = {"id": ACME, "name": "ООО Лён", "domainName": {"primaryLinkUrl": "https://lyon.example/"}}
OPPORTUNITY = {
    "id": DEAL,
    "name": "Лён: поставка",
    "amount": {"amountMicros": 1_500_500_000, "currencyCode": "RUB"},
    "stage": "MEETING",
    "companyId": ACME,
    "pointOfContactId": OLEG,
}
MISSING = {"statusCode": 404, "error": "NotFoundException", "messages": ["Record not found"]}


def refused(message: str) -> dict[str, Any]:
    return {"statusCode": 400, "error": "BadRequestException", "messages": [message]}


@dataclass(frozen=True)
class Exchange:
    """A request with its JSON body, the status, and what the answer has at least."""

    name: str
    request: str
    has: Any
    status: int = 200
    body: Any = None
    query: dict[str, str] = field(default_factory=dict)


def _listed(name: str, where: str, *ids: str) -> Exchange:
    people = [{"id": one} for one in ids]
    return Exchange(name, "GET people", {"data": {"people": people}}, query={"filter": where, "depth": "0"})


FILTERS = (
    _listed("by phone", 'phones.primaryPhoneNumber[eq]:"9990001122"', OLEG),
    _listed("by e-mail whatever its case", 'emails.primaryEmail[ilike]:"OLEG@example.ru"', OLEG),
    _listed("part of a name", 'name.firstName[ilike]:"%ле%"', OLEG),
    _listed("any letter", 'name.lastName[like]:"Петро_"', OLEG),
    _listed("inside a list", 'phones.additionalPhones[like]:"%4951112233%"', OLEG),
    _listed("a list of values", f'id[in]:["{OLEG}","{NOBODY}"]', OLEG),
    _listed("or", f'or(id[eq]:"{NOBODY}",city[startsWith]:"Сам")', OLEG),
    _listed("and by comma", f'id[eq]:"{OLEG}",city[eq]:"Казань"'),
    _listed("not", f'not(id[eq]:"{OLEG}")'),
    _listed("nothing there", "jobTitle[is]:NULL", OLEG),
    _listed("the trash is not shown", "deletedAt[is]:NOT_NULL"),
    _listed("since a moment", 'updatedAt[gt]:"2020-03-04T10:00:00.000Z"', OLEG),
    _listed("a moment to come", 'updatedAt[gte]:"2999-03-04T10:00:00.000Z"'),
)
READS = (
    Exchange("read a person", f"GET people/{OLEG}", {"data": {"person": {
        "id": OLEG, "name": {"firstName": "Олег", "lastName": "Петров"}, "createdBy": {"source": "API"},
        "emails": {"primaryEmail": "oleg@example.ru", "additionalEmails": ["o2@example.ru"]},
        "phones": {"primaryPhoneNumber": "9990001122", "primaryPhoneCallingCode": "+7",
                   "primaryPhoneCountryCode": "RU",
                   "additionalPhones": [{"number": "4951112233", "callingCode": "+7"}]},
        "companyId": ACME, "company": {"name": "ООО Лён"}, "deletedAt": None}}}),
    Exchange("a domain loses its slash", f"GET companies/{ACME}",
             {"data": {"company": {"domainName": {"primaryLinkUrl": "https://lyon.example"}}}}),
    Exchange("money in micros, relations at depth 1", f"GET opportunities/{DEAL}", {"data": {"opportunity": {
        "amount": {"amountMicros": 1_500_500_000, "currencyCode": "RUB"}, "stage": "MEETING",
        "pointOfContact": {"id": OLEG}, "company": {"id": ACME}}}}),
    Exchange("pages", "GET people", {"pageInfo": {"hasNextPage": False}, "totalCount": 1}),
    Exchange("no such record", f"GET people/{NOBODY}", MISSING, 404),
    Exchange("no id at all", "GET people/12", refused("Invalid UUID: 12"), 400),
    Exchange("no such object", "GET cats", {"statusCode": 400}, 400),
    Exchange("a deeper depth", "GET people", {"error": "BadRequestException"}, 400, query={"depth": "2"}),
    Exchange("a bad cursor", "GET people", refused("Invalid cursor: zzz"), 400,
             query={"starting_after": "zzz"}),
    Exchange("a filter that is none", "GET people", {"statusCode": 400}, 400, query={"filter": "city:x"}),
    Exchange("a filter by a field that is none", "GET people", {"statusCode": 400}, 400,
             query={"filter": 'cat[eq]:"x"'}),
    Exchange("an order that is none", "GET people", {"statusCode": 400}, 400, query={"order_by": "x[Up]"}),
)  # fmt: skip
WRITES = (
    Exchange("create", "POST people", {"data": {"createPerson": {"name": {"firstName": "Яна"}}}}, 201,
             {"name": {"firstName": "Яна"}}),
    Exchange("create many", "POST batch/companies",
             {"data": {"createCompanies": [{"name": "А"}, {"name": "Б"}]}}, 201,
             [{"name": "А"}, {"name": "Б"}]),
    Exchange("too many", "POST batch/companies", {"statusCode": 400}, 400, [{"name": "А"}] * 61),
    Exchange("change", f"PATCH people/{OLEG}", {"data": {"updatePerson": {"city": "Казань"}}}, 200,
             {"city": "Казань"}),
    Exchange("change by PUT", f"PUT people/{OLEG}", {"data": {"updatePerson": {"city": ""}}}, 200,
             {"city": ""}),
    Exchange("a part of a composite", f"PATCH people/{OLEG}",
             {"data": {"updatePerson": {"name": {"firstName": "Олег", "lastName": "Орлов"}}}}, 200,
             {"name": {"lastName": "Орлов"}}),
    Exchange("to the trash", f"DELETE people/{OLEG}?soft_delete=true",
             {"data": {"deletePerson": {"id": OLEG}}}),
    Exchange("the same id", "POST people", refused("A duplicate entry was detected"), 400, {"id": OLEG}),
    Exchange("the same e-mail", "POST people", refused("A duplicate entry was detected"), 400,
             {"emails": {"primaryEmail": "oleg@example.ru"}}),
    Exchange("upsert", "POST people?upsert=true", {"data": {"createPerson": {"id": OLEG, "city": "Омск"}}},
             201,
             {"emails": {"primaryEmail": "oleg@example.ru"}, "city": "Омск"}),
    Exchange("an unknown field", "POST people",
             refused('Object person doesn\'t have any "cat" field.'), 400, {"cat": 1}),
    Exchange("a system field", f"PATCH people/{OLEG}", {"statusCode": 400}, 400, {"position": 1}),
    Exchange("an unknown stage", "POST opportunities",
             refused('invalid input value for enum "opportunity_stage_enum": "X"'), 400, {"stage": "X"}),
    Exchange("a phone that is none", "POST people", refused("Provided phone number is invalid +7916"), 400,
             {"phones": {"primaryPhoneNumber": "+7916"}}),
    Exchange("an e-mail that is none", "POST people", {"statusCode": 400}, 400,
             {"emails": {"primaryEmail": "nobody"}}),
    Exchange("a version 7 id", "POST people", {"statusCode": 400}, 400,
             {"id": "01936b1e-0000-7000-8000-000000000001"}),
    Exchange("a person who is not there", "POST opportunities", {"statusCode": 400}, 400,
             {"pointOfContactId": NOBODY}),
    Exchange("the first stage", "POST opportunities", {"data": {"createOpportunity": {"stage": "NEW"}}}, 201,
             {"name": "x"}),
    Exchange("a change of nobody", f"PATCH people/{NOBODY}", MISSING, 404, {"city": "x"}),
    Exchange("a source of one's own", "POST people",
             {"data": {"createPerson": {"createdBy": {"source": "EMAIL"}}}}, 201,
             {"createdBy": {"source": "EMAIL"}}),
    Exchange("a note and its link", "POST noteTargets", {"data": {"createNoteTarget": {"noteId": NOTE}}}, 201,
             {"noteId": NOTE, "targetOpportunityId": DEAL}),
    Exchange("duplicates", "POST people/duplicates",
             {"data": [{"totalCount": 1, "personDuplicates": [{"id": OLEG}]}]}, 200,
             {"data": [{"emails": {"primaryEmail": "oleg@example.ru"}}]}),
)  # fmt: skip
ALL = (*FILTERS, *READS, *WRITES)
