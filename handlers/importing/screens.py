"""The card of an import, from the first look to what has become of it."""

from collections.abc import Sequence

from babel.numbers import format_decimal

from domain.custom_fields import CustomField
from domain.errors import BadInput
from domain.importing import IGNORE, Duplicates, Import, ImportState, Verdict
from domain.leads import Stage
from handlers.cards import stage_name
from handlers.crm.switch_cards import bar
from handlers.importing.buttons import ImportButton
from handlers.importing.words import DUPLICATES, column_word, field_word, reason_word
from handlers.menu import to_menu
from handlers.screens import Button, Screen, esc
from locales import N_, _, current_language, ngettext
from services.importing.progress import slot_of
from services.importing.rows import demand_columns

COLUMNS_SHOWN, REASONS_SHOWN = 12, 4
MISSING = {
    "no_name": N_("⛔ No column is a name or a company. Press 🗂 Columns and say which one is."),
    "no_contact": N_("⛔ No column is a phone or an e-mail. Press 🗂 Columns and say which one is."),
}


def count(number: int) -> str:
    return format_decimal(number, locale=current_language())


def way(one: Import, text: str, do: str, extra: str = "") -> Button:
    return Button(text, ImportButton(do=do, id=one.id, extra=extra))


def _rows(number: int) -> str:
    return ngettext("{count} row", "{count} rows", number).format(count=count(number))


def preview(
    one: Import, custom: Sequence[CustomField], stages: Sequence[Stage], *, crm: bool, rules: bool
) -> Screen:
    """What the file would bring, and how to change that."""
    lines = [f"📥 <b>{esc(one.name)}</b> · {_rows(one.total)}", "", *_columns(one, custom)]
    missing = _missing(one)
    if missing:
        return Screen(
            "\n".join([*lines, "", missing]), [*_choices(one, stages, crm, rules)], slot=slot_of(one.id)
        )
    lines += ["", *_forecast(one)]
    if rules and one.setup.assign == "rules":
        told = _("🎯 The rules share them out. No answer time runs: leads of a file have waited already.")
        lines += ["", told]
    start = []
    if one.forecast is not None and (number := _comes(one)):
        text = ngettext("▶️ Import {count} lead", "▶️ Import {count} leads", number)
        start = [way(one, text.format(count=count(number)), "start")]
    return Screen("\n".join(lines), [start, *_choices(one, stages, crm, rules)], slot=slot_of(one.id))


def _missing(one: Import) -> str:
    try:
        demand_columns(one.setup.columns)
    except BadInput as error:
        return _(MISSING[error.reason])
    return ""


def _comes(one: Import) -> int:
    assert one.forecast is not None
    known = one.forecast.of(Verdict.KNOWN) if one.setup.duplicates is not Duplicates.SKIP else 0
    return one.forecast.of(Verdict.NEW) + known


def _columns(one: Import, custom: Sequence[CustomField]) -> list[str]:
    used = [place for place, name in enumerate(one.setup.columns) if name != IGNORE]
    lines = [
        f"{esc(column_word(one, place))} → <b>{esc(field_word(one.setup.columns[place], custom))}</b>"
        for place in used[:COLUMNS_SHOWN]
    ]
    rest = len(used) - len(lines)
    lines += [ngettext("… and {count} more", "… and {count} more", rest).format(count=rest)] if rest else []
    ignored = len(one.setup.columns) - len(used)
    if ignored:
        text = ngettext("{count} column is not needed", "{count} columns are not needed", ignored)
        lines.append("<i>" + text.format(count=ignored) + "</i>")
    return lines


def _forecast(one: Import) -> list[str]:
    found = one.forecast
    if found is None:
        return [_("⏳ I am counting …")]
    lines = [_("✅ New: <b>{count}</b>").format(count=count(found.of(Verdict.NEW)))]
    if number := found.of(Verdict.KNOWN):
        lines.append(_("👥 Here already: {count}").format(count=count(number)))
    if number := found.of(Verdict.TWIN):
        lines.append(_("♊ Twice in the file: {count}").format(count=count(number)))
    if number := found.of(Verdict.BAD):
        lines.append(_("⚠️ Cannot be taken: {count}").format(count=count(number)))
        worst = sorted(found.reasons.items(), key=lambda pair: -pair[1])[:REASONS_SHOWN]
        lines += [f"    {count(times)} · {esc(reason_word(one, reason))}" for reason, times in worst]
    return lines


def _choices(one: Import, stages: Sequence[Stage], crm: bool, rules: bool) -> list[list[Button]]:
    setup = one.setup
    stage = next((each for each in stages if each.id == setup.stage), stages[0])
    rows = [
        [way(one, _("🗂 Columns"), "columns"), way(one, _(DUPLICATES[setup.duplicates]), "twice")],
        [
            way(one, _("📍 {stage}").format(stage=stage_name(stage)), "stages"),
            way(one, _("🌍 Phones: {country}").format(country=setup.region), "countries"),
        ],
    ]
    whom = {"nobody": N_("🙋 For: whoever takes them"), "rules": N_("🙋 For: by the rules")}
    last = [way(one, _(whom[setup.assign]), "whom")] if rules else []
    if crm:
        last.append(way(one, _("🔌 To the CRM: yes") if setup.to_crm else _("🔌 To the CRM: no"), "crm"))
    return [*rows, last, [way(one, _("✖️ Throw away"), "cancel"), *to_menu()]]


STATES = {
    ImportState.RUNNING: N_("⏳ Leads are coming in …"),
    ImportState.STOPPING: N_("✋ Stopping …"),
    ImportState.DONE: N_("✅ <b>The import is done.</b>"),
    ImportState.CANCELLED: N_("✋ <b>Stopped.</b> What is in stays; Undo takes it back."),
    ImportState.FAILED: N_(
        "⛔ <b>The import has stopped: something went wrong on our side.</b> I tried several times. What is "
        "in stays; press Try again, and I go on with the first row that is not in."
    ),
    ImportState.UNDOING: N_("↩️ I am taking it back …"),
    ImportState.UNDONE: N_("↩️ <b>Taken back.</b>"),
    ImportState.PURCHASES: N_("🧾 Its rows become purchases …"),
    ImportState.PURCHASED: N_("🧾 Its rows have become purchases."),
    ImportState.PURCHASES_FAILED: N_("⛔ Its rows have not become purchases: something went wrong."),
    ImportState.DISCARDED: N_("🗑 Thrown away. Nothing was brought in."),
}


OVER = (ImportState.DONE, ImportState.CANCELLED, ImportState.FAILED)


def card(one: Import) -> Screen:
    """An import that has begun, or is over."""
    lines = [f"📥 <b>{esc(one.name)}</b>", _(STATES[one.state]), *_progress(one)]
    if one.state in (*OVER, ImportState.RUNNING):
        lines += ["", *results(one)]
    if one.state is ImportState.UNDONE:
        lines += ["", *_undone(one)]
    return Screen("\n".join(lines), ways(one), slot=slot_of(one.id))


def _progress(one: Import) -> list[str]:
    if one.state not in (ImportState.RUNNING, ImportState.UNDOING, ImportState.FAILED):
        return []
    said = _("{done} of {total} rows").format(done=count(one.done), total=count(one.total))
    return [f"<code>{bar(one.done, one.total)}</code>", said]


RESULTS: tuple[tuple[Verdict, str], ...] = (
    (Verdict.NEW, N_("✅ New leads: <b>{count}</b>")),
    (Verdict.UPDATED, N_("♻️ Brought up to date: {count}")),
    (Verdict.ASKED, N_("❓ Wait for you: {count}")),
    (Verdict.KNOWN, N_("👥 Here already, left out: {count}")),
    (Verdict.TWIN, N_("♊ Twice in the file: {count}")),
    (Verdict.BAD, N_("⚠️ Could not be taken: {count}")),
)


def results(one: Import) -> list[str]:
    """What has become of the rows so far."""
    shown = [
        _(text).format(count=count(number))
        for verdict, text in RESULTS
        if (number := one.verdicts.get(verdict.value, 0)) or verdict is Verdict.NEW
    ]
    if one.setup.to_crm and one.verdicts.get(Verdict.NEW.value):
        shown.append(_("🔌 They go to the CRM bit by bit, behind everybody's daily work."))
    return shown


def _undone(one: Import) -> list[str]:
    text = ngettext("{count} lead was taken back.", "{count} leads were taken back.", one.undone)
    lines = [text.format(count=count(one.undone))]
    if one.kept:
        text = ngettext(
            "{count} stayed, since somebody has worked on it meanwhile.",
            "{count} stayed, since somebody has worked on them meanwhile.",
            one.kept,
        )
        lines.append(text.format(count=count(one.kept)))
    return lines


def ways(one: Import) -> list[list[Button]]:
    """What can be done about it."""
    not_in = sum(one.verdicts.get(name, 0) for name in ("bad", "twin", "known", "asked"))
    over = one.state in OVER
    rows: list[list[Button]] = []
    if one.state is ImportState.FAILED:
        rows.append([way(one, _("🔁 Try again"), "retry")])
    if one.state is ImportState.RUNNING:
        rows.append([way(one, _("✋ Stop"), "cancel")])
    if over and one.waiting:
        rows.append([way(one, _("❓ Decide: {count}").format(count=count(one.waiting)), "asked")])
    if over and not_in:
        rows.append([way(one, _("📄 Rows that are not in: {count}").format(count=count(not_in)), "rows")])
    if over and (one.verdicts.get("new") or one.verdicts.get("updated")):
        rows.append([way(one, _("↩️ Undo the import"), "undo")])
    if one.state is ImportState.UNDONE and one.kept:
        rows.append([way(one, _("📋 What stayed"), "left")])
    return [*rows, to_menu()]
