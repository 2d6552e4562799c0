"""The workspace as it is after its set-up: members, the product's fields, and a key."""

import secrets
from dataclasses import dataclass, field, replace

from sandbox.twenty import schema
from sandbox.twenty.state import Key, Record, State

ANNA = "20202020-0687-4c41-b707-ed1bfca972a7"
OLEG = "20202020-77d5-4cb6-b60a-f4a835a85d61"
PEOPLE = ((OLEG, "Олег", "Сафин", "o@acme.example"), (ANNA, "Анна", "Орлова", "a@acme.example"))
LOST = ("LOST", "Lost")


@dataclass(frozen=True, slots=True)
class Keys:
    """The workspace's key; random unless given. The real one is a JWT."""

    api_key: str = field(default_factory=lambda: f"eyJ.{secrets.token_urlsafe(32)}")


def fill(state: State, keys: Keys, *, prepared: bool = True) -> None:
    """Set the workspace up; `prepared`: an admin has added the product's fields and the stage Lost."""
    state.objects = schema.objects(state.ways.prefix)
    state.keys[keys.api_key] = Key(state.new_id())
    for member_id, first, last, email in PEOPLE:
        state.table("workspaceMembers")[member_id] = _member(state, member_id, first, last, email)
    if not prepared:
        return
    for name, kind, label in schema.VORONKA:
        state.put_field("opportunity", schema.Field(name, kind, label, custom=True))
    stage = state.objects["opportunities"].fields["stage"]
    state.put_field("opportunity", replace(stage, options=(*stage.options, LOST)))


def _member(state: State, member_id: str, first: str, last: str, email: str) -> Record:
    return {
        "id": member_id,
        "createdAt": state.stamp(),
        "updatedAt": state.stamp(),
        "deletedAt": None,
        "createdBy": None,
        "position": 0,
        "name": {"firstName": first, "lastName": last},
        "userEmail": email,
        "locale": "ru-RU",
    }
