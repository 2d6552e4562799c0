"""Lists of leads: tabs by owner, what is chosen or looked for, pages; every lead is a button."""

from collections.abc import Sequence

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from domain.lead_query import FoundPage, LeadQuery
from domain.members import Member, Right
from domain.pipelines import Pipeline
from handlers.buttons import FilterButton, LeadButton, ListButton, MenuButton, PickButton, short
from handlers.cards import lead_line
from handlers.chat import Chat
from handlers.exporting.exporting import export_button
from handlers.finding.places import is_view, pack_place, place_of, query_at
from handlers.finding.query_words import Chip, chips_of
from handlers.pipelines.words import place_name
from handlers.screens import Button, Screen, esc, grid
from locales import N_, _, ngettext
from services.finding.views import mark_of
from services.registry import Services

TABS: dict[str, str] = {
    "all": N_("All"),
    "mine": N_("Mine"),
    "unassigned": N_("Free"),
    "sent": N_("Sent by me"),
}
EMPTY: dict[str, str] = {
    "all": N_("No leads yet. Write one here in a line: a name, a phone, what it is about."),
    "mine": N_("You have taken no lead yet. Look into “Free” and press Take."),
    "unassigned": N_("No free leads: all are taken. New ones come to you as a message."),
    "sent": N_("You have sent no lead yet. Write one here in a line: a name, a phone, what it is about."),
}
NONE_AT_STAGE = N_("No leads here. Choose another stage.")
NONE_CHOSEN = N_("No lead fits all of this. Take a condition back: ⚙️ Filter.")
NONE_FOUND = N_(
    "Nothing found. Try a part of the name, the last four digits of the phone, or the lead's number."
)
PICK = "pick"
"""In the place of a stage: show the stages to choose from."""


def tabs_of(member: Member) -> tuple[str, ...]:
    """The lists that make sense for the member, the default one first."""
    return ("all", "mine", "unassigned", "sent") if member.may(Right.LEAD_WORK) else ("sent",)


def pack(button: ListButton) -> str:
    """A place in a list as the `extra` of a lead's button: at most 18 characters."""
    return f"{list(TABS).index(button.owner)}.{min(button.page, 999)}.{button.stage}"


def list_button(packed: str) -> ListButton | None:
    """The place that `pack` wrote; None for anything else."""
    tab, _dot, rest = packed.partition(".")
    page, _dot, stage = rest.partition(".")
    if not (tab.isdigit() and page.isdigit() and int(tab) < len(TABS)):
        return None
    return ListButton(owner=list(TABS)[int(tab)], stage=stage, page=int(page))


async def command(_message: Message, chat: Chat, member: Member, services: Services) -> None:
    chat.say(await list_screen(services, member, await _beginning(services, member)))


async def place(_query: CallbackQuery, chat: Chat, member: Member, services: Services) -> None:
    chat.show(await list_screen(services, member, await _beginning(services, member)))


async def _beginning(services: Services, member: Member) -> ListButton:
    """The view that the member begins with, or the first tab."""
    view = await services.views.default(member)
    tab = tabs_of(member)[0]
    if view is None:
        return ListButton(owner=tab)
    owner = view.query.owner if view.query.owner in tabs_of(member) else tab
    return ListButton(owner=owner, stage=mark_of(view.id))


async def turn(
    _query: CallbackQuery, callback_data: ListButton, chat: Chat, member: Member, services: Services
) -> None:
    """Another tab, stage or page."""
    if callback_data.stage == PICK:
        chat.show(_stages_screen(await services.pipeline.pipelines(member), callback_data))
        return
    if is_view(callback_data.stage) and await query_at(services, member, callback_data) is None:
        chat.toast(_("What was chosen here is long ago and forgotten: this is the whole list."))
    chat.show(await list_screen(services, member, callback_data))


async def list_screen(services: Services, member: Member, where: ListButton) -> Screen:
    """One page of what the member may see. A tab that is not theirs any more becomes their first one."""
    tabs = tabs_of(member)
    owner = where.owner if where.owner in tabs else tabs[0]
    at = where.model_copy(update={"owner": owner})
    query = await query_at(services, member, at) or LeadQuery(owner=owner)
    found = await services.finding.find(member, query, where.page)
    # the place a saved view or a stage already has stays: only a forgotten one becomes the whole list
    known = at if where.stage and not query.is_plain else await place_of(services, member, query)
    here = known.model_copy(update={"page": found.page})
    chips = await chips_of(services, member, query)
    return Screen(_text(found, here, query, chips), _rows(found, here, query, chips, tabs))


def _text(found: FoundPage, here: ListButton, query: LeadQuery, chips: list[Chip]) -> str:
    if query.text:
        head = _("🔎 <b>Leads by “{text}”</b>").format(text=esc(query.text))
        chips = [chip for chip in chips if chip[0] != "text"]
    else:
        head = _("📋 <b>Leads: {list}</b>").format(list=_(TABS[here.owner]).lower())
    head = " · ".join([head, *(esc(words) for _name, words in chips)])
    if not found.leads:
        return head + "\n\n" + _(_none(query, here))
    lines = [head, _count(found, query)]
    if found.pages > 1:
        lines[-1] += " " + _("Page {page} of {pages}.").format(page=found.page + 1, pages=found.pages)
    return "\n".join(lines)


def _none(query: LeadQuery, here: ListButton) -> str:
    if query.text:
        return NONE_FOUND
    if query.is_plain:
        return EMPTY[here.owner]
    return NONE_CHOSEN if is_view(here.stage) else NONE_AT_STAGE


def _count(found: FoundPage, query: LeadQuery) -> str:
    if found.one_off:
        text = ngettext("{count} found, one letter off.", "{count} found, one letter off.", found.total)
        return text.format(count=found.total)
    if found.more:
        return _("More than {count} found, the best are here: add a word.").format(count=found.total)
    if query.text:
        return ngettext("{count} found.", "{count} found.", found.total).format(count=found.total)
    return _("{count} in all.").format(count=found.total)


def _rows(
    found: FoundPage, here: ListButton, query: LeadQuery, chips: list[Chip], tabs: tuple[str, ...]
) -> list[list[Button]]:
    rows = [
        [Button(lead_line(lead), LeadButton(do="open", lead=lead.id, extra=pack(here)))]
        for lead in found.leads
    ]
    turning = []
    if here.page:
        turning.append(Button("⬅️", here.model_copy(update={"page": here.page - 1})))
    if here.page + 1 < found.pages:
        turning.append(Button("➡️", here.model_copy(update={"page": here.page + 1})))
    rows.append(turning)
    if len(tabs) > 1:
        marked = [("• " if tab == here.owner else "") + _(TABS[tab]) for tab in tabs]
        buttons = [
            Button(label, ListButton(owner=tab, stage=here.stage))
            for label, tab in zip(marked, tabs, strict=True)
        ]
        rows += grid(buttons, 4)
    rows += _choosing(here, query, chips, bool(found.leads) and len(tabs) > 1)
    new = Button(_("➕ New lead"), MenuButton(place="new_lead"))
    rows.append([new, Button(_("☰ Menu"), MenuButton(place="main"))])
    return rows


def _choosing(here: ListButton, query: LeadQuery, chips: list[Chip], many: bool) -> list[list[Button]]:
    """How to narrow the list down, to widen it again, and to take many of it."""
    place = pack_place(here)
    stage = next((words for name, words in chips if name == "stage"), _("all"))
    pick = FilterButton(do="ask", place=place, name="stage")
    if not is_view(here.stage):
        pick_stage: ListButton | FilterButton = ListButton(owner=here.owner, stage=PICK)
    else:
        pick_stage = pick
    first = [
        Button(_("🗂 Stage: {stage}").format(stage=stage), pick_stage),
        Button(_("⚙️ Filter"), FilterButton(do="panel", place=place)),
    ]
    second = [Button(_("🔎 Find"), MenuButton(place="find"))]
    if many:
        second.append(Button(_("☑️ Select"), PickButton(do="start", place=place, page=here.page)))
        second.append(export_button(place))
    if not query.is_plain:
        second.append(Button(_("✖️ Reset"), ListButton(owner=here.owner)))
    return [first, second]


def _stages_screen(pipelines: Sequence[Pipeline], where: ListButton) -> Screen:
    buttons = [
        Button(place_name(stage, pipelines), ListButton(owner=where.owner, stage=short(stage.id)))
        for one in pipelines
        for stage in one.stages
    ]
    every = [Button(_("All stages"), ListButton(owner=where.owner))]
    return Screen(_("🗂 Leads at which stage?"), [*grid(buttons, 2), every])


def routes() -> Router:
    router = Router(name="lead_list")
    router.message.register(command, Command("leads"))
    router.callback_query.register(place, MenuButton.filter(F.place == "leads"))
    router.callback_query.register(turn, ListButton.filter())
    return router
