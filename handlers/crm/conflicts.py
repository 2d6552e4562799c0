"""Choosing between two values, deciding about deleted records, and saying whose word counts."""

from collections.abc import Awaitable, Callable, Mapping
from uuid import UUID

from aiogram import F, Router
from aiogram.types import CallbackQuery

from domain.errors import NotFound, TooLate
from domain.leads import Lead
from domain.members import Member
from handlers.buttons import ConflictButton, DeletionButton, MenuButton, OwnershipButton
from handlers.chat import Chat
from handlers.crm.conflict_cards import conflict_screen, deleted_screen, owner_screen, ownership_screen
from handlers.errors import in_words
from handlers.screens import Screen
from locales import N_, _
from services.leads.pipeline import Pipeline
from services.registry import Services
from services.two_ways.conflicts import Conflicts, ConflictView
from services.two_ways.deletions import Deletions
from services.two_ways.ownership import Ownership


async def conflict_card(view: ConflictView, member: Member, pipeline: Pipeline) -> Screen:
    """The card of a conflict for this member."""
    stages = {str(stage.id): stage for stage in await pipeline.stages(member)}
    return conflict_screen(view, member, stages, view.people)


async def choose(
    _query: CallbackQuery,
    callback_data: ConflictButton,
    chat: Chat,
    member: Member,
    conflicts: Conflicts,
    pipeline: Pipeline,
) -> None:
    """Carry the choice out, or say kindly why it is too late for one; the card shows how it stands."""
    try:
        await conflicts.decide(member, callback_data.conflict, callback_data.do)
        chat.toast(_("Done: both sides get this value."))
    except TooLate as error:
        chat.toast(in_words(error), alert=True)
    view = await conflicts.get(member, callback_data.conflict)
    chat.show(await conflict_card(view, member, pipeline))


Decide = Callable[[Deletions, Member, UUID], Awaitable[Lead]]


async def _again(deletions: Deletions, member: Member, link_id: UUID) -> Lead:
    return await deletions.send_again(member, link_id)


async def _leave(deletions: Deletions, member: Member, link_id: UUID) -> Lead:
    return await deletions.leave_out(member, link_id)


async def _close(deletions: Deletions, member: Member, link_id: UUID) -> Lead:
    return await deletions.close(member, link_id, _("Deleted in the CRM"))


DECISIONS: Mapping[str, tuple[Decide, str]] = {
    "again": (_again, N_("It goes to the CRM once more.")),
    "leave": (_leave, N_("The lead stays here alone.")),
    "close": (_close, N_("The lead is closed.")),
}


async def decide(
    _query: CallbackQuery, callback_data: DeletionButton, chat: Chat, member: Member, deletions: Deletions
) -> None:
    """What becomes of a lead whose record was deleted there."""
    act, said = DECISIONS[callback_data.do]
    try:
        lead = await act(deletions, member, callback_data.link)
        chat.toast(_(said))
    except TooLate as error:
        chat.toast(in_words(error), alert=True)
        try:
            lead, _mark = await deletions.stands(member, callback_data.link)
        except NotFound:
            chat.strip_buttons()
            return
    chat.show(deleted_screen(lead, callback_data.link, "", ""))


async def show_owners(_query: CallbackQuery, chat: Chat, member: Member, ownership: Ownership) -> None:
    chat.show(ownership_screen(await ownership.owners(member)))


async def ask_owner(
    _query: CallbackQuery, callback_data: OwnershipButton, chat: Chat, member: Member, ownership: Ownership
) -> None:
    owners = await ownership.owners(member)
    chat.show(owner_screen(callback_data.name, owners[callback_data.name]))


async def set_owner(
    _query: CallbackQuery, callback_data: OwnershipButton, chat: Chat, member: Member, ownership: Ownership
) -> None:
    owners = await ownership.choose(member, callback_data.name, callback_data.owner)
    chat.toast(_("Kept: it counts from the next change on."))
    chat.show(ownership_screen(owners))


async def open_card(services: Services, member: Member, conflict_id: UUID) -> Screen | None:
    """The card of a conflict that is this member's; None otherwise."""
    try:
        view = await services.conflicts.get(member, conflict_id)
    except NotFound:
        return None
    return await conflict_card(view, member, services.pipeline)


def routes() -> Router:
    router = Router(name="conflicts")
    press = router.callback_query.register
    press(choose, ConflictButton.filter(F.do.in_({"ours", "theirs"})))
    press(decide, DeletionButton.filter(F.do.in_(set(DECISIONS))))
    press(show_owners, MenuButton.filter(F.place == "ownership"))
    press(ask_owner, OwnershipButton.filter(F.owner == ""))
    press(set_owner, OwnershipButton.filter())
    return router
