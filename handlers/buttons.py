"""What inline buttons carry: action and id, so that a button from last month still works or says why not."""

from uuid import UUID

from aiogram.filters.callback_data import CallbackData


class MenuButton(CallbackData, prefix="menu"):
    """Open a place: main, new_lead, leads, profile, language, people, invite, crm, api, hooks, operations,
    help, consent, register, setup."""

    place: str


class FormButton(CallbackData, prefix="form"):
    """An answer to a form's question by button: do is choose, skip, back, cancel or repeat (ask anew)."""

    form: str
    question: str
    do: str
    value: str = ""


class LanguageButton(CallbackData, prefix="lang"):
    code: str


class LeadButton(CallbackData, prefix="lead"):
    """Act on a lead. `extra` is a stage's short id, a call result, a field or a page."""

    do: str
    lead: UUID
    extra: str = ""


class ListButton(CallbackData, prefix="list"):
    """A page of the list of leads: owner is all, mine, unassigned or sent; stage a short id, or the mark of a
    view ("v" and 11 digits)."""

    owner: str
    stage: str = ""
    page: int = 0


class FilterButton(CallbackData, prefix="flt"):
    """Choose in the list of leads: do is panel, ask (name is a condition), set (value is an option's mark),
    type (asks for words) or clear (all of them without a name). `place` is of handlers/finding/places.py."""

    do: str
    place: str
    name: str = ""
    value: str = ""


class ViewButton(CallbackData, prefix="view"):
    """Saved views: do is all, show, rename, share, unshare, first, not_first, remove, really_remove (mark is
    the view's), or keep (asks for a name for what is chosen at `place`)."""

    do: str
    mark: str = ""
    place: str = ""


class PickButton(CallbackData, prefix="pick"):
    """Many leads at once: do is start, show, toggle (extra is a lead's number), page_all, every, none, act
    (extra is an action), sure or run (extra is action and value); see handlers/finding/bulk.py."""

    do: str
    place: str = ""
    page: int = 0
    extra: str = ""


class RunButton(CallbackData, prefix="run"):
    """A change of many leads: do is cancel or undo."""

    do: str
    id: UUID


class MemberButton(CallbackData, prefix="member"):
    """Decide on a person: do is a role to approve with, decline, roles (offer others) or show."""

    do: str
    member: UUID


class ProfileButton(CallbackData, prefix="prof"):
    """Edit one field of the own profile, or all of them one after another: field is "all"."""

    field: str


class InviteButton(CallbackData, prefix="inv"):
    """Make an invite link for a role."""

    role: str


class CrmButton(CallbackData, prefix="crm"):
    """Act on the CRM connection: connect (name is a provider), again, other_key, retry_all, disconnect,
    really_disconnect, another (connect one more); or try, change (name is a setting), fix (name is
    setting=value), code (paste what a login ended with) for what is given but not kept yet; preview,
    preview_lead (asks for its number), send_tried, switch (move to another CRM)."""

    do: str
    name: str = ""


class IntegrationButton(CallbackData, prefix="crmc"):
    """Act on one connection: show, again, retry_all, activate, really_activate, disconnect,
    really_disconnect, remove, really_remove, rename, mode (extra is live or dry_run), really_mode, settings,
    edit (extra is a setting), login, hook or arrived (what is registered by hand)."""

    do: str
    id: UUID
    extra: str = ""


class SwitchButton(CallbackData, prefix="move"):
    """Move to another CRM: do is plan or start (id is the connection to move to); or show, pause, resume,
    cancel, really_cancel, activate, really_activate, finish, really_finish, compare, report (id is the
    move)."""

    do: str
    id: UUID


class DuplicateButton(CallbackData, prefix="dup"):
    """What to do about a duplicate: attach, ask, go_on or stop. The draft waits in the dialog."""

    do: str


class OperationButton(CallbackData, prefix="op"):
    """Act on an operation: show, retry, drop (asks once more), really_drop, replay, new (record), tried (what
    a trial run would have sent), or take and a candidate's mark. `back` is a place in the log, empty for a
    card that was pushed."""

    do: str
    operation: UUID
    back: str = ""


class DeliveryButton(CallbackData, prefix="dlv"):
    """Act on a stored delivery: show or replay. `back` is a place in the log."""

    do: str
    delivery: UUID
    back: str = ""


class LogButton(CallbackData, prefix="log"):
    """The log of operations: do is page, find (asks for a lead's number) or file; state is a LogState."""

    do: str
    state: str = "all"
    lead: int = 0
    page: int = 0


class ReplayButton(CallbackData, prefix="again"):
    """Replay in bulk: do is failed, since, and really_... once confirmed; `hours` back for since, 0 to be
    asked."""

    do: str
    hours: int = 0


class MappingButton(CallbackData, prefix="map"):
    """Look at or change the mapping. `mark` names a rule or a field, `extra` is a page, a source, or the mark
    of a word or option; see handlers/mapping*.py."""

    do: str
    mark: str = ""
    extra: str = ""


class ConflictButton(CallbackData, prefix="conf"):
    """Choose where both sides have changed a field: do is ours, theirs or show."""

    do: str
    conflict: UUID


class DeletionButton(CallbackData, prefix="gone"):
    """Say what becomes of a lead whose record was deleted in the CRM: do is again, leave or close."""

    do: str
    link: UUID


class OwnershipButton(CallbackData, prefix="own"):
    """Whose word counts for the field `name`; an empty owner asks."""

    name: str
    owner: str = ""


class PersonButton(CallbackData, prefix="who"):
    """Who of ours is who in the CRM: do is list (a page), pick (a page of users) or set; `user` is a mark of
    a user, empty for nobody; `member` is the zero id where none is meant."""

    do: str
    member: UUID
    user: str = ""
    page: int = 0


class DeletedButton(CallbackData, prefix="bin"):
    """A page of the deleted leads."""

    page: int = 0


class CustomerButton(CallbackData, prefix="cust"):
    """Act on a customer: do is open, edit, field (extra is one), contacts, call or bonus."""

    do: str
    customer: UUID
    extra: str = ""


class CustomersButton(CallbackData, prefix="custs"):
    """The list of customers: do is page, find (asks for words) or all (forgets them)."""

    do: str
    page: int = 0


class MergeButton(CallbackData, prefix="merge"):
    """Choose about the merge that the dialog holds: do is take (`mark` is a field's place), swap, do or
    stop."""

    do: str
    mark: str = ""


class PipelineButton(CallbackData, prefix="ppl"):
    """Set up a pipeline: do is show, rename, up, down, first (the default), archive, really_archive, move
    (extra is the mark of the pipeline that its leads go to), restore, heads, head (extra is a member's mark,
    empty for nobody), add_stage, reasons, reason, reason_up, reason_down, reason_off (extra is a place),
    add_reason, usual."""

    do: str
    id: UUID
    extra: str = ""


class NewPipelineButton(CallbackData, prefix="ppln"):
    """Make a pipeline: of a preset, or offer the presets where it is empty."""

    preset: str = ""


class StageButton(CallbackData, prefix="stg"):
    """Set up a stage: do is show, rename, up, down, colors, color (extra is a place), kinds, kind (extra is a
    kind), fields, field (extra is a field or its mark), remove, really_remove, or move (extra is the mark of
    the stage that its leads go to)."""

    do: str
    id: UUID
    extra: str = ""


class BoardButton(CallbackData, prefix="brd"):
    """The board: do is show, refresh, roads (other pipelines), periods, sources, or list (the leads of `at`).
    `at` is the mark of a pipeline or, for a list, of a stage; `chosen` are the filters as
    handlers/pipelines/board_places.py packs them."""

    do: str
    at: str = ""
    chosen: str = ""
    page: int = 0


def short(identity: UUID) -> str:
    """The random end of a UUIDv7: enough to tell the stages of one organization apart in 64 bytes."""
    return identity.hex[-12:]
