"""What goes on with a CRM, in words: errors, problems of a connection, kinds of writes."""

from collections.abc import Mapping

from domain.crm import Problem
from domain.delivery import OperationKind
from domain.operations_log import LogEntry
from handlers.crm.refusals import REASONS as REFUSALS
from locales import N_, _

ERRORS: Mapping[str, str] = {
    "crm_access_lost": N_("the CRM refuses the key, or the key lacks a right"),
    "crm_misconfigured": N_(
        "the mapping asks for what the CRM does not have: {reason}. Mend it here: /mapping"
    ),
    "crm_unavailable": N_("the CRM does not answer"),
    "crm_uncertain": N_("the CRM did not answer in time"),
    "crm_rate_limited": N_("the CRM asks to slow down"),
    "crm_rejected": N_("the CRM does not accept the data: {reason}"),
    "crm_gone": N_("the record was deleted in the CRM"),
    "crm_unsupported": N_("this CRM cannot do it"),
    "ambiguous": N_("several records of the CRM have this contact ({reason})"),
    "unexpected": N_("a fault on our side, code {reason}"),
    "dry_run": N_("trial run: it was only tried"),
    "record_gone": N_("there is nothing left to write"),
    "switch_cancelled": N_("the move to this CRM was called off"),
}
REASONS: Mapping[str, str] = {
    "grant_lost": N_("the CRM's permission for us has ended: allow it again in the CRM's settings here"),
    "no such guest": N_("nobody there has this phone"),
    "not enough bonuses": N_("there are fewer bonuses on the card there"),
}
"""Reasons that say more than their error's code."""

ELSE = N_("the CRM answered in an unexpected way")

PROBLEMS: Mapping[str, str] = {
    "version_old": N_("Version {version} is too old: at least {required} is needed."),
    "no_right": N_("The key lacks a right: {action} on {scope}. Add it to the API user's role."),
    "read_own_only": N_("The key sees only its own records of {scope}. Allow it to read all of them."),
    "field_forbidden": N_("The key may not read or edit the field {field}."),
    "metadata_unreadable": N_("I cannot see which fields the CRM has, so I could not check them."),
    "no_external_id_field": N_(
        "The CRM has no field {field} for our number. Without it repeated leads are recognised by "
        "phone and e-mail alone: please add it as a text field."
    ),
    "missing_field": N_("The CRM has no field {field}: what belongs there will not get into the CRM."),
    "enum_option_missing": N_("The field {field} lacks the option {option}."),
    "read_only": N_("The field {field} is read-only in the CRM: nothing can be written there."),
    "wrong_type": N_("The field {field} is of another type there ({type}) than what we write."),
    "too_short": N_("The field {field} takes {longest} characters, and up to {needed} may come."),
    "required_unwritten": N_("The CRM demands the field {field}, and nothing of ours goes there."),
    "leads_off": N_(
        "Leads are switched off on this portal (simple CRM): let mine become deals. Press the button below, "
        "or set “{setting}” to {value}."
    ),
    "not_admin": N_(
        "The key is not of an administrator: I may not see every lead, and then do not recognise doubles. "
        "Best let an administrator make it."
    ),
    "site_required": N_("The key sees several shops ({sites}): choose the one that leads go to."),
    "site_unknown": N_("The key sees no shop {site}, only these: {sites}. Choose one of them."),
    "branch_unknown": N_(
        "The user's token does not manage branch {branch}, only these: {branches}. Mend the number or take "
        "the token of a user who manages it."
    ),
    "no_restaurants": N_("The key sees no restaurant. Tick the restaurants for it in iikoWeb."),
    "restaurant_unknown": N_("The key does not see restaurant {restaurant}, only these: {restaurants}."),
    "no_objects_published": N_(
        "1C lets me in, but shows nothing: the list of objects of its OData interface is empty. Its "
        "administrator chooses them there; the instructions say where."
    ),
    "no_purchases_published": N_(
        "1C publishes no documents that are purchases. Its administrator adds at least one of these to the "
        "list of its OData interface: {documents}"
    ),
    "no_phones_published": N_(
        "1C does not publish the catalog with the buyers' phones, so purchases find no person. Add to the "
        "list of its OData interface: {documents}"
    ),
    "no_records_found": N_(
        "The system answers, but there are no records at {path}. Look at the sample: either the path leads "
        "elsewhere, or nothing was sold in the last month."
    ),
    "records_unreadable": N_(
        "I cannot read {field} of any record at {path}. Look at the sample and choose another place for it."
    ),
    "clinic_unknown": N_("The key does not see that clinic, only these: {clinics}. Choose one of them."),
    "status_unknown": N_(
        "Visits have statuses that I do not know and count as no purchase: {statuses}. Tell us which of them "
        "mean that the visit took place."
    ),
    "used_elsewhere": N_(
        "This account is used by another organization here already: each sees the other's leads as records "
        "of the CRM that are not its own."
    ),
    "webhook_by_hand": N_(
        "Changes made in the CRM reach me only after you have registered an address there: open the "
        "connection and press “Webhook by hand”."
    ),
    "pipelines_on": N_("Pipelines are switched on in the CRM: I cannot set the status there."),
    "webhook_needs_public_url": N_(
        "Changes made in the CRM reach me with a delay: this server has no public address (PUBLIC_URL)."
    ),
    "webhook_failed": N_(
        "I could not subscribe to the event {event}: changes there reach me with a delay. The key needs the "
        "right to register webhooks; then press Test again."
    ),
}

KINDS: Mapping[OperationKind, str] = {
    OperationKind.LEAD_CREATE: N_("a new lead"),
    OperationKind.LEAD_UPDATE: N_("changes of a lead"),
    OperationKind.ACTIVITY_CREATE: N_("a call or a note"),
}

STATES: Mapping[str, tuple[str, str]] = {
    "pending": ("⏳", N_("waits for its turn")),
    "running": ("📤", N_("is being worked on now")),
    "done": ("✅", N_("done")),
    "permanently_failed": ("⚠️", N_("needs your decision")),
    "blocked": ("🔑", N_("waits until the CRM lets us in")),
    "dropped": ("🗑", N_("given up")),
    "ignored": ("➖", N_("nothing of ours")),
    "rejected": ("↩️", N_("refused, and the sender was told")),
    "failed": ("⚠️", N_("could not be worked off")),
}
"""Mark and words of a state of an operation or of a delivery."""


def error_in_words(code: str, reason: str = "") -> str:
    """An error's code as the end of a sentence; plain text. Problems of a connection are known too."""
    if code in PROBLEMS:
        return problem_in_words(Problem(code))
    return _(REASONS.get(reason) or ERRORS.get(code, ELSE)).format(reason=reason or "—")


def refusal_in_words(code: str, reason: str) -> str:
    """What to mend after a refusal whose reason is known more exactly; empty for any other. Plain text."""
    known = REFUSALS.get(reason) or REFUSALS.get(reason.casefold())
    return _(known) if known and code in ("crm_access_lost", "crm_rejected") else ""


def problem_in_words(problem: Problem) -> str:
    """One problem of a connection as a sentence; plain text."""
    text = PROBLEMS.get(problem.code)
    if text is None:
        return _("The CRM reports: {code}").format(code=problem.code)
    return _(text).format_map(_Shown(problem.params))


def delivery_error_in_words(error: str) -> str:
    """Why a delivery was not worked off; plain text."""
    return error_in_words(error) if error in ERRORS else error


def state_mark(state: str) -> str:
    return STATES[state][0] if state in STATES else "❔"


def state_in_words(state: str) -> str:
    """How an operation or a delivery stands, with its mark."""
    mark, words = STATES.get(state, ("❔", state))
    return f"{mark} {_(words)}"


def entry_in_words(entry: LogEntry) -> str:
    """What a line of the log is about; plain text."""
    if entry.incoming:
        return _("from the website") if entry.kind == "website" else _("from the CRM")
    return kind_in_words(OperationKind(entry.kind))


def kind_in_words(kind: OperationKind) -> str:
    """What is being written."""
    return _(KINDS[kind])


class _Shown(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "—"
