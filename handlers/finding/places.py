"""A place in the list of leads inside a button: its tab, and what is chosen besides."""

from domain.lead_query import OWNERS, LeadQuery
from domain.members import Member
from handlers.buttons import ListButton, short
from services.registry import Services


def pack_place(here: ListButton) -> str:
    """The place without its page, in at most 14 characters."""
    return f"{OWNERS.index(here.owner)}.{here.stage}"


def list_at(packed: str, page: int = 0) -> ListButton:
    """The place that `pack_place` wrote; the first list for anything else."""
    tab, _dot, chosen = packed.partition(".")
    owner = OWNERS[int(tab)] if tab.isdigit() and int(tab) < len(OWNERS) else OWNERS[0]
    return ListButton(owner=owner, stage=chosen[:12], page=max(page, 0))


def is_view(chosen: str) -> bool:
    """Whether what is chosen besides the tab is a view's mark; otherwise it is a stage's."""
    return chosen.startswith("v")


async def query_at(services: Services, member: Member, where: ListButton) -> LeadQuery | None:
    """What the list at this place shows; None for a view that is forgotten or not the member's."""
    if is_view(where.stage):
        return await services.views.opened(member, where.stage, where.owner)
    for stage in await services.pipeline.stages(member) if where.stage else ():
        if short(stage.id) == where.stage:
            return LeadQuery(owner=where.owner, stage=stage.id)
    return LeadQuery(owner=where.owner)


async def place_of(services: Services, member: Member, query: LeadQuery, page: int = 0) -> ListButton:
    """Where the list shows the query; one that is more than a tab and a stage is remembered as a view."""
    if query.is_plain:
        return ListButton(owner=query.owner, page=page)
    if query == LeadQuery(owner=query.owner, stage=query.stage) and query.stage is not None:
        return ListButton(owner=query.owner, stage=short(query.stage), page=page)
    mark = await services.views.place(member, query)
    return ListButton(owner=query.owner, stage=mark, page=page)
