"""What every adapter promises about the way back: a record read tells what was written, in our words."""

from decimal import Decimal
from typing import Any

import pytest

from crm_adapters import base
from domain.leads import Money
from tests.crm_adapters.stand_ins import STAGES, Side, lead

# Our fields that the shipped mapping leads back. One that an adapter loses fails here.
PERSON = {"name", "phones", "emails"}
COMMON = PERSON | {"company", "amount", "note", "inn", "assignee_external_id"}
# The source is told besides where the CRM's word for it stands for one of ours only.
LEADS_BACK: dict[str, set[str]] = dict.fromkeys(
    ("espocrm", "bitrix24", "amocrm", "retailcrm", "twenty"), COMMON
)


async def test_what_leads_back_is_pinned(side: Side) -> None:
    assert isinstance(side.adapter, base.ReadsBack)
    ref = await side.adapter.create_lead(lead())
    told = set((await side.adapter.read_lead(ref.id)).values)
    assert told - {"source"} == LEADS_BACK[side.provider]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"name": "Анна"},
        {"name": "  Анна   Мария  Кузнецова "},
        {"company": "", "emails": (), "note": ""},
        {"amount": Money(Decimal("1500.50"))},
        {"amount": None},
        {"phones": ("+79161234567", "+74951112233", "+79160000003")},
    ],
)
async def test_a_record_read_tells_what_was_written(side: Side, changes: dict[str, Any]) -> None:
    written = lead(**changes)
    ref = await side.adapter.create_lead(written)
    expected = side.adapter.kept(written)
    told = (await side.adapter.read_lead(ref.id)).values
    for field, value in told.items():
        if field in ("assignee_external_id", "source"):
            continue
        assert _same(value, expected[field]), field


async def test_an_update_is_read_back_too(side: Side) -> None:
    ref = await side.adapter.create_lead(lead())
    changed = lead(
        name="Пётр Орлов",
        company="АО Дуб",
        phones=("+79160000009",),
        emails=("petr@example.com",),
        amount=Money(Decimal("700")),
        note="перезвонить",
        stage=STAGES["call"],
    )
    fields = frozenset({"name", "company", "phones", "emails", "amount", "note", "stage"})
    written = await side.adapter.update_lead(ref.id, changed, fields)
    remote = await side.adapter.read_lead(ref.id)
    expected = side.adapter.kept(changed)
    for field in fields - {"stage"}:
        assert _same(remote.values[field], expected[field]), field
        if written.held is not None:
            assert _same(written.held[field], expected[field]), field
    assert remote.status == side.adapter.stage_status("call", "open")


async def test_a_name_changed_there_is_told(side: Side) -> None:
    ref = await side.adapter.create_lead(lead())
    side.crm.rename(ref.id, "Ольга Белова")
    assert (await side.adapter.read_lead(ref.id)).values["name"] == "Ольга Белова"


async def test_the_one_responsible_is_told(side: Side) -> None:
    users = await side.adapter.users()
    ref = await side.adapter.create_lead(lead(assignee_external_id=users[-1].id))
    assert (await side.adapter.read_lead(ref.id)).values["assignee_external_id"] == users[-1].id


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, tuple):
        return set(one) == set(other)
    return bool(one == other)
