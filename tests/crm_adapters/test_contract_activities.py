"""What every adapter promises about activities: logged once and found again."""

from dataclasses import replace

import pytest

from domain.errors import (
    CrmGone,
    CrmUncertain,
)
from tests.crm_adapters.stand_ins import Side, activity, lead

ACTIVITIES = ("call", "meeting", "task", "note", "messenger_click", "email")


@pytest.mark.parametrize("type", ACTIVITIES)
async def test_an_activity_is_logged_and_found_again(side: Side, type: str) -> None:
    ref = await side.adapter.create_lead(lead())
    done = activity(type)
    assert await side.adapter.find_activity(ref.id, done) is None
    logged = await side.adapter.log_activity(ref.id, done)
    (record,) = side.crm.activities(type)
    assert (record["id"], record["lead"]) == (logged.id, ref.id)
    found = await side.adapter.find_activity(ref.id, done)
    assert found is not None
    assert found.id == logged.id


@pytest.mark.parametrize("type", ACTIVITIES)
async def test_a_lost_answer_to_an_activity_leaves_one_record_that_is_found(side: Side, type: str) -> None:
    ref = await side.adapter.create_lead(lead())
    side.crm.lose_answers()
    with pytest.raises(CrmUncertain):
        await side.adapter.log_activity(ref.id, activity(type))
    side.crm.heal()
    found = await side.adapter.find_activity(ref.id, activity(type))
    assert [found.id] == [record["id"] for record in side.crm.activities(type)]


@pytest.mark.parametrize("type", ACTIVITIES)
async def test_another_activity_is_not_taken_for_it(side: Side, type: str) -> None:
    ref = await side.adapter.create_lead(lead())
    await side.adapter.log_activity(ref.id, activity(type))
    other = replace(activity(type), our_id="other", text="Другое", title="Иначе")
    assert await side.adapter.find_activity(ref.id, other) is None


@pytest.mark.parametrize("type", ACTIVITIES)
async def test_an_activity_on_a_deleted_lead(side: Side, type: str) -> None:
    ref = await side.adapter.create_lead(lead())
    side.crm.delete_lead(ref.id)
    with pytest.raises(CrmGone):
        await side.adapter.log_activity(ref.id, activity(type))
    assert side.crm.activities(type) == []
