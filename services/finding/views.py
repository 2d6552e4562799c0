"""Views of the list of leads: what its buttons stand for, and those that people name and keep."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from domain.errors import BadInput, NotFound
from domain.fields import read_text
from domain.lead_query import LeadQuery, query_of
from domain.members import Member, Right
from services.access import needs
from services.audit.recorded import recorded
from services.clock import Clock
from storage.db import Database, Session
from storage.finding import views as rows
from storage.finding.views import View
from storage.ids import new_id
from storage.messages.held_notices import leads_told

NAME_LIMIT = 40
MOST = 20


@dataclass(frozen=True, slots=True)
class SavedView:
    """`own`: the member made it, or may change shared ones. `default`: their list begins with it."""

    id: UUID
    name: str
    query: LeadQuery
    shared: bool
    own: bool
    default: bool = False


def mark_of(view_id: UUID) -> str:
    """A view in a button, of 12 characters."""
    return "v" + view_id.hex[-11:]


class Views:
    """Use cases on views."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db, self.clock = db, clock

    @needs(Right.LEAD_SEE_OWN)
    async def place(self, member: Member, query: LeadQuery) -> str:
        """The mark by which buttons of this member lead to the query; the owner is left to the buttons."""
        chosen = query.without("owner").as_json()
        async with self.db.transaction(member.organization_id) as s:
            return mark_of(await rows.keep_place(s, member.id, chosen, self.clock()))

    @needs(Right.LEAD_SEE_OWN)
    async def opened(self, member: Member, mark: str, owner: str) -> LeadQuery | None:
        """What the mark stands for, on the list of `owner`; None for one that is forgotten, or somebody
        else's."""
        async with self.db.reading(member.organization_id) as s:
            for view in await rows.visible(s, member.id):
                if mark_of(view.id) == mark:
                    return query_of({**view.filter, "owner": owner})
        return None

    @needs(Right.LEAD_SEE_OWN)
    async def told(self, member: Member, notice_id: UUID) -> LeadQuery:
        """The leads that a push to the member tells of. Raises NotFound for one that is forgotten."""
        async with self.db.reading(member.organization_id) as s:
            found = await leads_told(s, notice_id, member.telegram_id)
        if found.is_plain:
            raise NotFound(what="notice")
        return found

    @needs(Right.LEAD_SEE_OWN)
    async def saved(self, member: Member) -> Sequence[SavedView]:
        """The member's own and the shared ones, by name."""
        async with self.db.reading(member.organization_id) as s:
            default = await rows.default_of(s, member.id)
            return [_saved(view, member, default) for view in await rows.visible(s, member.id) if view.name]

    @needs(Right.LEAD_SEE_OWN)
    async def default(self, member: Member) -> SavedView | None:
        """The view that the member's list begins with."""
        return next((view for view in await self.saved(member) if view.default), None)

    @needs(Right.LEAD_SEE_OWN)
    async def save(self, member: Member, name: str, query: LeadQuery) -> SavedView:
        """Keep a query by a name. Raises BadInput("view", ...) with reason required, too_long, taken or
        too_many."""
        async with self.db.transaction(member.organization_id) as s:
            name = await self._free(s, member, name)
            view_id = new_id()
            await rows.add(s, view_id, member.id, name, query.as_json(), self.clock())
            return SavedView(view_id, name, query, False, True)

    @needs(Right.LEAD_SEE_OWN)
    async def rename(self, member: Member, mark: str, name: str) -> SavedView:
        """Raises NotFound, and BadInput as `save` does."""
        async with self.db.transaction(member.organization_id) as s:
            view = await self._own(s, member, mark)
            await rows.change(s, view.id, name=await self._free(s, member, name, view.id))
        return await self.get(member, mark)

    @needs(Right.LEAD_SEE_OWN)
    async def remove(self, member: Member, mark: str) -> None:
        """Raises NotFound."""
        async with self.db.transaction(member.organization_id) as s:
            await rows.remove(s, (await self._own(s, member, mark)).id)

    @needs(Right.ORGANIZATION_EDIT)
    @recorded("organization.view", "view")
    async def share(self, member: Member, mark: str, shared: bool) -> SavedView:
        """Show a view of one's own to everybody, or to nobody else any more. Raises NotFound."""
        async with self.db.transaction(member.organization_id) as s:
            await rows.change(s, (await self._own(s, member, mark)).id, shared=shared)
        return await self.get(member, mark)

    @needs(Right.LEAD_SEE_OWN)
    async def make_default(self, member: Member, mark: str, chosen: bool) -> SavedView:
        """Begin the list with this view from now on, or with all leads again. Raises NotFound."""
        view = await self.get(member, mark)
        async with self.db.transaction(member.organization_id) as s:
            await rows.set_default(s, member.id, view.id if chosen else None)
        return await self.get(member, mark)

    @needs(Right.LEAD_SEE_OWN)
    async def get(self, member: Member, mark: str) -> SavedView:
        """A saved view by its mark. Raises NotFound."""
        for view in await self.saved(member):
            if mark_of(view.id) == mark:
                return view
        raise NotFound(what="view")

    async def _own(self, s: Session, member: Member, mark: str) -> View:
        for view in await rows.visible(s, member.id):
            if view.name and mark_of(view.id) == mark and _may_change(view, member):
                return view
        raise NotFound(what="view")

    async def _free(self, s: Session, member: Member, name: str, besides: UUID | None = None) -> str:
        name = read_text("view", name, NAME_LIMIT)
        own = [view for view in await rows.visible(s, member.id) if view.name and view.id != besides]
        if any(view.name.casefold() == name.casefold() for view in own):
            raise BadInput("view", "taken")
        if sum(view.member_id == member.id for view in own) >= MOST:
            raise BadInput("view", "too_many", limit=MOST)
        return name


def _may_change(view: View, member: Member) -> bool:
    return view.member_id == member.id or (view.shared and member.may(Right.ORGANIZATION_EDIT))


def _saved(view: View, member: Member, default: str) -> SavedView:
    return SavedView(
        view.id,
        view.name,
        query_of(view.filter),
        view.shared,
        _may_change(view, member),
        str(view.id) == default,
    )
