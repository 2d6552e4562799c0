"""A new lead by questions: the phone first, so that a duplicate shows before anything else is typed."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Contact, Message

from domain.errors import BadInput, DuplicateLead, NotAllowed, NotFound
from domain.fields import NAME_LIMIT, read_amount, read_note, read_text
from domain.free_text import read_lead
from domain.leads import LeadDraft, Verdict
from domain.members import Member, Right
from domain.phones import read_phone
from handlers.buttons import MenuButton
from handlers.chat import Chat
from handlers.contacts.contact_cards import read_contact
from handlers.fields import new_lead as own_fields
from handlers.forms import forms
from handlers.forms.forms import Answers, Asking, Form, Question
from handlers.leads import duplicate_verdict
from handlers.leads.duplicate_verdict import check, draft_of
from handlers.leads.receipts import receipt
from handlers.pipelines.words import pipeline_name
from handlers.words import known_words
from locales import _
from services.registry import Services


def _read_phone(typed: str, member: Member) -> str:
    """A phone, or a whole line with a phone or an e-mail in it."""
    try:
        read_phone(typed, member.region)
    except BadInput:
        if read_lead(typed, member.region, known_words()) is None:
            raise
    return typed.strip()


def read_amount_typed(typed: str, _member: Member) -> str:
    """The amount as a plain decimal. Raises BadInput."""
    words = known_words()
    return str(read_amount(typed, words.multipliers, words.currencies))


def _ask_phone(_asking: Asking) -> str:
    return _(
        "📞 <b>New lead.</b> What is the phone (or the e-mail)?\n\nType it or send a contact card "
        "(📎 → Contact). I check at once whether we know it."
    )


def _ask_name(asking: Asking) -> str:
    if asking.context.get("names"):
        return _("👤 Whose contact is it? Choose a name or type it.")
    return _("👤 What is the name of the person or of the company?")


def _names(asking: Asking) -> list[tuple[str, str]]:
    """Names worth offering, by their place in the list: a name itself may not fit into a button."""
    return [(name, f"#{place}") for place, name in enumerate(asking.context.get("names", ()))]


def _pipelines(asking: Asking) -> list[tuple[str, str]]:
    """The pipelines to choose from, where there are several: name and id."""
    return [(name, mark) for name, mark in asking.context.get("pipelines", ())]


def _read_pipeline(typed: str, _member: Member) -> str:
    try:
        return str(UUID(typed))
    except ValueError:
        raise BadInput("preset", "invalid") from None


def ask_comment(_asking: Asking) -> str:
    """What goes to the lead that stands in the way."""
    return _("📎 What shall I add to the lead that we have? Everything you have typed goes along.")


def _usual(asking: Asking) -> bool:
    return not asking.context.get("attach")


async def finish(
    chat: Chat, state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    """Create the lead, or attach what was typed to the one that stands in its way."""
    draft = _named(draft_of(answers, context), context)
    try:
        if context.get("attach"):
            text = duplicate_verdict.attachment(draft, answers["comment"])
            await services.leads.attach(member, draft, text)
            chat.show(duplicate_verdict.attached_screen())
            return
        draft = replace(draft, custom=await own_fields.filled(services, member, draft, answers))
        lead = await services.leads.create(member, draft, receipt=False)
        await own_fields.keep_files(services, member, lead, answers)
    except (DuplicateLead, NotFound):
        # somebody was faster, or the lead in the way was withdrawn meanwhile
        await duplicate_verdict.ask(chat, state, member, await check(services, member, draft))
        return
    chat.show(receipt(lead, member, await services.outbox.of_lead(lead)))


def _named(draft: LeadDraft, context: dict[str, Any]) -> LeadDraft:
    """The draft with the name that was chosen by button."""
    names = {f"#{place}": name for place, name in enumerate(context.get("names", ()))}
    return replace(draft, name=names.get(draft.name, draft.name))


async def after_phone(
    chat: Chat, state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    """The duplicate verdict before the typing; a new phone just goes on."""
    context.pop("attach", None)
    if context.get("card") != answers["phone"]:
        # another phone than that of the card which came before
        context.update(phones=[], emails=[], company="")
        _spread(answers, context, member)
    await state.update_data(answers=answers, context=context)
    verdict = await check(services, member, draft_of(answers, context))
    if verdict.verdict is not Verdict.NEW:
        await duplicate_verdict.ask(chat, state, member, verdict)


def _spread(answers: Answers, context: dict[str, Any], member: Member) -> None:
    """Everything of a line that was typed where only the phone was asked finds its place."""
    draft = read_lead(answers["phone"], member.region, known_words())
    if draft is None:
        return
    told, more = _taken_apart(draft, ())
    answers.update({key: value for key, value in told.items() if value})
    answers["phone"] = told["phone"]
    context.update(phones=more["phones"], emails=more["emails"])


def _from_contact(shared: Contact, member: Member) -> tuple[Answers, dict[str, Any]]:
    """Name, further numbers and e-mails of a card that was shared instead of typing the phone."""
    draft = read_contact(shared, member.region)
    answers, context = _taken_apart(replace(draft, source="telegram"), ())
    known = {key: answers[key] for key in ("name", "note") if answers.get(key)}
    return known, {**context, "card": draft.phones[0]}


LEAD = Form(
    name="lead",
    questions=(
        Question("phone", _ask_phone, _read_phone),
        Question("comment", ask_comment, lambda typed, _m: read_note(typed), optional=True,
                 when=lambda asking: bool(asking.context.get("attach"))),
        Question("name", _ask_name, lambda typed, _m: read_text("name", typed, NAME_LIMIT), _names,
                 when=_usual, width=1),
        Question("pipeline", lambda _a: _("🗂 Which pipeline is it for?"), _read_pipeline, _pipelines,
                 typed=False, when=lambda asking: _usual(asking) and bool(asking.context.get("pipelines"))),
        Question("amount", lambda _a: _("💰 What amount is it about? For example: 3 million"),
                 read_amount_typed, optional=True, when=_usual),
        Question("note", lambda _a: _("📝 What should the manager know?"),
                 lambda typed, _m: read_note(typed), optional=True, when=_usual),
    ),
    finish=finish,
    cancelled=lambda: _("Stopped. No lead was sent."),
    after={"phone": after_phone},
    from_contact=_from_contact,
    further=own_fields.questions,
)  # fmt: skip

FORMS: tuple[Form, ...] = (LEAD,)


async def start(
    chat: Chat, state: FSMContext, member: Member, services: Services, draft: LeadDraft | None = None,
    names: tuple[str, ...] = (),
) -> None:  # fmt: skip
    """Begin with nothing, or with what was sent already: then only what is missing is asked.

    `names` are offered as buttons when the draft has none. Raises BadInput for an unreadable phone.
    """
    if not member.may(Right.LEAD_CREATE):
        raise NotAllowed(right=Right.LEAD_CREATE.value)
    own = await own_fields.required(services, member)
    if draft is None:
        used = await services.pipeline.pipelines(member)
        several = [[pipeline_name(one), one.id.hex] for one in used] if len(used) > 1 else []
        await forms.start(LEAD, chat, state, member, services, {"pipelines": several, **own})
        return
    answers, context = _taken_apart(draft, names)
    context |= own
    verdict = await check(services, member, draft_of(answers, context))
    if verdict.verdict is Verdict.NEW:
        await forms.start(LEAD, chat, state, member, services, context, answers)
        return
    await state.set_data({"form": LEAD.name, "answers": answers, "context": context})
    await duplicate_verdict.ask(chat, state, member, verdict)


def _taken_apart(draft: LeadDraft, names: tuple[str, ...]) -> tuple[Answers, dict[str, Any]]:
    answers = {
        "phone": draft.phones[0] if draft.phones else "",
        "amount": str(draft.amount) if draft.amount is not None else "",
        "note": draft.note,
    }
    if draft.name or draft.company:
        answers["name"] = draft.name
    context = {
        "phones": list(draft.phones[1:]),
        "emails": list(draft.emails),
        "company": draft.company,
        "source": draft.source,
        "names": list(dict.fromkeys(names)),
    }
    return answers, context


async def command(
    _message: Message, chat: Chat, member: Member, state: FSMContext, services: Services
) -> None:
    await start(chat, state, member, services)


async def press(
    _query: CallbackQuery, chat: Chat, member: Member, state: FSMContext, services: Services
) -> None:
    chat.screen_id = None
    await start(chat, state, member, services)


def routes() -> Router:
    router = Router(name="new_lead")
    router.message.register(command, Command("new"))
    router.callback_query.register(press, MenuButton.filter(F.place == "new_lead"))
    return router
