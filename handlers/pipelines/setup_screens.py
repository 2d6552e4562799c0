"""What admins see of pipelines: the list, one with its stages, its head, its lost reasons."""

from collections.abc import Sequence

from domain.leads import Stage, StageKind
from domain.members import Member
from domain.pipelines import PRESETS, Pipeline
from handlers.buttons import MenuButton, NewPipelineButton, PipelineButton, StageButton, short
from handlers.pipelines.words import KINDS, pipeline_name, pipeline_word, reason_word, stage_name
from handlers.screens import Button, Screen, esc, grid
from handlers.sharing.buttons import AnswerButton
from handlers.sharing.words import time_word
from locales import _, ngettext

NAME_ROOM = 40
MOST_HEADS = 24
MARKS = {StageKind.OPEN: "", StageKind.QUALIFIED: " 🏁", StageKind.FAILED: " 🚫"}


def press(text: str, do: str, pipeline: Pipeline, extra: str = "") -> Button:
    return Button(text, PipelineButton(do=do, id=pipeline.id, extra=extra))


def to_pipeline(pipeline: Pipeline) -> list[Button]:
    return [press("⬅️ " + pipeline_name(pipeline)[:NAME_ROOM], "show", pipeline)]


def last_row() -> list[Button]:
    every = Button(_("🗂 Pipelines"), MenuButton(place="pipelines"))
    return [every, Button(_("☰ Menu"), MenuButton(place="main"))]


def list_screen(pipelines: Sequence[Pipeline], said: str = "") -> Screen:
    """Every pipeline is a button; the default one bears a star."""
    lines = [*([said, ""] if said else []), _("🗂 <b>Pipelines</b>")]
    lines.append(_("⭐ is the default: leads come there when nobody has chosen."))
    used = [one for one in pipelines if not one.archived]
    rows = [[press(_label(one, first=one == used[0]), "show", one)] for one in used]
    rows += [[press(f"🗄 {pipeline_name(one)[:NAME_ROOM]}", "show", one)] for one in pipelines if one.archived]
    rows.append([Button(_("➕ New pipeline"), NewPipelineButton())])
    rows.append([Button(_("☰ Menu"), MenuButton(place="main"))])
    return Screen("\n".join(lines), rows)


def _label(pipeline: Pipeline, *, first: bool) -> str:
    count = len(pipeline.stages)
    stages = ngettext("{count} stage", "{count} stages", count).format(count=count)
    return f"{'⭐ ' if first else ''}{pipeline_name(pipeline)[:NAME_ROOM]} · {stages}"


def presets_screen() -> Screen:
    """One tap makes a pipeline."""
    buttons = [Button(pipeline_word(one), NewPipelineButton(preset=one)) for one in PRESETS]
    text = _("➕ <b>New pipeline.</b> For what? You can change its stages afterwards.")
    return Screen(text, [*grid(buttons, 2), last_row()])


def pipeline_screen(
    pipeline: Pipeline, pipelines: Sequence[Pipeline], head: str = "", said: str = ""
) -> Screen:
    """One pipeline with its stages, each a button."""
    used = [one for one in pipelines if not one.archived]
    first = bool(used) and used[0].id == pipeline.id
    lines = [*([said, ""] if said else []), f"🗂 <b>{esc(pipeline_name(pipeline))}</b>"]
    if pipeline.archived:
        lines.append(_("🗄 Archived: no lead comes here. Its closed leads are kept."))
        rows = [[press(_("♻️ Take it back into use"), "restore", pipeline)], last_row()]
        return Screen("\n".join(lines), rows)
    if first:
        lines.append(_("⭐ The default: leads come here when nobody has chosen."))
    lines.append(_("👤 Head: {name}").format(name=esc(head) if head else "—"))
    lines.append(_("⏱ Answer time: {time}").format(time=time_word(pipeline)))
    lines += ["", *[_stage_line(number, one) for number, one in enumerate(pipeline.stages, 1)]]
    lines += ["", _("Press a stage to change it.")]
    return Screen("\n".join(lines), _pipeline_rows(pipeline, used, first=first))


def _stage_line(number: int, stage: Stage) -> str:
    asks = " ❗" if stage.required else ""
    return f"{number}. {esc(stage_name(stage))}{MARKS[stage.kind]}{asks}"


def _pipeline_rows(pipeline: Pipeline, used: Sequence[Pipeline], *, first: bool) -> list[list[Button]]:
    stages = [Button(stage_name(one), StageButton(do="show", id=one.id)) for one in pipeline.stages]
    rows = grid(stages, 2)
    rows.append([press(_("➕ Stage"), "add_stage", pipeline), press(_("✏️ Rename"), "rename", pipeline)])
    rows.append([press(_("👤 Head"), "heads", pipeline), press(_("💬 Lost reasons"), "reasons", pipeline)])
    rows.append([Button(_("⏱ Answer time"), AnswerButton(do="show", id=pipeline.id))])
    if len(used) > 1:
        ways = [press("⬆️", "up", pipeline), press("⬇️", "down", pipeline)]
        if not first:
            ways.append(press(_("⭐ Make it the default"), "first", pipeline))
        rows += [ways, [press(_("🗄 Archive"), "archive", pipeline)]]
    return [*rows, last_row()]


def archive_screen(pipeline: Pipeline, pipelines: Sequence[Pipeline], standing: int) -> Screen:
    """Asks once more; or, while open leads stand there, says where they can go by one tap."""
    name = esc(pipeline_name(pipeline))
    if not standing:
        text = _("🗄 Archive “{name}”? No lead comes there any more; closed leads are kept.").format(name=name)
        return Screen(text, [[press(_("🗄 Yes, archive"), "really_archive", pipeline)], to_pipeline(pipeline)])
    text = ngettext(
        "✋ {count} open lead is in “{name}”. Move it first:",
        "✋ {count} open leads are in “{name}”. Move them first:",
        standing,
    ).format(count=standing, name=name)
    others = [one for one in pipelines if not one.archived and one.id != pipeline.id]
    label = _("🔀 To “{name}”")
    rows = [
        [press(label.format(name=pipeline_name(one)[:NAME_ROOM]), "move", pipeline, short(one.id))]
        for one in others
    ]
    return Screen(text, [*rows, to_pipeline(pipeline)])


def heads_screen(pipeline: Pipeline, able: Sequence[Member]) -> Screen:
    text = _("👤 Who is the head of “{name}”? They are told when nobody answers a lead in time.").format(
        name=esc(pipeline_name(pipeline))
    )
    buttons = [
        press(
            ("• " if one.id == pipeline.head_id else "") + one.name[:NAME_ROOM],
            "head",
            pipeline,
            short(one.id),
        )
        for one in able[:MOST_HEADS]
    ]
    nobody = [press(_("Nobody"), "head", pipeline)]
    return Screen(text, [*grid(buttons, 2), nobody, to_pipeline(pipeline)])


def reasons_screen(pipeline: Pipeline, said: str = "") -> Screen:
    """Why leads are lost: what is offered as buttons when one goes to a failed stage."""
    lines = [*([said, ""] if said else []), _reasons_head(pipeline)]
    lines += ["", *[f"{place}. {esc(reason_word(one))}" for place, one in enumerate(pipeline.reasons, 1)]]
    lines += ["", _("They are offered when a lead is lost; anybody can still type their own words.")]
    rows = grid(
        [press(reason_word(one)[:NAME_ROOM], "reason", pipeline, str(place))
         for place, one in enumerate(pipeline.reasons)], 2,
    )  # fmt: skip
    rows.append(
        [press(_("➕ Reason"), "add_reason", pipeline), press(_("↩️ The usual ones"), "usual", pipeline)]
    )
    return Screen("\n".join(lines), [*rows, to_pipeline(pipeline)])


def _reasons_head(pipeline: Pipeline) -> str:
    return _("💬 <b>Lost reasons</b> · {name}").format(name=esc(pipeline_name(pipeline)))


def reason_screen(pipeline: Pipeline, place: int) -> Screen:
    """One reason: up, down, off."""
    text = f"💬 <b>{esc(reason_word(pipeline.reasons[place]))}</b>"
    mark = str(place)
    moves = [press("⬆️", "reason_up", pipeline, mark), press("⬇️", "reason_down", pipeline, mark)]
    off = [press(_("🗑 Take it off"), "reason_off", pipeline, mark)]
    back = [press(_("⬅️ Lost reasons"), "reasons", pipeline)]
    return Screen(text, [moves, off, back])


def kind_name(kind: StageKind) -> str:
    return _(KINDS[kind])
