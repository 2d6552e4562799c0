"""Lists of leads: tabs by owner, a stage filter, pages; every lead is a button."""

from collections.abc import Sequence

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from domain.leads import LeadFilter, LeadPage, Stage
from domain.members import Member, Right
from handlers.buttons import LeadButton, ListButton, MenuButton, short
from handlers.cards import lead_line, stage_name
from handlers.chat import Chat
from handlers.screens import Button, Screen, esc, grid
from locales import N_, _
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
    chat.say(await list_screen(services, member, ListButton(owner=tabs_of(member)[0])))


async def place(_query: CallbackQuery, chat: Chat, member: Member, services: Services) -> None:
    chat.show(await list_screen(services, member, ListButton(owner=tabs_of(member)[0])))


async def turn(
    _query: CallbackQuery, callback_data: ListButton, chat: Chat, member: Member, services: Services
) -> None:
    """Another tab, stage or page."""
    if callback_data.stage == PICK:
        stages = await services.pipeline.stages(member)
        chat.show(_stages_screen(stages, callback_data))
        return
    chat.show(await list_screen(services, member, callback_data))


async def list_screen(services: Services, member: Member, where: ListButton) -> Screen:
    """One page of what the member may see. A tab that is not theirs any more becomes their first one."""
    tabs = tabs_of(member)
    owner = where.owner if where.owner in tabs else tabs[0]
    stages = await services.pipeline.stages(member)
    stage = next((one for one in stages if short(one.id) == where.stage), None)
    chosen = LeadFilter(stage=stage.id if stage else None, owner=owner)
    found = await services.leads.browse(member, chosen, where.page)
    if where.page and not found.leads:
        found = await services.leads.browse(member, chosen, found.pages - 1)
    here = ListButton(owner=owner, stage=short(stage.id) if stage else "", page=found.page)
    return Screen(_text(found, here, stage), _rows(found, here, stage, tabs))


def _text(found: LeadPage, here: ListButton, stage: Stage | None) -> str:
    head = _("📋 <b>Leads: {list}</b>").format(list=_(TABS[here.owner]).lower())
    if stage is not None:
        head += f" · {esc(stage_name(stage))}"
    if not found.leads:
        return head + "\n\n" + _(NONE_AT_STAGE if stage else EMPTY[here.owner])
    lines = [head, _("{count} in all.").format(count=found.total)]
    if found.pages > 1:
        lines[-1] += " " + _("Page {page} of {pages}.").format(page=found.page + 1, pages=found.pages)
    return "\n".join(lines)


def _rows(
    found: LeadPage, here: ListButton, stage: Stage | None, tabs: tuple[str, ...]
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
    label = stage_name(stage) if stage else _("all")
    pick = ListButton(owner=here.owner, stage=PICK)
    rows.append([Button(_("🗂 Stage: {stage}").format(stage=label), pick)])
    new = Button(_("➕ New lead"), MenuButton(place="new_lead"))
    rows.append([new, Button(_("☰ Menu"), MenuButton(place="main"))])
    return rows


def _stages_screen(stages: Sequence[Stage], where: ListButton) -> Screen:
    buttons = [Button(stage_name(one), ListButton(owner=where.owner, stage=short(one.id))) for one in stages]
    every = [Button(_("All stages"), ListButton(owner=where.owner))]
    return Screen(_("🗂 Leads at which stage?"), [*grid(buttons, 2), every])


def routes() -> Router:
    router = Router(name="lead_list")
    router.message.register(command, Command("leads"))
    router.callback_query.register(place, MenuButton.filter(F.place == "leads"))
    router.callback_query.register(turn, ListButton.filter())
    return router
