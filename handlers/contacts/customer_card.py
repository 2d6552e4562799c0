"""A customer on the screen: the card with what the member may do, and the ways to and from it."""

from uuid import UUID

from domain import slots
from domain.customers import Customer
from domain.members import Member, Right
from domain.phones import show_phone
from domain.plans import Subject
from handlers.buttons import CustomerButton, CustomersButton, LeadButton, MenuButton
from handlers.cards import clip, moment
from handlers.planning.buttons import plans_of
from handlers.planning.next_lines import customer_next_lines
from handlers.screens import Button, Screen
from locales import _
from services.registry import Services

NOTE_ROOM = 1500


def customer_title(customer: Customer) -> str:
    """Number and name, safe inside HTML."""
    return f"#{customer.number} · {clip(customer.title, 300)}"


def to_customer(customer_id: UUID) -> list[Button]:
    """The row that leads back to the card."""
    return [Button(_("⬅️ To the customer"), CustomerButton(do="open", customer=customer_id))]


def ways() -> list[Button]:
    """The bottom row of a customer's screen."""
    return [
        Button(_("🤝 Customers"), CustomersButton(do="page")),
        Button(_("☰ Menu"), MenuButton(place="main")),
    ]


async def customer_card(services: Services, member: Member, customer: Customer) -> Screen:
    """The customer with what the member may do."""
    lines = [f"🤝 <b>{customer_title(customer)}</b>"]
    if customer.company and customer.company != customer.title:
        lines.append(f"🏢 {clip(customer.company, 400)}")
    lines += [f"📞 {show_phone(one)}" for one in customer.phones[:5]]
    lines += [f"✉️ {clip(one, 120)}" for one in customer.emails[:3]]
    if customer.inn:
        lines.append(_("INN {inn}").format(inn=customer.inn))
    for one in (await services.customers.contacts(member, customer.id))[:5]:
        parts = [
            clip(one["name"], 100),
            clip(one["position"], 60),
            show_phone(one["phone"]) if one["phone"] else "",
        ]
        lines.append("👥 " + ", ".join(part for part in parts if part))
    if customer.note:
        lines.append(f"📝 {clip(customer.note, NOTE_ROOM)}")
    lines += await customer_next_lines(services, member, customer)
    who = clip(customer.assignee_name, 100) or _("nobody")
    lines += ["", _("👤 Responsible: {name}").format(name=who)]
    lines.append(_("📨 Customer since {at}").format(at=moment(customer.created_at, member)))
    slot = slots.about_customer(customer.id)
    return Screen("\n".join(lines), _card_rows(member, customer), slot=slot)


def _card_rows(member: Member, customer: Customer) -> list[list[Button]]:
    first: list[Button] = []
    if customer.phones:
        first.append(Button(_("📞 Call"), CustomerButton(do="call", customer=customer.id)))
    if member.may(Right.LEAD_WORK):
        first.append(Button(_("🗓 Plan"), plans_of(Subject("customer", customer.id))))
        first.append(Button(_("✏️ Edit"), CustomerButton(do="edit", customer=customer.id)))
    rows = [first]
    if member.may(Right.LEAD_WORK):
        rows.append([Button(_("🎁 Bonuses"), CustomerButton(do="bonus", customer=customer.id))])
    if customer.lead_id is not None:
        opened = LeadButton(do="open", lead=customer.lead_id)
        rows.append([Button(_("📄 Its lead #{number}").format(number=customer.lead_number), opened)])
    return [*rows, ways()]
