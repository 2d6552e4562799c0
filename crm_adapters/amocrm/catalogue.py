"""What an account consists of: custom fields with their options, pipelines with their stages, currency.

Names and numbers differ between accounts, so the mapping speaks of them in words, and this finds what is
meant. Read anew every ten minutes; what was read last stays known to `stage`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from crm_adapters.amocrm.api import AmoApi, Record, embedded
from domain.crm import RemoteStage
from domain.leads import StageKind

STAYS_KNOWN = timedelta(minutes=10)
FIELDS_A_PAGE = 50
WON, LOST = "142", "143"
ENDS = {WON: StageKind.QUALIFIED, LOST: StageKind.FAILED}
UNSORTED = 1


@dataclass(frozen=True, slots=True)
class Field:
    """A custom field. `options` are (id, value, code)."""

    id: int
    name: str
    code: str
    type: str
    options: tuple[tuple[int, str, str], ...] = ()

    def option(self, word: str) -> int | None:
        """The id of an option by its value, code or id."""
        wanted = word.strip().casefold()
        for option_id, value, code in self.options:
            if wanted in (value.casefold(), code.casefold(), str(option_id)):
                return option_id
        return None


@dataclass(frozen=True, slots=True)
class Fields:
    """The custom fields of leads, contacts or companies."""

    every: tuple[Field, ...]

    def find(self, word: str) -> Field | None:
        """A field by its id, else its code, else its name."""
        wanted = word.strip().casefold()
        for name in ("id", "code", "name"):
            found = next((one for one in self.every if str(getattr(one, name)).casefold() == wanted), None)
            if found is not None:
                return found
        return None


@dataclass(frozen=True, slots=True)
class Stage:
    """A status of a pipeline. `id` is how the product knows it: "pipeline:status", or 142 and 143, which
    mean won and lost in every pipeline."""

    pipeline_id: int
    status_id: int
    pipeline: str
    name: str
    open_place: int = 0

    @property
    def id(self) -> str:
        return stage_id(self.pipeline_id, self.status_id)


def stage_id(pipeline_id: Any, status_id: Any) -> str:
    return str(status_id) if str(status_id) in ENDS else f"{pipeline_id}:{status_id}"


@dataclass(frozen=True, slots=True)
class Pipelines:
    """All stages but Unsorted, pipeline after pipeline, the main one first."""

    stages: tuple[Stage, ...]

    def pipeline(self, word: str) -> int | None:
        """A pipeline by id or name; the main one for an empty word."""
        wanted = word.strip().casefold()
        for stage in self.stages:
            if not wanted or wanted in (str(stage.pipeline_id), stage.pipeline.casefold()):
                return stage.pipeline_id
        return None

    def find(self, word: str, pipeline: str = "") -> Stage | None:
        """The stage a mapping means: "5001:43002", "43002", "142", "#2" for the second open stage of the
        pipeline, "Pipeline/Name", or a name."""
        pipeline_id, wanted = self.pipeline(pipeline), word.strip().casefold()
        here = [stage for stage in self.stages if stage.pipeline_id == pipeline_id]
        for stage in (*here, *self.stages):
            if wanted in (
                f"{stage.pipeline_id}:{stage.status_id}",
                str(stage.status_id),
                f"{stage.pipeline}/{stage.name}".casefold(),
            ):
                return stage
        by_place = [stage for stage in here if stage.open_place and wanted == f"#{stage.open_place}"]
        by_name = [stage for stage in here if wanted == stage.name.casefold()]
        return next(iter((*by_place, *by_name)), None)

    def listed(self) -> list[RemoteStage]:
        """Each status once, in the CRM's order; the pipeline is named where there are several."""
        several = len({stage.pipeline_id for stage in self.stages}) > 1
        found: dict[str, RemoteStage] = {}
        for stage in self.stages:
            kind = ENDS.get(stage.id, StageKind.OPEN)
            name = f"{stage.pipeline}/{stage.name}" if several and stage.id not in ENDS else stage.name
            found.setdefault(stage.id, RemoteStage(stage.id, name, kind))
        return list(found.values())


class Catalogue:
    """Reads the account's make-up through the API and remembers it for a while."""

    def __init__(self, api: AmoApi, now: Callable[[], datetime]) -> None:
        self._api, self._now = api, now
        self._kept: dict[str, tuple[Any, datetime]] = {}
        self.known_pipelines: Pipelines | None = None

    def forget(self) -> None:
        """Read everything anew next time."""
        self._kept.clear()

    def read_since(self, moment: datetime) -> bool:
        """Whether all that is remembered was read at or after `moment`."""
        return all(read >= moment for _, read in self._kept.values())

    async def fields(self, entity: str) -> Fields:
        async def read() -> Fields:
            found = await self._api.pages(f"{entity}/custom_fields", "custom_fields", size=FIELDS_A_PAGE)
            return Fields(tuple(map(_field, found)))

        known: Fields = await self._known(f"fields of {entity}", read)
        return known

    def has_lead_field(self, attribute: str) -> bool:
        """Whether the leads' fields, as far as they have been read, hold the one of `fields.X`."""
        kept = self._kept.get("fields of leads")
        return kept is not None and kept[0].find(attribute.partition(".")[2]) is not None

    async def pipelines(self) -> Pipelines:
        async def read() -> Pipelines:
            return Pipelines(_stages(embedded(await self._api.get("leads/pipelines"), "pipelines")))

        known: Pipelines = await self._known("pipelines", read)
        self.known_pipelines = known
        return known

    async def account(self) -> Record:
        """The account: currency, version, whether filters are paid for."""

        async def read() -> Record:
            answer = await self._api.get("account", [("with", "version,is_api_filter_enabled")])
            return answer if isinstance(answer, dict) else {}

        known: Record = await self._known("account", read)
        return known

    async def _known(self, what: str, read: Callable[[], Any]) -> Any:
        kept = self._kept.get(what)
        if kept is None or kept[1] + STAYS_KNOWN <= self._now():
            kept = self._kept[what] = (await read(), self._now())
        return kept[0]


def _field(raw: Mapping[str, Any]) -> Field:
    options = tuple(
        (int(one["id"]), str(one.get("value") or ""), str(one.get("code") or ""))
        for one in raw.get("enums") or ()
        if isinstance(one, dict) and one.get("id")
    )
    return Field(
        int(raw["id"]), str(raw.get("name") or ""), str(raw.get("code") or ""), str(raw.get("type")), options
    )


def _stages(pipelines: Sequence[Record]) -> tuple[Stage, ...]:
    alive = [one for one in pipelines if not one.get("is_archive")]
    alive.sort(key=lambda one: (not one.get("is_main"), one.get("sort") or 0))
    return tuple(stage for one in alive for stage in _of_pipeline(one))


def _of_pipeline(pipeline: Record) -> list[Stage]:
    statuses = [one for one in embedded(pipeline, "statuses") if one.get("type") != UNSORTED]
    statuses.sort(key=lambda one: one.get("sort") or 0)
    found, place = [], 0
    for one in statuses:
        ends = str(one["id"]) in ENDS
        place += not ends
        names = (str(pipeline.get("name") or ""), str(one.get("name") or ""))
        found.append(Stage(int(pipeline["id"]), int(one["id"]), *names, 0 if ends else place))
    return found
