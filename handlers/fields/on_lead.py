"""An organization's own fields of one lead: all of them, and a new value for one."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from domain.custom_fields import CustomField, FieldType
from domain.errors import NotFound, TooLate
from domain.leads import Lead
from domain.members import Member
from handlers.buttons import LeadButton, short
from handlers.cards import lead_title
from handlers.chat import Chat
from handlers.errors import in_words
from handlers.fields.questions import FIELDS, further, pack
from handlers.fields.values import value_lines
from handlers.fields.words import shown_value, type_name
from handlers.forms.forms import Answers, Form
from handlers.leads import lead_files
from handlers.leads.lead_screens import act, after_form, beside, default_ways, stands_now, to_card
from handlers.leads.lead_work import begin
from handlers.screens import Button, Screen, esc, grid
from locales import _
from services.registry import Services


async def fields(
    query: CallbackQuery, callback_data: LeadButton, chat: Chat, member: Member, services: Services
) -> None:
    """Every field that the member sees on this lead, with its value; a tap changes one."""
    lead = await services.leads.get(member, callback_data.lead)
    known = await services.custom_fields.for_member(member, lead.stage.pipeline_id)
    ways = beside(query, chat)
    chat.show(fields_screen(lead, known, ways))


def fields_screen(lead: Lead, known: Sequence[CustomField], ways: Sequence[Button]) -> Screen:
    lines = [f"<b>{lead_title(lead)}</b>", *value_lines(lead, known, empty=True)]
    if not known:
        lines.append(_("There are no own fields yet. An admin adds them: /fields"))
    buttons = [
        act(f"{type_name(one.type).split()[0]} {one.name}", "own", lead, short(one.id)) for one in known
    ]
    return Screen("\n".join(lines), [*grid(buttons, 2), to_card(lead.id), ways])


async def change(
    query: CallbackQuery,
    callback_data: LeadButton,
    chat: Chat,
    member: Member,
    state: FSMContext,
    services: Services,
) -> None:
    """Ask for one field anew; a file is sent on the screen of files."""
    lead = await services.leads.get(member, callback_data.lead)
    known = await services.custom_fields.for_member(member, lead.stage.pipeline_id)
    one = next((one for one in known if short(one.id) == callback_data.extra), None)
    if one is None:
        raise NotFound(what="field")
    if one.type is FieldType.FILE:
        await lead_files.open_for(query, chat, member, state, services, lead, one)
        return
    kept = lead.custom.get(one.key, "")
    context = {FIELDS: pack([one]), "key": one.key, "seen": kept}
    now = esc(shown_value(one, kept)) if kept else ""
    await begin(OWN, query, chat, state, member, services, lead, None, now=now, **context)


async def _finish(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    typed = answers[f"custom.{context['key']}"]
    try:
        lead = await services.custom_fields.set_value(
            member, UUID(context["lead"]), context["key"], typed, context["seen"]
        )
    except (TooLate, NotFound) as error:
        chat.screen_id = None
        chat.say(Screen(in_words(error), [to_card(UUID(context["lead"])), default_ways()]))
        return
    await after_form(services, chat, member, lead, context, _("✏️ Kept."))


OWN = Form(
    name="own",
    questions=(),
    finish=_finish,
    cancelled=lambda: _("Left as it was."),
    further=further,
)
FORMS: tuple[Form, ...] = (OWN,)


def routes() -> Router:
    router = Router(name="lead_fields")
    router.callback_query.middleware(stands_now)
    router.callback_query.register(fields, LeadButton.filter(F.do == "fields"))
    router.callback_query.register(change, LeadButton.filter(F.do == "own"))
    return router
