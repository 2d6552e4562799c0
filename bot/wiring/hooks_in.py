"""Hooks of our own, wired: website forms, messenger links, Make.com, any other system."""

from collections.abc import Mapping
from typing import TypedDict

from handlers.pipelines.words import TITLES
from services.clock import Clock
from services.delivery.inbox import TakesKept
from services.delivery.outbox import Outbox
from services.hooks_in import clicks, make, other
from services.hooks_in.clicks import Clicks
from services.hooks_in.inlets import Inlets
from services.hooks_in.make import MakeLeads
from services.hooks_in.other import JsonHooks
from services.hooks_in.secrets import HookSecrets
from services.hooks_in.visitors import Visitors
from services.leads import Leads
from services.notices import Notices
from services.website_form import PROVIDER, WebsiteForm
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
    db: Database, clock: Clock, signals: Signals, outbox: Outbox, notices: Notices, leads: Leads
) -> InletServices:
    """Wire them."""
    visitors = Visitors(clock, leads, outbox, notices)
    secrets, inlets = HookSecrets(db, clock, notices), Inlets(db, clock)
    return InletServices(
        clicks=Clicks(db, clock, signals, visitors),
        hook_secrets=secrets,
        inlets=inlets,
        json_hooks=JsonHooks(db, clock, secrets, visitors, inlets),
        make_leads=MakeLeads(db, clock, secrets, leads, outbox, TITLES),
        website_form=WebsiteForm(db, clock, visitors),
    )


def takers(built: InletServices) -> Mapping[str, TakesKept]:
    """Who works off what each kind of hook has kept."""
    return {
        PROVIDER: built["website_form"],
        clicks.PROVIDER: built["clicks"],
        make.PROVIDER: built["make_leads"],
        other.PROVIDER: built["json_hooks"],
    }
