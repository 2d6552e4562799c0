"""Pipelines: the roads that leads go, their presets, and what a stage may ask of a lead before it comes."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from domain.answer_times import AnswerTime
from domain.errors import BadInput
from domain.fields import read_text
from domain.leads import DEFAULT_STAGES, Lead, Stage, StageKind
from domain.words import fold

NAME_LIMIT = 60
STAGE_NAME_LIMIT = 40
MOST_PIPELINES = 12
MOST_STAGES = 20
MOST_REQUIRED = 8
MOST_REASONS = 15
REASON_LIMIT = 60

StageRow = tuple[str, str, StageKind]
"""Key, colour and kind of a preset's stage."""

_OPEN, _WON, _LOST = StageKind.OPEN, StageKind.QUALIFIED, StageKind.FAILED

PRESETS: Mapping[str, tuple[StageRow, ...]] = {
    "sales": DEFAULT_STAGES,
    "credit": (
        ("application", "🔵", _OPEN),
        ("documents", "🟡", _OPEN),
        ("banks", "🟠", _OPEN),
        ("approved", "🟣", _OPEN),
        ("issued", "🟢", _WON),
        ("bank_refused", "⚫", _LOST),
        ("refused", "🔴", _LOST),
    ),
    "education": (
        ("new", "🔵", _OPEN),
        ("consultation", "🟡", _OPEN),
        ("universities", "🟠", _OPEN),
        ("documents", "🟤", _OPEN),
        ("contract", "🟣", _OPEN),
        ("enrolled", "🟢", _WON),
        ("refused", "🔴", _LOST),
    ),
    "clinic": (
        ("new", "🔵", _OPEN),
        ("booked", "🟡", _OPEN),
        ("visited", "🟠", _OPEN),
        ("plan", "🟣", _OPEN),
        ("treatment", "🟢", _WON),
        ("no_show", "⚫", _LOST),
        ("refused", "🔴", _LOST),
    ),
    "salon": (
        ("new", "🔵", _OPEN),
        ("booked", "🟡", _OPEN),
        ("confirmed", "🟠", _OPEN),
        ("served", "🟢", _WON),
        ("no_show", "⚫", _LOST),
        ("refused", "🔴", _LOST),
    ),
    "empty": (("new", "🔵", _OPEN), ("qualified", "🟢", _WON), ("refused", "🔴", _LOST)),
}
"""Stages by preset; a pipeline has at least one stage of each kind, so "empty" has three."""

COLORS = ("🔵", "🟡", "🟠", "🟣", "🟤", "🟢", "🔴", "⚫", "⚪", "⭐", "🔥", "💎")

REASONS = ("#price", "#rival", "#later", "#no_need", "#no_contact", "#not_ours", "#spam")
"""Why leads are lost, until an admin words it otherwise: keys of translated texts."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A road with its stages in order. A pipeline without a name is called after its preset, in the reader's
    language. The first one by position is the default: leads without a choice come there.

    `reasons` are texts, or keys of REASONS; `head_id` is the member who is told when nobody answers within
    the `answer` time.
    """

    id: UUID
    name: str
    preset: str
    position: int
    head_id: UUID | None
    reasons: tuple[str, ...]
    stages: tuple[Stage, ...]
    archived: bool = False
    answer: AnswerTime | None = None

    @property
    def first(self) -> Stage | None:
        """Where its leads begin."""
        return self.stages[0] if self.stages else None

    def of_kind(self, kind: StageKind) -> tuple[Stage, ...]:
        return tuple(stage for stage in self.stages if stage.kind is kind)


REQUIRABLE: Mapping[str, Callable[[Lead], object]] = {
    "phone": lambda lead: lead.phones,
    "email": lambda lead: lead.emails,
    "name": lambda lead: lead.name,
    "company": lambda lead: lead.company,
    "inn": lambda lead: lead.inn,
    "amount": lambda lead: lead.amount,
    "note": lambda lead: lead.note,
    "segment": lambda lead: lead.segment,
    "product": lambda lead: lead.product,
    "region": lambda lead: lead.region,
}
"""Fields that a stage can ask for, and how each stands; `custom.<key>` besides."""

CUSTOM = "custom."


def missing(lead: Lead, stage: Stage, known: Collection[str] | None = None) -> tuple[str, ...]:
    """The fields that the lead lacks for the stage. `known` are the custom fields there are now
    (custom.<key>): one that was removed since is not asked any more; None: all are."""
    return tuple(name for name in stage.required if _asked(name, known) and not _held(lead, name))


def _asked(name: str, known: Collection[str] | None) -> bool:
    return name in REQUIRABLE or (name.startswith(CUSTOM) and (known is None or name in known))


def _held(lead: Lead, name: str) -> bool:
    if name.startswith(CUSTOM):
        return bool(lead.custom.get(name.removeprefix(CUSTOM)))
    return bool(REQUIRABLE[name](lead))


def read_title(field: str, typed: str, limit: int, taken: Collection[str]) -> str:
    """A name that no other has; letter case and the two Russian spellings of e do not make a difference.

    Raises BadInput(field, ...) with reason required, too_long or taken.
    """
    name = read_text(field, typed, limit)
    if not name:
        raise BadInput(field, "required")
    if fold(name) in {fold(other) for other in taken}:
        raise BadInput(field, "taken", name=name)
    return name


def next_stage(stages: Collection[Stage], current: Stage) -> Stage | None:
    """The following stage of the same pipeline on the way to success; None at the end of the road."""
    if current.kind is not StageKind.OPEN:
        return None
    ahead = [
        one
        for one in stages
        if one.pipeline_id == current.pipeline_id
        and one.position > current.position
        and one.kind is not StageKind.FAILED
    ]
    return min(ahead, key=lambda one: one.position, default=None)
