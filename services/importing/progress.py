"""How people learn of an import: one message with a bar, and one alert at the end."""

from uuid import UUID

PROGRESS = "import.progress"
"""Edits the card of the import in place."""

DONE = "import.done"
"""The one alert, with what has become of the rows."""


def slot_of(import_id: UUID) -> str:
    return f"import:{import_id}"
