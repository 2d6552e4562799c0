"""What messages show, by name: the newest message of a chat with a slot is edited when its thing changes."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

QUESTION = "question"
"""What the dialog of a chat asks now."""

COMING = 0
"""In the place of a message's id: it is owed and not sent yet, so whoever wants to edit it waits."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a message of a chat shows from now on; an empty `slot`: nothing that would be edited."""

    chat_id: int
    message_id: int
    slot: str = ""


def pushed_card(lead_id: UUID) -> str:
    """The card that came as a push. Nothing takes its place."""
    return f"lead:{lead_id}"


def opened_card(lead_id: UUID) -> str:
    """The card that the person has opened; other screens may take its place."""
    return f"open:{lead_id}"


def is_opened(slot: str) -> bool:
    return slot.startswith("open:")


def receipt(lead_id: UUID) -> str:
    """The sender's receipt, from accepted to the end."""
    return f"receipt:{lead_id}"


def team_card(lead_id: UUID) -> str:
    """The lead's line in a group; a message that tells of several leads has the slots of all of them."""
    return f"team:{lead_id}"


def is_team_card(slot: str) -> bool:
    return slot.startswith("team:")


def factor_picture(begun: datetime) -> str:
    """The picture from which an authenticator app takes the key of a second factor."""
    return f"factor:{begun:%Y%m%d%H%M%S%f}"


def about(lead_id: UUID) -> str:
    """A screen that is no card but has to do with a lead: what is said next is about that lead."""
    return f"about:{lead_id}"


def about_customer(customer_id: UUID) -> str:
    """A customer's card, or a screen that has to do with one: what is said next is about that customer."""
    return f"customer:{customer_id}"
