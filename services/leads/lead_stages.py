"""The stages that a lead begins and ends at."""

from uuid import UUID

from domain.leads import Lead, LeadDraft, Stage, StageKind
from storage.db import Session
from storage.pipelines import stages as stage_rows


async def failed_stage(s: Session, lead: Lead) -> Stage | None:
    """Where the lead's own pipeline puts what is lost."""
    failed = [stage for stage in await stage_rows.list_stages(s) if stage.kind is StageKind.FAILED]
    own = [stage for stage in failed if stage.pipeline_id == lead.stage.pipeline_id]
    return next(iter(own or failed), None)


async def first_stage(s: Session, draft: LeadDraft) -> UUID | None:
    """The draft's own, or the first of its pipeline; the default one's where that is not in use any more."""
    if draft.stage_id is not None:
        return draft.stage_id
    return await stage_rows.first_stage_of(s, draft.pipeline_id) if draft.pipeline_id is not None else None
