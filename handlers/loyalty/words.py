"""Rules and lines of the ledger in words."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from babel.numbers import format_decimal

from domain.loyalty import EntryKind, Line, Terms
from domain.members import Member
from handlers.cards import clip, moment
from locales import N_, _, current_language, ngettext

ENTRIES: Mapping[EntryKind, str] = {
    EntryKind.ACCRUAL: N_("for a purchase"),
    EntryKind.REVERSAL: N_("taken back: the purchase was changed or returned"),
    EntryKind.RESERVE: N_("set aside for a payment"),
    EntryKind.RELEASE: N_("given back: the payment did not come about"),
    EntryKind.REDEEM: N_("paid with"),
    EntryKind.EXPIRE: N_("run out"),
    EntryKind.GIFT: N_("a gift"),
}


def number(value: Decimal) -> str:
    """A number of bonuses or a sum, without needless zeros."""
    pattern = "#,##0" if value == value.to_integral_value() else "#,##0.00"
    return format_decimal(value, pattern, locale=current_language())


def percent(value: Decimal) -> str:
    return f"{format_decimal(value, '0.##', locale=current_language())}%"


def terms_lines(terms: Terms) -> list[str]:
    """What a rule says, a line each; nothing in it needs escaping but names of items."""
    lines = [_("{percent} of each purchase").format(percent=percent(terms.percent))]
    step_words = _("from {sum} bought in all: {percent}") if terms.by_total else _("from {sum} on: {percent}")
    lines += [
        step_words.format(sum=number(step.since), percent=percent(step.percent)) for step in terms.steps
    ]
    if terms.least:
        lines.append(_("nothing for purchases below {sum}").format(sum=number(terms.least)))
    if terms.most is not None:
        lines.append(_("at most {count} for one purchase").format(count=number(terms.most)))
    for words, left_out in (
        (N_("without items: {names}"), terms.without_items),
        (N_("without groups: {names}"), terms.without_groups),
    ):
        if left_out:
            lines.append(_(words).format(names=clip(", ".join(sorted(left_out)), 300)))
    if terms.medical:
        lines.append(_("medical visits count too"))
    if terms.days is None:
        lines.append(_("bonuses never run out"))
    else:
        said = ngettext("bonuses live {count} day", "bonuses live {count} days", terms.days)
        lines.append(said.format(count=terms.days))
    return lines


def ledger_lines(lines: Sequence[Line], member: Member) -> list[str]:
    """Each line of the ledger with why it is there; HTML."""
    return [_ledger_line(line, member) for line in lines]


def _ledger_line(line: Line, member: Member) -> str:
    sign = "+" if line.amount > 0 else "−"
    text = f"<b>{sign}{number(abs(line.amount))}</b> · {moment(line.at, member)}\n    {_(ENTRIES[line.kind])}"
    why = line.why
    # of a medical purchase nothing is told but the bonus
    if line.kind is EntryKind.ACCRUAL and why.get("percent") and not line.medical:
        counted = _("{percent} of {counts}").format(
            percent=percent(Decimal(why["percent"])), counts=number(Decimal(why["counts"]))
        )
        if why["counts"] != why["sum"] and Decimal(why["counts"]) != Decimal(why["sum"]):
            counted += " " + _("(of {sum} paid)").format(sum=number(Decimal(why["sum"])))
        if "most" in why:
            counted += ", " + _("at most {count}").format(count=number(Decimal(why["most"])))
        text += f": {counted}"
    if line.description and not line.medical:
        text += f"\n    <i>{clip(line.description, 120)}</i>"
    if line.expires_at is not None and line.amount > 0:
        text += "\n    " + _("good until {time}").format(time=moment(line.expires_at, member))
    return text
