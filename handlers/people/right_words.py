"""Rights in words."""

from domain.members import Right
from locales import N_, _

SECTION_WORDS: dict[str, str] = {
    "leads": N_("📋 Leads"),
    "rows": N_("👁 Which leads are seen"),
    "people": N_("👥 People"),
    "organization": N_("🏢 Organization"),
    "own": N_("👤 Themselves"),
}
RIGHT_WORDS: dict[Right, str] = {
    Right.LEAD_CREATE: N_("send leads"),
    Right.LEAD_WORK: N_("take and work leads"),
    Right.LEAD_ASSIGN: N_("share leads out to others"),
    Right.LEAD_IMPORT: N_("bring leads in from a file"),
    Right.LEAD_EXPORT: N_("take leads out as a file"),
    Right.LEAD_SEE_OWN: N_("their own"),
    Right.LEAD_SEE_UNASSIGNED: N_("the free ones"),
    Right.LEAD_SEE_ALL: N_("all"),
    Right.MEMBER_APPROVE: N_("see people, decide on requests"),
    Right.MEMBER_INVITE: N_("make invite links"),
    Right.MEMBER_MANAGE: N_("change roles, pause, remove"),
    Right.MEMBER_PREVIEW: N_("see as others do"),
    Right.RIGHTS_EDIT: N_("change rights"),
    Right.ORGANIZATION_EDIT: N_("set up the organization"),
    Right.CRM_MANAGE: N_("connect and run the CRM"),
    Right.API_MANAGE: N_("make keys of the API"),
    Right.TEAM_MANAGE: N_("bind groups to pipelines"),
    Right.ANNOUNCE: N_("send announcements"),
    Right.STATS_ALL: N_("see everybody's figures"),
    Right.AUDIT_SEE: N_("see who did what"),
    Right.PRIVACY_MANAGE: N_("show and erase personal data"),
    Right.PROFILE_EDIT: N_("change their profile"),
}


def section_word(section: str) -> str:
    return _(SECTION_WORDS[section])


def right_word(right: Right) -> str:
    """The right in the current language, to stand after “may” or in a list."""
    return _(RIGHT_WORDS.get(right, right.value))
