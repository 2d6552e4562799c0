"""Screens about what CRMs change: two values to choose from, a deleted record, whose word counts."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from uuid import UUID

from domain.conflicts import OPEN, OURS, SUPERSEDED, THEIRS
from domain.delivery import GONE_THERE
from domain.leads import Lead, Money, Stage
from domain.members import Member, Right
from domain.phones import show_phone
from domain.two_ways import Owner
from handlers.buttons import ConflictButton, DeletionButton, MenuButton, OwnershipButton
from handlers.cards import clip, lead_title, moment, money, stage_name
from handlers.leads.lead_history import FIELDS
from handlers.leads.lead_screens import act, to_lead
from handlers.menu import to_menu
from handlers.screens import Button, Screen, esc, grid
from locales import N_, _
from services.two_ways.conflicts import ConflictView

ROOM = 600

OWNERS: Mapping[Owner, str] = {
    Owner.LAST: N_("🕓 The later change"),
    Owner.OURS: N_("🤖 Ours"),
    Owner.CRM: N_("🔌 The CRM's"),
    Owner.APART: N_("↔️ Each its own"),
}
ENDS: Mapping[str, str] = {
    OURS: N_("✅ {name} chose our value."),
    THEIRS: N_("✅ {name} chose the CRM's value."),
    SUPERSEDED: N_("➖ The field has changed again on both sides: there is a newer card."),
}
NOW: Mapping[str, str] = {
    OURS: N_("Ours holds for now, as the later one."),
    THEIRS: N_("The CRM's holds for now, as the later one."),
    "": N_("Neither holds by now: the field has been changed again."),
}


def field_word(name: str) -> str:
    """A field's name on the screen."""
    return _(FIELDS[name])


def conflict_screen(
    view: ConflictView, member: Member, stages: Mapping[str, Stage], people: Mapping[str, str]
) -> Screen:
    """Both values with their moments, and the two buttons while nobody has chosen. `stages` and `people`
    (names) go by their ids as texts."""
    conflict = view.conflict
    speak = _speaker(conflict.field, stages, people)
    lines = [
        _("⚖️ <b>{lead}</b>").format(lead=lead_title(view.lead)),
        _("“{field}” was changed both here and in {crm}.").format(
            field=field_word(conflict.field), crm=esc(view.crm)
        ),
        "",
        _("Ours, {time}:").format(time=moment(conflict.ours_at, member)),
        f"<b>{clip(speak(conflict.ours), ROOM)}</b>",
        _("{crm}, {time}:").format(crm=esc(view.crm), time=moment(conflict.theirs_at, member)),
        f"<b>{clip(speak(conflict.theirs), ROOM)}</b>",
        "",
    ]
    rows: list[list[Button]] = []
    if conflict.verdict == OPEN:
        lines.append(_(NOW[view.stands]))
        if view.stands:
            keep = ConflictButton(do=OURS, conflict=conflict.id)
            take = ConflictButton(do=THEIRS, conflict=conflict.id)
            rows.append([Button(_("Keep ours"), keep), Button(_("Take theirs"), take)])
    else:
        lines.append(_(ENDS[conflict.verdict]).format(name=esc(conflict.decided_by or "—")))
    rows.append(to_lead(view.lead.id))
    if member.may(Right.CRM_MANAGE):
        rows.append([Button(_("⚖️ Whose word counts"), MenuButton(place="ownership"))])
    return Screen("\n".join(lines), rows, slot=conflict_slot(conflict.id))


def conflict_slot(conflict_id: UUID) -> str:
    return f"conflict:{conflict_id}"


def _speaker(name: str, stages: Mapping[str, Stage], people: Mapping[str, str]) -> Callable[[str], str]:
    def listed(value: str) -> str:
        return ", ".join(show_phone(one) if name == "phone" else one for one in value.split("\n"))

    def amount(value: str) -> str:
        number, _space, currency = value.partition(" ")
        return money(Money(Decimal(number), currency))

    ways: Mapping[str, Callable[[str], str]] = {
        "stage": lambda value: stage_name(stages[value]) if value in stages else value,
        "assignee": lambda value: people.get(value, "—"),
        "phone": listed,
        "email": listed,
        "amount": amount,
    }
    speak = ways.get(name, str)
    return lambda value: speak(value) if value else _("nothing")


def deleted_screen(lead: Lead, link_id: UUID, mark: str, crm: str) -> Screen:
    """The record of a lead was deleted in the CRM; the three ways while nobody has decided."""
    head = _("🗑 <b>{lead}</b>").format(lead=lead_title(lead))
    told = _("Its record was deleted in {crm}. The lead is safe here.").format(crm=esc(crm or "CRM"))
    if mark != GONE_THERE:
        return Screen(
            "\n".join([head, told, "", _("✅ This has been decided.")]),
            [to_lead(lead.id)],
            slot=deleted_slot(link_id),
        )
    rows = [
        [Button(_("📤 Send again"), DeletionButton(do="again", link=link_id))],
        [Button(_("🙈 Leave it out"), DeletionButton(do="leave", link=link_id))],
        [Button(_("🔴 Close it here too"), DeletionButton(do="close", link=link_id))],
        to_lead(lead.id),
    ]
    text = "\n".join([head, told, "", _("What shall become of it?")])
    return Screen(text, rows, slot=deleted_slot(link_id))


def deleted_slot(link_id: UUID) -> str:
    return f"deleted:{link_id}"


def merged_screen(lead: Lead, other: Lead) -> Screen:
    """Two leads of ours have become one record there."""
    text = _(
        "🔗 <b>Two leads became one in the CRM</b>\n{lead}\n{other}\n\n"
        "The record of the first was merged into that of the second. Both stay here; changes of the first "
        "do not go to the CRM any more."
    )
    rows = [to_lead(lead.id), to_lead(other.id)]
    return Screen(text.format(lead=lead_title(lead), other=lead_title(other)), rows)


def duplicate_screen(lead: Lead, other: Lead, *, knows: bool) -> Screen:
    """The CRM knows a new lead's contacts as another lead's; `knows` whether the reader may see that one."""
    text = _(
        "🔀 <b>Perhaps the same person</b>\n{lead}\n{other}\n\n"
        "In the CRM the phone or e-mail of the first stands in the record of the second. The first has got a "
        "record of its own. Look at both, and merge them if they are one."
    )
    named = lead_title(other) if knows else _("Lead #{number} of somebody else").format(number=other.number)
    rows = [to_lead(lead.id)]
    if knows:
        rows += [to_lead(other.id), [act(_("🔀 Merge them"), "with", lead, str(other.number))]]
    return Screen(text.format(lead=lead_title(lead), other=named), rows)


def ownership_screen(owners: Mapping[str, Owner]) -> Screen:
    """Every field with its owner; a press on a field asks anew."""
    text = _(
        "⚖️ <b>Whose word counts</b>\nWhen a field is changed both here and in the CRM.\n\n"
        "🕓 the later change wins, and you are asked\n"
        "🤖 ours: a change in the CRM is put right\n"
        "🔌 the CRM's: ours follows, and is never sent\n"
        "↔️ each its own: changes in the CRM stay there"
    )
    marks = {owner: _(words).split(" ", 1)[0] for owner, words in OWNERS.items()}
    buttons = [
        Button(f"{marks[owner]} {field_word(name)}", OwnershipButton(name=name))
        for name, owner in owners.items()
    ]
    return Screen(text, [*grid(buttons, 2), [Button(_("🔌 CRM"), MenuButton(place="crm")), *to_menu()]])


def owner_screen(name: str, now: Owner) -> Screen:
    """The four owners of one field."""
    text = _("⚖️ <b>{field}</b>\nWhose word counts?").format(field=field_word(name))
    rows = [
        [Button(f"• {_(words)}" if owner is now else _(words), OwnershipButton(name=name, owner=owner.value))]
        for owner, words in OWNERS.items()
    ]
    return Screen(text, [*rows, [Button(_("⬅️ Back"), MenuButton(place="ownership"))]])
