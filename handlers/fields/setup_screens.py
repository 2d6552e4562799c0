"""The screens of /fields."""

from collections.abc import Sequence

from domain.custom_fields import CHOOSING, CustomField
from domain.members import Role
from domain.pipelines import Pipeline
from handlers.buttons import short
from handlers.fields.buttons import FieldButton, FieldsButton
from handlers.fields.presets import PRESETS
from handlers.fields.words import type_name
from handlers.menu import to_menu
from handlers.people.roles import role_name
from handlers.pipelines.words import pipeline_name
from handlers.screens import Button, Screen, esc, grid
from locales import _

CHOSEN_ROLES = (Role.MANAGER, Role.PARTNER, Role.FRANCHISEE)
"""Whom a field can be hidden from; owners and admins see all of them, guests no leads."""


def listing(fields: Sequence[CustomField]) -> Screen:
    """All fields; a tap opens one."""
    text = _("🧩 <b>Own fields of leads</b>")
    if fields:
        text += "\n" + _(
            "They are on the card, in forms, filters, import and export, and in the CRM's mapping."
        )
    else:
        text += "\n" + _("None yet. Add one, or take a ready-made set.")
    rows = [[_opening(one)] for one in fields]
    ways = [
        Button(_("➕ Add a field"), FieldsButton(do="add")),
        Button(_("📦 Ready-made sets"), FieldsButton(do="presets")),
    ]
    return Screen(text, [*rows, ways, to_menu()])


def _opening(one: CustomField) -> Button:
    mark = "🗄" if one.archived else type_name(one.type).split()[0]
    star = " *" if one.required and not one.archived else ""
    return Button(f"{mark} {one.name}{star}", FieldButton(do="show", field=one.id))


def card(one: CustomField, every: Sequence[CustomField], pipelines: Sequence[Pipeline]) -> Screen:
    """One field and what can be done to it."""

    def act(text: str, do: str) -> Button:
        return Button(text, FieldButton(do=do, field=one.id))

    back = [Button(_("⬅️ To the fields"), FieldsButton(do="list"))]
    if one.archived:
        text = f"🧩 <b>{esc(one.name)}</b>\n" + _("🗄 Put away: no form asks for it and no card shows it.")
        return Screen(text, [[act(_("♻️ Bring it back"), "restore")], back])
    rows = [[act(_("✏️ Rename"), "rename")], [act(_("⬆️ Up"), "up"), act(_("⬇️ Down"), "down")]]
    if one.type in CHOOSING:
        rows[0].append(act(_("🔘 Choices"), "choices"))
    asking = _("☑️ Required") if one.required else _("▫️ Required")
    rows.insert(1, [act(asking, "required"), act(_("👁 Who sees it"), "roles")])
    if len([known for known in pipelines if not known.archived]) > 1:
        rows.append([act(_("🗂 Pipeline"), "pipelines")])
    rows += [[act(_("🗄 Put away"), "archive")], back]
    return Screen("\n".join(_about(one, every, pipelines)), rows)


def _about(one: CustomField, every: Sequence[CustomField], pipelines: Sequence[Pipeline]) -> list[str]:
    used = [other.id for other in every if not other.archived]
    lines = [f"🧩 <b>{esc(one.name)}</b>", type_name(one.type)]
    if one.choices:
        lines.append(_("Choices: {choices}").format(choices=esc(", ".join(one.choices))))
    lines.append(_("A new lead is asked for it.") if one.required else _("It may be left empty."))
    place = next((known for known in pipelines if known.id == one.pipeline_id), None)
    if one.pipeline_id is not None:
        lines.append(_("Pipeline: {name}").format(name=esc(pipeline_name(place)) if place else "—"))
    hidden = [role_name(role) for role in CHOSEN_ROLES if not one.seen_by(role)]
    if hidden:
        lines.append(_("Hidden from: {roles}").format(roles=", ".join(hidden)))
    if one.id in used:
        lines.append(_("Place: {place} of {count}").format(place=used.index(one.id) + 1, count=len(used)))
    lines.append(_("Key for the CRM's mapping: <code>{key}</code>").format(key=one.path))
    return lines


def preset_screen() -> Screen:
    """Ready-made sets; a tap adds all that is not there yet."""
    lines = [_("📦 Which set? One tap adds its fields; you can change them afterwards.")]
    for preset in PRESETS.values():
        names = ", ".join(_(one.name) for one in preset.fields)
        lines.append(f"<b>{_(preset.title)}</b>: {names}")
    buttons = [
        Button(_(preset.title), FieldsButton(do="preset", name=name)) for name, preset in PRESETS.items()
    ]
    back = [Button(_("⬅️ To the fields"), FieldsButton(do="list"))]
    return Screen("\n\n".join(lines), [*grid(buttons, 2), back])


def pipeline_screen(one: CustomField, pipelines: Sequence[Pipeline]) -> Screen:
    """Leads of which pipeline have the field."""
    text = f"🧩 <b>{esc(one.name)}</b>\n" + _("Leads of which pipeline have it?")
    every = FieldButton(do="pipeline", field=one.id)
    rows = [[Button(_ticked(_("Every pipeline"), one.pipeline_id is None), every)]]
    for known in pipelines:
        if not known.archived:
            chosen = FieldButton(do="pipeline", field=one.id, extra=short(known.id))
            rows.append([Button(_ticked(pipeline_name(known), one.pipeline_id == known.id), chosen)])
    return Screen(text, [*rows, _back(one)])


def role_screen(one: CustomField) -> Screen:
    """Who sees the field."""
    text = f"🧩 <b>{esc(one.name)}</b>\n" + _("Who sees it? Owners and admins always do.")
    buttons = [
        Button(
            _ticked(role_name(role), one.seen_by(role)),
            FieldButton(do="role", field=one.id, extra=role.value),
        )
        for role in CHOSEN_ROLES
    ]
    return Screen(text, [*grid(buttons, 1), _back(one)])


def _ticked(text: str, chosen: bool) -> str:
    return ("☑️ " if chosen else "▫️ ") + text


def _back(one: CustomField) -> list[Button]:
    return [Button(_("⬅️ Back"), FieldButton(do="show", field=one.id))]
