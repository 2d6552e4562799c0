"""Somebody's card, and the question before they are paused or removed."""

from datetime import UTC, datetime

from babel.dates import format_date

from domain.members import Member, MemberStatus, Right, Role
from domain.phones import show_phone
from domain.rights import SECTIONS
from handlers.cards import moment
from handlers.menu import to_menu
from handlers.people.buttons import AsButton, PeopleButton, RightsButton, StaffButton
from handlers.people.profile import profile_lines
from handlers.people.right_words import right_word
from handlers.people.roles import role_name
from handlers.screens import Button, Screen, esc
from locales import N_, _, current_language
from services.people.roster import PersonCard

STATUSES: dict[MemberStatus, str] = {
    MemberStatus.SUSPENDED: N_("⏸ Access is paused."),
    MemberStatus.LEFT: N_("🚪 Has left the organization."),
    MemberStatus.REMOVED: N_("🚪 Was removed."),
    MemberStatus.DECLINED: N_("❌ Was declined."),
    MemberStatus.REGISTERING: N_("⏳ Has not finished the registration."),
}
SURE: dict[str, tuple[str, str]] = {
    "suspend": (
        N_(
            "⏸ <b>Pause {name}?</b>\n\nUntil you restore them they can do nothing here. "
            "Open leads of theirs: {open}; these get new hands by the rules, or become free."
        ),
        N_("⏸ Pause"),
    ),
    "remove": (
        N_(
            "🚪 <b>Remove {name}?</b>\n\nThey come back by a new invite alone. What they did stays in the "
            "history. Open leads of theirs: {open}; these get new hands by the rules, or become free."
        ),
        N_("🚪 Remove"),
    ),
    "factor": (
        N_(
            "🔓 <b>Turn off the second factor of {name}?</b>\n\nFor somebody whose telephone is lost. Be "
            "sure that it is they who ask. They are told of it."
        ),
        N_("🔓 Turn it off"),
    ),
}


def card_screen(found: PersonCard, asker: Member) -> Screen:
    """Who it is and what they do here; buttons for what the asker may do about them."""
    one = found.member
    lines = [f"👤 <b>{esc(one.name) or '—'}</b>", _("Role: {role}").format(role=role_name(one.role))]
    if one.status in STATUSES:
        lines.append(_(STATUSES[one.status]))
    if one.username:
        lines.append(f"@{esc(one.username)}")
    if one.phone:
        lines.append("📱 " + esc(show_phone(one.phone)))
    lines += profile_lines(one, filled_only=True)
    if found.joined_at is not None:
        day = format_date(found.joined_at, format="long", locale=current_language())
        lines.append(_("Here since {date}.").format(date=day))
    lines.append(_("Leads: {sent} sent, {open} open in work.").format(sent=found.sent, open=found.open))
    if found.unreachable:
        lines.append(_("🔇 Has blocked the bot: messages do not arrive."))
    if one.away_until is not None and one.away_until > datetime.now(UTC):
        lines.append(_("🏖 Away until {at}.").format(at=moment(one.away_until, asker)))
    rows = [*_acts(found, asker), [Button(_("⬅️ People"), PeopleButton(do="list")), *to_menu()]]
    return Screen("\n".join([*lines, *_own_rights(one)]), rows)


def _own_rights(one: Member) -> list[str]:
    """Which rows they see: what most questions about rights are about."""
    seen = [right_word(right) for right in SECTIONS["rows"] if right in one.rights]
    return ["", _("Sees leads: {rows}").format(rows=", ".join(seen) or "—")]


def _acts(found: PersonCard, asker: Member) -> list[list[Button]]:
    one = found.member

    def act(text: str, do: str) -> Button:
        return Button(text, StaffButton(do=do, member=one.id))

    rows: list[list[Button]] = []
    is_in = one.status in (MemberStatus.ACTIVE, MemberStatus.SUSPENDED)
    if not (is_in and found.below):
        return rows
    myself = one.id == asker.id
    if asker.may(Right.MEMBER_MANAGE) and (not myself or asker.role is Role.OWNER):
        rows.append([act(_("🎭 Role"), "roles")])
    if asker.may(Right.RIGHTS_EDIT) and not myself and one.role is not Role.OWNER:
        rights = Button(_("🔐 Rights"), RightsButton(do="show", who=one.id.hex))
        rows = [[*rows[0], rights]] if rows else [[rights]]
    if asker.may(Right.MEMBER_MANAGE) and not myself:
        paused = one.status is MemberStatus.SUSPENDED
        pause = act(_("▶️ Restore"), "restore") if paused else act(_("⏸ Pause"), "suspend")
        rows.append([pause, act(_("🚪 Remove"), "remove")])
    if asker.role is Role.OWNER and not myself and found.has_factor:
        rows.append([act(_("🔓 Reset the second factor"), "factor")])
    if asker.may(Right.MEMBER_PREVIEW) and not myself and one.status is MemberStatus.ACTIVE:
        rows.append([Button(_("👁 See as they do"), AsButton(do="begin", who=one.id.hex))])
    return rows


def sure_screen(found: PersonCard, do: str) -> Screen:
    """What it means, and the button that does it."""
    text, label = SURE[do]
    one = found.member
    sure = Button(_(label), StaffButton(do=f"really_{do}", member=one.id))
    back = Button(_("⬅️ No, back"), StaffButton(do="show", member=one.id))
    return Screen(_(text).format(name=esc(one.name), open=found.open), [[sure], [back]])
