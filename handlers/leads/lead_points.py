"""The phones and e-mails of a lead itself: one more, one less, another one first."""

import hashlib
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from domain.errors import DuplicateLead, NotFound, TooLate
from domain.fields import read_email
from domain.leads import Lead
from domain.members import Member
from domain.phones import read_phone, show_phone
from handlers.buttons import LeadButton
from handlers.cards import clip, lead_title
from handlers.chat import Chat
from handlers.contacts.contact_screens import in_the_way, reach_row, refusal
from handlers.forms.forms import Answers, Asking, Form, Question
from handlers.leads.lead_screens import Ways, act, beside, default_ways, stands_now, to_card
from handlers.leads.lead_work import begin
from handlers.screens import Screen
from locales import N_, _
from services.registry import Services

KINDS = ("phone", "email")
LABELS = {"phone": N_("📞 Add a phone"), "email": N_("✉️ Add an e-mail")}


def mark_of(kind: str, value: str) -> str:
    """A phone or an e-mail in a button: what it says may be too long for one."""
    return kind[0] + hashlib.sha256(value.encode()).hexdigest()[:12]


def point_at(lead: Lead, mark: str) -> tuple[str, str]:
    """Kind and value that a mark means. Raises NotFound: it is not on the lead any more."""
    for kind, values in (("phone", lead.phones), ("email", lead.emails)):
        for value in values:
            if mark_of(kind, value) == mark:
                return kind, value
    raise NotFound(what="point")


async def points(
    query: CallbackQuery, callback_data: LeadButton, chat: Chat, member: Member, services: Services
) -> None:
    lead = await services.leads.get(member, callback_data.lead)
    chat.show(points_screen(lead, beside(query, chat)))


def points_screen(lead: Lead, ways: Ways) -> Screen:
    """All of them, the primary ones first; a tap opens one."""
    lines = [f"<b>{lead_title(lead)}</b>", _("☎️ Phones and e-mails. ⭐ is the primary one.")]
    rows = []
    for kind, values in (("phone", lead.phones), ("email", lead.emails)):
        for place, value in enumerate(values):
            label = show_phone(value) if kind == "phone" else value[:60]
            rows.append([act(("⭐ " if not place else "") + label, "point", lead, mark_of(kind, value))])
    rows.append([act(_(LABELS[kind]), "pointadd", lead, kind) for kind in KINDS])
    back = [act(_("⬅️ Back"), "contacts", lead), *to_card(lead.id)]
    return Screen("\n".join(lines), [*rows, back, ways])


async def point(
    query: CallbackQuery, callback_data: LeadButton, chat: Chat, member: Member, services: Services
) -> None:
    """One of them and what can be done."""
    lead = await services.leads.get(member, callback_data.lead)
    kind, value = point_at(lead, callback_data.extra)
    shown = show_phone(value) if kind == "phone" else clip(value, 254)
    rows = [reach_row(value, act(_("📞 Call"), "call", lead))] if kind == "phone" else []
    first = value == (lead.phones if kind == "phone" else lead.emails)[0]
    change = [] if first else [act(_("⭐ Make primary"), "pointmain", lead, callback_data.extra)]
    rows.append([*change, act(_("🗑 Remove"), "pointdrop", lead, callback_data.extra)])
    back = [act(_("⬅️ Back"), "points", lead)]
    chat.show(Screen(f"<b>{lead_title(lead)}</b>\n{shown}", [*rows, back, beside(query, chat)]))


def _changing(
    verb: Callable[[Services], Callable[[Member, UUID, str, str], Awaitable[Lead]]],
) -> Callable[..., Awaitable[None]]:
    """A handler that does something to one of them and shows what is there then."""

    async def change(
        query: CallbackQuery, callback_data: LeadButton, chat: Chat, member: Member, services: Services
    ) -> None:
        lead = await services.leads.get(member, callback_data.lead)
        kind, value = point_at(lead, callback_data.extra)
        lead = await verb(services)(member, lead.id, kind, value)
        chat.toast(_("Kept."))
        chat.show(points_screen(lead, beside(query, chat)))

    return change


make_primary = _changing(lambda services: services.contacts.make_point_primary)
remove = _changing(lambda services: services.contacts.remove_point)


async def add(
    query: CallbackQuery,
    callback_data: LeadButton,
    chat: Chat,
    member: Member,
    state: FSMContext,
    services: Services,
) -> None:
    lead = await services.leads.get(member, callback_data.lead)
    kind = callback_data.extra if callback_data.extra in KINDS else "phone"
    await begin(ADD, query, chat, state, member, services, lead, None, kind=kind)


async def _finish(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    kind, lead_id = context["kind"], UUID(context["lead"])
    try:
        lead = await services.contacts.add_point(member, lead_id, kind, answers[kind])
    except DuplicateLead as error:
        shown = in_the_way(error)
        chat.screen_id = None
        chat.say(Screen(shown.text, [*shown.rows, to_card(lead_id)]))
        return
    except (TooLate, NotFound) as error:
        chat.screen_id = None
        chat.say(Screen(refusal(error), [to_card(lead_id), default_ways()]))
        return
    shown = points_screen(lead, default_ways())
    chat.show(Screen(_("✅ Added.") + f"\n\n{shown.text}", shown.rows))


def _asks(text: str) -> Callable[[Asking], str]:
    return lambda asking: f"<b>{asking.context['title']}</b>\n" + _(text)


ADD = Form(
    name="point",
    questions=(
        Question("phone", _asks(N_("📞 Which phone? Type it or send a contact card.")),
                 lambda typed, m: read_phone(typed, m.region), when=lambda a: a.context["kind"] == "phone"),
        Question("email", _asks(N_("✉️ Which e-mail?")),
                 lambda typed, _m: read_email(typed), when=lambda a: a.context["kind"] == "email"),
    ),
    finish=_finish,
    cancelled=lambda: _("Left as it was."),
)  # fmt: skip
FORMS: tuple[Form, ...] = (ADD,)


def routes() -> Router:
    router = Router(name="lead_points")
    router.callback_query.middleware(stands_now)
    press = router.callback_query.register
    press(points, LeadButton.filter(F.do == "points"))
    press(point, LeadButton.filter(F.do == "point"))
    press(make_primary, LeadButton.filter(F.do == "pointmain"))
    press(remove, LeadButton.filter(F.do == "pointdrop"))
    press(add, LeadButton.filter(F.do == "pointadd"))
    return router
