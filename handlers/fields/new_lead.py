"""The organization's own fields in the form of a new lead: those that must be filled in."""

from collections.abc import Sequence
from typing import Any

from domain.leads import Lead, LeadDraft
from domain.members import Member
from handlers.fields.questions import FIELDS, PIPELINE, files_in, further, pack, typed_values
from handlers.forms.forms import Answers, Asking, Question
from handlers.incoming_files import unpacked
from services.registry import Services


async def required(services: Services, member: Member) -> dict[str, Any]:
    """For the form's context: the required fields of every pipeline, and the one where leads begin that are
    not asked for theirs. Which fields are asked is seen when asking."""
    known = await services.custom_fields.for_member(member)
    wanted = [one for one in known if one.required]
    if not wanted:
        return {}
    pipelines = await services.pipeline.pipelines(member)
    return {FIELDS: pack(wanted), PIPELINE: str(pipelines[0].id) if pipelines else ""}


def questions(asking: Asking) -> Sequence[Question]:
    """None where what was typed is attached to another lead."""
    return () if asking.context.get("attach") else further(asking)


async def filled(services: Services, member: Member, draft: LeadDraft, answers: Answers) -> dict[str, str]:
    """The draft's own fields as they are kept. Raises BadInput."""
    typed = typed_values(answers)
    return await services.custom_fields.read(member, draft.pipeline_id, typed) if typed else {}


async def keep_files(services: Services, member: Member, lead: Lead, answers: Answers) -> None:
    """The files that were asked for become the new lead's."""
    for key, packed in files_in(answers).items():
        await services.files.add(member, lead.id, unpacked(packed), key)
