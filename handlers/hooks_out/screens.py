"""Screens of webhooks."""

from collections.abc import Mapping, Sequence

from domain.hooks_out import OLD_SECRET_FOR, Hook, HookState, Sending, SendState
from domain.members import Member
from handlers.buttons import MenuButton
from handlers.cards import moment
from handlers.hooks_out.buttons import HookButton, SendingButton
from handlers.hooks_out.words import (
    EVENT_NAMES,
    HOOK_MARKS,
    OFF,
    SEND_MARKS,
    SEND_NAMES,
    answer_in_words,
    exact_moment,
)
from handlers.menu import to_menu
from handlers.screens import Button, Screen, esc
from locales import _, ngettext
from services.hooks_out.log import PAGE, can_be_replayed

BODY_ROOM = 1500


def to_hooks() -> Button:
    return Button(_("⬅️ To the webhooks"), MenuButton(place="hooks"))


def list_screen(hooks: Sequence[Hook]) -> Screen:
    lines = [
        _("📡 <b>Webhooks</b>"),
        _("I tell your own programs at once what happens here: a signed message to an https address."),
    ]
    if not hooks:
        lines += ["", _("There is none yet.")]
    rows = [
        [Button(f"{HOOK_MARKS[one.state]} {one.name} · {one.host}"[:60], HookButton(do="show", hook=one.id))]
        for one in hooks
    ]
    return Screen("\n".join(lines), [*rows, [Button(_("➕ New webhook"), HookButton(do="new")), *to_menu()]])


def hook_screen(hook: Hook, address: str, counts: Mapping[str, int], member: Member) -> Screen:
    """One with all that can be done about it."""
    lines = [f"{HOOK_MARKS[hook.state]} <b>{esc(hook.name)}</b>", f"<code>{esc(address)}</code>", ""]
    lines += _standing(hook, counts, member)
    lines += ["", _("It tells of:"), *[f"• {esc(_(EVENT_NAMES[one]))}" for one in hook.events]]
    if hook.old_until is not None:
        until = moment(hook.old_until, member)
        lines += ["", _("The secret before signs along until {moment}.").format(moment=until)]
    return Screen("\n".join(lines), _ways(hook, counts))


def _standing(hook: Hook, counts: Mapping[str, int], member: Member) -> list[str]:
    lines = [_(OFF[hook.why])] if hook.why in OFF else []
    if hook.state is HookState.PAUSED:
        lines.append(_("⏸ Paused: what happens meanwhile waits."))
    if hook.delivered_at is not None:
        lines.append(_("Got through last: {moment}").format(moment=moment(hook.delivered_at, member)))
    if hook.failing_since is not None:
        since = moment(hook.failing_since, member)
        lines.append(_("⚠️ Nothing gets through since {moment}.").format(moment=since))
    told = [text for text in (_delivered(counts), _waiting(counts), _failed(counts)) if text]
    return [*lines, " · ".join(told) or _("Nothing was sent yet.")]


def _delivered(counts: Mapping[str, int]) -> str:
    count = counts.get(SendState.DELIVERED, 0)
    text = ngettext("✅ {count} delivered", "✅ {count} delivered", count)
    return text.format(count=count) if count else ""


def _waiting(counts: Mapping[str, int]) -> str:
    count = counts.get(SendState.PENDING, 0) + counts.get(SendState.SENDING, 0)
    return ngettext("⏳ {count} waits", "⏳ {count} wait", count).format(count=count) if count else ""


def _failed(counts: Mapping[str, int]) -> str:
    count = counts.get(SendState.FAILED, 0)
    return ngettext("⚠️ {count} failed", "⚠️ {count} failed", count).format(count=count) if count else ""


def _ways(hook: Hook, counts: Mapping[str, int]) -> list[list[Button]]:
    def button(text: str, do: str) -> Button:
        return Button(text, HookButton(do=do, hook=hook.id))

    on = hook.state is HookState.ON
    failed = on and counts.get(SendState.FAILED, 0)
    return [
        [button(_("🧪 Send a test"), "test"), button(_("📜 Deliveries"), "log")],
        [button(_("🔁 Send all failed anew"), "failed")] if failed else [],
        [button(_("✏️ Events"), "events"), button(_("✏️ Address"), "address")],
        [
            button(_("🔑 New secret"), "rotate"),
            button(_("⏸ Pause"), "pause") if on else button(_("▶️ Switch on"), "resume"),
        ],
        [button(_("🗑 Remove"), "remove")],
        [to_hooks(), *to_menu()],
    ]


def secret_screen(hook: Hook, secret: str) -> Screen:
    """The one time that a secret is shown."""
    text = "\n".join(
        [
            _("📡 <b>{name}</b>: here is the secret that signs its messages.").format(name=esc(hook.name)),
            "",
            f"<code>{esc(secret)}</code>",
            "",
            _("I show it this once. With it your program checks that a message is mine (Standard Webhooks)."),
        ]
    )
    hide = Button(_("🙈 I have it, hide it"), HookButton(do="show", hook=hook.id))
    return Screen(text, [[Button(_("📋 Copy"), copy=secret)], [hide]])


def sure_screen(hook: Hook, what: str) -> Screen:
    """Asks once more; `what` is rotate or remove."""
    hours = int(OLD_SECRET_FOR.total_seconds() // 3600)
    texts = {
        "rotate": _(
            "🔑 Make a new secret for {name}? Messages are signed with both for {hours} hours, so that your "
            "program can change over."
        ),
        "remove": _("🗑 Remove {name}? Nothing more is sent there, and its log goes too."),
    }
    yes = {"rotate": _("🔑 Yes, a new secret"), "remove": _("🗑 Yes, remove it")}
    text = texts[what].format(name=f"<b>{esc(hook.name)}</b>", hours=hours)
    back = Button(_("⬅️ Back"), HookButton(do="show", hook=hook.id))
    return Screen(text, [[Button(yes[what], HookButton(do=f"really_{what}", hook=hook.id))], [back]])


def log_screen(hook: Hook, found: Sequence[Sending], total: int, page: int, member: Member) -> Screen:
    """One page of a hook's deliveries; every one is a button."""
    pages = max(1, -(-total // PAGE))
    lines = [_("📜 <b>Deliveries: {name}</b>").format(name=esc(hook.name))]
    place = _("Page {page} of {pages}.").format(page=page + 1, pages=pages)
    lines.append(place if total else _("Nothing was sent yet."))
    rows = [[Button(_line(one, member), SendingButton(do="show", sending=one.id))] for one in found]
    turns = [(page - 1, "◀️"), (page + 1, "▶️")]
    rows.append(
        [
            Button(sign, HookButton(do="log", hook=hook.id, page=turned))
            for turned, sign in turns
            if 0 <= turned < pages
        ]
    )
    rows.append([Button(_("⬅️ Back"), HookButton(do="show", hook=hook.id)), *to_menu()])
    return Screen("\n".join(lines), rows)


def _line(one: Sending, member: Member) -> str:
    parts = [f"{SEND_MARKS[one.state]} {one.type}", answer_in_words(one), moment(one.happened_at, member)]
    return " · ".join(filter(None, parts))[:60]


def sending_screen(one: Sending, member: Member) -> Screen:
    """One delivery: what came of it, and what is said in it."""
    name = esc(_(EVENT_NAMES[one.type])) if one.type in EVENT_NAMES else ""
    lines = [
        f"{SEND_MARKS[one.state]} <b>{name}</b> <code>{esc(one.type)}</code>",
        _(SEND_NAMES[one.state]),
        "",
        _("Happened: {moment}").format(moment=exact_moment(one.happened_at, member)),
        *_attempts(one, member),
        f"webhook-id: <code>msg_{one.event_id.hex}</code>",
    ]
    if one.body:
        cut = one.body[:BODY_ROOM] + ("…" if len(one.body) > BODY_ROOM else "")
        lines += ["", f"<pre>{esc(cut)}</pre>"]
    again = [Button(_("🔁 Send it anew"), SendingButton(do="again", sending=one.id))]
    rows = [
        again if can_be_replayed(one) else [],
        [Button(_("🔄 Refresh"), SendingButton(do="show", sending=one.id))],
        [Button(_("⬅️ Back"), HookButton(do="log", hook=one.hook_id)), *to_menu()],
    ]
    return Screen("\n".join(lines), rows)


def _attempts(one: Sending, member: Member) -> list[str]:
    lines = []
    if one.tried_at is not None:
        said = _("Attempt {number}: {moment}, {answer}, {ms} ms")
        tried, answer = exact_moment(one.tried_at, member), answer_in_words(one) or "…"
        lines.append(said.format(number=one.attempts, moment=tried, answer=answer, ms=one.took))
    if one.state is SendState.PENDING:
        lines.append(_("Next attempt: {moment}").format(moment=exact_moment(one.due_at, member)))
    return lines
