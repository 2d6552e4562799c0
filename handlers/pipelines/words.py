"""Pipelines, stages, lost reasons and required fields in words."""

from collections.abc import Callable, Collection, Mapping, Sequence

from domain.leads import Stage, StageKind
from domain.pipelines import CUSTOM, Pipeline
from locales import LANGUAGES, N_, _, pgettext, use_language
from services.pipelines.places import Titles

Speak = Callable[[], str]

STAGES: Mapping[str, Speak] = {
    "new": lambda: pgettext("stage", "New"),
    "call": lambda: pgettext("stage", "Call"),
    "meeting": lambda: pgettext("stage", "Meeting"),
    "negotiation": lambda: pgettext("stage", "Negotiation"),
    "qualified": lambda: pgettext("stage", "Qualified"),
    "refused": lambda: pgettext("stage", "Refused"),
    "application": lambda: pgettext("stage", "Application"),
    "documents": lambda: pgettext("stage", "Documents"),
    "banks": lambda: pgettext("stage", "At the banks"),
    "approved": lambda: pgettext("stage", "Approved"),
    "issued": lambda: pgettext("stage", "Loan issued"),
    "bank_refused": lambda: pgettext("stage", "Banks refused"),
    "consultation": lambda: pgettext("stage", "Consultation"),
    "universities": lambda: pgettext("stage", "Choosing universities"),
    "contract": lambda: pgettext("stage", "Contract"),
    "enrolled": lambda: pgettext("stage", "Enrolled"),
    "booked": lambda: pgettext("stage", "Booked"),
    "visited": lambda: pgettext("stage", "First visit"),
    "plan": lambda: pgettext("stage", "Treatment plan"),
    "treatment": lambda: pgettext("stage", "In treatment"),
    "no_show": lambda: pgettext("stage", "Did not come"),
    "confirmed": lambda: pgettext("stage", "Confirmed"),
    "served": lambda: pgettext("stage", "Came"),
}
PIPELINES: Mapping[str, Speak] = {
    "sales": lambda: pgettext("pipeline", "Sales"),
    "credit": lambda: pgettext("pipeline", "Credit brokerage"),
    "education": lambda: pgettext("pipeline", "Education"),
    "clinic": lambda: pgettext("pipeline", "Clinic"),
    "salon": lambda: pgettext("pipeline", "Salon"),
    "empty": lambda: pgettext("pipeline", "Empty"),
}
REASONS: dict[str, str] = {
    "#price": N_("Too expensive"),
    "#rival": N_("Chose somebody else"),
    "#later": N_("Not now"),
    "#no_need": N_("No need any more"),
    "#no_contact": N_("Cannot be reached"),
    "#not_ours": N_("Does not fit us"),
    "#spam": N_("Spam or a mistake"),
}
"""Reasons that every pipeline begins with; the lead keeps the words."""

KINDS: dict[StageKind, str] = {
    StageKind.OPEN: N_("🚶 On the way"),
    StageKind.QUALIFIED: N_("🏁 Success"),
    StageKind.FAILED: N_("🚫 Lost"),
}
FIELDS: dict[str, str] = {
    "phone": N_("📞 Phone"),
    "email": N_("✉️ E-mail"),
    "name": N_("👤 Name"),
    "company": N_("🏢 Company"),
    "inn": N_("🔢 INN"),
    "amount": N_("💰 Amount"),
    "note": N_("📝 Note"),
    "segment": N_("🎯 Segment"),
    "product": N_("📦 Product"),
    "region": N_("🗺 Region"),
}


def stage_word(key_or_name: str) -> str:
    """A stage as the history keeps it: a preset's key, or the name it was given."""
    speak = STAGES.get(key_or_name)
    return speak() if speak else key_or_name


def stage_name(stage: Stage) -> str:
    """Colour and name; a preset's stage that nobody has renamed is translated."""
    return f"{stage.color} {stage_word(stage.key) if stage.key else stage.name}".strip()


def pipeline_word(preset_or_name: str) -> str:
    """A pipeline as the history keeps it: its preset, or the name it was given."""
    speak = PIPELINES.get(preset_or_name)
    return speak() if speak else preset_or_name


def pipeline_name(pipeline: Pipeline) -> str:
    """The name it was given; after its preset, in the reader's language, without one."""
    return pipeline.name or pipeline_word(pipeline.preset)


def place_name(stage: Stage, pipelines: Sequence[Pipeline]) -> str:
    """A stage; with its pipeline where there are several."""
    own = next((one for one in pipelines if one.id == stage.pipeline_id), None)
    name = stage_name(stage)
    return f"{name} · {pipeline_name(own)}" if own is not None and len(pipelines) > 1 else name


def reason_word(reason: str) -> str:
    return _(REASONS[reason]) if reason in REASONS else reason


def field_word(name: str, custom: Mapping[str, str]) -> str:
    """A required field; `custom` names the organization's own by their paths."""
    if name.startswith(CUSTOM):
        return f"🧩 {custom.get(name, name.removeprefix(CUSTOM))}"
    return _(FIELDS[name])


def _in_every_language(table: Mapping[str, Speak]) -> Callable[[str], Collection[str]]:
    def titles(key: str) -> list[str]:
        found = []
        for language in LANGUAGES:
            with use_language(language):
                found.append(table[key]() if key in table else key)
        return list(dict.fromkeys(found))

    return titles


TITLES = Titles(pipeline=_in_every_language(PIPELINES), stage=_in_every_language(STAGES))
"""What presets are called, for the use cases that compare names."""
