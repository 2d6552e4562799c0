"""Screens that ask an admin to confirm what changes for people; the webhook registered by hand."""

from handlers.buttons import CrmButton
from handlers.crm.cards import DRY_RUN, button
from handlers.menu import to_menu
from handlers.screens import Button, Screen, esc
from locales import _, ngettext
from services.connections.subscriptions import ByHand
from services.connections.view import IntegrationView


def _sure(view: IntegrationView, text: str, yes: str, do: str, extra: str = "") -> Screen:
    return Screen(text, [[button(yes, do, view, extra)], [button(_("⬅️ Back"), "show", view)]])


def disconnect_screen(view: IntegrationView) -> Screen:
    text = _(
        "🔌 Disconnect the CRM?\n\nNew leads will stay here and not go to the CRM. What waits is kept: make "
        "it active again and it goes on."
    )
    return _sure(view, text, _("Yes, disconnect"), "really_disconnect")


def remove_screen(view: IntegrationView) -> Screen:
    text = _(
        "🗑 Remove {title} for good?\n\nIts key, what it is still owed and the memory of which lead is which "
        "record there are forgotten. Records in the CRM itself stay. This cannot be undone."
    ).format(title=esc(view.label))
    return _sure(view, text, _("Yes, remove"), "really_remove")


def activate_screen(view: IntegrationView, former: IntegrationView | None) -> Screen:
    """What happens to leads, and to what waits for the CRM that was active."""
    lines = [_("✅ Make {title} active?").format(title=esc(view.label)), ""]
    lines.append(_("New leads and changes go to {title} from now on.").format(title=esc(view.label)))
    if former is not None:
        lines.append(_("Leads that are in {title} stay there.").format(title=esc(former.label)))
        if former.queue_depth:
            wait = ngettext(
                "⚠️ {count} write still waits for {title}: it stays and goes on only when that one is active "
                "again.",
                "⚠️ {count} writes still wait for {title}: they stay and go on only when that one is active "
                "again.",
                former.queue_depth,
            )
            lines.append(wait.format(count=former.queue_depth, title=esc(former.label)))
        lines.append(_("To take all leads along, move instead: it copies them and compares both."))
    yes = button(_("Yes, make active"), "really_activate", view)
    move = [Button(_("🔁 Move with all leads"), CrmButton(do="switch"))] if former else []
    return Screen("\n".join(lines), [[yes], move, [button(_("⬅️ Back"), "show", view)]])


def mode_screen(view: IntegrationView, mode: str) -> Screen:
    """What live and a trial run mean."""
    if mode == DRY_RUN:
        text = _(
            "🧪 Switch {title} to a trial run?\n\nI go on recording what I would write, and write nothing. "
            "Leads stay here; you see each request in the log of operations and can send it later."
        )
        return _sure(view, text.format(title=esc(view.label)), _("Yes, trial run"), "really_mode", mode)
    text = _(
        "🟢 Switch {title} to live?\n\nFrom now on leads and changes are really written to the CRM. What the "
        "trial run only recorded is not sent by itself."
    )
    return _sure(view, text.format(title=esc(view.label)), _("Yes, live"), "really_mode", mode)


def by_hand_screen(view: IntegrationView, hook: ByHand) -> Screen:
    """The address to register, where, which events to tick, and what else is to be copied."""
    steps = _HOW.get(view.provider, _how_else)(hook)
    lines = [_("📮 <b>Webhook of {title}, by hand</b>").format(title=esc(view.title)), "", *steps, ""]
    lines.append(_("Address: <code>{url}</code>").format(url=esc(hook.url)))
    rows = [[button(_("🔎 Check"), "arrived", view)]]
    if "application_token" in view.changeable and not hook.proved:
        rows.append([button(_("🔏 Give me its token"), "edit", view, "application_token")])
    if "webhook_secret" in view.changeable and not hook.proved:
        rows.append([button(_("🔏 Agree on a secret word"), "edit", view, "webhook_secret")])
    return Screen("\n".join(lines), [*rows, [button(_("⬅️ Back"), "show", view), *to_menu()]])


def _bitrix(hook: ByHand) -> list[str]:
    events = ", ".join(f"<code>{esc(event)}</code>" for event in hook.events)
    token = (
        _("4. I have its application token already.")
        if hook.proved
        else _("4. Save, copy the <b>application token</b> and give it to me by the button below.")
    )
    return [
        _("1. In Bitrix24 open <b>Developer resources → Other → Outgoing webhook</b>."),
        _("2. Paste the address below as the handler."),
        _("3. Tick the events: {events}").format(events=events),
        token,
    ]


def _retail(hook: ByHand) -> list[str]:
    secret = ", secret=…" if hook.proved else ""
    return [
        _("1. In RetailCRM open <b>Settings → Triggers → Add</b>, event <b>Order changed</b> (and another "
          "for <b>Order created</b>)."),
        _("2. Action: <b>HTTP request</b>, method POST, the address below."),
        _("3. Parameters: <code>{parameters}</code>").format(
            parameters="event=order_status, id={{ order.id }}" + secret
        ),
    ]  # fmt: skip


def _how_else(hook: ByHand) -> list[str]:
    return [
        _("Register the address below in the CRM for: {events}").format(events=esc(", ".join(hook.events)))
    ]


_HOW = {"bitrix24": _bitrix, "retailcrm": _retail}
