"""Screens of a move from one CRM to another: the plan, the moving bar, what is decided."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from domain.switching import BEFORE, Move, Plan, StageGap, SwitchState
from handlers.buttons import CrmButton, LogButton, MenuButton, SwitchButton
from handlers.crm.switch_words import STAGE_BY_KIND, STATES, UNKNOWN_STAGE, gap_stage
from handlers.crm.words import error_in_words, problem_in_words
from handlers.menu import to_menu
from handlers.screens import Button, Screen, esc
from locales import N_, _, ngettext

CELLS = 16
MOST_GAPS = 10


def choice_screen(targets: Sequence[tuple[UUID, str]]) -> Screen:
    """Where to move to."""
    crm = [Button(_("🔌 CRM"), MenuButton(place="crm")), *to_menu()]
    if not targets:
        text = _(
            "🚚 <b>Move to another CRM</b>\n\nConnect the other CRM first, beside the one that works now. "
            "Then come back here: I copy the leads, and nothing is switched before you have seen the report."
        )
        return Screen(text, [crm])
    text = _(
        "🚚 <b>Move to another CRM</b>\n\nWhere to? First you see what it would mean; nothing is written yet."
    )
    rows = [[Button(title, SwitchButton(do="plan", id=target))] for target, title in targets]
    return Screen(text, [*rows, crm])


def plan_screen(plan: Plan) -> Screen:
    """What the move would mean, with the button that begins it."""
    count = ngettext("{count} lead in all", "{count} leads in all", plan.leads).format(count=plan.leads)
    lines = [
        _("🚚 <b>Moving to {title}</b>").format(title=esc(plan.title)),
        _("{count}, {linked} of them are there already.").format(count=count, linked=plan.linked),
    ]
    if plan.looked_at:
        found = _(
            "Of {looked_at} that I looked up: {new} are new there, {known} are known, {ambiguous} unclear."
        )
        numbers = {"new": plan.new, "known": plan.known, "ambiguous": plan.ambiguous}
        lines.append(found.format(looked_at=plan.looked_at, **numbers))
    if plan.ambiguous:
        lines.append(_("You will be asked about the unclear ones; the rest does not wait for them."))
    lines += gap_lines(plan.gaps)
    lines += [f"{'⛔' if one.fatal else '⚠️'} {esc(problem_in_words(one))}" for one in plan.problems]
    start = Button(_("▶️ Start copying"), SwitchButton(do="start", id=plan.target_id))
    again = Button(_("🔄 Look again"), SwitchButton(do="plan", id=plan.target_id))
    if plan.possible:
        told = _("From then on every change goes to both CRMs. The old one stays the active one.")
    else:
        told = _("⛔ Mend this first, then look again.")
    back = [Button(_("🔌 CRM"), MenuButton(place="crm")), *to_menu()]
    return Screen("\n".join([*lines, "", told]), [[start] if plan.possible else [again], back])


def gap_lines(gaps: Sequence[StageGap]) -> list[str]:
    """Stages that have no word of their own in the other CRM."""
    lines = []
    for gap in gaps[:MOST_GAPS]:
        mark, said = ("⛔", UNKNOWN_STAGE) if gap.unknown else ("⚠️", STAGE_BY_KIND)
        shown = _(said).format(stage=esc(gap_stage(gap)), status=esc(gap.status))
        lines.append(f"{mark} {shown}")
    return ["", *lines] if lines else []


def bar(done: int, total: int) -> str:
    """Progress as a line of blocks with a percentage."""
    share = 1.0 if not total else min(done / total, 1.0)
    full = int(share * CELLS)
    return f"{'▓' * full}{'░' * (CELLS - full)} {int(share * 100)} %"


def move_screen(move: Move) -> Screen:
    """How the move stands, and what can be decided."""
    lines = [
        _("🚚 <b>{source} → {target}</b>").format(source=esc(move.source), target=esc(move.target)),
        _(STATES[move.state]),
        "",
        *_progress(move),
    ]
    if move.error:
        why = esc(error_in_words(move.error))
        lines.append(_("⚠️ {target}: {why}").format(target=esc(move.target), why=why))
    if move.asking:
        asks = ngettext("⚠️ {count} lead needs you.", "⚠️ {count} leads need you.", move.asking)
        lines.append(asks.format(count=move.asking))
    found = len(move.differences) + move.more
    if move.compared and found:
        said = ngettext("📄 {count} difference.", "📄 {count} differences.", found)
        lines.append(said.format(count=found))
    elif move.compared:
        lines.append(_("📄 No differences so far."))
    return Screen(
        "\n".join(lines), [*_ways(move), [Button(_("🔌 CRM"), MenuButton(place="crm")), *to_menu()]]
    )


def _progress(move: Move) -> list[str]:
    at = move.paused_in if move.state is SwitchState.PAUSED else move.state
    comparing = at is SwitchState.COMPARING
    done = move.compared if comparing else move.done
    said = _("{done} of {total} leads read back") if comparing else _("{done} of {total} leads are there")
    return [f"<code>{bar(done, move.total)}</code>", said.format(done=done, total=move.total)]


def _ways(move: Move) -> list[list[Button]]:
    def way(text: str, do: str) -> Button:
        return Button(text, SwitchButton(do=do, id=move.id))

    decide = {
        SwitchState.COPYING: [way(_("⏸ Pause"), "pause")],
        SwitchState.COMPARING: [way(_("⏸ Pause"), "pause")],
        SwitchState.PAUSED: [way(_("▶️ Go on"), "resume")],
        SwitchState.COPIED: [way(_("✅ Make {title} active").format(title=move.target)[:60], "activate")],
        SwitchState.SWITCHED: [way(_("🏁 Stop writing to {title}").format(title=move.source)[:60], "finish")],
    }.get(move.state, [])
    report = [way(_("📄 Report"), "report")] if move.compared else []
    again = [way(_("🔁 Compare again"), "compare")] if move.state is SwitchState.COPIED else []
    asks = [Button(_("⚠️ Decide"), LogButton(do="page", state="failed"))] if move.asking else []
    cancel = [way(_("✖️ Call it off"), "cancel")] if move.state in BEFORE else []
    over = move.state in (SwitchState.FINISHED, SwitchState.CANCELLED)
    anew = [Button(_("🚚 Another move"), CrmButton(do="switch"))] if over else []
    return [decide, [*report, *again], [*asks, *cancel], anew]


SURE: Mapping[str, tuple[str, str]] = {
    "cancel": (
        N_(
            "✖️ Call the move off?\n\n{source} stays the active CRM. What {target} has got, it keeps; "
            "nothing more goes there."
        ),
        N_("Yes, call it off"),
    ),
    "activate": (
        N_(
            "✅ Make {target} the active CRM?\n\nPeople see its numbers and links from then on. {source} "
            "still gets every change, until you stop that."
        ),
        N_("Yes, make it active"),
    ),
    "finish": (
        N_("🏁 Stop writing to {source}?\n\nIt keeps what it has and gets nothing more."),
        N_("Yes, stop it"),
    ),
}
"""Decisions that are asked about once more: the question and its answer."""


def sure_screen(move: Move, do: str) -> Screen:
    """The question before a decision."""
    question, answer = SURE[do]
    text = _(question).format(source=esc(move.source), target=esc(move.target))
    yes = Button(_(answer), SwitchButton(do=f"really_{do}", id=move.id))
    return Screen(text, [[yes, Button(_("⬅️ Back"), SwitchButton(do="show", id=move.id))]])
