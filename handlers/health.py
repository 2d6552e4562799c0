"""/health: how the bot itself is, for those who look after it, with the ways to what is stuck."""

from collections.abc import Awaitable, Callable, Sequence

from aiogram import F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from domain.members import Member, Right
from handlers.buttons import LogButton, MenuButton
from handlers.cards import moment
from handlers.chat import Chat
from handlers.crm.forms import TITLES
from handlers.figures.words import span
from handlers.menu import to_menu
from handlers.privacy.chain_words import why_word
from handlers.queue_words import QUEUES
from handlers.screens import Button, Screen, esc
from locales import N_, _, ngettext
from services.health import Health, HealthView
from services.messages.notices import Delivery
from services.registry import Services

PLACE = "health"
ROLES = {
    "bot": N_("conversations"),
    "web": N_("web server"),
    "worker": N_("worker"),
    "scheduler": N_("scheduler"),
}
REDIS = {"ok": N_("Redis answers"), "away": N_("⚠️ Redis is away"), "none": N_("without Redis")}
GIGABYTE = 1_000_000_000
LITTLE = 2 * GIGABYTE


async def command(_message: Message, chat: Chat, member: Member, health: Health) -> None:
    chat.say(screen(await health.view(member), member))


async def again(_query: CallbackQuery, chat: Chat, member: Member, health: Health) -> None:
    chat.show(screen(await health.view(member), member))


def screen(view: HealthView, member: Member) -> Screen:
    """The whole card: one look says whether something has to be done."""
    verdict = _("⚠️ Something needs you.") if view.troubled else _("✅ All is well.")
    parts = [
        [_("🩺 <b>Health</b>") + " · " + verdict],
        _queues(view, member),
        _crms(view, member),
        _processes(view, member),
        _jobs(view, member),
        _record(view),
        [_machine(view)],
    ]
    return Screen("\n\n".join("\n".join(one) for one in parts if one), _rows(view, member))


def _queues(view: HealthView, member: Member) -> list[str]:
    lines = [_("<b>Waiting</b>")]
    for one in view.queues:
        line = f"• {_(QUEUES[one.queue])}: {one.depth}"
        if one.oldest is not None:
            line += ", " + _("the oldest for {time}").format(time=span(view.now - one.oldest))
        lines.append(line)
    if view.failed:
        text = ngettext("{count} write waits for you", "{count} writes wait for you", view.failed)
        lines.append("⚠️ " + text.format(count=view.failed))
    return lines


def _crms(view: HealthView, member: Member) -> list[str]:
    lines = []
    for one in view.crms:
        name = esc(one.name or TITLES.get(one.provider, one.provider))
        if one.failures:
            line = _("⚠️ {crm}: fails, last with {error}").format(crm=name, error=esc(one.last_error))
        else:
            line = _("✅ {crm}: works").format(crm=name)
        if one.last_success_at is not None:
            at = moment(one.last_success_at, member, view.now)
            line += ", " + _("last success {time}").format(time=at)
        lines.append(line)
    return lines


def _processes(view: HealthView, member: Member) -> list[str]:
    lines = [_("<b>Running</b>")]
    for one in view.running:
        roles = ", ".join(_(ROLES[role]) for role in one.roles if role in ROLES)
        since = moment(one.started_at, member, view.now)
        lines.append("• " + _("{roles}, since {time}").format(roles=roles, time=since))
        if one.revision != view.revision:
            lines.append("  " + _("made for database {other}").format(other=esc(one.revision)))
    if view.missing:
        missing = ", ".join(_(ROLES[role]) for role in view.missing if role in ROLES)
        lines.append("⚠️ " + _("nobody does: {roles}").format(roles=missing))
    return lines


def _jobs(view: HealthView, member: Member) -> list[str]:
    broken = [one for one in view.jobs if one.error]
    if not view.jobs:
        return []
    last = max(one.at for one in view.jobs)
    count = ngettext("{count} job", "{count} jobs", len(view.jobs)).format(count=len(view.jobs))
    lines = [
        _("<b>Jobs</b>: {count}, the last {time}").format(count=count, time=moment(last, member, view.now))
    ]
    lines += [f"⚠️ {esc(one.name)}: {esc(one.error)}, {moment(one.at, member, view.now)}" for one in broken]
    return lines


def _record(view: HealthView) -> list[str]:
    broken = view.record.broken
    if not broken:
        return []
    why = why_word(broken["why"], broken["seq"])
    return [_("🚨 The record of actions does not hold: {why}.").format(why=why)]


def _machine(view: HealthView) -> str:
    parts = [f"{esc(view.database)} ({esc(view.revision)})"]
    if view.around.get("redis") in REDIS:
        parts.append(_(REDIS[view.around["redis"]]))
    free = int(view.around.get("disk", "0"))
    if free:
        text = _("⚠️ {size} GB free") if free < LITTLE else _("{size} GB free")
        parts.append(text.format(size=f"{free / GIGABYTE:.1f}"))
    return " · ".join(parts)


def _rows(view: HealthView, member: Member) -> Sequence[Sequence[Button]]:
    rows = [[Button(_("🔄 Look again"), MenuButton(place=PLACE))]]
    if view.failed:
        rows.append([Button(_("⚠️ What waits for me"), LogButton(do="page", state="failed"))])
    if view.record.broken and member.may(Right.AUDIT_SEE):
        rows.append([Button(_("🧾 Who did what"), MenuButton(place="audit"))])
    rows.append(
        [Button(_("📜 Operations"), LogButton(do="page")), Button(_("🔌 CRM"), MenuButton(place="crm"))]
    )
    rows.append([Button(_("📡 Webhooks"), MenuButton(place="hooks"))])
    return [*rows, to_menu()]


async def parked(_services: Services, delivery: Delivery) -> Screen | None:
    """To admins: what somebody did could not be handled."""
    if delivery.member is None:
        return None
    params = delivery.notice.params
    text = _(
        "🧯 <b>Something broke on our side</b> while {name} was being answered (code {code}). What they sent "
        "is kept, and they were asked to try again; the bot’s log tells by the code what it was."
    ).format(name=esc(params["name"]), code=esc(params["error"]))
    return Screen(text, [[Button(_("🩺 Health"), MenuButton(place=PLACE))], to_menu()])


NOTICES: dict[str, Callable[[Services, Delivery], Awaitable[Screen | None]]] = {"update.parked": parked}


def routes() -> Router:
    router = Router(name="health")
    router.message.register(command, Command("health"))
    router.callback_query.register(again, MenuButton.filter(F.place == PLACE))
    return router
