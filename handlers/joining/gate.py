"""The gate: whoever is not an active member is told what their next step is, whatever they send."""

from aiogram import F, Router
from aiogram.types import CallbackQuery, Message

from domain.members import Member, MemberStatus
from handlers.buttons import MenuButton, ProfileButton
from handlers.chat import Chat
from handlers.menu import menu_screen
from handlers.screens import Button, Screen
from locales import N_, _

OPEN_COMMANDS = ("profile", "help", "cancel")
OPEN_PLACES = frozenset({"profile", "help"})
"""What is open to people who wait for a decision. Start, language and consent are asked before the gate."""

KEPT = N_("Your message stays here in the chat: send it once more when you are in.")
CLOSED: dict[MemberStatus, str] = {
    MemberStatus.DECLINED: N_(
        "🙏 Thank you for your interest. The organization has not accepted your request this time.\n\n"
        "If you think this is a mistake, write to whoever told you about us; by an invite link of theirs "
        "you can ask again."
    ),
    MemberStatus.SUSPENDED: N_(
        "⏸ Your access is paused. Your leads are safe.\n\nPlease ask the admin of your organization."
    ),
    MemberStatus.REMOVED: N_(
        "🚪 You have been removed from the organization. By a new invite link you can come back."
    ),
    MemberStatus.LEFT: N_("You have left the organization. To come back press “Start again”."),
}


def next_step(member: Member | None, raw_state: str | None = None) -> Screen:
    """What the person sees at their place in the registration; the menu for active members."""
    if member is None or member.status is MemberStatus.REGISTERING:
        text = _("👋 To begin, please register: it takes a minute.")
        return Screen(text, [[Button(_("▶️ Go on with the registration"), MenuButton(place="register"))]])
    if member.status is MemberStatus.PENDING:
        return waiting_screen()
    if member.status is MemberStatus.ACTIVE:
        return menu_screen(member, raw_state)
    rows = [[Button(_("🔄 Start again"), MenuButton(place="register"))]]
    return Screen(_(CLOSED[member.status]), rows if member.status is MemberStatus.LEFT else ())


def waiting_screen() -> Screen:
    """Registered, and waiting for an admin."""
    text = _(
        "⏳ <b>Your request is with the admins.</b>\n\n"
        "I will write here as soon as they decide. Meanwhile you can fill in your profile: "
        "it helps them to know you."
    )
    rows = [
        [Button(_("👤 Fill in my profile"), MenuButton(place="profile"))],
        [Button(_("🌐 Language"), MenuButton(place="language"))],
    ]
    return Screen(text, rows)


def is_outside(member: Member | None) -> bool:
    """Not an active member of the organization."""
    return member is None or member.status is not MemberStatus.ACTIVE


def waits(member: Member | None) -> bool:
    """May already fill in the profile."""
    return member is not None and member.status in (MemberStatus.REGISTERING, MemberStatus.PENDING)


async def stops_message(message: Message, member: Member | None = None) -> bool:
    """Whether the gate answers this message."""
    word = (message.text or "").split("@")[0].split(" ")[0].removeprefix("/")
    is_open = (message.text or "").startswith("/") and word in OPEN_COMMANDS
    return is_outside(member) and not (is_open and (word != "profile" or waits(member)))


async def stops_press(query: CallbackQuery, member: Member | None = None) -> bool:
    """Whether the gate answers this button."""
    data = query.data or ""
    prefix, _, rest = data.partition(":")
    if prefix == ProfileButton.__prefix__:
        return is_outside(member) and not waits(member)
    is_open = prefix == MenuButton.__prefix__ and rest in OPEN_PLACES
    return is_outside(member) and not (is_open and (rest != "profile" or waits(member)))


async def message_outside(message: Message, chat: Chat, member: Member | None = None) -> None:
    screen = next_step(member)
    is_command = (message.text or "").startswith("/")
    kept = "" if is_command or (member and member.status in CLOSED) else "\n\n" + _(KEPT)
    chat.say(Screen(screen.text + kept, screen.rows))


async def press_outside(query: CallbackQuery, chat: Chat, member: Member | None = None) -> None:
    if query.data == MenuButton(place="main").pack():
        chat.show(next_step(member))
        return
    chat.toast(_("This opens once you are a member."))
    chat.say(next_step(member))


def routes() -> Router:
    router = Router(name="gate")
    router.message.register(message_outside, F.chat.type == "private", stops_message)
    router.callback_query.register(press_outside, stops_press)
    return router
