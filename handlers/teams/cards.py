"""Leads in a group: who may see the group is not ours to say, so contacts stay in private chats."""

from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from domain.leads import Lead, StageKind
from domain.members import Right
from handlers.cards import SOURCES, clip, lead_title, money, stage_name
from handlers.menu import to_menu
from handlers.screens import Button, Screen, esc
from handlers.teams.buttons import TeamButton
from locales import N_, _, known_language, ngettext, speak
from services.messages.notices import Delivery
from services.registry import Services

NOTE_ROOM = 200
TOLD = {
    "lost": N_(
        "🔕 The group “{team}” gets no leads any more: I am out of it, or its topic is gone. "
        "To bind it again add me there and write /team."
    ),
    "moved": N_("ℹ️ Telegram has turned the group “{team}” into a supergroup. Its leads go on coming there."),
}


def _take(lead: Lead, label: str) -> Button:
    return Button(label, TeamButton(do="take", id=lead.id))


def _source(lead: Lead) -> str:
    return _(SOURCES[lead.source]) if lead.source in SOURCES else clip(lead.source, 60)


def take_button(lead: Lead) -> Button:
    """One of several: it names its lead."""
    return _take(lead, _("🙋 Take #{number} {title}").format(number=lead.number, title=lead.title[:30]))


def _is_free(lead: Lead) -> bool:
    return lead.is_open and lead.assignee_id is None


def _standing(lead: Lead) -> str:
    if lead.withdrawn_at is not None or lead.deleted_at is not None:
        return _("🗑 Withdrawn")
    if lead.assignee_name:
        return _("👤 Taken by {name}").format(name=clip(lead.assignee_name, 60))
    return stage_name(lead.stage) if lead.stage.kind is not StageKind.OPEN else _("🙋 Free")


def one_lead(lead: Lead) -> Screen:
    """One lead, without its contacts: they are shown to whoever takes it."""
    lines = [_("🔔 <b>New lead</b>"), f"<b>{lead_title(lead)}</b>", _standing(lead)]
    if lead.amount is not None:
        lines.append("💰 " + money(lead.amount))
    if lead.note:
        lines.append(f"📝 {clip(lead.note, NOTE_ROOM)}")
    lines.append(_("From: {source}").format(source=_source(lead)))
    rows = [[_take(lead, _("🙋 Take"))]] if _is_free(lead) else []
    return Screen("\n".join(lines), rows)


def several(leads: Sequence[Lead]) -> Screen:
    """Leads that came in one go, in one message."""
    count = ngettext("🔔 <b>{count} new lead</b>", "🔔 <b>{count} new leads</b>", len(leads))
    lines = [count.format(count=len(leads)), ""]
    lines += [f"{lead_title(lead)} · {_standing(lead)}" for lead in leads]
    rows = [[take_button(lead)] for lead in leads if _is_free(lead)]
    return Screen("\n".join(lines), rows)


def team_screen(leads: Sequence[Lead]) -> Screen | None:
    """The message of a group; None where nothing of it is left."""
    if not leads:
        return None
    return one_lead(leads[0]) if len(leads) == 1 else several(leads)


async def _in_our_language(services: Services, delivery: Delivery) -> None:
    """A group speaks the organization's language."""
    found = await services.organizations.by_id(delivery.notice.organization_id)
    speak(known_language(found.language))


async def new(services: Services, delivery: Delivery) -> Screen | None:
    """The alert, with those that wait behind it: a group may get twenty messages a minute."""
    await _in_our_language(services, delivery)
    leads = await services.teams.gather(delivery.notice)
    return team_screen([lead for lead in leads if lead.withdrawn_at is None and lead.deleted_at is None])


async def up_to_date(services: Services, delivery: Delivery) -> Screen | None:
    """The message with the lead, as everything in it stands now."""
    if delivery.message_id is None:
        return None
    await _in_our_language(services, delivery)
    return team_screen(await services.teams.shown_together(delivery.notice, delivery.message_id))


async def changed(_services: Services, delivery: Delivery) -> Screen | None:
    """To the admins: a group was lost, or has become another."""
    admin, params = delivery.member, delivery.notice.params
    text = TOLD.get(str(params.get("what", "")))
    if admin is None or text is None or not admin.may(Right.TEAM_MANAGE):
        return None
    teams = Button(_("👥 Teams"), TeamButton(do="list", id=UUID(int=0)))
    return Screen(_(text).format(team=esc(str(params.get("team", "")))), [[teams], to_menu()])


NOTICES: dict[str, Callable[[Services, Delivery], Awaitable[Screen | None]]] = {
    "team.lead": new,
    "team.card": up_to_date,
    "team.changed": changed,
}
