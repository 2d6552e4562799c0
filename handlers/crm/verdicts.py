"""Screens of connecting a CRM: the choice, the login, what a test has found."""

from collections.abc import Sequence
from uuid import UUID

from domain.crm import ConnectionReport
from domain.errors import BadInput, CrmError, VoronkaError
from handlers.buttons import CrmButton, IntegrationButton, MenuButton
from handlers.crm.words import problem_in_words, refusal_in_words
from handlers.errors import in_words
from handlers.menu import to_menu
from handlers.screens import Button, Screen, esc
from locales import _

Row = list[Button]
TO_CRM = MenuButton(place="crm")


def choice_screen(
    known: Sequence[tuple[str, str]], *, unfinished: bool = False, more: bool = False
) -> Screen:
    """(name, title) of CRMs that can be connected. `unfinished` settings can be tried again; `more` than one
    may stand side by side."""
    first = _(
        "🔌 <b>CRM</b>\n\nNo CRM is connected: leads stay here, and nothing is lost.\n"
        "Choose yours; a few answers, and leads go there by themselves."
    )
    another = _(
        "🔌 <b>One more CRM</b>\n\nIt waits beside the first one: leads go on to the first until you make "
        "the new one active or move to it."
    )
    rows = [[Button(title, CrmButton(do="connect", name=name))] for name, title in known]
    again = [Button(_("🔄 Try what I gave again"), CrmButton(do="try"))] if unfinished else []
    back = [Button(_("⬅️ Back"), TO_CRM)] if more else []
    return Screen(another if more else first, [again, *rows, [*back, *to_menu()]])


def login_screen(title: str, page: str, *, comes_back: bool, ways: Sequence[Row]) -> Screen:
    """The link to the CRM's own page. `comes_back`: the browser finds its way to us; else the code is
    pasted. Without `ways` the connection stands already, and there is nothing to mend or paste."""
    text = _(
        "🔐 <b>Now log in to {title}</b>\n\nPress the button, choose the account and agree. The link works "
        "once, within 15 minutes."
    ).format(title=esc(title))
    if comes_back:
        more = _("After that I write here by myself.")
    else:
        more = _(
            "After that copy the address at which the browser ended, press “Paste the code” and send it."
        )
    login = Button(_("🔐 Log in to {title}").format(title=title), url=page)
    paste = [Button(_("📋 Paste the code"), CrmButton(do="code"))] if ways else []
    return Screen(f"{text}\n{more}", [[login], paste, *ways, to_menu()])


def verdict_screen(title: str, report: ConnectionReport) -> Screen:
    """The connection is good and kept."""
    head = _("✅ <b>{title} is connected.</b>").format(title=esc(title))
    who = _("Account: {account}, version {version}").format(
        account=esc(report.account or "—"), version=esc(report.version or "—")
    )
    return Screen("\n".join([head, who, *_problems(report)]), [[Button(_("🔌 CRM"), TO_CRM)], to_menu()])


def unusable_screen(title: str, report: ConnectionReport, ways: Sequence[Row]) -> Screen:
    """The CRM answers, but leads cannot be sent there as it is."""
    head = _("⛔ <b>{title} answers, but leads cannot be written yet.</b>").format(title=esc(title))
    return Screen("\n".join([head, *_problems(report)]), [*ways, to_menu()])


def refused_screen(title: str, error: VoronkaError, ways: Sequence[Row], kept: str = "") -> Screen:
    """The test ended in an error; what was typed is kept, or `kept` tells what is."""
    head = _("⛔ <b>{title}: no connection.</b>").format(title=esc(title))
    stays = kept or _("What you have given is kept: mend one thing, or try again.")
    return Screen(f"{head}\n{esc(error_text(error))}\n\n{stays}", [*ways, to_menu()])


def error_text(error: VoronkaError) -> str:
    """What is wrong and how to mend it; plain text."""
    if isinstance(error, CrmError):
        more = refusal_in_words(error.code, error.reason)
        return more or in_words(error)
    return in_words(error)


def twin_row(error: VoronkaError | None) -> list[Row]:
    """The way to the connection that stands with the same account."""
    if not isinstance(error, BadInput) or not error.params.get("integration"):
        return []
    there = IntegrationButton(do="show", id=UUID(str(error.params["integration"])))
    return [[Button(_("🔌 Open the one that stands"), there)]]


def _problems(report: ConnectionReport) -> list[str]:
    marks = (("⛔" if problem.fatal else "⚠️", problem) for problem in report.problems)
    lines = [f"{mark} {esc(problem_in_words(problem))}" for mark, problem in marks]
    return ["", *dict.fromkeys(lines)] if lines else []
