"""The services of a lead's card, wired: what the card tells, changes, undo, merging and customers."""

from typing import Any

from handlers.cards import activity_title
from handlers.leads.lead_merge_words import merged_note
from handlers.pipelines.words import TITLES
from services.clock import Clock
from services.delivery.outbox import Outbox
from services.finding.bulk import Bulk
from services.finding.picking import Picking
from services.finding.search import Finding
from services.finding.views import Views
from services.leads.activities import Activities
from services.leads.changes import Changes
from services.leads.customers import Customers
from services.leads.lead_care import LeadCare
from services.leads.merging import Merging
from services.messages.notices import Notices
from services.pipelines.board import Board
from services.pipelines.setup import PipelinesSetup
from services.pipelines.stages import StagesSetup
from storage.db import Database


def lead_services(db: Database, clock: Clock, outbox: Outbox, notices: Notices) -> dict[str, Any]:
    """By their fields of Services."""
    changes, finding = Changes(db, clock, outbox, notices), Finding(db, clock)
    return {
        "activities": Activities(db, clock, outbox, notices, activity_title),
        "bulk": Bulk(db, clock, finding, changes, outbox, notices),
        "picking": Picking(db, clock, finding),
        "finding": finding,
        "views": Views(db, clock),
        "changes": changes,
        "customers": Customers(db, clock, outbox, notices),
        "lead_care": LeadCare(db, clock, notices),
        "merging": Merging(db, clock, outbox, notices, merged_note),
        **pipeline_services(db, clock, outbox, notices),
    }


def pipeline_services(db: Database, clock: Clock, outbox: Outbox, notices: Notices) -> dict[str, Any]:
    """By their fields of Services."""
    return {
        "board": Board(db, clock),
        "pipelines_setup": PipelinesSetup(db, clock, TITLES),
        "stages_setup": StagesSetup(db, clock, TITLES, outbox, notices),
    }
