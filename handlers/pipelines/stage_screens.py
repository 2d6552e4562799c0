"""What admins see of one stage: what it means, what it asks for, and where its leads can go."""

from collections.abc import Mapping, Sequence

from domain.custom_fields import CustomField, FieldType
from domain.leads import Stage, StageKind
from domain.pipelines import COLORS, REQUIRABLE, Pipeline
from handlers.buttons import StageButton, short
from handlers.pipelines.setup_screens import kind_name, to_pipeline
from handlers.pipelines.words import field_word, pipeline_name, stage_name
from handlers.screens import Button, Screen, esc, grid
from locales import _, ngettext


def press(text: str, do: str, stage: Stage, extra: str = "") -> Button:
    return Button(text, StageButton(do=do, id=stage.id, extra=extra))


def to_stage(stage: Stage) -> list[Button]:
    return [press("⬅️ " + stage_name(stage), "show", stage)]


def stage_screen(
    pipeline: Pipeline,
    stage: Stage,
    standing: int,
    fields: Sequence[CustomField],
    status: tuple[str, str] | None,
    said: str = "",
) -> Screen:
    """One stage. `status` is the CRM's name and its status, where a CRM is connected."""
    names = {one.path: one.name for one in fields}
    lines = [*([said, ""] if said else []), f"<b>{esc(stage_name(stage))}</b>", kind_name(stage.kind)]
    place = [one.id for one in pipeline.stages].index(stage.id) + 1
    where = _("Number {place} of {count} in “{pipeline}”.")
    name = esc(pipeline_name(pipeline))
    lines.append(where.format(place=place, count=len(pipeline.stages), pipeline=name))
    lines.append(
        ngettext("{count} lead stands here.", "{count} leads stand here.", standing).format(count=standing)
    )
    asked = [esc(field_word(name, names)) for name in stage.required if name in names or name in REQUIRABLE]
    if asked:
        lines.append(_("❗ Asked before a lead comes here: {fields}").format(fields=", ".join(asked)))
    if status is not None:
        text = _("☁️ In {crm} it is “{status}”. To change that: /mapping")
        lines.append(text.format(crm=esc(status[0]), status=esc(status[1])))
    rows = [
        [press(_("✏️ Rename"), "rename", stage), press(_("🎨 Colour"), "colors", stage)],
        [press("⬆️", "up", stage), press("⬇️", "down", stage)],
        [press(_("🏷 Meaning"), "kinds", stage), press(_("❗ Needed fields"), "fields", stage)],
        [press(_("🗑 Remove"), "remove", stage)],
        to_pipeline(pipeline),
    ]
    return Screen("\n".join(lines), rows)


def colors_screen(stage: Stage) -> Screen:
    buttons = [press(color, "color", stage, str(place)) for place, color in enumerate(COLORS)]
    text = _("🎨 Which colour for “{stage}”?").format(stage=esc(stage_name(stage)))
    return Screen(text, [*grid(buttons, 4), to_stage(stage)])


def kinds_screen(stage: Stage) -> Screen:
    buttons = [
        [press(("• " if kind is stage.kind else "") + kind_name(kind), "kind", stage, kind.value)]
        for kind in StageKind
    ]
    text = _("🏷 What does it mean that a lead is on “{stage}”?").format(stage=esc(stage_name(stage)))
    return Screen(text, [*buttons, to_stage(stage)])


def requirable(pipeline: Pipeline, fields: Sequence[CustomField]) -> Mapping[str, str]:
    """What a stage of the pipeline can ask for: path by the mark that a button carries."""
    own = {
        short(one.id): one.path
        for one in fields
        if one.type is not FieldType.FILE and one.belongs_to(pipeline.id)
    }
    return {**{name: name for name in REQUIRABLE}, **own}


def fields_screen(pipeline: Pipeline, stage: Stage, fields: Sequence[CustomField]) -> Screen:
    """Each field is a button that asks for it, or stops asking."""
    names = {one.path: one.name for one in fields}
    buttons = [
        press(("✅ " if path in stage.required else "") + field_word(path, names)[:40], "field", stage, mark)
        for mark, path in requirable(pipeline, fields).items()
    ]
    text = _(
        "❗ What must be known of a lead before it comes to “{stage}”? Whoever moves it is asked for it."
    )
    return Screen(text.format(stage=esc(stage_name(stage))), [*grid(buttons, 2), to_stage(stage)])


def remove_screen(pipeline: Pipeline, stage: Stage, standing: int, said: str = "") -> Screen:
    """Asks once more; or, while leads stand there, says where they can go by one tap."""
    name = esc(stage_name(stage))
    lines = [said, ""] if said else []
    if not standing:
        lines.append(_("🗑 Remove the stage “{stage}”?").format(stage=name))
        yes = [press(_("🗑 Yes, remove"), "really_remove", stage)]
        return Screen("\n".join(lines), [yes, to_stage(stage)])
    lines.append(
        ngettext(
            "✋ {count} lead stands on “{stage}”. Move it first, to:",
            "✋ {count} leads stand on “{stage}”. Move them first, to:",
            standing,
        ).format(count=standing, stage=name)
    )
    others = [one for one in pipeline.stages if one.id != stage.id and _fits(stage, one)]
    buttons = [press(stage_name(one), "move", stage, short(one.id)) for one in others]
    return Screen("\n".join(lines), [*grid(buttons, 2), to_stage(stage)])


def _fits(old: Stage, new: Stage) -> bool:
    """Nobody is asked why so many are lost: only leads that are lost already go to another failed stage."""
    return new.kind is not StageKind.FAILED or old.kind is StageKind.FAILED
