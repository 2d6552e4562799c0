"""Seeing before sending: a preview of the requests a lead would make, and what a trial run only tried."""

from math import isinf
from typing import Any
from uuid import UUID

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery

from domain.errors import BadInput, VoronkaError
from domain.members import Member
from domain.trials import read_trial
from handlers.buttons import CrmButton, LogButton, MenuButton, OperationButton
from handlers.chat import Chat
from handlers.crm.trial_cards import FILE_NAME, about_of, as_file, counted, sample_lead, trial_lines
from handlers.errors import in_words
from handlers.forms import forms
from handlers.forms.forms import Answers, Form, Question
from handlers.menu import to_menu
from handlers.screens import Button, Screen, esc
from locales import _, ngettext
from services.delivery.preview import CrmPreview, Limits, Preview
from services.registry import Services

DRY_RUN = "dry_run"


def preview_screen(preview: Preview) -> Screen:
    """What would go to the CRM."""
    head = _("👀 <b>What would go to {title}</b>").format(title=esc(preview.crm))
    about = esc(about_of(preview))
    note = _("Nothing has been written there.")
    return Screen("\n".join([head, about, note, "", *trial_lines(preview.trial)]), ways())


def ways() -> list[list[Button]]:
    sample = Button(_("👀 Sample lead"), CrmButton(do="preview"))
    one = Button(_("🔎 A lead of mine"), CrmButton(do="preview_lead"))
    return [[sample, one], [Button(_("🔌 CRM"), MenuButton(place="crm")), *to_menu()]]


async def preview(_query: CallbackQuery, chat: Chat, member: Member, crm_preview: CrmPreview) -> None:
    """The requests of a sample lead."""
    chat.show(Screen(_("⏳ I am putting the requests together …")))

    async def look(later: Chat) -> None:
        try:
            found = await crm_preview.sample(member, sample_lead())
        except VoronkaError as error:
            later.show(_failed(error))
            return
        _answer(later, found)

    chat.then(look)


def _answer(later: Chat, found: Preview) -> None:
    later.show(preview_screen(found))
    content = as_file(found.crm, about_of(found), [found.trial])
    later.document(FILE_NAME, content, counted(found.trial))


def _failed(error: VoronkaError) -> Screen:
    head = _("⛔ <b>The preview did not work.</b>")
    return Screen(f"{head}\n{esc(in_words(error))}", ways())


async def ask_lead(
    _query: CallbackQuery, chat: Chat, state: FSMContext, member: Member, services: Services
) -> None:
    """Ask which lead to preview."""
    await forms.start(PREVIEW, chat, state, member, services, {})


def _read_number(typed: str, _member: Member) -> str:
    number = typed.strip().lstrip("#№").strip()
    if not number.isascii() or not number.isdigit() or not 0 < int(number) < 10**9:
        raise BadInput("number", "invalid")
    return number


async def _finish(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    chat.show(Screen(_("⏳ I am putting the requests together …")))

    async def look(later: Chat) -> None:
        try:
            found = await services.crm_preview.lead(member, int(answers["number"]))
        except VoronkaError as error:
            later.show(_failed(error))
            return
        _answer(later, found)

    chat.then(look)


PREVIEW = Form(
    name="preview",
    questions=(Question("number", lambda _asking: _("🔎 The number of the lead?"), _read_number),),
    finish=_finish,
    cancelled=lambda: _("All right. The CRM is here: /crm"),
)
FORMS: tuple[Form, ...] = (PREVIEW,)


async def tried(
    _query: CallbackQuery, callback_data: OperationButton, chat: Chat, member: Member, services: Services
) -> None:
    """What an operation would have sent, as a document."""
    found = await services.operations.get(member, callback_data.operation)
    trial = read_trial(found.recorded)
    if trial is None:
        chat.toast(_("Nothing was tried for it."), alert=True)
        return
    lead = await services.leads.for_notice(member.organization_id, found.record_id)
    about = f"#{lead.number} {lead.title}" if lead else ""
    chat.document(FILE_NAME, as_file("", about, [trial]), counted(trial))


async def send_tried(_query: CallbackQuery, chat: Chat, member: Member, crm_preview: CrmPreview) -> None:
    """Send in earnest what a trial run only tried."""
    count = await crm_preview.send_tried(member)
    if count:
        said = ngettext("📤 {count} lead is on its way.", "📤 {count} leads are on their way.", count)
        text = said.format(count=count)
    else:
        text = _("Nothing waits that was only tried, or the trial run is still on.")
    log = Button(_("📜 Operations"), LogButton(do="page"))
    chat.show(Screen(text, [[log, Button(_("🔌 CRM"), MenuButton(place="crm"))], to_menu()]))


def offer(tried_leads: int) -> list[Button]:
    """The button that sends what was only tried; no button when there is nothing."""
    if not tried_leads:
        return []
    text = ngettext("📤 Send {count} tried lead", "📤 Send {count} tried leads", tried_leads)
    return [Button(text.format(count=tried_leads), CrmButton(do="send_tried"))]


async def limits_of(crm_preview: CrmPreview, member: Member, integration_id: UUID) -> list[str]:
    """Pace, mode and queue of a connection, for the verdict of its test."""
    return limits_lines(await crm_preview.limits(member, integration_id))


def limits_lines(limits: Limits) -> list[str]:
    """The same in lines."""
    lines = ["🚦 " + _pace_in_words(limits.pace.per_second, limits.pace.at_once)]
    if limits.mode == DRY_RUN:
        lines.append(_("🧪 Trial run: nothing is written to the CRM."))
    if limits.queue_depth:
        queue = ngettext("📤 {count} write waits", "📤 {count} writes wait", limits.queue_depth)
        lines.append(queue.format(count=limits.queue_depth) + ".")
    return lines


def _pace_in_words(per_second: float, at_once: int) -> str:
    if isinf(per_second):
        return _("As fast as it answers, {together} requests at once.").format(together=at_once)
    pace = _("At most {rate} requests a second, {together} at once.")
    return pace.format(rate=f"{per_second:g}", together=at_once)


def routes() -> Router:
    router = Router(name="crm_trial")
    press = router.callback_query.register
    press(preview, CrmButton.filter(F.do == "preview"))
    press(ask_lead, CrmButton.filter(F.do == "preview_lead"))
    press(send_tried, CrmButton.filter(F.do == "send_tried"))
    press(tried, OperationButton.filter(F.do == "tried"))
    return router
