"""The menu: what a person can do, by their rights."""

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from domain.members import Member, Right
from handlers.buttons import FormButton, MenuButton
from handlers.chat import Chat
from handlers.commands import show_commands
from handlers.people.roles import role_name
from handlers.screens import Button, Screen, esc, grid
from locales import N_, _

PLACES: tuple[tuple[str, str, Right | None], ...] = (
    ("new_lead", N_("➕ New lead"), Right.LEAD_CREATE),
    ("leads", N_("📋 Leads"), Right.LEAD_SEE_OWN),
    ("board", N_("📊 Board"), Right.LEAD_WORK),
    ("find", N_("🔎 Find"), Right.LEAD_SEE_OWN),
    ("customers", N_("🤝 Customers"), Right.LEAD_WORK),
    ("today", N_("📅 Today"), Right.LEAD_WORK),
    ("people", N_("👥 People"), Right.MEMBER_APPROVE),
    ("stats", N_("📊 Figures"), Right.LEAD_CREATE),
    ("invite", N_("🔗 Invite"), Right.LEAD_CREATE),
    ("pipelines", N_("🗂 Pipelines"), Right.ORGANIZATION_EDIT),
    ("rules", N_("⚖️ Rules"), Right.ORGANIZATION_EDIT),
    ("announce", N_("📣 Announcement"), Right.ANNOUNCE),
    ("import", N_("📥 Import"), Right.LEAD_IMPORT),
    ("export", N_("📤 Export"), Right.LEAD_EXPORT),
    ("crm", N_("🔌 CRM"), Right.CRM_MANAGE),
    ("integrations", N_("🧾 Purchases"), Right.CRM_MANAGE),
    ("loyalty", N_("🎁 Bonuses"), Right.ORGANIZATION_EDIT),
    ("website", N_("🌍 Website and hooks"), Right.CRM_MANAGE),
    ("api", N_("🔑 API keys"), Right.API_MANAGE),
    ("hooks", N_("📡 Webhooks"), Right.API_MANAGE),
    ("audit", N_("🧾 Who did what"), Right.AUDIT_SEE),
    ("privacy", N_("🔒 Personal data"), None),
    ("profile", N_("👤 My profile"), None),
    ("switch", N_("🏢 Organizations"), None),
    ("language", N_("🌐 Language"), None),
    ("help", N_("❓ Help"), None),
)
"""Place, label and the right it takes, in the order of the screen."""


def menu_screen(member: Member, raw_state: str | None = None) -> Screen:
    """The menu of an active member; `raw_state` is their dialog's, which may hold an unfinished form."""
    lines = [
        _("☰ <b>Menu</b> · {organization}").format(organization=esc(member.organization_name)),
        _("{name}, you are here as {role}.").format(name=esc(member.name), role=role_name(member.role)),
    ]
    if member.may(Right.LEAD_CREATE):
        lines += ["", _("A lead is quickest in one line, just write it here:")]
        lines += [_("<i>Ivan +7 999 123-45-67 mortgage 3 million</i>")]
    unfinished = unfinished_row(raw_state)
    if unfinished:
        lines += ["", _("✍️ You have begun something: what you gave is kept.")]
    return Screen("\n".join(lines), [unfinished, *menu_rows(member)])


def unfinished_row(raw_state: str | None) -> list[Button]:
    """The way back into a form that was left in the middle; empty when there is none."""
    if not raw_state or not raw_state.startswith("form:"):
        return []
    form, question = raw_state.split(":", 2)[1:]

    def button(text: str, do: str) -> Button:
        return Button(text, FormButton(form=form, question=question, do=do))

    return [button(_("▶️ Go on"), "repeat"), button(_("✖️ Leave it"), "cancel")]


def menu_rows(member: Member) -> list[list[Button]]:
    """The menu's buttons."""
    shown = [(place, label) for place, label, right in PLACES if right is None or member.may(right)]
    return grid([Button(_(label), MenuButton(place=place)) for place, label in shown], 2)


def to_menu() -> list[Button]:
    """The row that leads from any screen back to the menu."""
    return [Button(_("☰ Menu"), MenuButton(place="main"))]


async def command(_message: Message, chat: Chat, member: Member, raw_state: str | None = None) -> None:
    show_commands(chat, member)
    chat.say(menu_screen(member, raw_state))


async def press(_query: CallbackQuery, chat: Chat, member: Member, raw_state: str | None = None) -> None:
    chat.show(menu_screen(member, raw_state))


def routes() -> Router:
    router = Router(name="menu")
    router.message.register(command, Command("menu"))
    router.callback_query.register(press, MenuButton.filter(F.place == "main"))
    return router
