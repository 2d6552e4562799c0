"""The values of an organization's own fields on one lead, a line each."""

from collections.abc import Sequence

from domain.custom_fields import CustomField
from domain.leads import Lead
from handlers.cards import clip
from handlers.fields.words import shown_value

ROOM = 200


def value_lines(lead: Lead, known: Sequence[CustomField], *, empty: bool = False) -> list[str]:
    """A line for each field that has a value, or for each; safe inside HTML."""
    return [
        f"{clip(one.name, 64)}: {clip(shown_value(one, kept), ROOM) if kept else '—'}"
        for one in known
        if (kept := lead.custom.get(one.key, "")) or empty
    ]
