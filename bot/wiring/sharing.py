"""The services by which leads are shared out, wired."""

from dataclasses import dataclass
from typing import TypedDict

from services.clock import Clock
from services.delivery.outbox import Outbox
from services.messages.notices import Notices
from services.sharing.absence import Absences
from services.sharing.departures import Departures
from services.sharing.escalation import Escalation
from services.sharing.hand_over import HandOvers
from services.sharing.new_leads import NewLeads
from services.sharing.rules import Rules
from services.sharing.turns import Turns
from storage.db import Database


@dataclass(frozen=True, slots=True)
class Sharing:
    """What other services share leads out with."""

    turns: Turns
    new_leads: NewLeads
    departures: Departures


class SharingServices(TypedDict):
    """The fields of Services that are built here."""

    absences: Absences
    escalation: Escalation
    hand_overs: HandOvers
    rules: Rules


def build_sharing(clock: Clock, outbox: Outbox, notices: Notices) -> Sharing:
    turns = Turns(clock)
    new_leads = NewLeads(clock, notices, turns)
    return Sharing(turns, new_leads, Departures(clock, outbox, notices, turns, new_leads))


def sharing_services(
    db: Database, clock: Clock, outbox: Outbox, notices: Notices, sharing: Sharing
) -> SharingServices:
    return SharingServices(
        absences=Absences(db, clock, sharing.departures),
        escalation=Escalation(db, clock, notices),
        hand_overs=HandOvers(db, clock, outbox, notices),
        rules=Rules(db, clock, sharing.turns),
    )
