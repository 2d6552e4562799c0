"""/templates: message templates, for admins: adding, changing, looking at one filled in, deleting."""

from typing import Any
from uuid import UUID

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from domain.errors import NotAllowed
from domain.fields import read_text
from domain.leads import LeadFilter
from domain.members import Member, Right
from domain.templates import NAME_LIMIT, SUBJECT_LIMIT, Template, empty_fields, fill
from handlers.cards import clip, lead_title
from handlers.chat import Chat
from handlers.forms import forms
from handlers.forms.forms import Answers, Asking, Form, Question
from handlers.menu import to_menu
from handlers.messages.buttons import TemplateButton, TemplatesButton
from handlers.messages.values import field_lines, values_of
from handlers.screens import Button, Screen, esc
from locales import N_, _
from services.registry import Services

ROOM = 1500
PARTS: dict[str, str] = {
    "name": N_("✏️ What shall it be called?"),
    "text": N_("📝 Write the text anew."),
    "subject": N_("✉️ What is the subject of the e-mail? Skip: the template's name."),
}


async def command(_message: Message, chat: Chat, member: Member, services: Services) -> None:
    chat.say(await _listing(member, services))


async def show_list(_query: CallbackQuery, chat: Chat, member: Member, services: Services) -> None:
    chat.show(await _listing(member, services))


async def _listing(member: Member, services: Services) -> Screen:
    _demand(member)
    found = await services.templates.every(member)
    text = _("✉️ <b>Message templates</b>") + "\n"
    text += _("Managers send them from a lead's card: Message. The fields are filled in.")
    rows = [[Button(one.name, TemplateButton(do="show", template=one.id))] for one in found]
    return Screen(text, [*rows, [Button(_("➕ Add a template"), TemplatesButton(do="add"))], to_menu()])


async def add(
    _query: CallbackQuery, chat: Chat, member: Member, state: FSMContext, services: Services
) -> None:
    _demand(member)
    known = await services.templates.known_fields(member)
    await forms.start(ADD, chat, state, member, services, {"known": known})


async def show(
    _query: CallbackQuery, callback_data: TemplateButton, chat: Chat, member: Member, services: Services
) -> None:
    _demand(member)
    one = await services.templates.get(member, callback_data.template)
    chat.show(template_screen(one, sure=callback_data.do == "delete"))


def template_screen(one: Template, *, sure: bool = False) -> Screen:
    """One template; `sure` asks before it is deleted."""

    def button(text: str, do: str, extra: str = "") -> Button:
        return Button(text, TemplateButton(do=do, template=one.id, extra=extra))

    text = f"✉️ <b>{esc(one.name)}</b>\n\n{clip(one.text, 3 * ROOM // 2)}"
    if one.subject:
        text += "\n\n" + _("Subject: {subject}").format(subject=esc(one.subject))
    if sure:
        rows = [[button(_("🗑 Yes, delete"), "remove")], [button(_("⬅️ Back"), "show")]]
        return Screen(text + "\n\n" + _("🗑 Delete this template?"), rows)
    rows = [
        [button(_("👁 With a lead"), "preview")],
        [button(_("📝 Text"), "edit", "text"), button(_("✏️ Name"), "edit", "name")],
        [button(_("✉️ Subject"), "edit", "subject"), button(_("🗑 Delete"), "delete")],
        [Button(_("⬅️ To the templates"), TemplatesButton(do="list"))],
    ]
    return Screen(text, rows)


async def preview(
    _query: CallbackQuery, callback_data: TemplateButton, chat: Chat, member: Member, services: Services
) -> None:
    """The text as the newest lead would get it; again, as the one before would."""
    one = await services.templates.get(member, callback_data.template)
    place = int(callback_data.extra) if callback_data.extra.isdigit() else 0
    found = await services.leads.browse(member, LeadFilter(), 0)
    back = [Button(_("⬅️ Back"), TemplateButton(do="show", template=one.id))]
    if not found.leads:
        chat.show(Screen(_("There is no lead yet to look at it with."), [back]))
        return
    lead = found.leads[place % len(found.leads)]
    values = await values_of(services, member, lead)
    lines = [f"👁 {lead_title(lead)}", "", esc(fill(one.text, values)) or "—"]
    lacking = empty_fields(one.text, values)
    if lacking:
        names = ", ".join("{" + name + "}" for name in lacking)
        lines += ["", _("⚠️ This lead has nothing for: {fields}").format(fields=esc(names))]
    other = TemplateButton(do="preview", template=one.id, extra=str(place + 1))
    chat.show(Screen("\n".join(lines), [[Button(_("➡️ With another lead"), other)], back]))


async def edit(
    _query: CallbackQuery,
    callback_data: TemplateButton,
    chat: Chat,
    member: Member,
    state: FSMContext,
    services: Services,
) -> None:
    _demand(member)
    one = await services.templates.get(member, callback_data.template)
    part = callback_data.extra if callback_data.extra in PARTS else "text"
    context = {
        "template": str(one.id),
        "part": part,
        "now": str(getattr(one, part)),
        "known": await services.templates.known_fields(member),
    }
    await forms.start(EDIT, chat, state, member, services, context)


async def remove(
    _query: CallbackQuery, callback_data: TemplateButton, chat: Chat, member: Member, services: Services
) -> None:
    await services.templates.archive(member, callback_data.template)
    chat.toast(_("🗑 Deleted."))
    chat.show(await _listing(member, services))


async def _finish_add(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, _context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    one = await services.templates.add(member, answers["name"], answers["text"], answers.get("subject", ""))
    shown = template_screen(one)
    chat.show(Screen(_("✅ Added.") + f"\n\n{shown.text}", shown.rows))


async def _finish_edit(
    chat: Chat, _state: FSMContext, member: Member, answers: Answers, context: dict[str, Any],
    services: Services,
) -> None:  # fmt: skip
    part = context["part"]
    one = await services.templates.change(member, UUID(context["template"]), part, answers[part])
    shown = template_screen(one)
    chat.show(Screen(_("✏️ Corrected.") + f"\n\n{shown.text}", shown.rows))


def _demand(member: Member) -> None:
    if not member.may(Right.ORGANIZATION_EDIT):
        raise NotAllowed(right=Right.ORGANIZATION_EDIT.value)


def _ask_text(asking: Asking) -> str:
    lines = [_("📝 What is the text? Fields in braces are filled in for each lead:")]
    return "\n".join([*lines, *field_lines(asking.context["known"])])


def _ask_part(asking: Asking) -> str:
    part = asking.context["part"]
    text = _(PARTS[part])
    if part != "name":
        text += "\n" + "\n".join(field_lines(asking.context["known"]))
    now = clip(asking.context["now"], ROOM)
    return text + ("\n\n" + _("Now:\n{value}").format(value=now) if now else "")


_READ: dict[str, Any] = {
    "name": lambda typed, _m: read_text("template_name", typed, NAME_LIMIT),
    "text": lambda typed, _m: typed.strip(),
    "subject": lambda typed, _m: read_text("subject", typed, SUBJECT_LIMIT, required=False),
}
_ABOUT = {"template_name": "name", "template": "text"}


def _unchanged() -> str:
    return _("Left as it was.")


ADD = Form(
    name="template",
    questions=(
        Question("name", lambda _a: _("✉️ <b>New template.</b> What is it called?"), _READ["name"]),
        Question("text", _ask_text, _READ["text"]),
        Question("subject", lambda _a: _(PARTS["subject"]), _READ["subject"], optional=True),
    ),
    finish=_finish_add,
    cancelled=_unchanged,
    about=_ABOUT,
)
EDIT = Form(
    name="tplpart",
    questions=tuple(
        Question(part, _ask_part, _READ[part], optional=part == "subject",
                 when=lambda asking, part=part: asking.context["part"] == part)  # type: ignore[misc]
        for part in PARTS
    ),
    finish=_finish_edit,
    cancelled=_unchanged,
    about=_ABOUT,
)  # fmt: skip
FORMS: tuple[Form, ...] = (ADD, EDIT)


def routes() -> Router:
    router = Router(name="templates")
    router.message.register(command, Command("templates"))
    press = router.callback_query.register
    press(show_list, TemplatesButton.filter(F.do == "list"))
    press(add, TemplatesButton.filter(F.do == "add"))
    press(show, TemplateButton.filter(F.do.in_({"show", "delete"})))
    press(preview, TemplateButton.filter(F.do == "preview"))
    press(edit, TemplateButton.filter(F.do == "edit"))
    press(remove, TemplateButton.filter(F.do == "remove"))
    return router
