"""What a stage asks of a lead before it comes there, for every way that leads to a stage."""

from domain.custom_fields import CustomField
from domain.errors import BadInput, StageNeeds
from domain.leads import Lead, Stage, StageKind
from domain.pipelines import missing
from storage.db import Session
from storage.leads import custom_fields


async def known_fields(s: Session, stage: Stage) -> frozenset[str]:
    """The custom fields (custom.<key>) that the stage may ask for: not those that were archived since, or
    are of another pipeline."""
    if not stage.required:
        return frozenset()
    fields: list[CustomField] = await custom_fields.list_fields(s)
    return frozenset(one.path for one in fields if one.belongs_to(stage.pipeline_id))


async def lacking(s: Session, lead: Lead, stage: Stage) -> tuple[str, ...]:
    """The fields that the stage asks for and the lead lacks."""
    return missing(lead, stage, await known_fields(s, stage))


async def demand_entry(s: Session, lead: Lead, stage: Stage, reason: str) -> None:
    """Raises StageNeeds for fields that lack, and BadInput("reason", "required") for a failed stage without
    a reason."""
    lacks = await lacking(s, lead, stage)
    if lacks:
        raise StageNeeds(lacks)
    if stage.kind is StageKind.FAILED and not reason:
        raise BadInput("reason", "required")
