"""Hooks of our own, wired: website forms, messenger links, Make.com, any other system."""

from collections.abc import Mapping
from typing import TypedDict

from bot.wiring.ground import Foundation
from handlers.pipelines.words import TITLES
from services.clock import Clock
from services.delivery.inbox import Inbox, TakesKept
from services.delivery.outbox import Outbox
from services.hooks_in import clicks, make, other
from services.hooks_in.clicks import Clicks
from services.hooks_in.inlets import Inlets
from services.hooks_in.make import MakeLeads
from services.hooks_in.other import JsonHooks
from services.hooks_in.secrets import HookSecrets
from services.hooks_in.visitors import Visitors
from services.hooks_in.website_form import PROVIDER, WebsiteForm
from services.leads.leads import Leads
from services.leads.stored_files import StoredFiles
from services.messages.notices import Notices
from services.registry import Services
from storage.db import Database
from storage.replicas.signals import Signals


class InletServices(TypedDict):
    """The fields of Services that are built here."""

    clicks: Clicks
    hook_secrets: HookSecrets
    inlets: Inlets
    json_hooks: JsonHooks
    make_leads: MakeLeads
    website_form: WebsiteForm


def inlet_services(
    db: Database, clock: Clock, signals: Signals, outbox: Outbox, notices: Notices, leads: Leads,
    stored: StoredFiles,
) -> InletServices:  # fmt: skip
    """Wire them."""
    visitors = Visitors(clock, leads, outbox, notices)
    secrets, inlets = HookSecrets(db, clock, notices), Inlets(db, clock)
    return InletServices(
        clicks=Clicks(db, clock, signals, visitors),
        hook_secrets=secrets,
        inlets=inlets,
        json_hooks=JsonHooks(db, clock, secrets, visitors, inlets),
        make_leads=MakeLeads(db, clock, secrets, leads, outbox, TITLES),
        website_form=WebsiteForm(db, clock, visitors, stored),
    )


def inbox(on: Foundation, services: Services) -> Inbox:
    """What works off all that came in, each kind of hook by whoever has kept it."""
    own: Mapping[str, TakesKept] = {
        PROVIDER: services.website_form,
        clicks.PROVIDER: services.clicks,
        make.PROVIDER: services.make_leads,
        other.PROVIDER: services.json_hooks,
    }
    crm_sync, heard, delays = services.crm_sync, services.transactions_heard, on.settings.retry_delays
    return Inbox(on.db, on.clock, on.signals, crm_sync, own, delays, on.chance, heard)
