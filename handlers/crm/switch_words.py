"""Words of a move from one CRM to another, for the chat and for the command line."""

from collections.abc import Mapping
from uuid import UUID

from domain.leads import Stage, StageKind
from domain.switching import StageGap, SwitchState
from handlers.cards import stage_name
from locales import N_

UNKNOWN_STAGE = N_("Stage “{stage}” is unknown there: {status}.")
STAGE_BY_KIND = N_("Stage “{stage}” has no word of its own there, it becomes {status}.")

STATES: Mapping[SwitchState, str] = {
    SwitchState.COPYING: N_("📦 Leads are being copied. New ones go to both CRMs."),
    SwitchState.COMPARING: N_("🔬 The copies are being read back and compared."),
    SwitchState.COPIED: N_("✅ All is copied. Read the report, then decide."),
    SwitchState.SWITCHED: N_("🟢 The new CRM is the active one. The old one still gets every change."),
    SwitchState.FINISHED: N_("🏁 The move is complete. The old CRM gets nothing more."),
    SwitchState.CANCELLED: N_("✖️ The move was called off. Nothing has changed for the old CRM."),
    SwitchState.PAUSED: N_("⏸ Paused. New leads go to both CRMs meanwhile."),
}


def gap_stage(gap: StageGap) -> str:
    """The stage as people call it; plain text."""
    return stage_name(Stage(UUID(int=0), gap.key or None, gap.name, 0, "", StageKind.OPEN))
