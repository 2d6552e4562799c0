"""RetailCRM: moments, changes, stages, people and activities."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import CrmRejected
from domain.leads import StageKind
from sandbox.retailcrm.server import RetailSandbox
from tests.crm_adapters.retail import NO_LIMITS, Pair, adapter, client_of
from tests.crm_adapters.stand_ins import STAGES, activity, lead

# Time


@pytest.mark.parametrize("zone", ["Asia/Vladivostok", "America/New_York"])
async def test_moments_are_the_accounts_own(zone: str) -> None:
    start = datetime(2026, 11, 20, 9, 0, 5, tzinfo=UTC)
    crm = RetailSandbox(speed=0, start=start, zone=zone, limits=NO_LIMITS)
    async with crm, client_of(crm) as http:
        retail = adapter(crm, http)
        ref = await retail.create_lead(lead(assignee_external_id="27"))
        assert (await retail.read_lead(ref.id)).modified_at == start
        crm.clock.advance(60)
        await retail.update_lead(ref.id, lead(note="иначе"), frozenset({"note"}))
        (changed,) = await retail.changed_since(start + timedelta(seconds=30), 10)
        assert changed.modified_at == start + timedelta(seconds=60)
        assert list(await retail.changed_since(start + timedelta(seconds=61), 10)) == []
        await retail.log_activity(ref.id, activity("task", at=start + timedelta(days=1)))
        (task,) = crm.records("tasks")
        local = (start + timedelta(days=1)).astimezone(crm.state.zone)
        assert task["datetime"] == local.strftime("%Y-%m-%d %H:%M")


async def test_changes_go_through_every_page_and_leave_deleted_orders_out(pair: Pair) -> None:
    start = pair.crm.clock.now() - timedelta(seconds=1)
    made = [pair.crm.create_order(firstName=f"Н{index}") for index in range(70)]
    for order in made:
        pair.crm.change_order(order["id"], managerComment="x")
    pair.crm.delete_order(made[0]["id"])
    seen = await pair.retail.changed_since(start, 1000)
    assert {remote.ref.id for remote in seen} == {str(order["id"]) for order in made[1:]}
    assert len(await pair.retail.changed_since(start, 5)) == 5


# Stages and people


async def test_groups_tell_how_an_order_ends(pair: Pair) -> None:
    statuses = pair.crm.state.references["statuses"]
    statuses["own"] = {
        "code": "own",
        "name": "Своё",
        "active": True,
        "ordering": 1,
        "group": "lost-and-found",
    }
    statuses["delivering"]["active"] = False
    kinds = {stage.id: stage.kind for stage in await pair.retail.stages()}
    assert kinds["complete"] is StageKind.QUALIFIED
    assert kinds["no-call"] is StageKind.FAILED
    assert kinds["client-confirmed"] is StageKind.OPEN
    assert kinds["own"] is None
    assert "delivering" not in kinds
    codes = [code for code in kinds if code != "own"]
    assert (codes[0], codes[-1]) == ("new", "cancel-other")


async def test_a_transition_to_a_status_that_is_gone(pair: Pair) -> None:
    ref = await pair.retail.create_lead(lead())
    del pair.crm.state.references["statuses"]["complete"]
    with pytest.raises(CrmRejected) as caught:
        await pair.retail.update_lead(ref.id, lead(stage=STAGES["qualified"]), frozenset({"stage"}))
    assert caught.value.field == "order.status"


async def test_managers_only(pair: Pair) -> None:
    pair.crm.state.users[28]["active"] = False
    assert [(user.id, user.name, user.email) for user in await pair.retail.users()] == [
        ("27", "Олег Сафин", "o@acme.example")
    ]


# Activities


async def test_a_call_is_a_note_that_says_so(pair: Pair) -> None:
    ref = await pair.retail.create_lead(lead())
    await pair.retail.log_activity(ref.id, activity("call", assignee_external_id="28"))
    await pair.retail.log_activity(ref.id, activity("call", our_id="in", outgoing=False, duration=0))
    out, came = pair.crm.records("notes")
    assert out["text"] == "📞 → 3:00 Дозвонились\nПерезвонить в пятницу\n№ 4107C"
    assert (out["managerId"], came["managerId"]) == (28, None)
    assert came["text"].startswith("📞 ← Дозвонились")


async def test_a_coming_meeting_is_a_task_that_is_found_when_it_is_past(pair: Pair) -> None:
    ref = await pair.retail.create_lead(lead())
    meeting = activity("meeting", at=pair.crm.clock.now().replace(microsecond=0) + timedelta(hours=1))
    logged = await pair.retail.log_activity(ref.id, meeting)
    assert logged.id == "task:551"
    pair.crm.clock.advance(7200)
    assert (await pair.retail.find_activity(ref.id, meeting)).id == "task:551"
    assert pair.crm.records("notes") == []


async def test_the_performer_of_a_task(pair: Pair) -> None:
    ref = await pair.retail.create_lead(lead())
    await pair.retail.log_activity(ref.id, activity("task"))
    await pair.retail.update_lead(
        ref.id, lead(assignee_external_id="28"), frozenset({"assignee_external_id"})
    )
    await pair.retail.log_activity(ref.id, activity("task", our_id="b"))
    await pair.retail.log_activity(ref.id, activity("task", our_id="c", assignee_external_id="27"))
    assert [task["performerId"] for task in pair.crm.records("tasks")] == [27, 28, 27]
    assert {task["phone"] for task in pair.crm.records("tasks")} == {"+79161234567"}


async def test_no_manager_for_a_task(pair: Pair) -> None:
    ref = await pair.retail.create_lead(lead())
    for user in pair.crm.state.users.values():
        user["isManager"] = False
    with pytest.raises(CrmRejected) as caught:
        await pair.retail.log_activity(ref.id, activity("task"))
    assert caught.value.field == "performerId"


async def test_the_same_words_on_another_day_or_order_are_another_note(pair: Pair) -> None:
    ref = await pair.retail.create_lead(lead())
    other = await pair.retail.create_lead(lead(our_id="other"))
    note = activity("note")
    await pair.retail.log_activity(ref.id, note)
    later = replace(note, at=note.at + timedelta(days=1))
    assert await pair.retail.find_activity(ref.id, later) is None
    assert await pair.retail.find_activity(other.id, note) is None
    assert pair.crm.records("orders")[0]["customer"] == pair.crm.records("orders")[1]["customer"]
