"""Somebody's data: shown, taken out as a file, and erased wherever it came to rest."""

import json
from decimal import Decimal

import pytest
import sqlalchemy as sa

from domain.audit import Sought
from domain.errors import BadInput, NotAllowed
from domain.hooks_in import HookKind
from domain.privacy import Marks
from storage.ids import new_id
from storage.tables import integrations, loyalty_accounts, loyalty_entries, transaction_sources, transactions
from tests.api.office import Office
from tests.hooks.seen import made
from tests.privacy.dump import holding, texts

PHONE, EMAIL, NAME = "+79161112233", "kanareykin@canary.example", "Канарейкин"
SPELT = ("9161112233", "916 111-22-33", "916) 111-22-33", EMAIL, NAME, "Желтопёрый")


@pytest.mark.parametrize(
    ("text", "speaks"),
    [
        ('{"phone": "8 (916) 111-22-33"}', True),
        ("phone=%2B7%20916%20111-22-33&x=1", True),
        ('{"tel":"\\u002b79161112233"}', True),
        ("call 8-916-111-22-33 tomorrow", True),
        ("to KANAREYKIN@canary.example", True),
        ("email=kanareykin%40canary.example", True),
        ("+7 916 111-22-34", False),
        ('["916", "111", "22", "33"]', False),
        ("", False),
    ],
)
def test_what_speaks_of_somebody(text: str, speaks: bool) -> None:
    assert Marks.of([PHONE], [EMAIL]).are_in(text) is speaks


def test_what_speaks_is_taken_out_of_what_does_not() -> None:
    marks = Marks.of([PHONE], [EMAIL])
    given = {"note": f"ask 8 (916) 111-22-33 or {EMAIL.upper()}, not +7 495 111-22-33", "n": [1, "x"]}
    assert marks.redacted(given) == {"note": "ask — or —, not +7 495 111-22-33", "n": [1, "x"]}


async def live(office: Office) -> dict[str, object]:
    """Somebody leaves traces at every door; returns their lead."""
    http = office.http
    lead = await office.lead(
        name=f"{NAME} Желтопёрый", phones=[PHONE], emails=[EMAIL], company_name=f"ИП {NAME}",
    )  # fmt: skip
    path = f"/api/leads/{lead['id']}"
    answers = [
        await http.patch(path, json={"name": f"{NAME} Иван"}, headers={"Idempotency-Key": "k1"}),
        await http.patch(path, json={"notes": f"Звонить {NAME} 8 (916) 111-22-33"}),
        await http.post("/api/activities", json={"lead_id": lead["id"], "type": "note", "title": NAME,
                                                 "notes": f"{NAME} просил почту {EMAIL}"}),
    ]  # fmt: skip
    assert [one.status_code // 100 for one in answers] == [2, 2, 2], [one.text for one in answers]
    inlet = await made(office, HookKind.WEBSITE)
    form = {
        "name": NAME,
        "phone": "8 916 111-22-33",
        "email": EMAIL,
        "comment": f"Я {NAME}",
        "referral_code": "x",
        "consent": "on",
        "consent_version": "2.1",
        "consent_text": "Согласен",
    }
    assert (await http.post(f"/hooks/website/{inlet.key}", data=form,
                            files={"cv": (f"{NAME}.txt", NAME.encode())})).status_code == 200  # fmt: skip
    other = await office.lead(name="Пётр Другой", phones=["+79165550000"], notes="привёл +7 916 111 22 33")
    behind = {"full_name": NAME, "phone": PHONE}
    people = await http.post(f"/api/lead-contacts/lead/{other['id']}", json=behind)
    assert people.status_code // 100 in (2, 4)
    return lead


async def test_erased_everywhere_and_everybody_else_stays(office: Office) -> None:
    lead = await live(office)
    services, owner = office.product.services, office.owner
    before = holding(await texts(office.product.db), *SPELT)
    assert {"leads", "contact_points", "lead_history", "inbox", "lead_words", "activities"} <= before.keys()
    seen = await services.personal_data.look(owner, "8 916 111-22-33")
    assert seen.numbers
    with pytest.raises(BadInput):
        await services.personal_data.erase(owner, PHONE, "0" * 16)
    done = await services.personal_data.erase(owner, PHONE, seen.confirm)
    assert done.counts["leads"] == 1
    assert holding(await texts(office.product.db), *SPELT) == {}
    answer = (await office.http.get(f"/api/leads/{lead['id']}")).json()
    assert (answer["name"], answer["phones"], answer["number"]) == ("—", [], lead["number"])
    others = (await office.http.get("/api/leads?search=Другой")).json()["items"]
    assert [one["notes"] for one in others] == ["привёл —"]
    assert (await office.http.get("/api/leads?search=Канарейкин")).json()["total"] == 0
    with pytest.raises(BadInput):
        await services.personal_data.erase(owner, PHONE, seen.confirm)
    await services.audit_chain.seal()
    assert (await services.audit_chain.verify(owner.organization_id)).broken is None


async def test_the_file_has_everything_and_asking_is_written_down(office: Office) -> None:
    await live(office)
    services, owner = office.product.services, office.owner
    held = await services.personal_data.export(owner, EMAIL)
    said = json.dumps(held.file, ensure_ascii=False)
    (agreed,) = held.file["consents"]
    assert (agreed["version"], agreed["channel"]) == ("2.1", "website")
    assert held.file["leads"][0]["name"] == f"{NAME} Иван"
    assert {"points", "activities", "history", "files", "consents", "clicks"} <= held.file.keys()
    assert PHONE in said
    assert f"{NAME}.txt" in said
    manager = await office.hire("Мария", "manager", 7)
    with pytest.raises(NotAllowed):
        await services.personal_data.look(manager, PHONE)
    (entry,), _total = await services.audit_record.browse(owner, Sought(kind="privacy"), 1, 0)
    assert (entry.action, entry.data["leads"]) == ("privacy.export", [1])


async def test_a_person_behind_somebody_elses_lead_goes_alone(office: Office) -> None:
    lead = await office.lead(name="Фирма", phones=["+79165550000"])
    made = await office.http.post(
        f"/api/lead-contacts/lead/{lead['id']}", json={"full_name": NAME, "phone": PHONE}
    )
    assert made.status_code // 100 == 2, made.text
    data = office.product.services.personal_data
    seen = await data.look(office.owner, PHONE)
    assert (seen.counts["contacts"], seen.numbers) == (1, ())
    await data.erase(office.owner, PHONE, seen.confirm)
    assert holding(await texts(office.product.db), "9161112233", NAME) == {}
    kept = (await office.http.get(f"/api/leads/{lead['id']}")).json()
    assert (kept["name"], kept["phones"]) == ("Фирма", ["+79165550000"])


async def test_over_http_it_is_looked_at_first_and_needs_its_own_right(office: Office) -> None:
    await live(office)
    http, asked = office.http, {"person": "8 (916) 111-22-33"}
    seen = await http.post("/api/privacy/look", json=asked)
    assert seen.status_code == 200, seen.text
    assert (seen.json()["counts"]["leads"], seen.json()["lead_numbers"]) == (1, [1])
    taken = (await http.post("/api/privacy/export", json={"person": EMAIL})).json()
    assert taken["data"]["leads"][0]["name"] == f"{NAME} Иван"
    wrong = await http.post("/api/privacy/erase", json={**asked, "confirm": "0"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "confirm")
    manager = await office.client(await office.hire("Мария", "manager", 7))
    narrow = await office.client(office.owner, ["leads:write"])
    for other in (manager, narrow):
        assert (await other.post("/api/privacy/look", json=asked)).status_code == 403
        assert (await other.get("/api/audit")).status_code == 403
    gone = await http.post("/api/privacy/erase", json={**asked, "confirm": seen.json()["confirm"]})
    assert gone.status_code == 200, gone.text
    assert holding(await texts(office.product.db), *SPELT) == {}
    said = (await http.get("/api/audit", params={"kind": "privacy", "limit": 5})).json()
    assert [one["action"] for one in said["items"]] == [
        f"privacy.{one}" for one in ("erase", "export", "look")
    ]
    of_lead = (await http.get("/api/audit", params={"lead": 1})).json()["items"]
    assert {"lead.create", "lead.erase"} <= {one["action"] for one in of_lead}
    assert (await http.get("/api/audit", params={"since": "2099-01-01T00:00:00Z"})).json()["total"] == 0


async def test_purchases_stay_as_sums_without_their_buyer(office: Office) -> None:
    organization, now = office.owner.organization_id, office.clock()
    crm, source, account, till = new_id(), new_id(), new_id(), new_id()
    own = {"organization_id": organization}
    async with office.product.db.transaction(organization) as s:
        for statement in (
            integrations.insert().values(id=crm, provider="iiko", created_at=now, **own),
            transaction_sources.insert().values(
                id=source, integration_id=crm, first_since=now, first_until=now, since=now, created_at=now,
                due_at=now, **own,
            ),
            transactions.insert().values(
                id=new_id(), source_id=source, external_id="1", amount=Decimal("10.50"), currency="RUB",
                happened_at=now, phone=PHONE, customer=NAME, description=NAME, created_at=now, updated_at=now,
                **own,
            ),
            *(
                loyalty_accounts.insert().values(
                    id=one, kind="person", phone=phone, checked_at=now, created_at=now, **own
                )
                for one, phone in ((account, PHONE), (till, ""))
            ),
            loyalty_entries.insert().values(
                id=new_id(), from_id=till, to_id=account, amount=Decimal(5), kind="accrual", key="k",
                created_at=now, **own,
            ),
        ):  # fmt: skip
            await s.execute(statement)
    data = office.product.services.personal_data
    held = await data.export(office.owner, PHONE)
    assert (held.counts["purchases"], held.counts["bonuses"]) == (1, 1)
    assert held.file["purchases"][0]["amount"] == "10.5"
    await data.erase(office.owner, PHONE, held.confirm)
    assert holding(await texts(office.product.db), "9161112233", NAME) == {}
    async with office.product.db.reading(organization) as s:
        (kept,) = await s.rows(
            sa.select(transactions.c.amount).where(transactions.c.organization_id == s.tenant)
        )
    assert kept.amount == Decimal("10.50")
