"""Imports in words: fields, reasons, and what is wrong with a file."""

from collections.abc import Mapping, Sequence

from domain.custom_fields import PREFIX, CustomField
from domain.errors import BadInput
from domain.importing import IGNORE, Duplicates, Import, Verdict, read_reason
from handlers.errors import in_words
from handlers.screens import esc
from locales import N_, _

FIELDS: Mapping[str, str] = {
    "name": N_("Name"),
    "last_name": N_("Last name"),
    "first_name": N_("First name"),
    "middle_name": N_("Middle name"),
    "company": N_("Company"),
    "phone": N_("Phone"),
    "email": N_("E-mail"),
    "inn": N_("INN"),
    "amount": N_("Amount"),
    "note": N_("Note"),
    "stage": N_("Stage"),
    "pipeline": N_("Pipeline"),
    "assignee": N_("Responsible"),
    "tags": N_("Tags"),
    "source": N_("Source"),
    "segment": N_("Segment"),
    "product": N_("Product"),
    "region": N_("Region"),
    "referral_code": N_("Referral code"),
    "created_at": N_("Created on"),
    "utm.source": "utm_source",
    "utm.medium": "utm_medium",
    "utm.campaign": "utm_campaign",
    "utm.content": "utm_content",
    "utm.term": "utm_term",
    IGNORE: N_("— not needed"),
}

FILE: Mapping[str, str] = {
    "too_big": N_("The file is too big: Telegram lets me fetch at most 20 MB. Please split it into parts."),
    "not_fetched": N_("Telegram did not give me the file. Please send it again."),
    "empty": N_("There are no rows in this file."),
    "not_a_table": N_(
        "This is not a table that I can read, whatever its name says. I take CSV and XLSX (Excel 2007 and "
        "newer)."
    ),
    "old_excel": N_(
        "This file is of the old Excel format, or has a password. Please save it as XLSX without a password "
        "and send it again."
    ),
    "too_many_rows": N_("The file has {rows} rows; I take at most {limit} at a time. Please split it."),
    "too_many_columns": N_(
        "The file has {columns} columns; I take at most {limit}. Please delete those you do not need."
    ),
    "unpacks_too_big": N_(
        "Unpacked, this file takes more than {limit} MB. Please save only the rows and columns you need."
    ),
    "broken": N_("I cannot tell the cells apart in row {line}. Please save the table anew as CSV or XLSX."),
}

REASONS: Mapping[str, str] = {
    "name.required": N_("no name and no company"),
    "contact.required": N_("no phone and no e-mail"),
    "phone.invalid": N_("not a phone number"),
    "phone.too_long": N_("too long for a phone number"),
    "phone.rounded": N_("the spreadsheet has rounded this number off, its last digits are lost"),
    "email.invalid": N_("not an e-mail address"),
    "inn.length": N_("an INN has 10 or 12 digits"),
    "inn.checksum": N_("a slip in the INN: its check digits do not fit"),
    "amount.invalid": N_("not an amount"),
    "amount.out_of_range": N_("an amount must be more than zero and at most a trillion"),
    "stage.unknown": N_("no such stage"),
    "stage.several": N_("several pipelines have this stage: a column with the pipeline is needed"),
    "pipeline.unknown": N_("no such pipeline"),
    "assignee.unknown": N_("nobody of this name works here, or they are not yours to choose"),
    "assignee.several": N_("several people have this name"),
    "tags.too_many": N_("too many tags"),
    "created_at.invalid": N_("not a date"),
    "created_at.future": N_("a date in the future"),
}
TOO_LONG, UNREADABLE = N_("too long"), N_("cannot be read")

DUPLICATES: Mapping[Duplicates, str] = {
    Duplicates.SKIP: N_("👥 Known: leave out"),
    Duplicates.UPDATE: N_("👥 Known: update"),
    Duplicates.ASK: N_("👥 Known: ask me"),
}


def field_word(name: str, custom: Sequence[CustomField]) -> str:
    """What a column may be, in words; plain text."""
    if name.startswith(PREFIX):
        return next((one.name for one in custom if one.path == name), name)
    return _(FIELDS[name])


def column_word(one: Import, place: int) -> str:
    """The column as the file calls it; plain text."""
    title = one.header[place] if place < len(one.header) else ""
    return title or _("Column {number}").format(number=place + 1)


def reason_word(one: Import, stored: str) -> str:
    """Why a row is not taken; plain text."""
    reason, column = read_reason(stored)
    if reason.startswith("twin."):
        return _("the same contact stands in row {row}").format(row=reason.removeprefix("twin."))
    field, _dot, why = reason.rpartition(".")
    text = _(REASONS.get(reason, TOO_LONG if why == "too_long" else UNREADABLE))
    if why == "no_such_choice":
        text = _("not one of the choices of this field")
    return f"{column_word(one, column)}: {text}" if column >= 0 and field != "name" else text


def row_word(one: Import, verdict: str, stored: str, number: int) -> str:
    """What became of a row that is not in; plain text."""
    if verdict == Verdict.ASKED.value:
        return _("waits for your decision: lead #{number} has this contact").format(number=number)
    if verdict == Verdict.KNOWN.value:
        return _("lead #{number} has this contact").format(number=number)
    return reason_word(one, stored)


def file_slip(error: BadInput) -> str:
    """What is wrong with the file; HTML."""
    text = FILE.get(error.reason) if error.field == "file" else None
    return esc(_(text).format_map(error.params) if text else in_words(error))
