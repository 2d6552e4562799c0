"""What would go to a CRM: a screen for people, and the exact requests as a document."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from domain.leads import LeadDraft
from domain.trials import NEW, Outcome, Trial
from handlers.cards import clip
from handlers.screens import esc
from locales import N_, _, ngettext
from services.delivery.preview import Preview

FILE_NAME = "preview.json"
BODY_ROOM = 900
SHOWN = 3
"""Requests of which the screen shows the contents; the file has them all."""

OUTCOMES: Mapping[Outcome, str] = {
    Outcome.CREATE: N_("A new record would be made."),
    Outcome.UPDATE: N_("Its record there would be brought up to date."),
    Outcome.ADOPT: N_("The record with the same contact there would be taken over."),
    Outcome.ASK: N_("Several records there have this contact: you would be asked which one it is."),
    Outcome.NOTHING: N_("Nothing would be written."),
}


def sample_lead() -> LeadDraft:
    """A lead that nobody would take for a real one, in the current language."""
    return LeadDraft(
        name=_("Anna Sample"),
        company=_("Sample Ltd"),
        phones=("+79990000001",),
        emails=("anna@example.com",),
        amount=Decimal(150_000),
        note=_("A sample lead: it shows what goes to the CRM."),
        source="website",
    )


def about_of(preview: Preview) -> str:
    """Which lead it is about; plain text."""
    if not preview.number:
        return _("A sample lead: {name}").format(name=preview.title)
    return _("Lead #{number}: {name}").format(number=preview.number, name=preview.title)


def trial_lines(trial: Trial) -> list[str]:
    """What would become of it, and the requests with their contents as far as a message holds them."""
    lines = [_(OUTCOMES[trial.outcome])]
    for number, request in enumerate(trial.requests, 1):
        lines += ["", f"{number}. <code>{esc(request['method'])} {clip(request['url'], 300)}</code>"]
        if number <= SHOWN:
            lines.append(f"<pre>{clip(_pretty(request['body']), BODY_ROOM)}</pre>")
    if any(str(NEW) in _pretty(request) for request in trial.requests):
        lines += ["", _("{number} stands for an id that the CRM will give.").format(number=NEW)]
    return lines


def counted(trial: Trial) -> str:
    """How many requests it would take."""
    said = ngettext("{count} request, nothing sent", "{count} requests, nothing sent", len(trial.requests))
    return said.format(count=len(trial.requests))


def as_file(crm: str, about: str, trials: Sequence[Trial]) -> bytes:
    """The requests as JSON: method, address, headers and body of each, secrets hidden."""
    shown = {"crm": crm, "lead": about, "writes": [trial.as_json() for trial in trials]}
    return _pretty(shown).encode()


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
