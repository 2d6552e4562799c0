"""The leads that one message tells of, as a list."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from aiogram import F, Router
from aiogram.filters.callback_data import CallbackData
from aiogram.types import CallbackQuery

from domain.lead_query import told_by
from domain.members import Member
from handlers.chat import Chat
from handlers.finding.places import place_of
from handlers.leads.lead_list import list_screen
from handlers.screens import Button
from locales import _
from services.registry import Services


class ToldButton(CallbackData, prefix="told"):
    """Open the leads that a push tells of: do is leads."""

    do: str
    notice: UUID


def these_leads(notice: UUID, count: int) -> Button:
    return Button(_("📋 These leads: {count}").format(count=count), ToldButton(do="leads", notice=notice))


async def standing(services: Services, member: Member, params: Mapping[str, Any]) -> int:
    """How many of the leads that the push tells of there are now, of those that the member may see."""
    query = told_by(params)
    return 0 if query.is_plain else await services.finding.count(member, query)


async def show(
    _query: CallbackQuery, callback_data: ToldButton, chat: Chat, member: Member, services: Services
) -> None:
    """A message of its own: what was told stays as it is."""
    query = await services.views.told(member, callback_data.notice)
    chat.say(await list_screen(services, member, await place_of(services, member, query)))


def routes() -> Router:
    router = Router(name="told")
    router.callback_query.register(show, ToldButton.filter(F.do == "leads"))
    return router
