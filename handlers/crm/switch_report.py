"""Where two CRMs differ after a move, as a table for a spreadsheet."""

import csv
import io
from collections.abc import Mapping

from domain.spreadsheets import safe_cell
from domain.switching import Difference, Differs, Move
from handlers.crm.switch_words import gap_stage
from locales import N_, _

FILE_NAME = "differences.csv"

KINDS: Mapping[Differs, str] = {
    Differs.ABSENT: N_("not there"),
    Differs.UNSURE: N_("several records may be it"),
    Differs.REFUSED: N_("refused there"),
    Differs.GONE: N_("deleted there"),
    Differs.FIELD: N_("reads otherwise"),
    Differs.STAGE: N_("other stage"),
}

FIELDS: Mapping[str, str] = {
    "name": N_("Name"),
    "company": N_("Company"),
    "phone": N_("Phone"),
    "email": N_("E-mail"),
    "inn": N_("INN"),
    "amount": N_("Amount"),
    "note": N_("Note"),
    "referral_code": N_("Referral code"),
    "stage": N_("Stage"),
}


def report_file(move: Move) -> bytes:
    """Every difference, and the stages that have no word of their own there."""
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow([_("Lead"), _("Name"), _("What"), _("Field"), move.source, move.target, _("Link")])
    for one in move.differences:
        writer.writerow([safe_cell(cell) for cell in _cells(one)])
    for gap in move.gaps:
        cells = ["", "", _("stage without a word of its own"), _("Stage"), gap_stage(gap), gap.status, ""]
        writer.writerow([safe_cell(cell) for cell in cells])
    return table.getvalue().encode("utf-8-sig")


def _cells(one: Difference) -> list[str]:
    field = _(FIELDS[one.field]) if one.field in FIELDS else one.field
    return [str(one.number), one.title, _(KINDS[one.kind]), field, one.ours, one.theirs, one.url]
