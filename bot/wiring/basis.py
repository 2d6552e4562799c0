"""The services that every process has, wired."""

from bot.operating.surroundings import surroundings
from bot.roles import ROLES
from bot.wiring.ground import Foundation
from services.delivery.intake import Intake
from services.health import Health
from services.journal import Journal
from services.people.organizations import Organizations
from services.registry import Services
from storage.revision import newest


def ground_services(on: Foundation, services: Services) -> dict[str, object]:
    """By their fields of Services."""
    return {
        "health": Health(on.db, newest(), on.clock, surroundings(on.settings), ROLES),
        "intake": Intake(on.db, on.vault, on.clock, on.signals),
        "journal": Journal(on.db, on.clock, on.signals, on.owner, lambda: services.notices),
        "organizations": Organizations(on.db, on.clock),
    }
