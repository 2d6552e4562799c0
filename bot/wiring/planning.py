"""The services of what is to be done and when, wired."""

from typing import Any

from handlers.planning.words import calendar_entry, calendar_name, crm_line
from services.clock import Clock
from services.delivery.outbox import Outbox
from services.leads.customers import Customers
from services.messages.notices import Notices
from services.planning.agenda import Agenda
from services.planning.calendars import Calendars
from services.planning.log import ActivityLog
from services.planning.plans import Plans
from services.planning.reminders import Reminders
from services.planning.told import Told
from storage.db import Database


def planning_services(db: Database, clock: Clock, outbox: Outbox, notices: Notices) -> dict[str, Any]:
    """By their fields of Services."""
    told = Told(clock, outbox, notices, crm_line)
    customers = Customers(db, clock, outbox, notices)
    return {
        "activity_log": ActivityLog(db, clock),
        "agenda": Agenda(db, clock, customers),
        "calendars": Calendars(db, clock, calendar_entry, calendar_name),
        "plans": Plans(db, clock, customers, told),
        "reminders": Reminders(db, clock, notices),
    }
