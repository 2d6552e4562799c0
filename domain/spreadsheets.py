"""Cells that a spreadsheet shows and never carries out."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def safe_cell(text: str) -> str:
    """The text for a CSV: what a spreadsheet would take for a formula gets an apostrophe in front, phones
    too, as else "+7916..." is a sum."""
    return f"'{text}" if text.startswith(_FORMULA) else text
