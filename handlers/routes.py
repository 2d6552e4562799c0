"""Every conversation in the order in which it is asked: the gate first, the fallback last."""

from aiogram import Router

from handlers import (
    approvals,
    conflicts,
    crm_connect,
    crm_manage,
    crm_mend,
    crm_people,
    crm_switch,
    crm_trial,
    duplicate_choice,
    failures,
    fallback,
    gate,
    help,
    invites,
    language,
    lead_card,
    lead_edit,
    lead_intake,
    lead_list,
    lead_thread,
    mapping,
    mapping_compare,
    mapping_fields,
    mapping_files,
    mapping_tables,
    menu,
    new_lead,
    operation_work,
    operations_log,
    owner_setup,
    profile,
    registration,
    website,
)
from handlers.form_routes import FormRoutes

CONVERSATIONS = (
    registration,
    language,
    owner_setup,
    gate,
    help,
    menu,
    profile,
    approvals,
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
    lead_thread,
    lead_list,
)


def forms() -> FormRoutes:
    """The forms of every conversation, by name."""
    return FormRoutes(tuple(form for module in CONVERSATIONS for form in getattr(module, "FORMS", ())))


def routes() -> list[Router]:
    """Fresh routers for one dispatcher. Commands win over forms, forms over free text."""
    conversations = [module.routes() for module in CONVERSATIONS]
    return [failures.routes(), forms().router(), *conversations, lead_intake.routes(), fallback.routes()]
