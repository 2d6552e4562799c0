"""All services in one object, by the names that handlers ask for.

A room of services is loaded and put together when the first of them is asked for: a process pays for what
its role does, in seconds and in memory.
"""

from collections.abc import Callable, Mapping
from threading import RLock
from typing import TYPE_CHECKING

from services import rooms

Build = Callable[[], Mapping[str, object]]
"""Puts a room together: its services by name."""

ROOM_OF: Mapping[str, type] = {name: room for room in rooms.ROOMS for name in room.__annotations__}


class Services(
    rooms.GroundRoom,
    rooms.RoadRoom,
    rooms.OwedRoom,
    rooms.ToldRoom,
    rooms.InletsRoom,
    rooms.ArrivalsRoom,
    rooms.HooksOutRoom,
    rooms.EntryRoom,
    rooms.WordsRoom,
    rooms.CrmRoom,
    rooms.TwoWaysRoom,
    rooms.StaffRoom,
    rooms.CardsRoom,
    rooms.PlanningRoom,
    rooms.PrivacyRoom,
    rooms.TablesRoom,
    rooms.SharingRoom,
    rooms.AroundLeadsRoom,
    rooms.StoredRoom,
    rooms.LettersRoom,
    rooms.PurchasesRoom,
):
    """Field names are the names handlers ask for by parameter."""

    def __init__(self, builders: Mapping[type, Build], **ready: object) -> None:
        """`builders` by room; `ready` are services that need not be built."""
        self._builders, self._building = builders, RLock()
        vars(self).update(ready)

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            """A service that is not there yet. Two threads never build at once."""
            build = vars(self).get("_builders", {}).get(ROOM_OF.get(name))
            if build is None:
                raise AttributeError(name)
            with self._building:
                if name not in vars(self):
                    vars(self).update(build())
            return vars(self)[name]
