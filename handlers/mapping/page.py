"""The comparison of two CRMs as a page of its own: no script, nothing fetched, good on paper."""

import html
from collections.abc import Iterable, Sequence

from handlers.cards import stage_word
from handlers.mapping.words import source_name, word_name
from locales import N_, _
from services.mapping.diff import DiffRow, MappingDiff, Note, WordRow

STYLE = """
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, sans-serif; color: #1b1f24; }
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.15rem; margin-top: 2.2rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: .45rem .6rem; border-bottom: 1px solid #d8dee4; }
th { background: #f3f5f7; } tr { break-inside: avoid; } thead { display: table-header-group; }
code { font-size: .87em; overflow-wrap: anywhere; } .none { color: #b3261e; } .same { color: #1a7f37; }
ul { margin: 0; padding-left: 1.1rem; } .hint { color: #57606a; }
@media print { body { margin: 0; max-width: none; font-size: 11px; } th { background: none; } }
"""

NOTES = {
    "missing": N_("{side} has no place for it: it is lost there."),
    "own_field": N_("{side} needs a custom field for it; without one it is left out."),
    "shorter": N_("{side} takes {longest} characters only: longer texts are cut."),
    "joined": N_("In {side} it stands in one field together with: {with}."),
    "rounded": N_("{side} keeps whole amounts only."),
    "merged": N_("{side} makes one word of: {words}."),
    "word_missing": N_("{side} has no word of its own for: {words}."),
}
UNABLE = {
    "activities": N_("Calls, meetings and tasks cannot be written."),
    "stages": N_("Its stages cannot be read."),
    "users": N_("Its people cannot be read."),
    "changes": N_("It cannot be asked what has changed."),
    "webhooks": N_("Webhooks must be registered by hand."),
    "batches": N_("Leads go one by one: a long queue takes longer."),
    "fields": N_("Its fields cannot be read."),
    "field_maker": N_("New fields must be made by its admin by hand."),
}


def diff_page(found: MappingDiff, language: str) -> str:
    """The whole document in the current language."""
    title = _("{left} and {right}: what becomes of a lead").format(left=found.left, right=found.right)
    hint = _("Where each of our fields goes. What is in small type are the names of the fields there.")
    parts = [
        f"<h1>{_e(title)}</h1>",
        f'<p class="hint">{_e(hint)}</p>',
        f"<h2>{_e(_('Fields'))}</h2>",
        _table(_fields_head(found), (_field_row(row, found) for row in found.rows)),
    ]
    for ours, words in found.words.items():
        parts.append(f"<h2>{_e(source_name(ours))}</h2>")
        head = [_("Our word"), found.left, found.right]
        parts.append(_table(head, (_word_row(ours, row) for row in words)))
    parts.append(f"<h2>{_e(_('What it cannot do'))}</h2>")
    parts += [
        _unable(name, found.unable[side]) for side, name in (("left", found.left), ("right", found.right))
    ]
    body = "\n".join(parts)
    return (
        f'<!doctype html>\n<html lang="{_e(language)}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{_e(title)}</title>'
        f"<style>{STYLE}</style></head><body>\n{body}\n</body></html>\n"
    )


def _e(text: str) -> str:
    return html.escape(str(text))


def _table(head: Sequence[str], rows: Iterable[str]) -> str:
    cells = "".join(f'<th scope="col">{_e(one)}</th>' for one in head)
    body = "\n".join(rows)
    return (
        f'<div class="scroll"><table><thead><tr>{cells}</tr></thead><tbody>\n{body}\n</tbody></table></div>'
    )


def _fields_head(found: MappingDiff) -> list[str]:
    return [_("Our field"), found.left, found.right, _("What is lost or differs")]


def _field_row(row: DiffRow, found: MappingDiff) -> str:
    notes = [_note(note, found) for note in row.notes]
    said = "".join(f"<li>{_e(note)}</li>" for note in notes)
    last = f"<ul>{said}</ul>" if said else f'<span class="same">{_e(_("the same"))}</span>'
    places = "".join(f"<td>{_places(one)}</td>" for one in (row.left, row.right))
    return f'<tr><th scope="row">{_e(source_name(row.ours))}</th>{places}<td>{last}</td></tr>'


def _places(places: Sequence[str]) -> str:
    if not places:
        return '<span class="none">—</span>'
    shown = (one.removeprefix("lead.").removeprefix("deal.") for one in places)
    return "<br>".join(f"<code>{_e(one)}</code>" for one in shown)


def _note(note: Note, found: MappingDiff) -> str:
    side = found.left if note.side == "left" else found.right
    params = dict(note.params)
    if "words" in params:
        params["words"] = ", ".join(word_name("", word, ()) for word in params["words"].split(","))
    if "with" in params:
        params["with"] = ", ".join(source_name(one) for one in params["with"].split(","))
    return _(NOTES[note.code]).format(side=side, **params)


def _word_row(ours: str, row: WordRow) -> str:
    name = stage_word(row.word) if ours == "stage" else word_name("", row.word, ())
    sides = "".join(
        f"<td><code>{_e(one)}</code></td>" if one else '<td class="none">—</td>'
        for one in (row.left, row.right)
    )
    return f'<tr><th scope="row">{_e(name)}</th>{sides}</tr>'


def _unable(name: str, codes: Sequence[str]) -> str:
    said = "".join(f"<li>{_e(_(UNABLE[code]))}</li>" for code in codes)
    return f"<h3>{_e(name)}</h3>" + (
        f"<ul>{said}</ul>" if said else f"<p>{_e(_('Everything we use works.'))}</p>"
    )
