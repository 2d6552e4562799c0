"""What the command line says about a CRM: plain text, in the language of the product."""

import json
from collections.abc import Mapping

from domain.delivery import Delivery, DeliveryState
from domain.switching import Move, Plan, SwitchState
from domain.trials import NEW, Trial
from handlers.crm.switch_words import STAGE_BY_KIND, STATES, UNKNOWN_STAGE, gap_stage
from handlers.crm.trial_cards import OUTCOMES, counted
from handlers.crm.words import error_in_words, problem_in_words
from locales import N_, _
from services.delivery.preview import Limits

DELIVERIES: Mapping[Delivery, str] = {
    Delivery.NONE: N_("not sent"),
    Delivery.QUEUED: N_("waits for its turn"),
    Delivery.SENDING: N_("is being worked on now"),
    Delivery.DELIVERED: N_("in the CRM"),
    Delivery.STUCK: N_("will be tried again"),
    Delivery.FAILED: N_("needs your decision"),
    Delivery.DROPPED: N_("given up"),
}


def delivery_in_words(state: DeliveryState) -> str:
    """How far a lead is on its way, with its number or the reason."""
    parts = [_(DELIVERIES[state.state])]
    parts += [one for one in (state.number, state.url) if one]
    parts += [error_in_words(state.error)] if state.error else []
    return " · ".join(parts)


def limits_in_words(limits: Limits) -> list[str]:
    """Pace, mode and queue."""
    pace = _("At most {rate} requests a second, {together} at once.")
    live = limits.mode == "live"
    return [
        pace.format(rate=f"{limits.pace.per_second:g}", together=limits.pace.at_once),
        _("Mode: live.") if live else _("Trial run: nothing is written to the CRM."),
        _("Waiting: {depth}, of them for a person: {failed}.").format(
            depth=limits.queue_depth, failed=limits.failed
        ),
    ]


def trial_in_words(trial: Trial) -> list[str]:
    """What would become of a write, and every request in full."""
    lines = [_(OUTCOMES[trial.outcome]), counted(trial)]
    for request in trial.requests:
        lines += ["", f"{request['method']} {request['url']}"]
        lines += [f"{name}: {value}" for name, value in request["headers"].items()]
        lines += ["", json.dumps(request["body"], ensure_ascii=False, indent=2)]
    if any(str(NEW) in json.dumps(request) for request in trial.requests):
        lines += ["", _("{number} stands for an id that the CRM will give.").format(number=NEW)]
    return lines


def plan_in_words(plan: Plan) -> list[str]:
    """What a move would mean."""
    lines = [
        _("Moving to {title}").format(title=plan.title),
        _("Leads: {leads}, of them there already: {linked}.").format(leads=plan.leads, linked=plan.linked),
    ]
    if plan.looked_at:
        found = _(
            "Of {looked_at} that I looked up: {new} are new there, {known} are known, {ambiguous} unclear."
        )
        numbers = {"new": plan.new, "known": plan.known, "ambiguous": plan.ambiguous}
        lines.append(found.format(looked_at=plan.looked_at, **numbers))
    for gap in plan.gaps:
        said = _(UNKNOWN_STAGE if gap.unknown else STAGE_BY_KIND)
        shown = said.format(stage=gap_stage(gap), status=gap.status)
        lines.append(f"{'!' if gap.unknown else '-'} {shown}")
    lines += [f"{'!' if one.fatal else '-'} {problem_in_words(one)}" for one in plan.problems]
    return lines


def move_in_words(move: Move) -> list[str]:
    """How a move stands."""
    lines = [f"{move.source} → {move.target}", _(STATES[move.state]), progress_in_words(move)]
    if move.asking:
        lines.append(_("Waiting for a person: {count}.").format(count=move.asking))
    if move.compared:
        lines.append(_("Differences: {count}.").format(count=len(move.differences) + move.more))
    if move.error:
        lines.append(error_in_words(move.error))
    return lines


def progress_in_words(move: Move) -> str:
    """One line for a moving display."""
    if move.state is SwitchState.COMPARING:
        return _("{done} of {total} leads read back").format(done=move.compared, total=move.total)
    return _("{done} of {total} leads are there").format(done=move.done, total=move.total)
