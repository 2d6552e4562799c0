"""An organization's own fields in words: their types, and their values in the reader's language."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

from babel.dates import format_date
from babel.numbers import format_decimal

from domain.custom_fields import CustomField, FieldType
from domain.custom_values import Value, value_of
from domain.leads import Money
from domain.phones import show_phone
from handlers.cards import money
from locales import N_, _, current_language

TYPES: dict[FieldType, str] = {
    FieldType.TEXT: N_("🔤 Text"),
    FieldType.NUMBER: N_("🔢 Number"),
    FieldType.MONEY: N_("💰 Money"),
    FieldType.DATE: N_("📅 Date"),
    FieldType.YES_NO: N_("☑️ Yes or no"),
    FieldType.CHOICE: N_("🔘 One of several"),
    FieldType.CHOICES: N_("🗂 Several of many"),
    FieldType.PHONE: N_("📞 Phone"),
    FieldType.FILE: N_("📎 File"),
}
HINTS: dict[FieldType, str] = {
    FieldType.TEXT: N_("Type it."),
    FieldType.NUMBER: N_("A number, for example: 12 or 3.5"),
    FieldType.MONEY: N_("An amount, for example: 3 million"),
    FieldType.DATE: N_("A date, for example: 25.12.2026"),
    FieldType.YES_NO: N_("Choose an answer."),
    FieldType.CHOICE: N_("Choose one."),
    FieldType.CHOICES: N_("Choose as many as you like, then press Done."),
    FieldType.PHONE: N_("A phone, for example: +7 999 123-45-67"),
    FieldType.FILE: N_("Send a photo, a document or a voice note."),
}


def type_name(kind: FieldType) -> str:
    return _(TYPES[kind])


def yes_no(value: bool) -> str:
    return _("Yes") if value else _("No")


def shown_value(one: CustomField, kept: str) -> str:
    """A kept value as people read it, plain text; what does not fit the field's type as it is."""
    value = value_of(one, kept)
    if one.type is FieldType.PHONE:
        return show_phone(kept)
    speak = next((speak for kind, speak in _SPEAKERS.items() if isinstance(value, kind)), None)
    return speak(value) if speak is not None else kept


def shown_by_key(fields: Mapping[str, CustomField], key: str, kept: str) -> str:
    """The same where the field may be gone."""
    return shown_value(fields[key], kept) if key in fields else kept


def _date(value: Value) -> str:
    assert isinstance(value, date)
    return format_date(value, "d MMM y", locale=current_language())


def _number(value: Value) -> str:
    assert isinstance(value, Decimal)
    return format_decimal(value, format="#,##0.##########", locale=current_language())


def _money(value: Value) -> str:
    assert isinstance(value, Money)
    return money(value)


def _choices(value: Value) -> str:
    assert isinstance(value, tuple)
    return ", ".join(value)


_SPEAKERS: Mapping[type, Callable[[Value], str]] = {
    bool: lambda value: yes_no(bool(value)),
    date: _date,
    Decimal: _number,
    Money: _money,
    tuple: _choices,
}
