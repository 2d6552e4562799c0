"""Every conversation in the order in which it is asked: the gate first, the fallback last."""

from aiogram import Router

from handlers import failures, fallback, health, help, menu
from handlers.contacts import customers
from handlers.crm import conflicts, operation_work, operations_log
from handlers.crm import connect as crm_connect
from handlers.crm import manage as crm_manage
from handlers.crm import mend as crm_mend
from handlers.crm import people as crm_people
from handlers.crm import switch as crm_switch
from handlers.crm import trial as crm_trial
from handlers.exporting import exporting
from handlers.fields import on_lead as fields_on_lead
from handlers.fields import setup as fields_setup
from handlers.figures import announcing, stats
from handlers.finding import bulk, bulk_progress, filters, find, inline, views
from handlers.forms.form_routes import FormRoutes
from handlers.hooks_in import mapping as hooks_in_mapping
from handlers.hooks_in import overview as hooks_in
from handlers.hooks_out import making as hooks_making
from handlers.hooks_out import manage as hooks_manage
from handlers.importing import incoming as importing_incoming
from handlers.importing import leftovers as importing_leftovers
from handlers.importing import running as importing_running
from handlers.importing import setting as importing_setting
from handlers.joining import approvals, gate, invites, language, owner_setup, registration
from handlers.leads import (
    duplicate_choice,
    lead_card,
    lead_contacts,
    lead_delete,
    lead_edit,
    lead_files,
    lead_history,
    lead_intake,
    lead_list,
    lead_merge,
    lead_more,
    lead_points,
    lead_thread,
    lead_undo,
    new_lead,
    qualify,
)
from handlers.loyalty import balance as bonus_balance
from handlers.loyalty import rules as loyalty_rules
from handlers.loyalty import spending as bonus_spending
from handlers.mapping import compare as mapping_compare
from handlers.mapping import fields as mapping_fields
from handlers.mapping import files as mapping_files
from handlers.mapping import overview as mapping
from handlers.mapping import tables as mapping_tables
from handlers.messages import sending as message_sending
from handlers.messages import templates as message_templates
from handlers.people import links as people_links
from handlers.people import organizations as people_organizations
from handlers.people import own as people_own
from handlers.people import profile
from handlers.people import rights as people_rights
from handlers.people import roster as people_roster
from handlers.people import see_as as people_see_as
from handlers.people import switch as people_switch
from handlers.pipelines import board, stage_move
from handlers.pipelines import setup as pipelines_setup
from handlers.pipelines import stages as stages_setup
from handlers.planning import activity, agenda, one_line, other_kind, plan, reminders
from handlers.privacy import person as privacy_person
from handlers.privacy import record as audit_record
from handlers.privacy import terms as privacy_terms
from handlers.security import api_keys
from handlers.security import asking as second_factor_asking
from handlers.security import overview as security
from handlers.sharing import answer_times, away, hand_over, rules
from handlers.sharing import told as told_leads
from handlers.teams import binding as team_binding
from handlers.teams import overview as team_overview
from handlers.transactions import care as transaction_care
from handlers.transactions import connect as transaction_connect
from handlers.transactions import connector as transaction_connector
from handlers.transactions import log as transaction_log
from handlers.transactions import overview as transaction_sources
from handlers.transactions import repair as transaction_repair
from handlers.transactions import settings as transaction_settings
from handlers.transactions import tables as purchase_tables

CONVERSATIONS = (
    team_binding,
    registration,
    language,
    owner_setup,
    people_switch,
    gate,
    second_factor_asking,
    security,
    help,
    menu,
    profile,
    approvals,
    people_roster,
    people_rights,
    people_links,
    people_own,
    people_organizations,
    people_see_as,
    team_overview,
    announcing,
    stats,
    invites,
    crm_connect,
    crm_manage,
    crm_mend,
    crm_trial,
    crm_switch,
    crm_people,
    conflicts,
    operation_work,
    operations_log,
    mapping,
    mapping_fields,
    mapping_tables,
    mapping_files,
    mapping_compare,
    transaction_sources,
    transaction_connect,
    transaction_connector,
    transaction_settings,
    transaction_log,
    transaction_repair,
    purchase_tables,
    transaction_care,
    loyalty_rules,
    bonus_balance,
    bonus_spending,
    hooks_in,
    hooks_in_mapping,
    api_keys,
    health,
    audit_record,
    privacy_person,
    privacy_terms,
    hooks_manage,
    hooks_making,
    new_lead,
    duplicate_choice,
    lead_card,
    stage_move,
    board,
    pipelines_setup,
    stages_setup,
    answer_times,
    rules,
    away,
    hand_over,
    told_leads,
    lead_edit,
    lead_contacts,
    lead_points,
    lead_files,
    fields_setup,
    fields_on_lead,
    message_templates,
    message_sending,
    customers,
    qualify,
    lead_delete,
    lead_history,
    lead_merge,
    lead_more,
    lead_undo,
    lead_thread,
    lead_list,
    activity,
    agenda,
    other_kind,
    plan,
    one_line,
    reminders,
    find,
    filters,
    views,
    exporting,
    importing_incoming,
    importing_setting,
    importing_running,
    importing_leftovers,
    bulk,
    bulk_progress,
    inline,
)


def forms() -> FormRoutes:
    """The forms of every conversation, by name."""
    return FormRoutes(tuple(form for module in CONVERSATIONS for form in getattr(module, "FORMS", ())))


def routes() -> list[Router]:
    """Fresh routers for one dispatcher. Commands win over forms, forms over free text."""
    conversations = [module.routes() for module in CONVERSATIONS]
    return [
        failures.routes(),
        lead_contacts.vcard_routes(),
        forms().router(),
        *conversations,
        lead_intake.routes(),
        fallback.routes(),
    ]
