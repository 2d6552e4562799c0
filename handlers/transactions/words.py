"""Sources of purchases in words: their state, their runs, what is wrong with a record."""

from collections.abc import Mapping
from datetime import datetime

from domain.members import Member
from domain.purchases import Run
from handlers.cards import moment
from handlers.crm.words import error_in_words
from handlers.screens import esc
from locales import N_, _, ngettext
from services.transactions.view import Progress, SourceView

FILE_TITLE = N_("Uploaded tables")
STOPPED: Mapping[str, str] = {
    "repeats": N_("it tells the same page again and again"),
    "goes_back": N_("it goes back in time"),
    "never_ends": N_("it never comes to an end"),
}
VERDICTS: Mapping[str, tuple[str, str]] = {
    "done": ("✅", N_("read to the end")),
    "goes_on": ("⏩", N_("the time was up, the next run goes on")),
    "waits": ("⏳", N_("the source asked us to wait")),
    "failed": ("⚠️", N_("failed")),
    "stopped": ("⛔", N_("stopped: it made no sense")),
}
KINDS: Mapping[str, str] = {
    "scheduled": N_("by itself"),
    "first": N_("first load"),
    "webhook": N_("the source told of it"),
    "file": N_("a table"),
}
FIELDS: Mapping[str, str] = {
    "external_id": N_("number"),
    "amount": N_("amount"),
    "currency": N_("currency"),
    "happened_at": N_("time"),
    "phone": N_("phone"),
    "description": N_("description"),
    "kind": N_("kind"),
}
PROBLEMS: Mapping[str, str] = {
    "required": N_("is missing"),
    "invalid": N_("cannot be read"),
    "negative": N_("is negative"),
    "out_of_range": N_("is out of all bounds"),
    "future": N_("lies in the future"),
    "in_future": N_("lies in the future"),
    "currency": N_("names another currency"),
    "too_long": N_("is too long"),
}
CELLS = 12


def title_of(view: SourceView) -> str:
    """The provider's name; plain text."""
    return _(FILE_TITLE) if view.provider == "file" else view.title


def label(view: SourceView) -> str:
    """What people call the source; plain text."""
    return " · ".join(filter(None, (title_of(view), view.name or view.account)))


def why(view: SourceView) -> str:
    """What is wrong with a source, as the end of a sentence; plain text."""
    return error_words(view.last_error, view.error_reason)


def error_words(error: str, reason: str) -> str:
    """An error of a run, as the end of a sentence; plain text."""
    if error == "source_stopped" and reason in STOPPED:
        return _(STOPPED[reason])
    return error_in_words(error, reason)


def mark(view: SourceView) -> str:
    if not view.active:
        return "⏸"
    if view.progress.running:
        return "⏳"
    return "🔴" if view.last_error else "🟢"


def state_line(view: SourceView, member: Member) -> str:
    """How it stands, in a line; HTML."""
    if view.provider == "file":
        return _("📄 Comes in by files that you send here.")
    if not view.active:
        return _("⏸ Stopped: nothing is read until you let it go on.")
    if view.progress.running:
        return _("⏳ It is being read right now.")
    if view.last_error:
        return _("🔴 Does not come in: {why}").format(why=esc(why(view)))
    return _("🟢 Works. The next reading: {time}").format(time=moment(view.next_at, member))


def brought(progress: Progress) -> str:
    """What the last run has brought."""
    parts = [
        _("{count} new").format(count=progress.added),
        _("{count} changed").format(count=progress.changed),
    ]
    if progress.unreadable:
        parts.append(_("{count} unreadable").format(count=progress.unreadable))
    return ", ".join(parts)


def synchronized(count: int) -> str:
    if not count:
        return _("✅ Nothing new: all that the source has is here.")
    said = ngettext("✅ Synchronized {count} transaction", "✅ Synchronized {count} transactions", count)
    return said.format(count=count)


def bar(done: int, whole: int) -> str:
    full = min(CELLS, CELLS * done // whole) if whole else CELLS
    return "▓" * full + "░" * (CELLS - full) + f" {done} / {whole}"


def run_line(run: Run, member: Member) -> str:
    """A line of the log, short enough for a button; plain text."""
    sign, _words = VERDICTS.get(run.verdict, ("❔", ""))
    parts = [f"{sign} {moment(run.finished_at, member)}"]
    if run.error:
        parts.append(error_words(run.error, run.reason))
    else:
        parts.append(_("{count} new").format(count=int(run.counts.get("added", 0))))
        changed = int(run.counts.get("changed", 0))
        if changed:
            parts.append(_("{count} changed").format(count=changed))
    return " · ".join(parts)[:64]


def verdict_words(run: Run) -> str:
    sign, words = VERDICTS.get(run.verdict, ("❔", run.verdict))
    return f"{sign} {_(words)}"


def kind_words(run: Run) -> str:
    return _(KINDS[run.kind]) if run.kind in KINDS else run.kind


def bad_line(field: str, problem: str) -> str:
    """What is wrong with a record: "the amount is negative"; plain text."""
    name = _(FIELDS[field]) if field in FIELDS else field
    return f"{name}: {_(PROBLEMS.get(problem, N_('cannot be read')))}"


def seconds_between(start: datetime, end: datetime) -> str:
    return f"{max((end - start).total_seconds(), 0):.1f}"
