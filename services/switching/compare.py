"""Where a lead of ours and its record at another CRM differ. Pure."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from domain.crm import CrmLead, RemoteLead
from domain.leads import Money
from domain.switching import Difference, Differs

COMPARED = frozenset({"company", "inn", "amount", "note", "referral_code"})
"""Fields besides the person and the stage. Words of lists, such as the source, are translated on the way."""

LAST_DIGITS = 10
"""Digits of a phone that count: CRMs write the country's part in many ways."""


def differences(lead: CrmLead, remote: RemoteLead, status: str) -> list[Difference]:
    """What of the lead reads otherwise in the record, which should have the `status`.

    More phones and e-mails there are no difference: people add them.
    """
    found = []
    if lead.name and _words(lead.name) != _words(remote.name):
        found.append(_differs(lead, remote, Differs.FIELD, "name", lead.name, remote.name))
    if _missing(lead.phones, remote.phones, _digits):
        found.append(_listed(lead, remote, "phone", lead.phones, remote.phones))
    if _missing(lead.emails, remote.emails, str.casefold):
        found.append(_listed(lead, remote, "email", lead.emails, remote.emails))
    found += _others(lead, remote)
    if status and remote.status != status:
        found.append(_differs(lead, remote, Differs.STAGE, "stage", status, remote.status))
    return found


def _others(lead: CrmLead, remote: RemoteLead) -> list[Difference]:
    """Fields that the mapping leads back; one that was not read is not known to differ."""
    return [
        _differs(lead, remote, Differs.FIELD, name, _text(getattr(lead, name)), _text(theirs))
        for name, theirs in remote.values.items()
        if name in COMPARED and getattr(lead, name) and _text(getattr(lead, name)) != _text(theirs)
    ]


def without_record(lead: CrmLead, kind: Differs, reason: str = "") -> Difference:
    """The line of a lead that the target does not have."""
    return Difference(lead.number, lead.name or lead.company, kind, theirs=reason)


def _differs(
    lead: CrmLead, remote: RemoteLead, kind: Differs, field: str, ours: str, theirs: str
) -> Difference:
    title = lead.name or lead.company
    return Difference(lead.number, title, kind, field, ours, theirs, remote.ref.url)


def _listed(
    lead: CrmLead, remote: RemoteLead, field: str, ours: Iterable[str], theirs: Iterable[str]
) -> Difference:
    return _differs(lead, remote, Differs.FIELD, field, ", ".join(ours), ", ".join(theirs))


def _missing(ours: Iterable[str], theirs: Iterable[str], plain: Callable[[str], str]) -> bool:
    return bool({plain(one) for one in ours} - {plain(one) for one in theirs})


def _text(value: Any) -> str:
    if isinstance(value, Money):
        return f"{value.amount.normalize():f} {value.currency}"
    return " ".join(str(value).split()) if value is not None else ""


def _words(text: str) -> str:
    return " ".join(text.casefold().split())


def _digits(phone: str) -> str:
    return re.sub(r"\D", "", phone)[-LAST_DIGITS:]
