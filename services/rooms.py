"""What services there are, room by room. bot/wiring/rooms.py knows how a room is put together."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from services.api.keys import ApiKeys
    from services.api.limits import ApiGate
    from services.api.wording import Wording
    from services.api.writes import ApiWrites
    from services.audit.chain import AuditChain
    from services.audit.record import AuditRecord
    from services.connections.changes import ConnectionChanges
    from services.connections.integrations import Integrations
    from services.connections.logins import CrmLogins
    from services.delivery.inbox import Inbox
    from services.delivery.intake import Intake
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
    from services.hooks_in.website_form import WebsiteForm
    from services.hooks_out.log import HookLog
    from services.hooks_out.sender import HookSender
    from services.hooks_out.subscriptions import HooksOut
    from services.importing.answers import ImportAnswers
    from services.importing.failing import ImportFailures
    from services.importing.imports import Imports
    from services.importing.job import ImportJob
    from services.importing.undoing import ImportUndo
    from services.journal import Journal
    from services.leads.activities import Activities
    from services.leads.changes import Changes
    from services.leads.contacts import Contacts
    from services.leads.custom_fields import CustomFields
    from services.leads.customers import Customers
    from services.leads.files import Files
    from services.leads.lead_care import LeadCare
    from services.leads.leads import Leads
    from services.leads.merging import Merging
    from services.leads.pipeline import Pipeline
    from services.leads.stored_files import StoredFiles
    from services.loyalty.balances import Balances
    from services.loyalty.redemptions import Redemptions
    from services.loyalty.rules import LoyaltyRules
    from services.loyalty.telling import BonusTelling
    from services.mapping.mappings import Mappings
    from services.messages.mailer import Mailer
    from services.messages.notices import Notices
    from services.messages.templates import Templates
    from services.people.announcements import Announcements
    from services.people.belonging import Belongings
    from services.people.links import Links
    from services.people.members import Members
    from services.people.organizations import Organizations
    from services.people.own import OwnSettings
    from services.people.preview import Previews
    from services.people.rights import Rights
    from services.people.roster import People
    from services.people.standing import Standing
    from services.people.teams import Teams
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
    from services.transactions.connectors import Connectors
    from services.transactions.heard import TransactionsHeard
    from services.transactions.log import TransactionLog
    from services.transactions.purchases import Transactions
    from services.transactions.sources import TransactionSources
    from services.transactions.sync import TransactionSync
    from services.transactions.table_failing import TableFailures
    from services.transactions.tables import PurchaseTables
    from services.two_ways.conflicts import Conflicts
    from services.two_ways.deletions import Deletions
    from services.two_ways.ownership import Ownership
    from services.two_ways.people import CrmPeople
    from services.two_ways.reconcile import Reconcile


class GroundRoom:
    health: Health
    intake: Intake
    journal: Journal
    organizations: Organizations


class RoadRoom:
    crm_sync: CrmSync
    integrations: Integrations
    leads: Leads
    pipeline: Pipeline


class ToldRoom:
    notices: Notices


class OwedRoom:
    outbox: Outbox


class InletsRoom:
    clicks: Clicks
    hook_secrets: HookSecrets
    inlets: Inlets
    json_hooks: JsonHooks
    make_leads: MakeLeads
    website_form: WebsiteForm


class ArrivalsRoom:
    inbox: Inbox


class HooksOutRoom:
    hook_log: HookLog
    hook_sender: HookSender
    hooks_out: HooksOut


class EntryRoom:
    api_gate: ApiGate
    api_keys: ApiKeys
    api_sessions: Sessions
    api_writes: ApiWrites
    bursts: Bursts
    hook_owners: HookOwners
    oauth: OAuth
    second_factor: SecondFactor


class WordsRoom:
    wording: Wording


class CrmRoom:
    connection_changes: ConnectionChanges
    crm_logins: CrmLogins
    crm_preview: CrmPreview
    crm_switch: CrmSwitch
    mappings: Mappings
    operations: Operations


class TwoWaysRoom:
    conflicts: Conflicts
    crm_people: CrmPeople
    deletions: Deletions
    ownership: Ownership
    reconcile: Reconcile


class StaffRoom:
    announcements: Announcements
    belongings: Belongings
    digests: Digests
    links: Links
    members: Members
    own_settings: OwnSettings
    people: People
    previews: Previews
    rights: Rights
    standing: Standing
    stats: Stats
    teams: Teams


class CardsRoom:
    activities: Activities
    board: Board
    bulk: Bulk
    changes: Changes
    customers: Customers
    finding: Finding
    lead_care: LeadCare
    merging: Merging
    picking: Picking
    pipelines_setup: PipelinesSetup
    stages_setup: StagesSetup
    views: Views


class PlanningRoom:
    activity_log: ActivityLog
    agenda: Agenda
    calendars: Calendars
    plans: Plans
    reminders: Reminders


class PrivacyRoom:
    audit_chain: AuditChain
    audit_record: AuditRecord
    own_data: OwnData
    personal_data: PersonalData
    retention: Retention


class TablesRoom:
    exports: Exports
    import_answers: ImportAnswers
    import_failures: ImportFailures
    import_job: ImportJob
    import_undo: ImportUndo
    imports: Imports


class SharingRoom:
    absences: Absences
    escalation: Escalation
    hand_overs: HandOvers
    rules: Rules


class AroundLeadsRoom:
    contacts: Contacts
    custom_fields: CustomFields
    files: Files
    templates: Templates


class StoredRoom:
    stored_files: StoredFiles


class LettersRoom:
    mailer: Mailer


class PurchasesRoom:
    balances: Balances
    bonus_telling: BonusTelling
    connectors: Connectors
    loyalty_rules: LoyaltyRules
    purchase_tables: PurchaseTables
    redemptions: Redemptions
    table_failures: TableFailures
    transaction_log: TransactionLog
    transaction_sources: TransactionSources
    transaction_sync: TransactionSync
    transactions: Transactions
    transactions_heard: TransactionsHeard


ROOMS = (
    GroundRoom,
    RoadRoom,
    OwedRoom,
    ToldRoom,
    InletsRoom,
    ArrivalsRoom,
    HooksOutRoom,
    EntryRoom,
    WordsRoom,
    CrmRoom,
    TwoWaysRoom,
    StaffRoom,
    CardsRoom,
    PlanningRoom,
    PrivacyRoom,
    TablesRoom,
    SharingRoom,
    AroundLeadsRoom,
    StoredRoom,
    LettersRoom,
    PurchasesRoom,
)
