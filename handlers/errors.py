"""Errors in words. One table a class; what to do next is always said."""

from collections.abc import Callable

from domain.errors import (
    BadInput,
    CrmAccessLost,
    CrmError,
    CrmMisconfigured,
    CrmRejected,
    CrmUnavailable,
    FilesAway,
    NotAllowed,
    NotFound,
    SecondFactorNeeded,
    StageNeeds,
    TooLate,
    VoronkaError,
)
from handlers.crm.input_words import CRM_INPUT
from handlers.finding.input_words import FINDING
from handlers.hooks_in.words import HOOK_INPUT
from handlers.hooks_out.input_words import HOOKS_INPUT, HOOKS_TOO_LATE
from handlers.leads.around_input_words import AROUND_INPUT, AROUND_TOO_LATE
from handlers.people.errors import PEOPLE_INPUT
from handlers.planning.input_words import PLAN_INPUT, PLAN_TOO_LATE
from handlers.privacy.input_words import PRIVACY_INPUT
from handlers.screens import esc
from handlers.security.words import SECURITY_INPUT, SECURITY_TOO_LATE
from handlers.sharing.input_words import SHARING_INPUT, SHARING_TOO_LATE
from handlers.transactions.input_words import PURCHASE_INPUT, PURCHASE_TOO_LATE
from locales import N_, _

BAD_INPUT: dict[tuple[str, str], str] = {
    **CRM_INPUT,
    **PLAN_INPUT,
    **AROUND_INPUT,
    **FINDING,
    **HOOK_INPUT,
    **SHARING_INPUT,
    **HOOKS_INPUT,
    **PRIVACY_INPUT,
    **SECURITY_INPUT,
    **PURCHASE_INPUT,
    ("phone", "required"): N_("Please send a phone number: type it or share a contact."),
    ("phone", "invalid"): N_("This does not look like a phone number. Example: +7 999 123-45-67"),
    ("phone", "too_long"): N_("This is too long for a phone number. Example: +7 999 123-45-67"),
    ("email", "required"): N_("Please type an e-mail address."),
    ("email", "invalid"): N_("This does not look like an e-mail. Example: anna@example.com"),
    ("inn", "required"): N_("Please type the INN."),
    ("inn", "length"): N_("An INN has 10 digits (company) or 12 (person). Please check and send it again."),
    ("inn", "checksum"): N_("There is a slip in this INN: its check digits do not fit. Please check it."),
    ("amount", "invalid"): N_("I could not read the amount. Examples: 3 000 000, 1.5 million"),
    ("amount", "out_of_range"): N_("The amount must be more than zero and at most a trillion."),
    ("name", "required"): N_("Please tell me the name of the person or of the company."),
    ("reason", "required"): N_("Please say why: choose a reason or type it."),
    ("confirm", "changed_meanwhile"): N_(
        "✋ {by} has written “{value}” here meanwhile. Whose value shall stand?"
    ),
    ("confirm", "invalid"): N_("Please choose one of the buttons."),
    ("tags", "too_many"): N_("At most {limit} tags. Please leave some out."),
    ("lead", "itself"): N_("This is the same lead. Type the number of the other one."),
    ("note", "required"): N_("Please write at least a word."),
    ("pipeline", "taken"): N_("There is a pipeline “{name}” already. Please choose another name."),
    ("pipeline", "too_many"): N_("There can be {limit} pipelines at most. Archive one first."),
    ("stage", "taken"): N_("There is a stage “{name}” here already. Please choose another name."),
    ("stage", "too_many"): N_("A pipeline has {limit} stages at most. Remove one first."),
    ("reason", "taken"): N_("There is such a reason already. Please word it otherwise."),
    ("reason", "too_many"): N_("There can be {limit} reasons at most. Take one off first."),
    ("required", "too_many"): N_("A stage asks for {limit} fields at most. Take one off first."),
    ("preset", "invalid"): N_("Please choose one of the buttons."),
    ("color", "invalid"): N_("Please choose one of the buttons."),
    ("time_zone", "invalid"): N_("I do not know this time zone. Type a city, for example: Moscow"),
    ("legal_form", "invalid"): N_("Please choose one of the buttons."),
    **PEOPLE_INPUT,
    ("role", "not_yours_to_give"): N_("Only an owner can invite an owner."),
    ("consent", "declined"): N_(
        "That is your right. Without your consent I may not keep your phone, so I cannot register you. "
        "If you change your mind, press “I agree”."
    ),
    ("language", "invalid"): N_("Please choose one of the buttons."),
    ("role", "invalid"): N_("Please choose one of the buttons."),
    ("number", "invalid"): N_("Please type the lead's number, for example: 12"),
    ("consent", "required"): N_("First please agree to the processing of personal data: /start"),
}
BAD_INPUT_ELSE = {
    "too_long": N_("Too long: {length} characters, at most {limit}. Please shorten it and send it again."),
    "required": N_("Please write something here, or press Back."),
}
TOO_LATE = {
    "gone": N_("You have left already."),
    "sent": N_("It has been sent already."),
    **PLAN_TOO_LATE,
    **AROUND_TOO_LATE,
    **SHARING_TOO_LATE,
    **HOOKS_TOO_LATE,
    **SECURITY_TOO_LATE,
    **PURCHASE_TOO_LATE,
    "deleted": N_("This lead was deleted. An admin can bring it back for 30 days: /deleted"),
    "not_deleted": N_("This lead is not deleted."),
    "deleted_long_ago": N_("It was deleted more than 30 days ago and cannot be brought back."),
    "merged": N_("This lead is part of another one now. Undo the merge there, or go on with that one."),
    "is_customer": N_("That lead is a customer already. Merge the other way round: start from it."),
    "undo_late": N_("Too late to undo. But History can restore any value, at any time."),
    "import_running": N_("Another import of your organization is under way. Please wait until it is done."),
    "import_begun": N_("This import has begun already."),
    "import_over": N_("This import is over already."),
    "undone": N_("This has been taken back already."),
    "restore_same": N_("The field has this value now."),
    "restore_gone": N_("This cannot be put back: the stage or the person is not there any more."),
    "restore_never": N_("This line of the history is not a value that can be put back."),
    "changed_meanwhile": N_(
        "Somebody has changed this field meanwhile. Look at the lead, then change it again if you still want."
    ),
    "nothing_to_undo": N_("There is nothing to take back."),
    "taken": N_("This lead has been taken already."),
    "withdrawn": N_("This lead was withdrawn by its sender."),
    "moved": N_("The lead has moved on meanwhile. Here is how it stands now."),
    "last_stage": N_("This is the last stage."),
    "stage_gone": N_("An admin has taken this stage away meanwhile. Please choose another one."),
    "stage_in_use": N_("There are leads on this stage. Move them to another one first."),
    "pipeline_in_use": N_("There are open leads in this pipeline. Move them to another one first."),
    "last_pipeline": N_("This is the only pipeline. Add another one first."),
    "last_of_kind": N_("A pipeline needs a stage on the way, one of success and one for lost leads."),
    "last_reason": N_("At least one reason stays. Add another one first."),
    "answered": N_("This has been decided already."),
    "newer_conflict": N_("The field has changed again since: there is a newer card about it."),
    "changed_since": N_("The field has been changed again since. Open the lead to see how it stands."),
    "running": N_("It is on its way right now. Please wait a moment."),
    "in_use": N_("This connection is in use: leads go there. First make another one active, or disconnect."),
    "moving": N_("A move between CRMs is under way. Finish or cancel it first: /crm, then 🔁."),
    "other_crm": N_("It belongs to a CRM that is not connected now. Connect it again first: /crm"),
}
BY_CLASS: dict[type[VoronkaError], str] = {
    NotAllowed: N_("Your role does not allow this. Ask your admin if you need it."),
    NotFound: N_("This is no longer here, or is not yours to see."),
    FilesAway: N_("📎 The store of files does not answer. Nothing is lost: please try again in a minute."),
    SecondFactorNeeded: N_("This takes a code of your second factor. Please press it once more."),
    StageNeeds: N_("This stage asks for more about the lead first: open the lead and press Stage."),
    CrmAccessLost: N_("The CRM refuses the key. Check the key and its rights, then send it again."),
    CrmMisconfigured: N_("The mapping asks for what the CRM does not have: {reason}. Mend it: /mapping"),
    CrmRejected: N_("The CRM does not accept this: {reason}"),
    CrmUnavailable: N_("The CRM does not answer now. Check the address or try again in a minute."),
    CrmError: N_("The CRM answered in an unexpected way. Please try again in a minute."),
}


ELSE = N_("This did not work. Please try again.")


def is_foreseen(error: Exception) -> bool:
    """Whether there are words for the error; any other is a fault of ours."""
    return isinstance(error, (*BY_CLASS, BadInput, TooLate))


def in_words(error: VoronkaError) -> str:
    """The error as one short text in the current language."""
    for kind, speak in _SPEAKERS:
        if isinstance(error, kind):
            return speak(error)
    for cls in type(error).__mro__:
        if cls in BY_CLASS:
            return _(BY_CLASS[cls]).format_map(_Known(error.params))
    return _(ELSE)


def _bad_input(error: VoronkaError) -> str:
    assert isinstance(error, BadInput)
    text = BAD_INPUT.get((error.field, error.reason)) or BAD_INPUT_ELSE.get(error.reason)
    if text is None:
        return _("I could not read this. Please check it and send it again.")
    params = error.params
    if (error.field, error.reason) in AROUND_INPUT:
        # these quote names that people have given
        params = {name: esc(value) if isinstance(value, str) else value for name, value in params.items()}
    return _(text).format_map(_Known(params))


def _too_late(error: VoronkaError) -> str:
    assert isinstance(error, TooLate)
    if error.what == "taken" and error.params.get("by"):
        return _("This lead is already with {by}.").format(by=error.params["by"])
    return _(TOO_LATE.get(error.what, ELSE))


class _Known(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return ""


_SPEAKERS: tuple[tuple[type[VoronkaError], Callable[[VoronkaError], str]], ...] = (
    (BadInput, _bad_input),
    (TooLate, _too_late),
)
