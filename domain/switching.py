"""Moving from one CRM to another: how far it is, and where the two differ in the end."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID


class SwitchState(StrEnum):
    """copying: leads are being written to the target, which gets every new write too; comparing: they are
    read back; copied: the report is there, a person decides; switched: the target is the active one, and
    the source may still get every write; finished; cancelled; paused: nothing more is begun."""

    COPYING = "copying"
    COMPARING = "comparing"
    COPIED = "copied"
    SWITCHED = "switched"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    PAUSED = "paused"


WORKING = frozenset({SwitchState.COPYING, SwitchState.COMPARING})
BEFORE = frozenset({*WORKING, SwitchState.PAUSED, SwitchState.COPIED})
"""The target is not the active one yet: it can be called off."""

OPEN = frozenset({*BEFORE, SwitchState.SWITCHED})


class Differs(StrEnum):
    """absent: the target has no record; unsure: several records may be it, and a person is asked; refused:
    the target does not take it; gone: its record was deleted there; field: a field reads otherwise there;
    stage: the target's status is not the one that the mapping names."""

    ABSENT = "absent"
    UNSURE = "unsure"
    REFUSED = "refused"
    GONE = "gone"
    FIELD = "field"
    STAGE = "stage"


@dataclass(frozen=True, slots=True)
class Difference:
    """One line of the report. `field` is ours; `ours` and `theirs` are texts; `url` opens their record."""

    number: int
    title: str
    kind: Differs
    field: str = ""
    ours: str = ""
    theirs: str = ""
    url: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"kind": self.kind.value}


def read_difference(kept: Mapping[str, Any]) -> Difference:
    """What `as_json` made."""
    return Difference(**{**kept, "kind": Differs(kept["kind"])})


@dataclass(frozen=True, slots=True)
class StageGap:
    """A stage of ours that the target's mapping has no word for (`status` is what its kind is written as), or
    whose status is unknown there (`unknown`)."""

    key: str
    name: str
    status: str
    unknown: bool


@dataclass(frozen=True, slots=True)
class Plan:
    """What a move would mean. Of `looked_at` leads that the target does not have by our links, so many would
    be `new`, are `known` there, or are `ambiguous`; `linked` have a record there already."""

    target_id: UUID
    title: str
    leads: int
    linked: int
    looked_at: int
    new: int
    known: int
    ambiguous: int
    gaps: Sequence[StageGap]
    problems: Sequence[Any]
    """domain.crm.Problem of the target's connection test."""

    @property
    def possible(self) -> bool:
        """Whether nothing stands in the way: a status that does not exist there would refuse every lead."""
        fatal = any(problem.fatal for problem in self.problems)
        return not fatal and not any(gap.unknown for gap in self.gaps)


@dataclass(frozen=True, slots=True)
class Move:
    """A move as its people see it. `done` leads are in the target, `asking` wait for a person, `dropped` were
    given up; `compared` of `total` have been read back. `error` is a code, empty while all goes well."""

    id: UUID
    organization_id: UUID
    source_id: UUID
    target_id: UUID
    source: str
    target: str
    state: SwitchState
    total: int
    done: int
    asking: int
    dropped: int
    compared: int
    differences: tuple[Difference, ...]
    more: int
    """Differences beyond those that are kept."""
    gaps: tuple[StageGap, ...]
    mirrored: bool
    """Whether the CRM that is not active gets every write too."""
    error: str
    paused_in: SwitchState | None = None
