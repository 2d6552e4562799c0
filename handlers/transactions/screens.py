"""Screens of sources of purchases: the list, a card, the moving bar, figures, alerts' silence."""

from collections.abc import Sequence

from babel.numbers import format_percent

from domain.members import Member
from handlers.buttons import MenuButton
from handlers.cards import moment
from handlers.menu import to_menu
from handlers.screens import Button, Screen, esc
from handlers.transactions.buttons import MakeSourceButton, NewSourceButton, SourceButton
from handlers.transactions.words import (
    bar,
    brought,
    label,
    mark,
    state_line,
    synchronized,
    why,
)
from locales import _, current_language, ngettext
from services.connections.view import IntegrationView
from services.transactions.ending import slot_of
from services.transactions.view import SourceView, Statistics

Row = list[Button]
MUTE_DAYS = (1, 7, 30)


def button(text: str, do: str, view: SourceView, extra: str = "") -> Button:
    return Button(text, SourceButton(do=do, id=view.id, extra=extra))


def to_sources() -> Button:
    return Button(_("⬅️ All sources"), MenuButton(place="integrations"))


def list_screen(views: Sequence[SourceView], *, unfinished: bool = False) -> Screen:
    """Every source, and the way to one more."""
    lines = [_("🧾 <b>Where purchases come from</b>"), ""]
    if not views:
        lines += [
            _("Nothing is connected yet. Purchases of YCLIENTS, iiko, 1C, amoCRM, Renovatio or any other "
              "system come in by themselves, every five minutes; a table you can simply send me here."),
        ]  # fmt: skip
    for view in views:
        line = f"{mark(view)} <b>{esc(label(view))}</b>"
        lines.append(line + (f" — {esc(why(view))}" if view.last_error and view.active else ""))
    rows: list[Row] = []
    if unfinished:
        rows.append([Button(_("🔄 Try what I gave again"), NewSourceButton(do="try"))])
    rows += [[button(f"{mark(view)} {label(view)}"[:60], "show", view)] for view in views]
    rows.append([Button(_("➕ Connect a source"), NewSourceButton(do="choose"))])
    rows.append([Button(_("🎁 Bonuses"), MenuButton(place="loyalty")), *to_menu()])
    return Screen("\n".join(lines), rows)


def choice_screen(
    known: Sequence[tuple[str, str]], standing: Sequence[IntegrationView], *, unfinished: bool = False
) -> Screen:
    """(name, title) of systems that can be connected; `standing` connections can tell of purchases too."""
    text = _(
        "➕ <b>Where do you keep your sales?</b>\n\nChoose it: I ask for a few things, test them, and read "
        "the last twelve months."
    )
    rows: list[Row] = (
        [[Button(_("🔄 Try what I gave again"), NewSourceButton(do="try"))]] if unfinished else []
    )
    for view in standing:
        words = _("✅ {title}, connected already").format(title=view.label)
        rows.append([Button(words[:60], MakeSourceButton(do="make", id=view.id))])
    rows += [[Button(title, NewSourceButton(do="connect", name=name))] for name, title in known]
    rows.append([to_sources(), *to_menu()])
    return Screen(text, rows)


def card(view: SourceView, member: Member, unreadable: int) -> Screen:
    """One source."""
    lines = [f"🧾 <b>{esc(label(view))}</b>", state_line(view, member)]
    if view.last_success_at is not None:
        lines.append(_("Last read: {time}").format(time=moment(view.last_success_at, member)))
    if not view.progress.loaded and view.progress.all_months:
        lines.append(_("First load: {months} of {all} months").format(
            months=view.progress.months, all=view.progress.all_months))  # fmt: skip
    if view.progress.found:
        lines.append(_("The last run: {brought}").format(brought=brought(view.progress)))
    if view.muted_until is not None:
        lines.append(_("🔕 No alerts until {time}").format(time=moment(view.muted_until, member)))
    rows: list[Row] = []
    if view.integration_id is not None:
        turn = (_("⏸ Stop"), "stop") if view.active else (_("▶️ Go on"), "go_on")
        rows.append([button(_("🔄 Sync now"), "sync", view), button(*turn, view)])
    if unreadable:
        said = ngettext("⚠️ {count} unreadable", "⚠️ {count} unreadable", unreadable)
        rows.append([button(said.format(count=unreadable), "bad", view)])
    rows.append([button(_("📜 Log"), "log", view), button(_("📊 Statistics"), "stats", view)])
    if view.integration_id is not None:
        rows.append([button(_("⚙️ Settings"), "settings", view), button(_("📮 Webhook"), "hook", view)])
        rows.append([button(_("🔕 Alerts"), "mute", view)])
    else:
        rows += care_rows(view)
    return Screen("\n".join(lines), [*rows, [to_sources(), *to_menu()]])


def care_rows(view: SourceView) -> list[Row]:
    """What any source has, be it a connection or uploaded tables."""
    rows = [[button(_("👤 Whose card is it"), "buyer", view), button(_("🗓 Keep the log"), "keep", view)]]
    return [*rows, [button(_("🗑 Remove"), "remove", view)]]


def progress_screen(view: SourceView, *, asked: bool = False) -> Screen:
    """The moving bar of a run; `asked` for one that has not begun."""
    head, slot = f"🧾 <b>{esc(label(view))}</b>", slot_of(view.id)
    way = [[button(_("🧾 To the source"), "show", view)]]
    told = view.progress
    if asked and not told.running:
        return Screen(f"{head}\n" + _("⏳ I am about to read it …"), way, slot=slot)
    if told.running:
        lines = [head, _("⏳ Reading …")]
        if not told.loaded and told.all_months:
            lines.append(_("Months: {bar}").format(bar=bar(told.months, told.all_months)))
        if told.total:
            lines.append(bar(told.found, told.total))
        found = ngettext("{count} record so far", "{count} records so far", told.found)
        lines.append(found.format(count=told.found))
        return Screen("\n".join(lines), way, slot=slot)
    if view.last_error:
        words = _("⛔ It does not answer as it should: {why}").format(why=esc(why(view)))
        return Screen(f"{head}\n{words}", [[button(_("🔄 Try again"), "sync", view)], *way], slot=slot)
    lines = [head, synchronized(told.added + told.changed), brought(told)]
    return Screen("\n".join(lines), way, slot=slot)


def statistics_screen(view: SourceView, told: Statistics, member: Member) -> Screen:
    last = moment(told.last_success_at, member) if told.last_success_at else "—"
    language = current_language()
    rate = format_percent(told.rate, "#,##0.#%", locale=language) if told.rate is not None else "—"
    lines = [
        _("📊 <b>{title}</b>").format(title=esc(label(view))),
        "",
        _("Transactions in all: {count}").format(count=told.transactions),
        _("Last success: {time}").format(time=last),
        _("Success rate over 30 days: {rate}").format(rate=rate),
        _("Failures over 30 days: {count}").format(count=told.failures),
        _("Mean time of a run: {seconds} s").format(seconds=f"{told.seconds:.1f}"),
        _("Unreadable records: {count}").format(count=told.unreadable),
    ]
    return Screen("\n".join(lines), [[button(_("⬅️ Back"), "show", view), *to_menu()]])


def mute_screen(view: SourceView, member: Member) -> Screen:
    """How long to be silent about failures."""
    lines = [_("🔕 <b>Alerts of {title}</b>").format(title=esc(label(view))), ""]
    lines.append(_("After three failures in a row I write to those who look after connections."))
    if view.muted_until is not None:
        lines.append(_("Silent until {time}.").format(time=moment(view.muted_until, member)))
    said = [ngettext("{count} day", "{count} days", days).format(count=days) for days in MUTE_DAYS]
    silent = [button(f"🔕 {words}", "mute_for", view, str(days))
              for words, days in zip(said, MUTE_DAYS, strict=True)]  # fmt: skip
    loud = [button(_("🔔 Alerts on"), "mute_for", view, "0")] if view.muted_until else []
    return Screen("\n".join(lines), [silent, loud, [button(_("⬅️ Back"), "show", view)]])
