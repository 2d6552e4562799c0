"""The list of leads as one picks from it: every lead a tick, and what can be done to all that are ticked."""

from domain.bulk import Picked
from domain.lead_query import FoundPage, LeadQuery
from domain.members import Member
from handlers.buttons import ListButton, PickButton
from handlers.cards import lead_line
from handlers.finding.places import list_at, query_at
from handlers.screens import Button, Screen, grid
from locales import N_, _, ngettext
from services.registry import Services

ACTS: dict[str, str] = {
    "assign": N_("👤 Assign"),
    "stage": N_("🗂 Stage"),
    "tag": N_("🏷 Tag"),
    "untag": N_("🏷 Untag"),
    "delete": N_("🗑 Delete"),
}


async def picking_screen(services: Services, member: Member, place: str, page: int) -> Screen:
    """One page of the list with ticks."""
    here, found = await _found(services, member, place, page)
    picked = await services.picking.picked(member)
    return Screen(_text(found, picked), _rows(found, picked, here, place))


async def numbers_on(services: Services, member: Member, place: str, page: int) -> list[int]:
    """The numbers of the leads on a page."""
    _here, found = await _found(services, member, place, page)
    return [lead.number for lead in found.leads]


async def _found(services: Services, member: Member, place: str, page: int) -> tuple[ListButton, FoundPage]:
    here = list_at(place, page)
    query = await query_at(services, member, here) or LeadQuery(owner=here.owner)
    found = await services.finding.find(member, query, page)
    return here.model_copy(update={"page": found.page}), found


def back_to_picking(place: str) -> list[Button]:
    return [Button(_("⬅️ Back"), PickButton(do="show", place=place)), Button(_("✖️ Done"), list_at(place))]


def _text(found: FoundPage, picked: Picked) -> str:
    lines = [_("☑️ <b>Pick leads</b>")]
    if picked.total:
        said = ngettext("{count} lead is picked.", "{count} leads are picked.", picked.total)
        lines.append(said.format(count=picked.total))
    else:
        lines.append(_("Tap the leads, then say what to do with all of them."))
    if found.pages > 1:
        lines[-1] += " " + _("Page {page} of {pages}.").format(page=found.page + 1, pages=found.pages)
    return "\n".join(lines)


def _rows(found: FoundPage, picked: Picked, here: ListButton, place: str) -> list[list[Button]]:
    def button(text: str, do: str, extra: str = "", page: int = here.page) -> Button:
        return Button(text, PickButton(do=do, place=place, page=page, extra=extra))

    rows = [
        [button(("✅ " if picked.has(lead.number) else "▫️ ") + lead_line(lead), "toggle", str(lead.number))]
        for lead in found.leads
    ]
    turning = [button("⬅️", "show", page=here.page - 1)] if here.page else []
    if here.page + 1 < found.pages:
        turning.append(button("➡️", "show", page=here.page + 1))
    whole = ngettext("All {count}", "All {count}", found.total).format(count=found.total)
    ticks = [button(_("This page"), "page_all"), button(whole, "every")]
    if picked.total:
        ticks.append(button(_("None"), "none"))
    acts = [button(_(label), "act", action) for action, label in ACTS.items()] if picked.total else []
    return [*rows, turning, ticks, *grid(acts, 3), [Button(_("✖️ Done"), here)]]
