"""A contact in one line."""

from domain.contacts import Contact
from domain.phones import show_phone
from handlers.cards import clip

ROOM = 100


def contact_line(one: Contact) -> str:
    """One person in one line, safe inside HTML."""
    parts = [clip(one.name, ROOM) or show_phone(one.phone) or clip(one.email, ROOM)]
    if one.position:
        parts.append(clip(one.position, ROOM))
    if one.phone and one.name:
        parts.append(show_phone(one.phone))
    return f"{marks(one)} " + ", ".join(parts)


def marks(one: Contact) -> str:
    return ("⭐" if one.is_primary else "👤") + ("🎩" if one.decides else "")
