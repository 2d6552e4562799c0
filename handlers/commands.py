"""The commands menu as data: what Telegram shows beside the input, per language and role."""

from domain.members import Member, MemberStatus, Role
from handlers.chat import Chat
from locales import N_, _

START = ("start", N_("Begin, or go on where you stopped"))
MENU = ("menu", N_("What I can do for you"))
NEW = ("new", N_("Send a lead"))
LEADS = ("leads", N_("Leads"))
TODAY = ("today", N_("What is planned for today"))
WEEK = ("week", N_("The next seven days"))
OVERDUE = ("overdue", N_("What is overdue"))
FIND = ("find", N_("Find leads by a name, a phone, a number"))
CUSTOMERS = ("customers", N_("Customers"))
BOARD = ("pipeline", N_("The board: leads by stage"))
FIELDS = ("fields", N_("Own fields of leads"))
TEMPLATES = ("templates", N_("Message templates"))
PIPELINES = ("pipelines", N_("Pipelines and their stages"))
RULES = ("rules", N_("Who gets new leads"))
AWAY = ("away", N_("I am away until…"))
DELETED = ("deleted", N_("Deleted leads, to bring one back"))
INVITE = ("invite", N_("Invite people"))
PEOPLE = ("people", N_("People"))
REQUESTS = ("requests", N_("Requests to join"))
ROLES = ("roles", N_("Roles and rights"))
SEE_AS = ("as", N_("See as somebody else does"))
STATS = ("stats", N_("Figures"))
TEAM = ("team", N_("Groups that get leads"))
ANNOUNCE = ("announce", N_("Send an announcement"))
SWITCH = ("switch", N_("My organizations"))
EXPORT = ("export", N_("Take leads out as a file"))
IMPORT = ("import", N_("Bring leads in from a file"))
API = ("api", N_("Keys of the API"))
HOOKS = ("hooks", N_("Webhooks to your own programs"))
WEBSITE = ("website", N_("Form on your website"))
FORMS = ("forms", N_("Forms, messenger links, Make.com"))
CRM = ("crm", N_("CRM: connection and queue"))
INTEGRATIONS = ("integrations", N_("Where purchases come from"))
LOYALTY = ("loyalty", N_("Bonuses: the rules"))
BONUS = ("bonus", N_("My bonuses"))
MAPPING = ("mapping", N_("CRM: which field goes where"))
OPERATIONS = ("operations", N_("CRM: what was sent and what came"))
HEALTH = ("health", N_("How the bot itself is"))
SECURITY = ("security", N_("Second factor and sessions"))
AUDIT = ("audit", N_("Who did what"))
PRIVACY = ("privacy", N_("Personal data: mine, and other people's"))
RETENTION = ("retention", N_("How long things are kept"))
PROFILE = ("profile", N_("My profile"))
LANGUAGE = ("language", N_("Change the language"))
HELP = ("help", N_("How it works"))
CANCEL = ("cancel", N_("Leave what I am asking now"))

COMMANDS: tuple[tuple[str, str], ...] = (
    MENU, NEW, LEADS, FIND, CUSTOMERS, STATS, INVITE, PROFILE, BONUS, PRIVACY, SWITCH, LANGUAGE, HELP,
    CANCEL,
)  # fmt: skip
"""Command and description (a msgid), for everybody."""

WORKER_COMMANDS: tuple[tuple[str, str], ...] = (
    *COMMANDS[:4],
    BOARD,
    TODAY,
    WEEK,
    OVERDUE,
    AWAY,
    IMPORT,
    EXPORT,
    SECURITY,
    *COMMANDS[4:],
)
"""For those who work leads: they have an agenda."""

ADMIN_COMMANDS: tuple[tuple[str, str], ...] = (
    MENU, NEW, LEADS, FIND, BOARD, TODAY, WEEK, OVERDUE, CUSTOMERS, DELETED, STATS, PEOPLE, REQUESTS,
    ROLES, SEE_AS, TEAM, ANNOUNCE, INVITE, PIPELINES, RULES, AWAY, FIELDS, TEMPLATES, IMPORT, EXPORT, CRM,
    OPERATIONS, MAPPING, INTEGRATIONS, LOYALTY, WEBSITE, FORMS, API, HOOKS, AUDIT, RETENTION, HEALTH,
    SECURITY, PROFILE, BONUS, PRIVACY, SWITCH, LANGUAGE, HELP, CANCEL,
)  # fmt: skip
GUEST_COMMANDS: tuple[tuple[str, str], ...] = (START, PROFILE, BONUS, SWITCH, LANGUAGE, HELP, CANCEL)
COMMANDS_OF_ROLE: dict[Role, tuple[tuple[str, str], ...]] = {
    Role.OWNER: ADMIN_COMMANDS,
    Role.ADMIN: ADMIN_COMMANDS,
    Role.MANAGER: WORKER_COMMANDS,
    Role.PARTNER: COMMANDS,
    Role.FRANCHISEE: COMMANDS,
    Role.GUEST: GUEST_COMMANDS,
}
"""What a member of the role is shown, in the scope of their own chat."""


def show_commands(chat: Chat, member: Member) -> None:
    """Bring the menu beside the input up to date with the member's role and language."""
    role = member.role if member.status is MemberStatus.ACTIVE else Role.GUEST
    chat.set_commands([(name, _(text)) for name, text in COMMANDS_OF_ROLE[role]])
