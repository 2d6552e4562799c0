"""The board in words: bars, counts and sums, and the leads of a stage."""

from collections.abc import Sequence
from decimal import Decimal

from domain.board import BoardView, Period, StagePage, StageTotal, Whose
from domain.leads import Lead, Money
from domain.pipelines import Pipeline
from handlers.buttons import BoardButton, LeadButton, MenuButton, short
from handlers.cards import SOURCES, lead_line, money
from handlers.pipelines.board_places import Chosen, pack_place, source_mark
from handlers.pipelines.words import pipeline_name, stage_name
from handlers.screens import Button, Screen, esc, grid
from locales import N_, _, ngettext

BAR = 8
"""Characters of the fullest stage's bar."""

WHOSE: dict[Whose, str] = {
    Whose.ALL: N_("All"),
    Whose.MINE: N_("Mine"),
    Whose.UNASSIGNED: N_("Free"),
}
PERIODS: dict[Period, str] = {
    Period.EVER: N_("All the time"),
    Period.TODAY: N_("Today"),
    Period.WEEK: N_("7 days"),
    Period.MONTH: N_("30 days"),
    Period.QUARTER: N_("90 days"),
    Period.YEAR: N_("A year"),
}


def board_screen(view: BoardView, chosen: Chosen) -> Screen:
    """Every stage with its leads, in one message that is edited in place."""
    lines = [_("📊 <b>{pipeline}</b>").format(pipeline=esc(pipeline_name(view.pipeline)))]
    lines.append(_chips(view, chosen))
    lines += ["", *[_stage_lines(one, view.most) for one in view.totals]]
    lines += ["", _("In all: {leads}").format(leads=_leads(view.count, _together(view)))]
    mark = short(view.pipeline.id)
    rows = grid([_to_stage(one, chosen) for one in view.totals], 2)
    rows.append([_tab(one, chosen, mark) for one in WHOSE])
    rows.append(
        [
            _press("📅 " + _(PERIODS[chosen.period]), "periods", mark, chosen),
            _press("📨 " + _source_label(view.chosen.source), "sources", mark, chosen),
        ]
    )
    if len(view.others) > 1:
        rows.append([_press(_("🔀 Another pipeline"), "roads", mark, chosen)])
    rows.append([_press(_("🔄 Refresh"), "refresh", mark, chosen), _menu()])
    return Screen("\n".join(lines), rows)


def _chips(view: BoardView, chosen: Chosen) -> str:
    parts = [_(WHOSE[chosen.whose]), _(PERIODS[chosen.period]), _source_label(view.chosen.source)]
    return f"<i>{esc(' · '.join(parts))}</i>"


def _stage_lines(total: StageTotal, most: int) -> str:
    filled = -(-total.count * BAR // most) if most else 0
    bar = "▰" * filled + "▱" * (BAR - filled)
    return f"{esc(stage_name(total.stage))}\n<code>{bar}</code> {_leads(total.count, total.sums)}"


def _leads(count: int, sums: Sequence[Money]) -> str:
    amounts = [money(one) for one in sums if one.amount]
    return " · ".join([f"<b>{count}</b>", *amounts])


def _together(view: BoardView) -> list[Money]:
    found: dict[str, Decimal] = {}
    for total in view.totals:
        for one in total.sums:
            found[one.currency] = found.get(one.currency, Decimal(0)) + one.amount
    return [Money(amount, currency) for currency, amount in sorted(found.items())]


def _source_label(source: str | None) -> str:
    if source is None:
        return _("Every source")
    return source_word(source)


def source_word(source: str) -> str:
    return _(SOURCES[source]) if source in SOURCES else source or "—"


def _press(text: str, do: str, at: str, chosen: Chosen, page: int = 0) -> Button:
    return Button(text, BoardButton(do=do, at=at, chosen=chosen.pack(), page=page))


def _tab(whose: Whose, chosen: Chosen, mark: str) -> Button:
    label = ("• " if whose is chosen.whose else "") + _(WHOSE[whose])
    return _press(label, "show", mark, Chosen(whose, chosen.period, chosen.source))


def _menu() -> Button:
    return Button(_("☰ Menu"), MenuButton(place="main"))


def stage_page(found: StagePage, chosen: Chosen) -> Screen:
    """One page of a stage's leads; each opens its card, and List there leads back here."""
    stage = found.total.stage
    head = f"<b>{esc(stage_name(stage))}</b> · {esc(pipeline_name(found.pipeline))}"
    counted = ngettext("{count} lead", "{count} leads", found.total.count).format(count=found.total.count)
    lines = [head, " · ".join([counted, *[money(one) for one in found.total.sums if one.amount]])]
    if found.pages > 1:
        lines.append(_("Page {page} of {pages}.").format(page=found.page + 1, pages=found.pages))
    if not found.leads:
        lines += ["", _("No leads here with this filter.")]
    here = BoardButton(do="list", at=short(stage.id), chosen=chosen.pack(), page=found.page)
    rows = [[_opening(lead, here)] for lead in found.leads]
    turn = [("⬅️", found.page - 1)] if found.page else []
    turn += [("➡️", found.page + 1)] if found.page + 1 < found.pages else []
    rows.append([Button(label, here.model_copy(update={"page": page})) for label, page in turn])
    back = _press(_("📊 Board"), "show", short(found.pipeline.id), chosen)
    return Screen("\n".join(lines), [*rows, [back, _menu()]])


def _opening(lead: Lead, here: BoardButton) -> Button:
    return Button(lead_line(lead), LeadButton(do="open", lead=lead.id, extra=pack_place(here)))


def roads_screen(pipelines: Sequence[Pipeline], chosen: Chosen) -> Screen:
    buttons = [_press(pipeline_name(one), "show", short(one.id), chosen) for one in pipelines]
    return Screen(_("🔀 Which pipeline?"), [*grid(buttons, 2), [_menu()]])


def periods_screen(at: str, chosen: Chosen) -> Screen:
    buttons = [
        _press(_marked(_(label), one is chosen.period), "show", at, Chosen(chosen.whose, one, chosen.source))
        for one, label in PERIODS.items()
    ]
    return Screen(_("📅 Leads that came in when?"), [*grid(buttons, 2), [_menu()]])


def sources_screen(at: str, chosen: Chosen, sources: Sequence[str]) -> Screen:
    marks = [("", _("Every source")), *[(source_mark(one), source_word(one)) for one in sources]]
    buttons = [
        _press(
            _marked(label[:40], mark == chosen.source), "show", at, Chosen(chosen.whose, chosen.period, mark)
        )
        for mark, label in marks
    ]
    return Screen(_("📨 Leads from where?"), [*grid(buttons, 2), [_menu()]])


def _marked(text: str, chosen: bool) -> str:
    return f"• {text}" if chosen else text


def _to_stage(total: StageTotal, chosen: Chosen) -> Button:
    label = f"{stage_name(total.stage)} · {total.count}"
    return _press(label, "list", short(total.stage.id), chosen)
