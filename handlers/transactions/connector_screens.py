"""Screens of a custom connector: its fields with a preview, a field's place, what a sandbox has found."""

from collections.abc import Mapping, Sequence
from typing import Any

from domain.crm import Problem
from domain.errors import VoronkaError
from domain.json_paths import mark
from domain.leads import Money
from domain.members import Member
from domain.phones import show_phone
from domain.transactions import SourceTransaction, TransactionKind, Unreadable
from handlers.cards import clip, moment, money
from handlers.crm.verdicts import error_text
from handlers.crm.words import problem_in_words
from handlers.menu import to_menu
from handlers.screens import Button, Screen, esc, grid
from handlers.transactions.buttons import ConnectorButton
from handlers.transactions.words import bad_line
from locales import N_, _, ngettext
from services.transactions.connectors import Tried

FIELDS: Mapping[str, str] = {
    "id": N_("Number"),
    "date": N_("Date"),
    "amount": N_("Amount"),
    "phone": N_("Phone"),
    "customer": N_("Card"),
    "currency": N_("Currency"),
    "description": N_("Description"),
    "kind": N_("Kind"),
    "cancelled": N_("Cancelled"),
    "refers_to": N_("Refund of"),
    "changed_at": N_("Changed at"),
}
CHOICES: Mapping[str, Mapping[str, str]] = {
    "paging.kind": {
        "none": N_("All in one answer"),
        "page": N_("By page number"),
        "offset": N_("By offset"),
        "next_link": N_("By a link to the next page"),
        "cursor": N_("By a cursor"),
    },
    "request.since_as": {
        "local": "2026-11-21T14:30:00",
        "utc": "2026-11-21T11:30:00Z",
        "date": "2026-11-21",
        "unix": "1795260600",
    },
}
ASKED: Mapping[str, str] = {
    "paging.kind": N_("📄 How does the system give long lists?"),
    "request.since_as": N_("🕰 How does it want the moment that changes are asked since?"),
}
TYPED: Mapping[str, str] = {
    **{f"fields.{name}": N_(
        "✏️ Where is it in a record? A path such as <code>customer.phone</code> or "
        "<code>$.items[0].sum</code>, for XML an XPath such as <code>./Total</code>, or a template in double "
        "braces."
    ) for name in FIELDS},
    "records": N_(
        "📍 Where is the list of purchases in the answer? For example <code>$.data.orders[*]</code>, for XML "
        "<code>./Orders/Order</code>"
    ),
    "request.since": N_(
        "🕰 What is the parameter called that asks for changes since a moment? For example "
        "<code>updated_since</code>"
    ),
    "paging.param": N_("📄 What is the parameter of the page, offset or cursor called?"),
    "paging.next": N_(
        "📄 Where in the answer is the next link or cursor? For example <code>$.meta.next</code>"
    ),
    "paging.size_param": N_(
        "📄 What is the parameter of the page's size called? For example <code>limit</code>"
    ),
}  # fmt: skip


def _button(text: str, do: str, name: str = "") -> Button:
    return Button(text, ConnectorButton(do=do, name=name))


def connector_screen(
    mapping: Mapping[str, Any], tried: Tried | None, member: Member, error: VoronkaError | None = None,
    problems: Sequence[Problem] = (),
) -> Screen:  # fmt: skip
    """The mapping so far and what it reads, or why it reads nothing."""
    fields = mapping.get("fields", {})
    lines = [_("🔧 <b>Your connector</b>")]
    shape = str(mapping.get("format", "json")).upper()
    records = str(mapping.get("records", "—"))
    lines.append(_("{format}, records at <code>{path}</code>").format(format=shape, path=esc(records)))
    lines += [
        f"{_(words)} ← <code>{clip(str(fields[name]), 100)}</code>"
        for name, words in FIELDS.items() if fields.get(name)
    ]  # fmt: skip
    lines += ["", *_outcome(tried, member, error, problems)]
    return Screen("\n".join(lines), _rows(mapping, ready=bool(tried and tried.read)))


def _outcome(
    tried: Tried | None, member: Member, error: VoronkaError | None, problems: Sequence[Problem]
) -> list[str]:
    if error is not None:
        at = str(error.params.get("at", "")).removeprefix("fields.")
        if at in FIELDS:
            return [_("⚠️ Tell me where this is in a record: {field}").format(field=_(FIELDS[at]))]
        return [f"⛔ {esc(error_text(error))}"]
    if tried is None:
        return [f"⛔ {esc(problem_in_words(one))}" for one in problems]
    if not tried.first:
        return [_("⚠️ No record of the last 30 days is found there.")]
    return [_("<b>So the first records read:</b>"), *(_record(one, member) for one in tried.first)]


def _record(one: SourceTransaction | Unreadable, member: Member) -> str:
    if isinstance(one, Unreadable):
        return f"⚠️ {esc(one.external_id or '—')}: {esc(bad_line(one.field, one.problem))}"
    sign = "↩️ " if one.kind is TransactionKind.REFUND else ""
    parts = [f"{sign}{money(one.amount)}", moment(one.happened_at, member)]
    parts += [show_phone(one.phone)] if one.phone else []
    parts += [clip(one.description, 60)] if one.description else []
    line = " · ".join(parts)
    return f"🧾 <s>{line}</s>" if one.cancelled else f"🧾 {line}"


def _rows(mapping: Mapping[str, Any], *, ready: bool) -> list[list[Button]]:
    fields = grid([_button(f"✏️ {_(words)}", "field", name) for name, words in FIELDS.items()], 3)
    kind = str(mapping.get("paging", {}).get("kind", "none"))
    more = [_button(_("📍 List"), "type", "records"), _button(_("📄 Pages"), "ways", "paging.kind")]
    more.append(_button(_("🕰 Since"), "type", "request.since"))
    paging = (
        [_button(_("📄 Its parameter"), "type", "paging.param")] if kind not in ("none", "next_link") else []
    )
    paging += [_button(_("📄 Its place"), "type", "paging.next")] if kind in ("next_link", "cursor") else []
    since = [_button(_("🕰 Since, written as"), "ways", "request.since_as")]
    size = [_button(_("📄 Size"), "type", "paging.size_param")] if kind != "none" else []
    ends = [_button(_("🧪 Sandbox"), "sandbox"), _button(_("🟢 Go live"), "live")] if ready else []
    look = [_button(_("🔄 Look again"), "look")]
    return [*fields, more, [*paging, *size], [*since, *look], ends, to_menu()]


def field_screen(name: str, mapping: Mapping[str, Any], places: Sequence[str]) -> Screen:
    """Where the values of a field may be."""
    now = str(mapping.get("fields", {}).get(name) or "—")
    text = _(
        "✏️ <b>{field}</b>\n\nNow: <code>{path}</code>\nChoose where it is in a record, or type it."
    ).format(field=_(FIELDS[name]), path=esc(now))
    rows = grid([_button(one[-40:], "be", f"{name}/{mark(one)}") for one in places], 2)
    nothing = [] if name in ("date", "amount") else [_button(_("🚫 Nowhere"), "be", f"{name}/none")]
    ways = [_button(_("✏️ Type it"), "type", f"fields.{name}"), *nothing]
    return Screen(text, [*rows, ways, [_button(_("⬅️ Back"), "look"), *to_menu()]])


def choices_screen(name: str, mapping: Mapping[str, Any]) -> Screen:
    above, _dot, last = name.partition(".")
    now = str(mapping.get(above, {}).get(last) or next(iter(CHOICES[name])))
    rows = [
        [_button(("✅ " if value == now else "") + _(words), "set", f"{name}/{value}")]
        for value, words in CHOICES[name].items()
    ]
    return Screen(_(ASKED[name]), [*rows, [_button(_("⬅️ Back"), "look"), *to_menu()]])


def sandbox_screen(tried: Tried) -> Screen:
    """What the last 30 days would bring; nothing of it was kept."""
    lines = [_("🧪 <b>Sandbox: nothing is kept</b>"), ""]
    said = ngettext("{count} purchase reads well", "{count} purchases read well", tried.read)
    lines.append("✅ " + said.format(count=tried.read))
    lines += [f"💰 {money(Money(amount, currency))}" for currency, amount in tried.sums.items()]
    if tried.cancelled:
        lines.append(_("🚫 Cancelled: {count}").format(count=tried.cancelled))
    if tried.without_phone:
        lines.append(_("📱 Without a buyer: {count}").format(count=tried.without_phone))
    if tried.doubled:
        lines.append(_("👯 Told twice under one number: {count}").format(count=tried.doubled))
    for (name, problem), count in tried.wrong.items():
        lines.append(f"⚠️ {esc(bad_line(name, problem))}: {count}")
    pages = ngettext("{count} page was read.", "{count} pages were read.", tried.pages)
    lines.append(pages.format(count=tried.pages))
    if not tried.ended:
        lines.append(_("There is more: live reads on to the end."))
    ends = [_button(_("🟢 Go live"), "live")] if tried.read else []
    return Screen("\n".join(lines), [ends, [_button(_("⬅️ Back"), "look"), *to_menu()]])
