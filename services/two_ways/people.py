"""Who of ours is who in a CRM, so that assignees go both ways."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from crm_adapters import PROVIDERS, base
from domain.crm import RemoteRef, RemoteUser
from domain.delivery import Link
from domain.errors import BadInput, CrmUnsupported, NotFound
from domain.members import Member, Right
from domain.phones import read_phone
from services.access import needs, open_to
from services.audit.recorded import recorded
from services.clock import Clock
from services.connections.integrations import Integrations
from storage.db import Database, Session
from storage.delivery import integrations as integration_rows
from storage.delivery import links
from storage.delivery.crm_leads import MEMBER
from storage.delivery.integrations import Integration
from storage.people import members as member_rows

STAY_KNOWN = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Person:
    """A member who works on leads, and whom of the CRM they are; None when nobody yet."""

    member: Member
    user: RemoteUser | None


@dataclass(frozen=True, slots=True)
class People:
    """Everybody on both sides; `crm` is the provider's title."""

    crm: str
    persons: tuple[Person, ...]
    users: tuple[RemoteUser, ...]


class CrmPeople:
    """Use cases on the active connection's people. The CRM is asked outside any transaction."""

    def __init__(self, db: Database, clock: Clock, connections: Integrations) -> None:
        self.db, self.clock, self.connections = db, clock, connections
        self._known: dict[UUID, tuple[tuple[RemoteUser, ...], datetime]] = {}

    @needs(Right.CRM_MANAGE)
    async def people(self, member: Member, *, anew: bool = False) -> People:
        """Match who can be matched, and show everybody. Raises NotFound without a connection, CrmError when
        the CRM does not tell its people."""
        active = await self._active(member)
        users = await self._users(active, anew)
        async with self.db.transaction(member.organization_id) as session:
            await self._match(session, active.id, users)
            return await self._view(session, active, users)

    @needs(Right.CRM_MANAGE)
    @recorded("crm.people", "member")
    async def choose(self, member: Member, member_id: UUID, mark: str) -> People:
        """Make the member the CRM's user with this mark (`mark_of`), or nobody for an empty one. A user who
        was another member's becomes theirs. Raises NotFound."""
        active = await self._active(member)
        users = await self._users(active, anew=False)
        user = next((one for one in users if mark and mark_of(one) == mark), None)
        if mark and user is None:
            raise NotFound(what="user")
        async with self.db.transaction(member.organization_id) as session:
            if await member_rows.get_member(session, member_id) is None:
                raise NotFound(what="member")
            for link in await links.of_kind(session, active.id, MEMBER):
                if link.entity_id == member_id or (user is not None and link.external_id == user.id):
                    await links.forget(session, link)
            if user is not None:
                await self._link(session, active.id, member_id, user)
            return await self._view(session, active, users)

    @open_to("the scheduler")
    async def match(self, organization_id: UUID, row: Integration) -> int:
        """Match who can be matched by now; returns how many those were. Raises CrmError."""
        users = await self._users(row, anew=False)
        async with self.db.transaction(organization_id) as session:
            return await self._match(session, row.id, users)

    async def _active(self, member: Member) -> Integration:
        async with self.db.reading(member.organization_id) as session:
            active = await integration_rows.active(session)
        if active is None:
            raise NotFound(record="integration")
        return active

    async def _users(self, row: Integration, anew: bool) -> tuple[RemoteUser, ...]:
        known = self._known.get(row.id)
        if known is None or anew or known[1] <= self.clock():
            adapter = await self.connections.adapter(row.id)
            if not isinstance(adapter, base.Users):
                raise CrmUnsupported("users")
            found = tuple(await adapter.users())
            known = self._known[row.id] = (found, self.clock() + STAY_KNOWN)
        return known[0]

    async def _match(self, session: Session, integration_id: UUID, users: Sequence[RemoteUser]) -> int:
        """By e-mail, then by phone, then by name; only where it is one on either side."""
        linked = await links.of_kind(session, integration_id, MEMBER)
        taken, done = {link.external_id for link in linked}, {link.entity_id for link in linked}
        here = [one for one in await self._workers(session) if one.id not in done]
        there = [one for one in users if one.id not in taken]
        matched = 0
        for ours, theirs in _WAYS:
            for found, user in _pairs(here, there, ours, theirs):
                await self._link(session, integration_id, found.id, user)
                here.remove(found)
                there.remove(user)
                matched += 1
        return matched

    async def _workers(self, session: Session) -> list[Member]:
        return await member_rows.active_with(session, Right.LEAD_WORK)

    async def _link(self, session: Session, integration_id: UUID, member_id: UUID, user: RemoteUser) -> None:
        ref = RemoteRef(user.id, number=user.name)
        now = self.clock()
        await links.add(session, integration_id, MEMBER, member_id, ref, status="", sent_hash="", now=now)

    async def _view(self, session: Session, row: Integration, users: Sequence[RemoteUser]) -> People:
        linked = {link.entity_id: link for link in await links.of_kind(session, row.id, MEMBER)}
        by_id = {user.id: user for user in users}
        persons = [Person(one, _user(linked.get(one.id), by_id)) for one in await self._workers(session)]
        return People(PROVIDERS[row.provider].manifest.title, tuple(persons), tuple(users))


def mark_of(user: RemoteUser) -> str:
    """A short mark of a user that fits a button."""
    return hashlib.sha256(user.id.encode()).hexdigest()[:10]


def _user(link: Link | None, by_id: Mapping[str, RemoteUser]) -> RemoteUser | None:
    """The linked user; one whom the CRM lists no more keeps the name that was seen."""
    if link is None:
        return None
    return by_id.get(link.external_id) or RemoteUser(link.external_id, link.number)


def _pairs(
    here: Sequence[Member],
    there: Sequence[RemoteUser],
    ours: Callable[[Member], str],
    theirs: Callable[[RemoteUser], str],
) -> list[tuple[Member, RemoteUser]]:
    """Who has the same key, where nobody else has it."""
    keys = [ours(member) for member in here]
    marks = [theirs(user) for user in there]
    return [
        (member, there[marks.index(key)])
        for member, key in zip(here, keys, strict=True)
        if key and keys.count(key) == 1 and marks.count(key) == 1
    ]


def _phone(typed: str, region: str) -> str:
    try:
        return read_phone(typed, region)
    except BadInput:
        return ""


def _folded(name: str) -> str:
    return " ".join(sorted(name.casefold().split()))


_WAYS: tuple[tuple[Callable[[Member], str], Callable[[RemoteUser], str]], ...] = (
    (lambda one: one.profile.get("email", "").casefold(), lambda one: one.email.casefold()),
    (lambda one: one.phone or "", lambda one: _phone(one.phone, "RU")),
    (lambda one: _folded(one.name), lambda one: _folded(one.name)),
)
"""What a member and a user are compared by. A number without its country's code is taken for a Russian
one, as EspoCRM and Bitrix24 leave spelling to people."""
