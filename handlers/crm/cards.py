"""Screens about connections that stand: the list, the health card, an outage."""

from collections.abc import Sequence
from datetime import datetime

from babel.dates import format_timedelta

from domain.members import Member
from handlers.buttons import CrmButton, IntegrationButton, MenuButton
from handlers.cards import moment
from handlers.crm.ways import setting_name, way_label
from handlers.crm.words import error_in_words
from handlers.menu import to_menu
from handlers.screens import Button, Screen, esc
from locales import _, current_language, ngettext
from services.connections.view import IntegrationView

Row = list[Button]
DRY_RUN = "dry_run"


def button(text: str, do: str, view: IntegrationView, extra: str = "") -> Button:
    """A button that acts on this connection."""
    return Button(text, IntegrationButton(do=do, id=view.id, extra=extra))


def list_screen(views: Sequence[IntegrationView], now: datetime, *, unfinished: bool = False) -> Screen:
    """All connections of the organization, the active one marked."""
    lines = [_("🔌 <b>CRM connections</b>"), ""]
    for view in views:
        lines.append(f"{_mark(view, now)} <b>{esc(view.label)}</b> — {_use(view)}")
        if view.account:
            lines.append(f"    {esc(view.account)}")
    rows = [[button(f"{_mark(view, now)} {view.label}", "show", view)] for view in views]
    again = [Button(_("🔄 Try what I gave again"), CrmButton(do="try"))] if unfinished else []
    more = Button(_("➕ Connect another"), CrmButton(do="another"))
    return Screen("\n".join(lines), [again, *rows, [more], to_menu()])


def _use(view: IntegrationView) -> str:
    if view.active:
        return _("leads go here")
    return _("a move is under way: it gets every write as well") if view.mirrored else _("in reserve")


def _mark(view: IntegrationView, now: datetime) -> str:
    if not view.active:
        return "🔁" if view.mirrored else "⚪️"
    if view.mode == DRY_RUN:
        return "🧪"
    if view.parked_until and view.parked_until > now:
        return "🟡"
    return "🔴" if view.last_error else "🟢"


def health_screen(view: IntegrationView, member: Member, now: datetime, *, several: bool = False) -> Screen:
    """One connection: state, account, queue, webhooks and the last error in words."""
    lines = [f"🔌 <b>{esc(view.label)}</b>", _state(view, member, now)]
    lines += [f"{esc(setting_name(name))}: {esc(value)}" for name, value in _shown(view)]
    if view.account or view.version:
        known = (esc(view.account or "—"), esc(view.version or "—"))
        lines.append(_("Account: {account}, version {version}").format(account=known[0], version=known[1]))
    if view.last_success_at:
        lines.append(_("Last written: {time}").format(time=moment(view.last_success_at, member)))
    lines += ["", _queue(view)]
    if view.next_try and view.queue_depth > view.failed:
        lines.append(_("Next try: {at}").format(at=moment(max(view.next_try, now), member)))
    if view.active:
        lines.append(_webhooks(view, member))
    return Screen("\n".join(lines), _health_rows(view, several))


def _shown(view: IntegrationView) -> list[tuple[str, str]]:
    inner = ("expires_at", "oauth_url", "client_id", "redirect_uri")
    return [(name, value) for name, value in view.settings.items() if name not in inner]


def _health_rows(view: IntegrationView, several: bool) -> list[Row]:
    rows = [[button(_("🔄 Test again"), "again", view), button(_("⚙️ Settings"), "settings", view)]]
    if view.active and view.queue_depth:
        rows.append([button(_("📤 Send all now"), "retry_all", view)])
    if view.active:
        operations = Button(_("📜 Operations"), MenuButton(place="operations"))
        rows.append([operations, Button(_("🧭 Mapping"), MenuButton(place="mapping"))])
        rows.append([Button(_("👀 Preview"), CrmButton(do="preview")), _mode_button(view)])
        who_is_who = Button(_("👥 Who is who"), MenuButton(place="crm_people"))
        rows.append([who_is_who, Button(_("⚖️ Whose word counts"), MenuButton(place="ownership"))])
        if view.by_hand:
            rows.append([button(_("📮 Webhook by hand"), "hook", view)])
        if several:
            rows.append([Button(_("🔁 Move to another CRM"), CrmButton(do="switch"))])
        rows.append([button(_("🔌 Disconnect"), "disconnect", view)])
    elif view.mirrored:
        rows.append([Button(_("🔁 To the move"), CrmButton(do="switch"))])
    else:
        rows.append([button(_("✅ Make active"), "activate", view)])
        rows.append([Button(_("🔁 Move here with all leads"), CrmButton(do="switch"))])
        rows.append([button(_("🗑 Remove"), "remove", view)])
    more = [] if several else [Button(_("➕ Connect another"), CrmButton(do="another"))]
    back = [Button(_("⬅️ All connections"), MenuButton(place="crm"))] if several else []
    return [*rows, more, [*back, *to_menu()]]


def _mode_button(view: IntegrationView) -> Button:
    if view.mode == DRY_RUN:
        return button(_("🟢 Switch to live"), "mode", view, "live")
    return button(_("🧪 Trial run"), "mode", view, DRY_RUN)


def _state(view: IntegrationView, member: Member, now: datetime) -> str:
    if view.mirrored:
        return _("🔁 A move is under way: what is written to the active CRM is written here as well.")
    if not view.active:
        return _("⚪️ In reserve: leads do not go here.")
    if view.mode == DRY_RUN:
        return _("🧪 Trial run: nothing is written to the CRM.")
    if view.parked_until and view.parked_until > now:
        until = moment(view.parked_until, member)
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


def _webhooks(view: IntegrationView, member: Member) -> str:
    if view.last_received_at:
        at = moment(view.last_received_at, member)
        return _("📬 The CRM last told me of a change: {time}").format(time=at)
    if view.webhooks:
        return _("📬 Changes made in the CRM are reported to me at once; none has come yet.")
    if view.by_hand:
        return _("📭 The CRM does not report changes to me yet: press “Webhook by hand”.")
    return _("📭 Changes made in the CRM are not reported to us by it.")


def settings_screen(view: IntegrationView) -> Screen:
    """What can be mended on a connection; what is secret is only told to be there."""
    lines = [
        _("⚙️ <b>Settings of {title}</b>").format(title=esc(view.label)),
        _("Way: {way}").format(way=esc(way_label(view.provider, view.way))),
        "",
    ]
    for name in view.changeable:
        secret = _("kept, hidden") if name in view.kept else _("not given")
        lines.append(f"{esc(setting_name(name))}: {esc(view.settings.get(name, secret))}")
    lines += ["", _("A change is tested first; as long as it does not work the old one stays in force.")]
    edit = [button(_("✏️ {name}").format(name=setting_name(n)), "edit", view, n) for n in view.changeable]
    rows = [edit[start : start + 2] for start in range(0, len(edit), 2)]
    if view.login:
        rows.append([button(_("🔐 Log in again"), "login", view)])
    rows.append([button(_("🏷 Name"), "rename", view), button(_("⬅️ Back"), "show", view)])
    return Screen("\n".join(lines), [*rows, to_menu()])


def outage_screen(view: IntegrationView, member: Member) -> Screen:
    """The CRM has failed several times in a row: why, since when, and what to do."""
    lines = [
        _("🔴 <b>{title} does not work</b>").format(title=esc(view.label)),
        _("Why: {why}").format(why=esc(error_in_words(view.last_error))),
    ]
    if view.last_success_at:
        lines.append(_("Last written: {time}").format(time=moment(view.last_success_at, member)))
    lines += ["", _("Leads wait safely here and go there by themselves as soon as it works."), _queue(view)]
    health = button(_("🩺 Health"), "show", view)
    retry = button(_("🔄 Try now"), "retry_all", view)
    settings = button(_("⚙️ Settings"), "settings", view)
    return Screen("\n".join(lines), [[health, retry], [settings]])


def recovered_screen(view: IntegrationView) -> Screen:
    """It works again."""
    text = _("🟢 <b>{title} works again.</b>").format(title=esc(view.label))
    return Screen(f"{text}\n{_queue(view)}", [[button(_("🩺 Health"), "show", view)]])
