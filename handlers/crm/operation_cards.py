"""Cards of one operation and of one stored delivery."""

import hashlib

from domain.delivery import AmbiguousMatch, Candidate, Operation, OperationState
from domain.leads import Lead
from domain.masking import mask_body
from domain.members import Member
from domain.operations_log import Incoming
from domain.trials import read_trial
from handlers.buttons import DeliveryButton, LeadButton, LogButton, MenuButton, OperationButton
from handlers.cards import clip, lead_title, moment
from handlers.crm.operation_payload import masked_payload
from handlers.crm.operation_places import log_button
from handlers.crm.trial_cards import OUTCOMES, counted
from handlers.crm.words import delivery_error_in_words, error_in_words, kind_in_words, state_in_words
from handlers.menu import to_menu
from handlers.screens import Button, Screen, esc, grid
from locales import _

Row = list[Button]
NEEDS_A_PERSON = frozenset({OperationState.PERMANENTLY_FAILED, OperationState.BLOCKED})
REPLAYABLE = frozenset({OperationState.DONE, OperationState.DROPPED})
REPLAYABLE_DELIVERIES = frozenset({"done", "ignored", "failed"})
PAYLOAD_ROOM = 1200


def mark_of(candidate: Candidate) -> str:
    """What a button says of a candidate: enough to tell it from the others, also from earlier ones."""
    return hashlib.sha256(candidate.id.encode()).hexdigest()[:8]


def operation_screen(
    operation: Operation, lead: Lead | None, member: Member, *, sure: bool = False, back: str = ""
) -> Screen:
    """An operation that needs a person, or what became of it. `sure` asks before giving it up; with a way
    `back` into the log the card tells everything."""
    name = lead_title(lead) if lead else "—"
    lines = [
        _head(operation),
        _("{what}: <b>{lead}</b>").format(what=kind_in_words(operation.kind), lead=name),
    ]
    if operation.state in NEEDS_A_PERSON or (back and operation.error):
        why = esc(error_in_words(operation.error, operation.error_reason))
        lines.append(_("Why: {why}").format(why=why))
    if sure:
        lines += ["", _("Give it up? The CRM will not get it; here everything stays.")]
        yes = _button(_("Yes, drop it"), "really_drop", operation, back)
        return Screen("\n".join(lines), [[yes, _button(_("⬅️ Back"), "show", operation, back)]])
    if back:
        lines += [*_details(operation, lead, member), *_tried(operation)]
    lines += _advice(operation)
    rows = [*_ways(operation, lead, back), _last_row(lead, back)]
    return Screen("\n".join(lines), rows, slot=f"operation:{operation.id}")


def _head(operation: Operation) -> str:
    if operation.state in NEEDS_A_PERSON:
        return _("⚠️ <b>The CRM did not get it</b>")
    if operation.state is OperationState.DONE:
        return _("✅ <b>In the CRM now</b>")
    if operation.recorded:
        return _("🧪 <b>Only tried: nothing was sent</b>")
    if operation.state is OperationState.DROPPED:
        return _("🗑 <b>Given up</b>")
    return _("📤 <b>On its way to the CRM</b>")


def _tried(operation: Operation) -> list[str]:
    trial = read_trial(operation.recorded)
    return (
        ["", _("In earnest: {what}").format(what=_(OUTCOMES[trial.outcome])), counted(trial)] if trial else []
    )


def _advice(operation: Operation) -> list[str]:
    if operation.state not in NEEDS_A_PERSON:
        return []
    if not _is_ambiguous(operation):
        return ["", _("Nothing is lost: it waits here. Mend the cause, then send it again.")]
    shown = [f"{number}. {_candidate(one)}" for number, one in enumerate(operation.candidates, 1)]
    return ["", _("Which of these records is it? Nothing is written until you say."), *shown]


def _is_ambiguous(operation: Operation) -> bool:
    return operation.error == AmbiguousMatch.code and bool(operation.candidates)


def _candidate(one: Candidate) -> str:
    name = clip(one.name or "—", 100)
    if one.url.startswith(("http://", "https://")):
        name = f'<a href="{esc(one.url).replace(chr(34), "%22")}">{name}</a>'
    return f"{name} · {clip(one.number or one.id, 64)}"


def _ways(operation: Operation, lead: Lead | None, back: str) -> list[Row]:
    """What can be decided about it."""
    drop = _button(_("🗑 Drop"), "drop", operation, back)
    if operation.state in NEEDS_A_PERSON and _is_ambiguous(operation):
        take = [
            _button(
                f"🔗 {number}. {one.name or one.number or one.id}"[:60],
                f"take{mark_of(one)}",
                operation,
                back,
            )
            for number, one in enumerate(operation.candidates, 1)
        ]
        return [*grid(take, 1), [_button(_("➕ A new record"), "new", operation, back), drop]]
    if operation.state in NEEDS_A_PERSON:
        edit = [Button(_("✏️ Edit"), LeadButton(do="edit", lead=lead.id))] if lead else []
        return [[_button(_("🔄 Send again"), "retry", operation, back), *edit, drop]]
    if operation.state is OperationState.PENDING:
        return [[_button(_("🔄 Send now"), "retry", operation, back), drop]]
    tried = [_button(_("👀 What would go there"), "tried", operation, back)] if operation.recorded else []
    if operation.state in REPLAYABLE and back:
        return [tried, [_button(_("🔁 Do it once more"), "replay", operation, back)]]
    return []


def _last_row(lead: Lead | None, back: str) -> Row:
    row = [Button(_("📇 Open the lead"), LeadButton(do="open", lead=lead.id))] if lead else []
    return [*row, _to_log(back)] if back else [*row, Button(_("🔌 CRM"), MenuButton(place="crm"))]


def _to_log(back: str) -> Button:
    return Button(_("⬅️ To the list"), log_button(back) or LogButton(do="page"))


def _button(text: str, do: str, operation: Operation, back: str) -> Button:
    return Button(text, OperationButton(do=do, operation=operation.id, back=back))


def _details(operation: Operation, lead: Lead | None, member: Member) -> list[str]:
    lines = [
        "",
        _("State: {state}").format(state=state_in_words(operation.state.value)),
        _("Attempts that failed: {count}").format(count=operation.attempts),
        _("Written down: {time}").format(time=moment(operation.created_at, member)),
    ]
    if operation.done_at is not None:
        lines.append(_("Ended: {time}").format(time=moment(operation.done_at, member)))
    elif operation.state is OperationState.PENDING:
        lines.append(_("Next try: {at}").format(at=moment(operation.due_at, member)))
    return [*lines, _("Contents, personal data hidden:"), _code(masked_payload(operation.payload, lead))]


def _code(text: str) -> str:
    return f"<code>{clip(text, PAYLOAD_ROOM)}</code>"


def delivery_screen(delivery: Incoming, member: Member, back: str) -> Screen:
    """A stored delivery, with what came in personal data hidden."""
    website = delivery.integration_id is None
    lines = [
        "📥 <b>" + (_("Form of the website") if website else _("Message of the CRM")) + "</b>",
        f"{esc(delivery.provider)} {esc('' if website else delivery.event)}".strip(),
        _("State: {state}").format(state=state_in_words(delivery.state)),
    ]
    if delivery.error:
        lines.append(_("Why: {why}").format(why=clip(delivery_error_in_words(delivery.error), 300)))
    lines.append(_("Attempts that failed: {count}").format(count=delivery.attempts))
    lines.append(_("Came in: {time}").format(time=moment(delivery.received_at, member)))
    if delivery.done_at is not None:
        lines.append(_("Ended: {time}").format(time=moment(delivery.done_at, member)))
    lines += [_("Contents, personal data hidden:"), _code(mask_body(delivery.body))]
    once_more = delivery.state == "failed" or (not website and delivery.state in REPLAYABLE_DELIVERIES)
    again = DeliveryButton(do="replay", delivery=delivery.id, back=back)
    rows = [[Button(_("🔁 Work it off once more"), again)]] if once_more else []
    return Screen("\n".join(lines), [*rows, [_to_log(back), *to_menu()]])
