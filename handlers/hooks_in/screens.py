"""The list of hooks of our own, and the card of each kind."""

import json
from collections.abc import Sequence

from domain.hooks_in import CHANNELS, FormSettings, HookKind, form_settings, json_settings
from domain.members import Member
from handlers.hooks_in.buttons import InletButton
from handlers.hooks_in.words import KINDS, field_word, title, traffic
from handlers.menu import to_menu
from handlers.screens import COPY_LIMIT, Button, Screen, esc, grid
from locales import N_, _
from services.hooks_in.inlets import Inlet

SAMPLE = {
    "name": N_("Anna Lebedeva"),
    "company": N_("Daisy LLC"),
    "phone": "+7 916 123-45-67",
    "email": "anna@example.com",
    "inn": "7707083893",
    "referral_code": "site",
}
REQUIRABLE = ("name", "phone", "email", "referral_code", "company", "inn", "note", "user_type", "language",
              "field_of_study", "universities", "scholarship")  # fmt: skip


def act(text: str, do: str, inlet: Inlet, extra: str = "") -> Button:
    return Button(text, InletButton(do=do, hook=inlet.id, extra=extra))


def list_screen(found: Sequence[Inlet]) -> Screen:
    lines = [
        _("📥 <b>Where leads come in by themselves</b>"),
        _("Forms on your sites, links to your messengers, mails by Make.com, any system that sends JSON."),
    ]
    rows = [[act(title(one)[:60], "show", one)] for one in found]
    rows.append([Button(_("➕ One more"), InletButton(do="kinds")), *to_menu()])
    return Screen("\n".join(lines), rows)


def kinds_screen() -> Screen:
    kinds = [
        [Button(f"{icon} {_(text)}", InletButton(do="new", extra=kind.value))]
        for kind, (icon, text) in KINDS.items()
    ]
    back = Button(_("⬅️ Back"), InletButton(do="list"))
    return Screen(_("What shall send leads?"), [*kinds, [back]])


def ways(inlet: Inlet) -> list[list[Button]]:
    """What every card ends with."""
    return [
        [act(_("✏️ Name"), "name", inlet), act(_("🗑 Close"), "close", inlet)],
        [Button(_("⬅️ All of them"), InletButton(do="list")), *to_menu()],
    ]


def copying(text: str) -> list[Button]:
    return [Button(_("📋 Copy"), copy=text)] if len(text) <= COPY_LIMIT else []


def close_screen(inlet: Inlet) -> Screen:
    text = _("🗑 Close {name}? Whoever sends to it is refused from now on. Leads that came stay.")
    yes = act(_("🗑 Yes, close it"), "really_close", inlet)
    return Screen(text.format(name=f"<b>{esc(title(inlet))}</b>"), [[yes], [act(_("⬅️ Back"), "show", inlet)]])


def _public(public_url: str) -> tuple[str, list[str]]:
    if public_url:
        return public_url, []
    return "https://…", ["", _("⚠️ Ask your operator to set PUBLIC_URL: without it nobody can reach me.")]


def form_screen(inlet: Inlet, member: Member, public_url: str) -> Screen:
    """A website's form."""
    base, warning = _public(public_url)
    settings = form_settings(inlet.settings)
    address = f"{base}/hooks/website/{inlet.key}"
    lines = [
        _("<b>{name}</b>: the site sends the form's fields here, as JSON or as a plain form:").format(
            name=esc(title(inlet))
        ),
        f"<code>{esc(address)}</code>",
        "",
        *_form_lines(settings),
        traffic(inlet, member),
        "",
        _("For example:"),
        f"<pre>{esc(_sample(settings))}</pre>",
        _("A lead from the site reaches your managers and the CRM like any other."),
        *warning,
    ]
    files = _("📎 Files: kept") if settings.files else _("📎 Files: left out")
    rows = [
        [act(_("☑️ Required fields"), "fields", inlet), act(_("🌐 Sites"), "pages", inlet)],
        [act(_("🪤 Trap"), "trap", inlet), act(files, "files", inlet)],
        copying(address),
        *ways(inlet),
    ]
    return Screen("\n".join(lines), rows)


def _form_lines(settings: FormSettings) -> list[str]:
    sites = ", ".join(settings.origins) or _("any")
    lines = [
        _("☑️ It must have: {fields}.").format(fields=", ".join(settings.required) or "—"),
        _("🌐 Sites that may send: {sites}").format(sites=esc(sites)),
    ]
    if settings.honeypot:
        trap = _("🪤 Trap for machines: a hidden field <code>{field}</code>, which people leave empty.")
        lines.append(trap.format(field=esc(settings.honeypot)))
    return lines


def _sample(settings: FormSettings) -> str:
    """What the site sends, with a name of the reader's language."""
    shown = {name: _(SAMPLE[name]) for name in settings.required if name in SAMPLE}
    shown = shown or {"name": _(SAMPLE["name"]), "phone": SAMPLE["phone"]}
    return json.dumps({**shown, "utm_source": "vk"}, indent=1, ensure_ascii=False)


def fields_screen(inlet: Inlet) -> Screen:
    """Which fields a form must have; each press adds one or takes it off."""
    required = form_settings(inlet.settings).required
    known = dict.fromkeys((*REQUIRABLE, *required))
    buttons = [
        act(("✅ " if name in required else "▫️ ") + field_word(name), "field", inlet, name) for name in known
    ]
    text = _("☑️ Without which fields shall {name} be refused? A lead needs a name and a phone or e-mail.")
    back = [act(_("⬅️ Back"), "show", inlet)]
    return Screen(text.format(name=f"<b>{esc(title(inlet))}</b>"), [*grid(buttons, 2), back])


def links_screen(inlet: Inlet, member: Member, public_url: str) -> Screen:
    """Messenger links."""
    base, warning = _public(public_url)
    code = member.referral_code or "CODE"
    lines = [
        f"<b>{esc(title(inlet))}</b>",
        _(
            "Put these links on your site. Who presses one comes to your messenger with the code, and the "
            "click is kept with the lead. The code here is your own; each partner has another one."
        ),
    ]
    for channel, name in CHANNELS.items():
        place = inlet.settings.get(channel)
        shown = f"<code>{esc(f'{base}/r/{code}/{channel}')}</code>" if place else _("not set")
        lines.append(f"• {name}" + (f" ({esc(place)})" if place else "") + f": {shown}")
    sites = ", ".join(inlet.settings.get("origins", ())) or _("any")
    lines += [
        "",
        _("A page may also tell of clicks by itself:"),
        f"<code>POST {esc(f'{base}/hooks/clicks/{inlet.key}')}</code>",
        _("🌐 Sites that may send: {sites}").format(sites=esc(sites)),
        traffic(inlet, member),
        *warning,
    ]
    channels = [act(name, "place", inlet, channel) for channel, name in CHANNELS.items()]
    return Screen("\n".join(lines), [channels, [act(_("🌐 Sites"), "pages", inlet)], *ways(inlet)])


def other_screen(inlet: Inlet, member: Member, public_url: str) -> Screen:
    """Any system's JSON."""
    base, warning = _public(public_url)
    settings, address = json_settings(inlet.settings), f"{base}/hooks/in/{inlet.key}"
    mapped = ", ".join(field_word(name) for name in settings.mapping) or "—"
    state = (
        _("▶️ Live: each delivery becomes a lead.")
        if settings.live
        else _("⏸ Not live: what comes is a sample, no leads are made.")
    )
    secret = _("🔐 Callers show the secret.") if settings.guarded else _("🔓 The address alone opens it.")
    lines = [
        f"<b>{esc(title(inlet))}</b>",
        f"<code>{esc(address)}</code>",
        "",
        state,
        secret,
        _("🧭 Fields: {fields}").format(fields=esc(mapped)),
        traffic(inlet, member),
        *warning,
    ]
    live = act(_("⏸ Stop"), "live", inlet, "0") if settings.live else act(_("▶️ Go live"), "live", inlet, "1")
    guard = (
        act(_("🔓 Without a secret"), "guard", inlet, "0")
        if settings.guarded
        else act(_("🔐 Ask for a secret"), "guard", inlet, "1")
    )
    rows = [
        [act(_("📋 Paste a sample"), "paste", inlet), act(_("🧭 Fields"), "map", inlet)],
        [act(_("👁 Preview"), "preview", inlet), live],
        [guard, act(_("🔁 New secret"), "secret", inlet)],
        copying(address),
        *ways(inlet),
    ]
    return Screen("\n".join(lines), rows)


CARDS = {HookKind.WEBSITE: form_screen, HookKind.CLICKS: links_screen, HookKind.OTHER: other_screen}
"""Make.com's card is made of secrets: handlers/hooks_in/make.py."""
