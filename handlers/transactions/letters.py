"""Letters about sources of purchases: subject and text, plain."""

from domain.members import Member
from handlers.cards import moment
from handlers.transactions.words import label, why
from locales import _, known_language, use_language
from services.transactions.ending import RECOVERED
from services.transactions.view import SourceView


def wording(kind: str, view: SourceView, member: Member) -> tuple[str, str]:
    """(subject, text) of a letter about `view` in the member's language."""
    with use_language(known_language(member.language)):
        return _recovered(view) if kind == RECOVERED else _failed(view, member)


def _failed(view: SourceView, member: Member) -> tuple[str, str]:
    subject = _("Purchases of {title} do not come in").format(title=label(view))
    lines = [
        _("Purchases of {title} do not come in.").format(title=label(view)),
        _("Why: {why}").format(why=why(view)),
    ]
    if view.last_success_at is not None:
        lines.append(_("Last read: {time}").format(time=moment(view.last_success_at, member)))
    lines += [
        "",
        _("Nothing is lost: it is read from where it stopped as soon as it works."),
        _("The log, the settings and another try are in the chat, under /integrations."),
    ]
    return subject, "\n".join(lines)


def _recovered(view: SourceView) -> tuple[str, str]:
    subject = _("Purchases of {title} come in again").format(title=label(view))
    return subject, _("Purchases of {title} come in again, all that was missing included.").format(
        title=label(view)
    )
