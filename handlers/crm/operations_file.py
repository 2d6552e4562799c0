"""The log of operations as a table for a spreadsheet: comma-separated, UTF-8 with a mark that Excel needs.

Personal data is hidden. A cell that a spreadsheet would take for a formula is made a text.
"""

import csv
import io
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from domain.masking import mask_body
from domain.members import Member
from domain.operations_log import LogEntry
from domain.spreadsheets import safe_cell
from handlers.crm.operation_payload import masked_payload
from handlers.crm.words import STATES, delivery_error_in_words, entry_in_words, error_in_words
from locales import _

FILE_NAME = "operations.csv"
CONTENTS_ROOM = 500


def log_as_csv(entries: Iterable[LogEntry], member: Member) -> bytes:
    """The entries in their order; moments in the member's zone."""
    zone = ZoneInfo(member.time_zone)
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(
        [_("When"), _("What"), _("Lead"), _("State"), _("Failed attempts"), _("Why"), _("Ended"),
         _("Contents"), "id"]
    )  # fmt: skip
    for entry in entries:
        ended = entry.done_at.astimezone(zone).isoformat(" ", "seconds") if entry.done_at else ""
        cells = [
            entry.at.astimezone(zone).isoformat(" ", "seconds"),
            entry_in_words(entry),
            str(entry.lead or ""),
            _(STATES[entry.state][1]) if entry.state in STATES else entry.state,
            str(entry.attempts),
            _why(entry),
            ended,
            _contents(entry)[:CONTENTS_ROOM],
            str(entry.id),
        ]
        writer.writerow([safe_cell(cell) for cell in cells])
    return table.getvalue().encode("utf-8-sig")


def _why(entry: LogEntry) -> str:
    if not entry.error:
        return ""
    if entry.incoming:
        return delivery_error_in_words(entry.error)
    return error_in_words(entry.error, entry.error_reason)


def _contents(entry: LogEntry) -> str:
    return mask_body(entry.payload) if isinstance(entry.payload, bytes) else masked_payload(entry.payload)
