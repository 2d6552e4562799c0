"""What values of an organization's a table may name: its pipelines, stages, people and fields."""

from collections.abc import Iterable
from uuid import UUID

from domain.members import Member, MemberStatus, Right
from domain.words import fold
from services.importing.cells import Known
from services.importing.vocabulary import Vocabulary
from storage.db import Session
from storage.leads import custom_fields
from storage.people import members as member_rows
from storage.pipelines import stages as stage_rows

MOST_PEOPLE = 5000


async def known_to(s: Session, member: Member, vocabulary: Vocabulary) -> Known:
    """What the member may name. Only whoever may assign leads names others as responsible."""
    pipelines = [one for one in await stage_rows.list_pipelines(s) if not one.archived and one.stages]
    people = [member]
    if member.may(Right.LEAD_ASSIGN):
        people = await member_rows.list_members(s, MemberStatus.ACTIVE, MOST_PEOPLE, 0)
    stages_of = {
        one.id: {
            name: stage.id
            for stage in reversed(one.stages)
            for name in (
                {fold(stage.name)} if not stage.key else vocabulary.stages.get(stage.key, {stage.key})
            )
        }
        for one in pipelines
    }
    fields = await custom_fields.list_fields(s)
    return Known(
        pipelines=_once((fold(one.name), one.id) for one in pipelines if one.name),
        # a stage alone is looked for in the default pipeline first
        stages={**_once(pair for one in pipelines for pair in stages_of[one.id].items()),
                **(stages_of[pipelines[0].id] if pipelines else {})},
        stages_of=stages_of,
        first_of={one.id: one.stages[0].id for one in pipelines},
        people=_once((name, one.id) for one in people if one.may(Right.LEAD_WORK) for name in _names(one)),
        custom={one.key: one for one in fields if one.seen_by(member.role)},
    )  # fmt: skip


def _names(member: Member) -> set[str]:
    given = (member.name, member.username or "", member.phone or "", member.profile.get("email", ""))
    return {fold(one) for one in given if one}


def _once(pairs: Iterable[tuple[str, UUID]]) -> dict[str, UUID | None]:
    """By name; None where several have it."""
    found: dict[str, UUID | None] = {}
    for name, identity in pairs:
        found[name] = identity if found.get(name, identity) == identity else None
    return found
