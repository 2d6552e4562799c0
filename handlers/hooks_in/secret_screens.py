"""Make.com's card, and secrets: which open, how old they are, a new one."""

from collections.abc import Sequence
from datetime import datetime

from domain.members import Member
from handlers.hooks_in.buttons import InletButton
from handlers.hooks_in.screens import act, copying, ways
from handlers.hooks_in.words import day_and_time, title, traffic
from handlers.screens import Button, Screen, esc
from locales import _, ngettext
from services.hooks_in.inlets import Inlet
from services.hooks_in.secrets import OLD, Shown


def make_screen(
    inlet: Inlet, member: Member, public_url: str, standing: Sequence[Shown], now: datetime
) -> Screen:
    """Where Make.com sends, and the secrets it may show."""
    address = f"{public_url or 'https://…'}/api/leads/webhook"
    lines = [
        _("<b>{name}</b>: a scenario sends each mail's lead here.").format(name=esc(title(inlet))),
        f"<code>POST {esc(address)}</code>",
        _("Header: <code>X-Webhook-Secret</code>"),
        "",
        *secret_lines(standing, member, now),
        traffic(inlet, member),
    ]
    if not public_url:
        lines += ["", _("⚠️ Ask your operator to set PUBLIC_URL: without it nobody can reach me.")]
    return Screen("\n".join(lines), [[act(_("🔁 New secret"), "secret", inlet)], *_end(inlet, standing),
                                     copying(address), *ways(inlet)])  # fmt: skip


def _end(inlet: Inlet, standing: Sequence[Shown]) -> list[list[Button]]:
    return [[act(_("🚫 End the old secret now"), "end_old", inlet)]] if len(standing) > 1 else []


def secret_lines(standing: Sequence[Shown], member: Member, now: datetime) -> list[str]:
    """Secrets that open, the newest first, and a word about an old one."""
    if not standing:
        return [_("🔐 No secret yet: make one.")]
    lines = []
    for one in standing:
        used = day_and_time(one.used_at, member) if one.used_at else _("never")
        line = _("🔐 <code>{shown}…</code> of {made}, last used: {used}").format(
            shown=esc(one.shown), made=esc(day_and_time(one.created_at, member)), used=esc(used)
        )
        if one.expires_at is not None:
            line += " · " + _("opens until {moment}").format(moment=esc(day_and_time(one.expires_at, member)))
        lines.append(line)
    return [*lines, *age_lines(standing, now)]


def age_lines(standing: Sequence[Shown], now: datetime) -> list[str]:
    age = now - standing[0].created_at if standing else None
    if age is None or age < OLD:
        return []
    text = ngettext(
        "⚠️ This secret is {days} day old. Make a new one: the old one opens for a week still.",
        "⚠️ This secret is {days} days old. Make a new one: the old one opens for a week still.",
        age.days,
    )
    return [text.format(days=age.days)]


def new_secret_screen(inlet: Inlet, secret: str, replaced: bool) -> Screen:
    """Shown this once."""
    lines = [
        _("🔐 <b>{name}</b>: here is the secret.").format(name=esc(title(inlet))),
        "",
        f"<code>{esc(secret)}</code>",
        "",
        _(
            "Put it into the header <code>X-Webhook-Secret</code>. I show it this once and keep only its "
            "fingerprint."
        ),
    ]
    if replaced:
        lines.append(_("The one before opens for 7 days still: change it over without haste."))
    hide = Button(_("🙈 I have it, hide it"), InletButton(do="show", hook=inlet.id))
    return Screen("\n".join(lines), [copying(secret), [hide]])
