"""Leads in any chat: @bot and words offer what the asker may see, as short cards without personal data.

A card holds number, name and stage. Whoever wants the phone in it chooses that in the query: a "+" at its end
adds the phone with its middle hidden, two of them the whole one. What was chosen is a message like any other:
it is not brought up to date.
"""

from typing import Any

from aiogram import Router
from aiogram.types import InlineQuery

from domain.errors import BadInput
from domain.lead_query import LeadQuery
from domain.leads import Lead
from domain.members import Member, MemberStatus, Right
from domain.phones import show_phone
from handlers.cards import lead_title, money, stage_name
from handlers.chat import Chat
from handlers.screens import esc
from locales import _
from services.registry import Services

SECONDS = 5
"""For which Telegram may show the same results to the same person."""

OPEN_BOT = "inline"
"""The start parameter of the button that opens the bot."""

SIGN = "+"


async def offer(
    inline_query: InlineQuery, chat: Chat, services: Services, member: Member | None = None
) -> None:
    """A page of what is found; without words the newest ones."""
    if member is None or member.status is not MemberStatus.ACTIVE or not member.may(Right.LEAD_SEE_OWN):
        _say(chat, inline_query, _("Open the bot to look for leads"))
        return
    typed, phones = _read(inline_query.query)
    page = int(inline_query.offset) if inline_query.offset.isdecimal() else 0
    try:
        found = await services.finding.find(member, LeadQuery(text=typed), page)
    except BadInput:
        _say(chat, inline_query, _("Type a name, a phone or a number"))
        return
    if not found.leads:
        _say(chat, inline_query, _("Nothing found. Open the bot"))
        return
    following = str(page + 1) if page == found.page and page + 1 < found.pages else ""
    results = [_result(lead, phones) for lead in found.leads] if page == found.page else []
    chat.inline(inline_query.id, results, seconds=SECONDS, next_offset=following)


def _say(chat: Chat, inline_query: InlineQuery, text: str) -> None:
    button = {"text": text, "start_parameter": OPEN_BOT}
    chat.inline(inline_query.id, [], seconds=SECONDS, button=button)


def _read(query: str) -> tuple[str, int]:
    """The words, and how much of the phone is wanted: 0 nothing, 1 hidden in the middle, 2 all of it."""
    words = " ".join(query.split())
    bare = words.rstrip(SIGN)
    return bare.rstrip(), min(len(words) - len(bare), 2)


def _result(lead: Lead, phones: int) -> dict[str, Any]:
    title = f"#{lead.number} {lead.title}"
    described = [stage_name(lead.stage), *([money(lead.amount)] if lead.amount else [])]
    # what is chosen is another result than the same lead with less in it
    return {
        "type": "article",
        "id": f"{lead.id.hex}.{phones}",
        "title": title[:100],
        "description": " · ".join(described)[:200],
        "input_message_content": {"message_text": card(lead, phones), "parse_mode": "HTML"},
    }


def card(lead: Lead, phones: int) -> str:
    """The message that is inserted."""
    lines = [f"<b>{lead_title(lead)}</b>", esc(stage_name(lead.stage))]
    if phones and lead.phones:
        lines.append(f"📞 {show_phone(lead.phones[0]) if phones > 1 else masked(lead.phones[0])}")
    return "\n".join(lines)


def masked(phone: str) -> str:
    """The number with its middle hidden: enough to recognise it by, too little to call it."""
    return phone[:2] + "•" * max(len(phone) - 6, 0) + phone[-4:]


def routes() -> Router:
    router = Router(name="inline")
    router.inline_query.register(offer)
    return router
