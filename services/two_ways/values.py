"""A lead's fields as texts: canonical ones to compare two sides by, and exact ones to keep and choose from.

The exact text of a stage is our stage's id, of an assignee our member's id; phones and e-mails stand one a
line, the primary first; an amount is followed by its currency. An empty text is an empty field.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from domain.crm import RemoteLead
from domain.errors import BadInput
from domain.fields import NAME_LIMIT, NOTE_LIMIT, read_email, read_inn
from domain.leads import Lead, Money
from domain.phones import read_phone

CRM_NAMES: Mapping[str, str] = {
    "name": "name",
    "company": "company",
    "phone": "phones",
    "email": "emails",
    "inn": "inn",
    "amount": "amount",
    "note": "note",
    "assignee": "assignee_external_id",
}
"""Our words -> fields of CrmLead. The stage goes by the CRM's status instead."""

LIMITS = {"name": NAME_LIMIT, "company": 200, "note": NOTE_LIMIT}


def canonical(values: Mapping[str, Any], status: str, region: str) -> dict[str, str]:
    """`values` as in RemoteLead, by our words; spelling, order and what cannot be read do not count."""
    found = {
        word: _CANONICAL[word](values[name], region) for word, name in CRM_NAMES.items() if name in values
    }
    return {**found, "stage": status}


def _words(value: Any, _region: str) -> str:
    return " ".join(str(value or "").split())


def _listed(kind: str) -> Callable[[Any, str], str]:
    return lambda value, region: "\n".join(sorted(readable(kind, value or (), region)))


def _money(value: Money | None, _region: str) -> str:
    return f"{value.amount:.2f} {value.currency}".strip() if value is not None and value.amount else ""


_CANONICAL: Mapping[str, Callable[[Any, str], str]] = {
    **dict.fromkeys(("name", "company", "inn", "note", "assignee"), _words),
    "phone": _listed("phone"),
    "email": _listed("email"),
    "amount": _money,
}


def readable(kind: str, values: Sequence[str], region: str) -> list[str]:
    """Phones as E.164 or e-mails in lower case, each once; what is neither is left out."""
    found: dict[str, None] = {}
    for value in values:
        try:
            found[read_phone(value, region) if kind == "phone" else read_email(value)] = None
        except BadInput:
            continue
    return list(found)


def exact(lead: Lead) -> dict[str, str]:
    """Our lead's fields."""
    amount = lead.amount
    return {
        "name": lead.name,
        "company": lead.company,
        "phone": "\n".join(lead.phones),
        "email": "\n".join(lead.emails),
        "inn": lead.inn,
        "amount": f"{amount.amount:.2f} {amount.currency}" if amount else "",
        "note": lead.note,
        "stage": str(lead.stage.id),
        "assignee": str(lead.assignee_id or ""),
    }


def exact_there(remote: RemoteLead, ours: Lead, kept: Mapping[str, Any], region: str) -> dict[str, str]:
    """What our fields would be if they followed the record; without stage and assignee, and without what
    cannot be ours. `kept` is what the CRM holds of `ours`: what it has no room for stays."""
    found: dict[str, str] = {}
    for word, name in CRM_NAMES.items():
        if word in _FOLLOWED and name in remote.values:
            value = _FOLLOWED[word](remote.values[name], ours, kept.get(name), region)
            if value is not None:
                found[word] = value
    return found


def _text_there(word: str) -> Callable[[Any, Lead, Any, str], str | None]:
    def follow(value: Any, ours: Lead, _kept: Any, _region: str) -> str | None:
        text = str(value or "").strip()
        text = text if word == "note" else " ".join(text.split())
        other = {"name": ours.company, "company": ours.name}.get(word, "-")
        # a lead must have a name or a company
        return text[: LIMITS[word]] if text or other else None

    return follow


def _inn_there(value: Any, _ours: Lead, _kept: Any, _region: str) -> str | None:
    try:
        return read_inn(str(value)) if value else ""
    except BadInput:
        return None


def _list_there(kind: str) -> Callable[[Any, Lead, Any, str], str | None]:
    def follow(value: Any, ours: Lead, kept: Any, region: str) -> str | None:
        theirs = readable(kind, value or (), region)
        if value and not theirs:
            return None
        here = ours.phones if kind == "phone" else ours.emails
        shown = readable(kind, kept or (), region)
        stay = [one for one in here if one in theirs]
        new = [one for one in theirs if one not in here]
        hidden = [one for one in here if one not in shown and one not in theirs]
        return "\n".join([*stay, *new, *hidden])

    return follow


def _money_there(value: Money | None, ours: Lead, _kept: Any, _region: str) -> str | None:
    if value is None or not value.amount:
        return ""
    currency = value.currency or (ours.amount.currency if ours.amount else "RUB")
    fits = value.amount > 0 and len(currency) == 3 and value.amount <= Decimal("1e12")
    return f"{value.amount:.2f} {currency}" if fits else None


_FOLLOWED: Mapping[str, Callable[[Any, Lead, Any, str], str | None]] = {
    **{word: _text_there(word) for word in ("name", "company", "note")},
    "inn": _inn_there,
    "phone": _list_there("phone"),
    "email": _list_there("email"),
    "amount": _money_there,
}
