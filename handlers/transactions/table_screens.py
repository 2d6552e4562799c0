"""Screens of a table of purchases: what it would bring, how far it is, and one that has failed."""

from uuid import UUID

from domain.importing import IGNORE, ImportState
from domain.members import Member
from domain.transactions import SourceTransaction
from handlers.buttons import MenuButton
from handlers.cards import clip, moment, money
from handlers.importing.buttons import ImportButton
from handlers.menu import to_menu
from handlers.screens import Button, Screen, esc
from handlers.transactions.buttons import TableButton
from handlers.transactions.words import bad_line, bar
from locales import N_, _, ngettext
from services.transactions.table_failing import slot_of
from services.transactions.table_rows import WrongRow, fits
from services.transactions.table_view import PurchaseTable

WORDS = {
    "id": N_("Number"),
    "date": N_("Date"),
    "amount": N_("Amount"),
    "phone": N_("Phone"),
    "currency": N_("Currency"),
    "description": N_("Description"),
    "kind": N_("Kind"),
    "customer": N_("Card"),
    "cancelled": N_("Cancelled"),
    IGNORE: N_("— left out"),
}


def button(text: str, do: str, table_id: UUID, extra: str = "") -> Button:
    return Button(text, TableButton(do=do, id=table_id, extra=extra))


def question_screen(name: str, table_id: UUID) -> Screen:
    """A file that may be either."""
    text = _("📄 <b>{name}</b>\n\nWhat is in it?").format(name=esc(name))
    leads = Button(_("👥 Leads"), ImportButton(do="show", id=table_id))
    return Screen(text, [[leads, button(_("🧾 Purchases"), "show", table_id)], to_menu()])


def preview_screen(table: PurchaseTable, member: Member) -> Screen:
    """What the file would bring, and how its columns are understood."""
    rows = ngettext("{count} row", "{count} rows", table.total).format(count=table.total)
    lines = [f"🧾 <b>{esc(table.name)}</b> · {rows}", "", *_columns(table)]
    start: list[Button] = []
    if not fits(table.columns):
        lines += ["", _("⛔ Press 🗂 Columns and say which one is the date and which one the amount.")]
    else:
        lines += ["", *(_row(one, member) for one in table.first), ""]
        said = ngettext("✅ {count} purchase reads well", "✅ {count} purchases read well", table.good)
        lines.append(said.format(count=table.good))
        if table.wrong:
            bad = ngettext("⚠️ {count} row has errors", "⚠️ {count} rows have errors", table.wrong)
            lines.append(bad.format(count=table.wrong))
        if table.phoneless:
            lines.append(phoneless_line(table.phoneless))
        if table.wrong or table.phoneless:
            start = [button(_("💾 Errors"), "errors", table.id)]
        if table.good:
            words = ngettext("▶️ Import {count} purchase", "▶️ Import {count} purchases", table.good)
            start = [button(words.format(count=table.good), "start", table.id), *start]
    leads = Button(_("👥 These are leads"), ImportButton(do="show", id=table.id))
    lines += [
        "",
        _("🏷 Comes from: {system}").format(system=esc(table.system or _("tables with these headings"))),
    ]
    system = button(_("🏷 Another system"), "system", table.id)
    rows_ = [start, [button(_("🗂 Columns"), "columns", table.id), system], [leads], to_menu()]
    return Screen("\n".join(lines), rows_, slot=slot_of(table.id))


def phoneless_line(count: int) -> str:
    said = ngettext(
        "📱 {count} phone cannot be read: its purchase comes in without a buyer",
        "📱 {count} phones cannot be read: their purchases come in without a buyer",
        count,
    )
    return said.format(count=count)


def _columns(table: PurchaseTable) -> list[str]:
    return [
        f"{esc(title_of(table, place))} → <b>{_(WORDS[name])}</b>"
        for place, name in enumerate(table.columns) if name != IGNORE
    ]  # fmt: skip


def title_of(table: PurchaseTable, place: int) -> str:
    title = table.header[place] if place < len(table.header) else ""
    return title[:60] or _("Column {number}").format(number=place + 1)


def _row(one: SourceTransaction | WrongRow, member: Member) -> str:
    if isinstance(one, WrongRow):
        return _("⚠️ Row {row}: {why}").format(row=one.row, why=esc(bad_line(one.field, one.problem)))
    parts = [money(one.amount), moment(one.happened_at, member), one.phone, clip(one.description, 60)]
    return "🧾 " + " · ".join(part for part in parts if part)


def progress_screen(table: PurchaseTable) -> Screen:
    """The moving bar, and what has come of it."""
    head, slot = f"🧾 <b>{esc(table.name)}</b>", slot_of(table.id)
    if table.failed:
        return failed_screen(table)
    if table.state == ImportState.DISCARDED.value:
        return Screen(f"{head}\n" + _("🗑 Dropped. What was in stays in."), [to_menu()], slot=slot)
    if table.counts is None:
        return Screen(
            f"{head}\n" + _("⏳ Bringing them in …") + f"\n{bar(table.done, table.total)}", slot=slot
        )
    wrong = table.counts.get("wrong", 0)
    imported = table.counts.get("found", 0) - wrong
    said = ngettext("✅ Imported {count}", "✅ Imported {count}", imported).format(count=imported)
    bad = ngettext("{count} error", "{count} errors", wrong).format(count=wrong)
    lines = [head, f"{said}, {bad}"]
    known = imported - table.counts.get("added", 0)
    if known:
        text = ngettext("{count} of them was here already", "{count} of them were here already", known)
        lines.append(text.format(count=known))
    phoneless = table.counts.get("phoneless", 0)
    lines += [phoneless_line(phoneless)] if phoneless else []
    rows = [[button(_("💾 Errors"), "errors", table.id)]] if wrong or phoneless else []
    return Screen(
        "\n".join(lines),
        [*rows, [Button(_("🧾 Where purchases come from"), MenuButton(place="integrations")), *to_menu()]],
        slot=slot,
    )


def failed_screen(table: PurchaseTable) -> Screen:
    """It was tried several times, and somebody has to decide."""
    text = _(
        "⛔ <b>{name} has not come in: something went wrong on our side.</b>\nI tried several times. Nothing "
        "comes in twice when you try again."
    ).format(name=esc(table.name))
    retry, drop = button(_("🔄 Retry"), "retry", table.id), button(_("🗑 Drop"), "drop", table.id)
    return Screen(text, [[retry, drop], to_menu()])
