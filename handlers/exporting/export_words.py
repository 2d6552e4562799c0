"""Columns of an exported list, in words."""

from locales import N_, _

TITLES = {
    "number": N_("No."),
    "name": N_("Name"),
    "company": N_("Company"),
    "phone": N_("Phone"),
    "email": N_("E-mail"),
    "inn": N_("INN"),
    "amount": N_("Amount"),
    "currency": N_("Currency"),
    "pipeline": N_("Pipeline"),
    "stage": N_("Stage"),
    "assignee": N_("Responsible"),
    "sender": N_("Sender"),
    "source": N_("Source"),
    "segment": N_("Segment"),
    "product": N_("Product"),
    "region": N_("Region"),
    "tags": N_("Tags"),
    "note": N_("Note"),
    "created_at": N_("Created on"),
    "updated_at": N_("Changed on"),
    "taken_at": N_("Taken on"),
    "referral_code": N_("Referral code"),
}


def column_word(name: str) -> str:
    """The heading of a column that is not an own field; plain text."""
    return _(TITLES[name]) if name in TITLES else name.replace(".", "_")
