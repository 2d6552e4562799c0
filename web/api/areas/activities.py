"""Activities: of leads and of customers, planned, ended, and merely written down."""

from dataclasses import replace
from datetime import timedelta

from domain.activities import ActivityType, CallResult
from domain.activity_log import ActivityFilter, LoggedActivity
from domain.errors import BadInput, NotFound, TooLate
from domain.plans import RESULTS, Subject
from web.api.endpoint import CREATED, Call, Endpoint, Guard
from web.api.models.activities import (
    ActivitiesAsked,
    ActivityChange,
    ActivityIn,
    ActivityOut,
    Completed,
    activity_out,
)
from web.api.models.base import Page, Paging, page_of

TAG = "activities"
FIELDS = {"when": "scheduled_at", "note": "notes", "duration": "duration_minutes"}
AHEAD = timedelta(days=7)


async def browse(call: Call) -> Page[ActivityOut]:
    asked = call.asked(ActivitiesAsked)
    wanted = ActivityFilter(
        lead=asked.lead_id,
        customer=asked.customer_id,
        type=ActivityType(asked.type) if asked.type else None,
        completed=asked.completed,
        assignee=asked.assigned_to,
        author=asked.created_by,
        since=asked.date_from,
        until=asked.date_to,
    )
    found, total = await call.services.activity_log.listed(
        call.member, wanted, asked.limit, asked.offset, soonest=asked.sort == "scheduled_at"
    )
    return Page[ActivityOut](**page_of([activity_out(one) for one in found], total, asked))


async def upcoming(call: Call) -> Page[ActivityOut]:
    return await _mine(call, AHEAD)


async def overdue(call: Call) -> Page[ActivityOut]:
    return await _mine(call, None)


async def _mine(call: Call, ahead: timedelta | None) -> Page[ActivityOut]:
    paging = call.asked(Paging)
    found, total = await call.services.activity_log.mine(call.member, ahead, paging.limit, paging.offset)
    return Page[ActivityOut](**page_of([activity_out(one) for one in found], total, paging))


async def get(call: Call) -> ActivityOut:
    return activity_out(await call.services.activity_log.get(call.member, call.id))


async def create(call: Call) -> ActivityOut:
    given = call.given(ActivityIn)
    if (given.lead_id is None) == (given.customer_id is None):
        raise BadInput("lead_id", "required" if given.lead_id is None else "invalid")
    if given.scheduled_at is None:
        return await _written_down(call, given)
    of = Subject("lead", given.lead_id) if given.lead_id else Subject("customer", given.customer_id)  # type: ignore[arg-type]
    plans = call.services.plans
    plan = await plans.schedule(
        call.member, of, ActivityType(given.type), given.scheduled_at, given.title, given.notes
    )
    if given.duration_minutes:
        await plans.set_duration(call.member, plan.id, given.duration_minutes)
    if given.assigned_to not in (None, call.member.id):
        await _give(replace(call, path={"id": plan.id}), given)
    return activity_out(await call.services.activity_log.get(call.member, plan.id))


async def _written_down(call: Call, given: ActivityIn) -> ActivityOut:
    """A call that was made, or a note."""
    if given.lead_id is None:
        raise BadInput("scheduled_at", "required")
    if given.type == "note":
        await call.services.activities.add_note(call.member, given.lead_id, given.notes or given.title)
    elif given.type == "call" and given.result:
        await call.services.activities.log_call(
            call.member, given.lead_id, _call_result(given.result), given.notes or given.title
        )
    else:
        raise BadInput("scheduled_at", "required")
    newest = ActivityFilter(lead=given.lead_id, author=call.member.id, type=ActivityType(given.type))
    found, _total = await call.services.activity_log.listed(call.member, newest, 1, 0)
    return activity_out(found[0])


def _call_result(given: str) -> CallResult:
    try:
        return CallResult(given)
    except ValueError:
        raise BadInput("result", "invalid") from None


async def change(call: Call) -> ActivityOut:
    given, plans = call.given(ActivityChange), call.services.plans
    now = await _planned(call)
    named = given.model_fields_set
    if "title" in named:
        await plans.describe(call.member, call.id, given.title or "")
    if given.scheduled_at is not None:
        await plans.move(call.member, call.id, given.scheduled_at)
    if "duration_minutes" in named:
        await plans.set_duration(call.member, call.id, given.duration_minutes or 0)
    if "notes" in named:
        write = plans.note if now.completed_at is None else plans.comment
        await write(call.member, call.id, given.notes or "")
    if given.assigned_to is not None:
        await _give(call, given)
    return await get(call)


async def _give(call: Call, given: ActivityIn | ActivityChange) -> None:
    assert given.assigned_to is not None
    try:
        await call.services.plans.give(call.member, call.id, given.assigned_to)
    except NotFound as error:
        if error.params.get("what") != "member":
            raise
        raise BadInput("assigned_to", "gone") from None


async def _planned(call: Call) -> LoggedActivity:
    """The activity, which was planned: what was only written down stays as it is."""
    found = await call.services.activity_log.get(call.member, call.id)
    if found.at is None:
        raise TooLate("written_down")
    return found


async def complete(call: Call) -> ActivityOut:
    given = call.given(Completed)
    planned = await _planned(call)
    result = given.result or RESULTS[planned.type][0]
    await call.services.plans.complete(call.member, call.id, result)
    if given.notes:
        await call.services.plans.comment(call.member, call.id, given.notes)
    return await get(call)


async def reopen(call: Call) -> ActivityOut:
    await call.services.plans.reopen(call.member, call.id)
    return await get(call)


async def delete(call: Call) -> None:
    await _planned(call)
    await call.services.plans.cancel(call.member, call.id)


GUARD = Guard("activity", get)
ONE, ALL = "/api/activities/{id}", "/api/activities"

_CHANGE = Endpoint(
    "update_activity", "PUT", ONE, "activities:write", change, TAG, "Change a planned activity",
    answer=ActivityOut, body=ActivityChange, guard=GUARD, fields=FIELDS,
)  # fmt: skip

ENDPOINTS = (
    Endpoint(
        "list_activities", "GET", ALL, "activities:read", browse, TAG, "Activities, by pages",
        answer=Page[ActivityOut], query=ActivitiesAsked,
    ),
    Endpoint(
        "create_activity", "POST", ALL, "activities:write", create, TAG,
        "Plan an activity, or write down a call or a note", answer=ActivityOut, body=ActivityIn,
        status=CREATED, fields=FIELDS, place=ONE,
    ),
    Endpoint(
        "list_my_upcoming", "GET", f"{ALL}/upcoming/my", "activities:read", upcoming, TAG,
        "What lies ahead of the member within seven days, the soonest first", answer=Page[ActivityOut],
        query=Paging,
    ),
    Endpoint(
        "list_my_overdue", "GET", f"{ALL}/overdue/my", "activities:read", overdue, TAG,
        "What the member has let pass, the oldest first", answer=Page[ActivityOut], query=Paging,
    ),
    Endpoint("get_activity", "GET", ONE, "activities:read", get, TAG, "One activity", answer=ActivityOut),
    _CHANGE,
    replace(_CHANGE, name="patch_activity", method="PATCH"),
    Endpoint(
        "delete_activity", "DELETE", ONE, "activities:write", delete, TAG,
        "Call a planned activity off; reopen brings it back", status=204, guard=GUARD,
    ),
    Endpoint(
        "complete_activity", "PATCH", f"{ONE}/complete", "activities:write", complete, TAG,
        "Mark an activity completed", answer=ActivityOut, body=Completed, guard=GUARD, fields=FIELDS,
    ),
    Endpoint(
        "reopen_activity", "PATCH", f"{ONE}/reopen", "activities:write", reopen, TAG,
        "Open an activity that had ended", answer=ActivityOut, guard=GUARD,
    ),
)  # fmt: skip
