"""All services in one frozen object, built once in bot/app.py and handed to both edges."""

from dataclasses import dataclass

from services.activities import Activities
from services.announcements import Announcements
from services.api.keys import ApiKeys
from services.api.writes import ApiWrites
from services.audit.chain import AuditChain
from services.audit.record import AuditRecord
from services.changes import Changes
from services.connections.changes import ConnectionChanges
from services.connections.integrations import Integrations
from services.connections.logins import CrmLogins
from services.contacts import Contacts
from services.custom_fields import CustomFields
from services.customers import Customers
from services.delivery.inbox import Inbox
from services.delivery.operations import Operations
from services.delivery.outbox import Outbox
from services.delivery.preview import CrmPreview
from services.delivery.sync import CrmSync
from services.entry.bursts import Bursts
from services.entry.hook_pace import HookOwners
from services.entry.oauth import OAuth
from services.entry.second_factor import SecondFactor
from services.entry.sessions import Sessions
from services.exporting.exports import Exports
from services.figures.digest import Digests
from services.figures.stats import Stats
from services.files import Files
from services.finding.bulk import Bulk
from services.finding.picking import Picking
from services.finding.search import Finding
from services.finding.views import Views
from services.health import Health
from services.hooks_in.clicks import Clicks
from services.hooks_in.inlets import Inlets
from services.hooks_in.make import MakeLeads
from services.hooks_in.other import JsonHooks
from services.hooks_in.secrets import HookSecrets
from services.hooks_out.log import HookLog
from services.hooks_out.sender import HookSender
from services.hooks_out.subscriptions import HooksOut
from services.importing.answers import ImportAnswers
from services.importing.failing import ImportFailures
from services.importing.imports import Imports
from services.importing.job import ImportJob
from services.importing.undoing import ImportUndo
from services.journal import Journal
from services.lead_care import LeadCare
from services.leads import Leads
from services.loyalty.balances import Balances
from services.loyalty.redemptions import Redemptions
from services.loyalty.rules import LoyaltyRules
from services.loyalty.telling import BonusTelling
from services.mailer import Mailer
from services.mapping.mappings import Mappings
from services.members import Members
from services.merging import Merging
from services.notices import Notices
from services.organizations import Organizations
from services.people.belonging import Belongings
from services.people.links import Links
from services.people.own import OwnSettings
from services.people.preview import Previews
from services.people.rights import Rights
from services.people.roster import People
from services.people.standing import Standing
from services.pipeline import Pipeline
from services.pipelines.board import Board
from services.pipelines.setup import PipelinesSetup
from services.pipelines.stages import StagesSetup
from services.planning.agenda import Agenda
from services.planning.calendars import Calendars
from services.planning.log import ActivityLog
from services.planning.plans import Plans
from services.planning.reminders import Reminders
from services.privacy.persons import OwnData, PersonalData
from services.privacy.retention import Retention
from services.sharing.absence import Absences
from services.sharing.escalation import Escalation
from services.sharing.hand_over import HandOvers
from services.sharing.rules import Rules
from services.switching.switch import CrmSwitch
from services.teams import Teams
from services.templates import Templates
from services.transactions.connectors import Connectors
from services.transactions.heard import TransactionsHeard
from services.transactions.log import TransactionLog
from services.transactions.purchases import Transactions
from services.transactions.sources import TransactionSources
from services.transactions.sync import TransactionSync
from services.transactions.tables import PurchaseTables
from services.two_ways.conflicts import Conflicts
from services.two_ways.deletions import Deletions
from services.two_ways.ownership import Ownership
from services.two_ways.people import CrmPeople
from services.two_ways.reconcile import Reconcile
from services.website_form import WebsiteForm


@dataclass(frozen=True, slots=True)
class Services:
    """Field names are the names handlers ask for by parameter."""

    absences: Absences
    activities: Activities
    activity_log: ActivityLog
    announcements: Announcements
    agenda: Agenda
    api_keys: ApiKeys
    api_sessions: Sessions
    api_writes: ApiWrites
    audit_chain: AuditChain
    audit_record: AuditRecord
    belongings: Belongings
    bulk: Bulk
    bursts: Bursts
    finding: Finding
    picking: Picking
    views: Views
    board: Board
    calendars: Calendars
    changes: Changes
    clicks: Clicks
    conflicts: Conflicts
    connection_changes: ConnectionChanges
    contacts: Contacts
    crm_logins: CrmLogins
    crm_people: CrmPeople
    crm_preview: CrmPreview
    crm_switch: CrmSwitch
    crm_sync: CrmSync
    custom_fields: CustomFields
    customers: Customers
    deletions: Deletions
    digests: Digests
    escalation: Escalation
    exports: Exports
    files: Files
    hand_overs: HandOvers
    health: Health
    hook_log: HookLog
    hook_owners: HookOwners
    hook_sender: HookSender
    hooks_out: HooksOut
    hook_secrets: HookSecrets
    import_answers: ImportAnswers
    import_failures: ImportFailures
    import_job: ImportJob
    import_undo: ImportUndo
    imports: Imports
    inbox: Inbox
    inlets: Inlets
    integrations: Integrations
    journal: Journal
    json_hooks: JsonHooks
    lead_care: LeadCare
    leads: Leads
    links: Links
    mailer: Mailer
    make_leads: MakeLeads
    mappings: Mappings
    members: Members
    merging: Merging
    notices: Notices
    oauth: OAuth
    operations: Operations
    organizations: Organizations
    outbox: Outbox
    own_data: OwnData
    own_settings: OwnSettings
    ownership: Ownership
    people: People
    personal_data: PersonalData
    pipeline: Pipeline
    pipelines_setup: PipelinesSetup
    plans: Plans
    previews: Previews
    reconcile: Reconcile
    reminders: Reminders
    retention: Retention
    rights: Rights
    rules: Rules
    second_factor: SecondFactor
    stages_setup: StagesSetup
    standing: Standing
    stats: Stats
    teams: Teams
    templates: Templates
    website_form: WebsiteForm
    balances: Balances
    bonus_telling: BonusTelling
    loyalty_rules: LoyaltyRules
    purchase_tables: PurchaseTables
    redemptions: Redemptions
    connectors: Connectors
    transaction_log: TransactionLog
    transaction_sources: TransactionSources
    transaction_sync: TransactionSync
    transactions: Transactions
    transactions_heard: TransactionsHeard
