"""Registration: /start with its links, four short steps, and where the person stands afterwards."""

from typing import Any

from aiogram import F, Router
from aiogram.filters import CommandObject, CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message, User

from domain.errors import BadInput, TooLate
from domain.members import WISHABLE_ROLES, Member, MemberStatus, Role
from domain.phones import read_phone
from handlers.buttons import MenuButton
from handlers.chat import Chat
from handlers.commands import show_commands
from handlers.forms import forms
from handlers.forms.forms import Answers, Asking, Form, Question
from handlers.joining import consent, owner_setup
from handlers.joining.gate import next_step
from handlers.joining.language import language_name
from handlers.menu import menu_rows
from handlers.people.roles import role_label, role_name
from handlers.screens import Button, Screen, esc
from locales import LANGUAGES, _, current_language, known_language, speak
from services.people.arrivals import Arrival
from services.people.members import Members
from services.registry import Services

AGREED, DECLINED = "yes", "no"


def _language_choices(_asking: Asking) -> list[tuple[str, str]]:
    """Telegram's language first and ticked."""
    ordered = sorted(LANGUAGES, key=lambda code: code != current_language())
    return [(("✅ " if code == current_language() else "") + language_name(code), code) for code in ordered]


def _read_language(typed: str, _member: Member) -> str:
    for code in LANGUAGES:
        if typed.strip().casefold() in (code, language_name(code).casefold()):
            return code
    raise BadInput("language", "invalid")


def _read_consent(typed: str, _member: Member) -> str:
    if typed == DECLINED:
        raise BadInput("consent", "declined")
    return AGREED


def _read_role(typed: str, _member: Member) -> str:
    if typed not in {role.value for role in WISHABLE_ROLES}:
        raise BadInput("role", "invalid")
    return typed


def _invited(member: Member) -> bool:
    """Before registering, a role is written down only for somebody who came by an invite."""
    return member.wished_role is not None


async def _language_chosen(
    _chat: Chat, _state: FSMContext, member: Member, answers: Answers, _c: dict[str, Any], services: Services
) -> None:
    await services.members.change_language(member.telegram_id, answers["language"])
    speak(answers["language"])


async def _agreed(
    _chat: Chat, _state: FSMContext, member: Member, _a: Answers, _c: dict[str, Any], services: Services
) -> None:
    organization = await services.organizations.of(member)
    text = consent.consent_text(organization.name)
    await services.members.give_consent(member, consent.VERSION, text)


async def finish(
    chat: Chat, state: FSMContext, member: Member, answers: Answers, _c: dict[str, Any], services: Services
) -> None:
    """Hand the registration in, and show where it leads."""
    wished = Role(answers["role"]) if "role" in answers else member.wished_role or Role.PARTNER
    try:
        registered = await services.members.register(member, answers["phone"], wished)
    except TooLate:
        chat.show(next_step(member))
        return
    await state.clear()
    show_commands(chat, registered)
    chat.show(_welcome(registered))


def _welcome(member: Member) -> Screen:
    if member.status is not MemberStatus.ACTIVE:
        return next_step(member)
    text = _("🎉 <b>Welcome, {name}!</b> You are in as {role}.").format(
        name=esc(member.name), role=role_name(member.role)
    )
    more = _("A few words about you help us work together: open “My profile” when you have a minute.")
    return Screen(f"{text}\n\n{more}", menu_rows(member))


REGISTRATION = Form(
    name="registration",
    questions=(
        Question(
            "language",
            lambda _asking: _("🌐 Which language shall we speak?"),
            read=_read_language,
            choices=_language_choices,
        ),
        Question(
            "consent",
            lambda _asking: consent.question(),
            read=_read_consent,
            choices=lambda _asking: [(_("✅ I agree"), AGREED), (_("I do not agree"), DECLINED)],
            typed=False,
            beside=lambda _asking: [Button(_("📄 Read the whole text"), MenuButton(place="consent"))],
            given=lambda asking: consent.given_on(asking.member),
        ),
        Question(
            "phone",
            lambda _asking: _(
                "📱 Your phone number, please.\n\nPress “Share my phone” below, or type it: +7 999 123-45-67"
            ),
            read=lambda typed, member: read_phone(typed, member.region),
            contact=True,
            own_contact=True,
        ),
        Question(
            "role",
            lambda _asking: _("🎯 How would you like to work with us? An admin will confirm it."),
            read=_read_role,
            choices=lambda _asking: [(role_label(role), role.value) for role in WISHABLE_ROLES],
            typed=False,
            width=1,
            when=lambda asking: not _invited(asking.member),
        ),
    ),
    finish=finish,
    cancelled=lambda: _("⏸ The registration is paused. What you have told me is kept: /start goes on."),
    after={"language": _language_chosen, "consent": _agreed},
    mandatory=True,
    numbered=True,
)
FORMS = (REGISTRATION,)


async def start(
    message: Message, command: CommandObject, chat: Chat, state: FSMContext, services: Services
) -> None:
    """/start, bare or with a link's payload."""
    if message.from_user is not None:
        await _begin(message.from_user, (command.args or "").strip(), chat, state, services)


async def go_on(query: CallbackQuery, chat: Chat, state: FSMContext, services: Services) -> None:
    """The button that leads into the registration."""
    await _begin(query.from_user, "", chat, state, services)


async def _begin(person: User, link: str, chat: Chat, state: FSMContext, services: Services) -> None:
    language = known_language(person.language_code, current_language())
    arrival = await services.members.arrive(
        person.id, person.username or "", person.full_name[:100], language, link[:64]
    )
    speak(known_language(arrival.member.language, language))
    greeting = _greeting(arrival)
    if greeting:
        chat.say(greeting)
        chat.screen_id = None
    member = arrival.member
    show_commands(chat, member)
    if member.status is MemberStatus.REGISTERING:
        await _register(chat, state, member, services)
    elif member.status is MemberStatus.PENDING and arrival.link == "invite" and member.phone:
        role = member.wished_role or Role.PARTNER
        chat.show(_welcome(await services.members.register(member, member.phone, role)))
    elif not await owner_setup.offer(chat, state, member, services):
        chat.show(next_step(member, await state.get_state()))


def _greeting(arrival: Arrival) -> str:
    """What the link meant, said before the conversation goes on."""
    role = role_name(arrival.member.wished_role)
    waits = arrival.member.status in (MemberStatus.REGISTERING, MemberStatus.PENDING)
    if arrival.link == "unknown":
        return _(
            "🤔 I do not know this link: it may be old or used up. No harm done, we go on without it. "
            "For a new one ask whoever sent it to you."
        )
    if arrival.link == "invite" and waits:
        return _("👋 You are invited as {role}: no approval needed.").format(role=role)
    if arrival.link == "referral" and arrival.inviter and waits:
        text = _("👋 Welcome! You come by the recommendation of {inviter}.")
        return text.format(inviter=esc(arrival.inviter))
    if arrival.link in ("invite", "referral"):
        return _("You are a member already, the link changes nothing.")
    return ""


async def _register(chat: Chat, state: FSMContext, member: Member, services: Services) -> None:
    """Go on where the registration stopped: in the dialog, or by what is on record."""
    if await forms.resume(REGISTRATION, chat, state, member, services):
        return
    known = {"language": member.language, "consent": AGREED} if member.consent_at else {}
    await forms.start(REGISTRATION, chat, state, member, services, answers=known)


async def blocked_or_back(event: ChatMemberUpdated, members: Members) -> None:
    """The person has blocked the bot, or unblocked it."""
    gone = event.new_chat_member.status in ("kicked", "left")
    await (members.lost(event.from_user.id) if gone else members.back(event.from_user.id))


def routes() -> Router:
    router = Router(name="registration")
    router.message.register(start, CommandStart())
    router.callback_query.register(go_on, MenuButton.filter(F.place == "register"))
    router.my_chat_member.register(blocked_or_back, F.chat.type == "private")
    router.include_router(consent.routes())
    return router
