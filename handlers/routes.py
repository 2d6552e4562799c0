"""Every conversation in the order in which it is asked: the gate first, the fallback last."""

from aiogram import Router

from handlers import (
    approvals,
    customers,
    duplicate_choice,
    failures,
    fallback,
    gate,
    help,
    invites,
    language,
    lead_card,
    lead_delete,
    lead_edit,
    lead_history,
    lead_intake,
    lead_list,
    lead_merge,
    lead_more,
    lead_thread,
    lead_undo,
    menu,
    new_lead,
    owner_setup,
    profile,
    registration,
    website,
)
from handlers.crm import conflicts, operation_work, operations_log
from handlers.crm import connect as crm_connect
from handlers.crm import manage as crm_manage
from handlers.crm import mend as crm_mend
from handlers.crm import people as crm_people
from handlers.crm import switch as crm_switch
from handlers.crm import trial as crm_trial
from handlers.finding import bulk, bulk_progress, filters, find, inline, views
from handlers.form_routes import FormRoutes
from handlers.mapping import compare as mapping_compare
from handlers.mapping import fields as mapping_fields
from handlers.mapping import files as mapping_files
from handlers.mapping import overview as mapping
from handlers.mapping import tables as mapping_tables
from handlers.people import links as people_links
from handlers.people import organizations as people_organizations
from handlers.people import own as people_own
from handlers.people import rights as people_rights
from handlers.people import roster as people_roster
from handlers.people import see_as as people_see_as
from handlers.people import switch as people_switch
from handlers.planning import activity, agenda, plan, reminders

CONVERSATIONS = (
    registration,
    language,
    owner_setup,
    people_switch,
    gate,
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
    website,
    new_lead,
    duplicate_choice,
    lead_card,
    lead_edit,
    customers,
    lead_delete,
    lead_history,
    lead_merge,
    lead_more,
    lead_undo,
    lead_thread,
    lead_list,
    activity,
    agenda,
    plan,
    reminders,
    find,
    filters,
    views,
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
    return [failures.routes(), forms().router(), *conversations, lead_intake.routes(), fallback.routes()]
