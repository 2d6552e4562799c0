"""/audit: who did what, when and from where; by kind, period, member and lead, and as a file."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from aiogram import F, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message
from babel.dates import format_datetime

from domain.audit import KINDS, ChainState, Entry, Sought
from domain.members import Member, Right
from handlers.buttons import MenuButton
from handlers.chat import Chat
from handlers.menu import to_menu
from handlers.privacy.action_words import action_word, kind_word
from handlers.privacy.buttons import AuditButton
from handlers.privacy.chain_words import why_word
from handlers.screens import Button, Screen, esc, grid
from locales import _, current_language, ngettext
from services.audit.chain import BROKEN
from services.messages.notices import Delivery
from services.registry import Services

PAGE = 8
PEOPLE = 10
PERIODS = (1, 7, 30, 0)
DATA_ROOM = 120


async def command(
    _message: Message, command: CommandObject, chat: Chat, member: Member, services: Services
) -> None:
    """`/audit 12` asks about lead 12."""
    typed = (command.args or "").strip().removeprefix("#")
    lead = int(typed) if typed.isdecimal() and len(typed) < 10 else 0
    chat.say(await _screen(services, member, AuditButton(do="show", days=30, lead=lead)))


async def place(_query: CallbackQuery, chat: Chat, member: Member, services: Services) -> None:
    chat.show(await _screen(services, member, AuditButton(do="show", days=30)))


async def show(
    _query: CallbackQuery, callback_data: AuditButton, chat: Chat, member: Member, services: Services
) -> None:
    chat.show(await _screen(services, member, callback_data))


def _sought(at: AuditButton, services: Services) -> Sought:
    since = services.audit_record.clock() - timedelta(days=at.days) if 0 < at.days < 10_000 else None
    try:
        who = UUID(at.who) if at.who else None
    except ValueError:
        who = None
    return Sought(member_id=who, kind=at.kind if at.kind in KINDS else "", since=since, lead=at.lead)


async def _screen(services: Services, member: Member, at: AuditButton) -> Screen:
    page = max(at.page, 0)
    found, total = await services.audit_record.browse(member, _sought(at, services), PAGE, page * PAGE)
    state = await services.audit_record.state(member)
    lines = [_("🧾 <b>Who did what</b>"), _verified(state, member), _chosen(at), ""]
    lines += [_line(one, member) for one in found] or [_("Nothing here. Choose a longer period.")]
    return Screen("\n".join(lines), _rows(at.model_copy(update={"page": page}), total))


def _verified(state: ChainState, member: Member) -> str:
    if state.broken:
        why = why_word(state.broken["why"], state.broken["seq"])
        return _("🚨 The record of actions does not hold: {why}.").format(why=why)
    if state.verified_at is None:
        return _("Not verified yet: that is done once a day.")
    return _("✅ Verified on {moment}, up to entry {seq}").format(
        moment=_moment(state.verified_at, member), seq=state.verified_seq
    )


def _moment(at: datetime, member: Member) -> str:
    return str(format_datetime(at, "short", ZoneInfo(member.time_zone), locale=current_language()))


def _chosen(at: AuditButton) -> str:
    parts = [kind_word(at.kind), _period(at.days)]
    if at.lead:
        parts.append(_("lead #{number}").format(number=at.lead))
    if at.who:
        parts.append(_("one person"))
    return "<i>" + esc(" · ".join(parts)) + "</i>"


def _period(days: int) -> str:
    if not days:
        return _("all the time")
    return ngettext("{count} day", "{count} days", days).format(count=days)


def _line(one: Entry, member: Member) -> str:
    who = one.actor_name or ("—" if one.address else _("the program"))
    about = f" · {_about(one)}" if one.subject else ""
    from_where = f" · {one.address}" if one.address else ""
    said = ", ".join(f"{name}: {value}" for name, value in one.data.items())[:DATA_ROOM]
    head = f"{esc(_moment(one.at, member))} <b>{esc(who)}</b>: {esc(action_word(one.action))}{esc(about)}"
    return head + f"<i>{esc(from_where)}</i>" + (f"\n   <i>{esc(said)}</i>" if said else "")


def _about(one: Entry) -> str:
    return f"#{one.subject}" if one.entity == "lead" else one.subject


def _rows(at: AuditButton, total: int) -> list[list[Button]]:
    def to(text: str, **changes: object) -> Button:
        return Button(text, at.model_copy(update={"do": "show", "page": 0, **changes}))

    kinds = [to(("• " if kind == at.kind else "") + kind_word(kind), kind=kind) for kind in ("", *KINDS)]
    periods = [to(("• " if days == at.days else "") + _period(days), days=days) for days in PERIODS]
    turn = []
    if at.page:
        turn.append(to("⬅️", page=at.page - 1))
    if (at.page + 1) * PAGE < total:
        turn.append(to("➡️", page=at.page + 1))
    who = to(_("👤 Everybody again"), who="") if at.who else to(_("👤 By one person"), do="who")
    return [turn, *grid(kinds, 3), periods, [who, to(_("📄 As a file"), do="file")], to_menu()]


async def people(
    _query: CallbackQuery, callback_data: AuditButton, chat: Chat, member: Member, services: Services
) -> None:
    """Whose actions."""
    at = callback_data
    found = await services.people.browse(member, page=at.page, size=PEOPLE)

    def to(text: str, **changes: object) -> Button:
        return Button(text, at.model_copy(update=changes))

    rows = [[to(one.name or "—", do="show", who=one.id.hex, page=0)] for one in found.members]
    turn = [to("⬅️", page=at.page - 1)] if at.page else []
    if found.page + 1 < found.pages:
        turn.append(to("➡️", page=at.page + 1))
    chat.show(Screen(_("👤 Whose actions?"), [*rows, turn, [to(_("⬅️ Back"), do="show", page=0)]]))


async def broken(_services: Services, delivery: Delivery) -> Screen | None:
    """To owners: the record does not hold any more."""
    member, params = delivery.member, delivery.notice.params
    if member is None or not member.may(Right.AUDIT_SEE):
        return None
    why = why_word(params["why"], params["seq"])
    lines = [
        _("🚨 <b>The record of actions does not hold</b>: {why}.").format(why=why),
        _("Somebody has changed the database past this program, or put a part of an older copy into it."),
        "",
        _("What to do:"),
        _("1. Keep the database as it is now: <code>python -m bot backup FILE</code>."),
        _("2. Find out who can write into it. Give it a new password, and rotate SECRET_KEY."),
        _("3. Compare with an earlier copy: <code>python -m bot audit verify</code> names the row."),
        "",
        _("I say this once. /health and /audit show it for as long as it is so."),
    ]
    rows = [[Button(_("🧾 Who did what"), MenuButton(place="audit"))], to_menu()]
    return Screen("\n".join(lines), rows)


async def file(
    _query: CallbackQuery, callback_data: AuditButton, chat: Chat, member: Member, services: Services
) -> None:
    sought = _sought(callback_data, services)

    async def work(later: Chat) -> None:
        content, entries = await services.audit_record.file(member, sought)
        text = ngettext("🧾 {count} entry", "🧾 {count} entries", entries)
        later.upload("audit.csv", content, text.format(count=entries))

    chat.toast(_("⏳ The file is on its way."))
    chat.then(work)


NOTICES: dict[str, Callable[[Services, Delivery], Awaitable[Screen | None]]] = {BROKEN: broken}


def routes() -> Router:
    router = Router(name="audit")
    router.message.register(command, Command("audit"))
    press = router.callback_query.register
    press(place, MenuButton.filter(F.place == "audit"))
    press(show, AuditButton.filter(F.do == "show"))
    press(people, AuditButton.filter(F.do == "who"))
    press(file, AuditButton.filter(F.do == "file"))
    return router
