"""A shared contact card as a draft."""

from aiogram.types import Contact

from domain.errors import BadInput
from domain.fields import NAME_LIMIT, read_email
from domain.leads import LeadDraft
from domain.phones import read_phone
from domain.vcards import Card, read_vcard


def read_contact(shared: Contact, region: str) -> LeadDraft:
    """A shared contact as a draft; further numbers and e-mails of its vCard come along.

    What cannot be read of the further ones goes into the note. Raises nothing.
    """
    card = read_vcard(shared.vcard) if shared.vcard else Card()
    number = shared.phone_number if shared.phone_number.startswith("+") else f"+{shared.phone_number}"
    phones, odd = {_phone(number, region): number}, list[str]()
    for typed in card.phones:
        value = _phone(typed, region)
        if value:
            phones.setdefault(value, typed)
        else:
            odd.append(typed)
    emails = [email for email in card.emails if _is_email(email)]
    odd += [email for email in card.emails if email not in emails]
    known = [typed for value, typed in phones.items() if value]
    name = " ".join(part for part in (shared.first_name, shared.last_name or "") if part) or card.name
    return LeadDraft(
        name=name[:NAME_LIMIT],
        company=card.company[:200],
        phones=tuple(known or [number]),
        emails=tuple(emails),
        note="\n".join(part for part in (card.note, *odd) if part),
        source="contact",
    )


def _phone(typed: str, region: str) -> str:
    try:
        return read_phone(typed, region)
    except BadInput:
        return ""


def _is_email(typed: str) -> bool:
    try:
        return bool(read_email(typed))
    except BadInput:
        return False
