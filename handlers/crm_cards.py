"""Screens about the connection with a CRM: its health, a test's verdict, an outage."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime, format_timedelta

from domain.crm import ConnectionReport
from domain.errors import BadInput, VoronkaError
from domain.members import Member
from handlers.buttons import CrmButton, MenuButton
from handlers.crm_words import error_in_words, problem_in_words
from handlers.errors import in_words
from handlers.menu import to_menu
from handlers.screens import Button, Screen, esc
from locales import N_, _, current_language, ngettext
from services.integration_view import IntegrationView

Row = list[Button]
DRY_RUN = "dry_run"
SETTINGS = {"url": N_("Address")}
"""Open settings as the card names them."""


def _at(moment: datetime, member: Member) -> str:
    local = moment.astimezone(ZoneInfo(member.time_zone))
    return format_datetime(local, "short", locale=current_language())


def choice_screen(known: Sequence[tuple[str, str]], *, unfinished: bool = False) -> Screen:
    """No CRM yet: (name, title) of those that can be connected. `unfinished` settings can be tried again."""
    text = _(
        "🔌 <b>CRM</b>\n\nNo CRM is connected: leads stay here, and nothing is lost.\n"
        "Choose yours; a few answers, and leads go there by themselves."
    )
    rows = [[Button(title, CrmButton(do="connect", name=name))] for name, title in known]
    again = [Button(_("🔄 Try what I gave again"), CrmButton(do="try"))] if unfinished else []
    return Screen(text, [again, *rows, to_menu()])


def health_screen(view: IntegrationView, member: Member, now: datetime) -> Screen:
    """The active connection: state, account, queue and the last error in words."""
    lines = [f"🔌 <b>{esc(view.title)}</b>", _state(view, member, now)]
    lines += [f"{esc(_(SETTINGS.get(name, name)))}: {esc(value)}" for name, value in view.settings.items()]
    if view.account or view.version:
        known = (esc(view.account or "—"), esc(view.version or "—"))
        lines.append(_("Account: {account}, version {version}").format(account=known[0], version=known[1]))
    if view.last_success_at:
        lines.append(_("Last written: {time}").format(time=_at(view.last_success_at, member)))
    lines += ["", _queue(view)]
    if not view.webhooks:
        lines.append(_("📭 Changes made in the CRM are not reported to us by it."))
    other_key = Button(_("🔑 Other key"), CrmButton(do="other_key"))
    rows = [[Button(_("🔄 Test again"), CrmButton(do="again")), other_key]]
    if view.queue_depth:
        rows.append([Button(_("📤 Send all now"), CrmButton(do="retry_all"))])
    rows.append([Button(_("📜 Operations"), MenuButton(place="operations"))])
    rows.append([Button(_("🔌 Disconnect"), CrmButton(do="disconnect")), *to_menu()])
    return Screen("\n".join(lines), rows)


def _state(view: IntegrationView, member: Member, now: datetime) -> str:
    if view.mode == DRY_RUN:
        return _("🧪 Trial run: nothing is written to the CRM.")
    if view.parked_until and view.parked_until > now:
        until = _at(view.parked_until, member)
        why = esc(error_in_words(view.last_error or "crm_rate_limited"))
        return _("🟡 Pause until {time}: {why}. Leads wait safely here.").format(time=until, why=why)
    if view.last_error:
        return _("🔴 It does not work: {why}").format(why=esc(error_in_words(view.last_error)))
    return _("🟢 It works.")


def _queue(view: IntegrationView) -> str:
    if not view.queue_depth:
        return _("📤 Nothing waits: everything is in the CRM.")
    depth = ngettext("📤 {count} write waits", "📤 {count} writes wait", view.queue_depth)
    text = depth.format(count=view.queue_depth)
    if view.oldest_wait:
        wait = format_timedelta(view.oldest_wait, locale=current_language())
        text += _(", the oldest for {time}").format(time=wait)
    if view.failed:
        failed = ngettext("{count} needs you", "{count} need you", view.failed)
        text += "; " + failed.format(count=view.failed)
    return text + "."


def verdict_screen(title: str, report: ConnectionReport) -> Screen:
    """A connection that stands, and what could be better."""
    head = _("✅ <b>{title} is connected.</b>").format(title=esc(title))
    who = _("Account: {account}, version {version}").format(
        account=esc(report.account or "—"), version=esc(report.version or "—")
    )
    return Screen(
        "\n".join([head, who, *_problems(report)]),
        [[Button(_("🔌 CRM"), MenuButton(place="crm"))], to_menu()],
    )


def unusable_screen(title: str, report: ConnectionReport, ways: Sequence[Row]) -> Screen:
    """The CRM answers, but leads cannot be sent there as it is."""
    head = _("⛔ <b>{title} answers, but leads cannot be written yet.</b>").format(title=esc(title))
    return Screen("\n".join([head, *_problems(report)]), [*ways, to_menu()])


def refused_screen(title: str, error: VoronkaError, ways: Sequence[Row]) -> Screen:
    """The test ended in an error; what was typed is kept."""
    head = _("⛔ <b>{title}: no connection.</b>").format(title=esc(title))
    kept = _("What you have given is kept: mend one thing, or try again.")
    words = esc(in_words(error))
    field = f" ({esc(error.field)})" if isinstance(error, BadInput) else ""
    return Screen(f"{head}\n{words}{field}\n\n{kept}", [*ways, to_menu()])


def _problems(report: ConnectionReport) -> list[str]:
    marks = (("⛔" if problem.fatal else "⚠️", problem) for problem in report.problems)
    lines = [f"{mark} {esc(problem_in_words(problem))}" for mark, problem in marks]
    return ["", *lines] if lines else []


def outage_screen(view: IntegrationView, member: Member) -> Screen:
    """The CRM has failed several times in a row: why, since when, and what to do."""
    lines = [
        _("🔴 <b>{title} does not work</b>").format(title=esc(view.title)),
        _("Why: {why}").format(why=esc(error_in_words(view.last_error))),
    ]
    if view.last_success_at:
        lines.append(_("Last written: {time}").format(time=_at(view.last_success_at, member)))
    lines += ["", _("Leads wait safely here and go there by themselves as soon as it works."), _queue(view)]
    health = Button(_("🩺 Health"), MenuButton(place="crm"))
    retry = Button(_("🔄 Try now"), CrmButton(do="retry_all"))
    settings = Button(_("⚙️ Settings"), CrmButton(do="other_key"))
    return Screen("\n".join(lines), [[health, retry], [settings]])


def recovered_screen(view: IntegrationView) -> Screen:
    """It works again."""
    text = _("🟢 <b>{title} works again.</b>").format(title=esc(view.title))
    return Screen(f"{text}\n{_queue(view)}", [[Button(_("🩺 Health"), MenuButton(place="crm"))]])
