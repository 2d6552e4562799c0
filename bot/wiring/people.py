"""Wiring of the use cases on people."""

from typing import Any

from services.clock import Clock
from services.delivery.outbox import Outbox
from services.figures.digest import Digests
from services.figures.stats import Stats
from services.hooks_in.website_form import WebsiteForm
from services.leads.customers import Customers
from services.leads.leads import Leads
from services.leads.pipeline import Pipeline
from services.messages.notices import Notices
from services.people.announcements import Announcements
from services.people.belonging import Belongings
from services.people.links import Links
from services.people.members import Members
from services.people.own import OwnSettings
from services.people.preview import Previews
from services.people.rights import Rights
from services.people.roster import People
from services.people.standing import Standing
from services.people.teams import Teams
from services.planning.agenda import Agenda
from services.sharing.departures import Departures
from storage.db import Database


def people_services(
    db: Database,
    clock: Clock,
    outbox: Outbox,
    notices: Notices,
    leads: Leads,
    pipeline: Pipeline,
    website_form: WebsiteForm,
    departures: Departures,
) -> dict[str, Any]:
    """Fields of Services by name."""
    return {
        "announcements": Announcements(db, clock, notices),
        "belongings": Belongings(db, clock, website_form.ensure_hook),
        "digests": Digests(db, clock, notices, Agenda(db, clock, Customers(db, clock, outbox, notices))),
        "links": Links(db, clock),
        "members": Members(db, clock, notices, departures.blocked),
        "own_settings": OwnSettings(db, clock),
        "people": People(db),
        "previews": Previews(db, clock, leads, notices),
        "rights": Rights(db, clock, notices),
        "stats": Stats(db, clock),
        "teams": Teams(db, clock, notices, pipeline),
        "standing": Standing(db, clock, notices, departures),
    }
