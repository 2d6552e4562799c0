"""Which room of services is put together of what. Each is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING

from bot.wiring.ground import Foundation
from services import rooms
from services.registry import Build, Services

if TYPE_CHECKING:
    from bot.wiring.sharing import Sharing

Built = Mapping[str, object]


class Rooms:
    """Builds the rooms of `services` over their foundation. Who needs whom is seen in the arguments."""

    def __init__(self, foundation: Foundation) -> None:
        self.on = foundation
        self.services = Services(self._builders())

    def _builders(self) -> Mapping[type, Build]:
        return {
            rooms.GroundRoom: self._ground,
            rooms.RoadRoom: self._road,
            rooms.OwedRoom: self._owed,
            rooms.ToldRoom: self._told,
            rooms.InletsRoom: self._inlets,
            rooms.ArrivalsRoom: self._arrivals,
            rooms.HooksOutRoom: self._hooks_out,
            rooms.EntryRoom: self._entry,
            rooms.WordsRoom: self._words,
            rooms.CrmRoom: self._crm,
            rooms.TwoWaysRoom: self._two_ways,
            rooms.StaffRoom: self._staff,
            rooms.CardsRoom: self._cards,
            rooms.PlanningRoom: self._planning,
            rooms.PrivacyRoom: self._privacy,
            rooms.TablesRoom: self._tables,
            rooms.SharingRoom: self._sharing_out,
            rooms.AroundLeadsRoom: self._around_leads,
            rooms.StoredRoom: self._stored,
            rooms.LettersRoom: self._letters,
            rooms.PurchasesRoom: self._purchases,
        }

    @cached_property
    def _sharing(self) -> Sharing:
        from bot.wiring.sharing import build_sharing

        return build_sharing(self.on.clock, self.services.outbox, self.services.notices)

    def _ground(self) -> Built:
        from bot.wiring.basis import ground_services

        return ground_services(self.on, self.services)

    def _road(self) -> Built:
        from bot.wiring.road import road_services

        s = self.services
        return road_services(self.on, s.outbox, s.notices, self._sharing.new_leads)

    def _owed(self) -> Built:
        from bot.wiring.road import build_outbox

        return {"outbox": build_outbox(self.on)}

    def _told(self) -> Built:
        from services.messages.notices import Notices

        return {"notices": Notices(self.on.db, self.on.clock, self.on.signals)}

    def _inlets(self) -> Built:
        from bot.wiring.hooks_in import inlet_services

        on, s = self.on, self.services
        return inlet_services(on.db, on.clock, on.signals, s.outbox, s.notices, s.leads, on.stored)

    def _arrivals(self) -> Built:
        from bot.wiring.hooks_in import inbox

        return {"inbox": inbox(self.on, self.services)}

    def _hooks_out(self) -> Built:
        from bot.wiring.hooks_out import hook_services

        on, s = self.on, self.services
        return hook_services(
            on.db, on.vault, on.hook_http, on.clock, on.signals, s.notices, on.chance, lambda: s.wording
        )

    def _entry(self) -> Built:
        from bot.wiring.api import api_services

        return api_services(self.on, self.services.notices)

    def _words(self) -> Built:
        from bot.wiring.words import wording

        return {"wording": wording()}

    def _crm(self) -> Built:
        from bot.wiring.crm import crm_services

        on, s = self.on, self.services
        return crm_services(
            on.db, on.vault, on.http, on.clock, on.signals, s.integrations, s.notices, s.journal
        )

    def _two_ways(self) -> Built:
        from bot.wiring.two_ways import two_ways

        return two_ways(self.services.crm_sync, self.services.pipeline, self.services.notices)

    def _staff(self) -> Built:
        from bot.wiring.people import people_services

        on, s = self.on, self.services
        return people_services(
            on.db, on.clock, s.outbox, s.notices, s.leads, s.pipeline, s.website_form,
            self._sharing.departures,
        )  # fmt: skip

    def _cards(self) -> Built:
        from bot.wiring.leads import lead_services

        return lead_services(self.on.db, self.on.clock, self.services.outbox, self.services.notices)

    def _planning(self) -> Built:
        from bot.wiring.planning import planning_services

        return planning_services(self.on.db, self.on.clock, self.services.outbox, self.services.notices)

    def _privacy(self) -> Built:
        from bot.wiring.privacy import privacy_services

        on, s = self.on, self.services
        return privacy_services(on.db, on.vault, on.clock, s.outbox, s.notices)

    def _tables(self) -> Built:
        from bot.wiring.tables import table_services

        on, s = self.on, self.services
        return table_services(on.db, on.clock, on.signals, s.outbox, s.notices, self._sharing.new_leads)

    def _sharing_out(self) -> Built:
        from bot.wiring.sharing import sharing_services

        on, s = self.on, self.services
        return sharing_services(on.db, on.clock, s.outbox, s.notices, self._sharing)

    def _around_leads(self) -> Built:
        from bot.wiring.around_leads import around_leads

        on, s = self.on, self.services
        return around_leads(on.settings, on.db, on.clock, on.signals, s.outbox, s.notices, s.leads, on.stored)

    def _stored(self) -> Built:
        return {"stored_files": self.on.stored}

    def _letters(self) -> Built:
        from bot.wiring.letters import build_mailer

        return {"mailer": build_mailer(self.on, self.services.notices)}

    def _purchases(self) -> Built:
        from bot.wiring.transactions import transaction_services

        on, s = self.on, self.services
        return transaction_services(
            on.settings, on.db, on.vault, on.clock, s.integrations, s.outbox, s.notices, on.chance
        )
