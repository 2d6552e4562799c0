"""The lead or customer that something is planned for: the way to its card, and a screen's slot."""

from domain import slots
from domain.plans import Subject
from handlers.buttons import CustomerButton, LeadButton
from handlers.screens import Button
from locales import _


def way_to(of: Subject) -> Button:
    """Opens its card."""
    if of.kind == "customer":
        return Button(_("🤝 To the customer"), CustomerButton(do="open", customer=of.id))
    return Button(_("📄 To the lead"), LeadButton(do="open", lead=of.id))


def slot_of(of: Subject | None) -> str:
    """The slot of a screen that is about it: what is said next is about it too."""
    if of is None:
        return ""
    return slots.about_customer(of.id) if of.kind == "customer" else slots.about(of.id)
