"""Fields that an organization adds to its leads: setting them up, and their values."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from domain.custom_fields import (
    CHOOSING,
    FIELDS_LIMIT,
    NAME_LIMIT,
    CustomField,
    FieldType,
    described,
    folded,
    missing,
    read_choices,
    read_key,
)
from domain.custom_values import Language, read_value, read_values
from domain.errors import BadInput, NotFound
from domain.fields import read_text
from domain.leads import Lead
from domain.members import Member, Right, Role
from services.access import needs, open_to
from services.clock import Clock
from services.leads.leads import Leads
from storage.db import Database, Session
from storage.ids import new_id
from storage.leads import custom_fields as rows
from storage.planning import activities as audit_rows

Wanted = tuple[str, str, FieldType, tuple[str, ...]]
"""Key, name, type and choices of a field that is to be there."""


class CustomFields:
    """Use cases on an organization's own fields. `language` gives the words people answer with."""

    def __init__(self, db: Database, clock: Clock, leads: Leads, language: Callable[[], Language]) -> None:
        self.db, self.clock, self.leads, self.language = db, clock, leads, language

    @needs(Right.LEAD_SEE_OWN)
    async def for_member(self, member: Member, pipeline_id: UUID | None = None) -> Sequence[CustomField]:
        """The fields that the member sees on leads of that pipeline (None: of any), in order."""
        async with self.db.reading(member.organization_id) as s:
            found = await rows.list_fields(s)
        return [one for one in found if one.seen_by(member.role) and one.belongs_to(pipeline_id)]

    @needs(Right.LEAD_SEE_OWN)
    async def known(self, member: Member) -> Sequence[CustomField]:
        """All fields, also archived ones and those the member does not see, for old entries of a history."""
        async with self.db.reading(member.organization_id) as s:
            return await rows.list_fields(s, archived=True)

    @needs(Right.LEAD_SEE_OWN)
    async def described(self, member: Member) -> list[dict[str, Any]]:
        """The fields that the member sees, as JSON."""
        return [described(one) for one in await self.for_member(member)]

    @needs(Right.LEAD_SEE_OWN)
    async def read(
        self,
        member: Member,
        pipeline_id: UUID | None,
        given: Mapping[str, str],
        *,
        all_required: bool = False,
    ) -> dict[str, str]:
        """Values by key as they are kept, of what was typed or imported. Keys the member has no field for are
        left out. Raises BadInput for one that cannot be read, and with `all_required` for one that lacks.
        """
        fields = await self.for_member(member, pipeline_id)
        found = read_values(fields, given, member.region, self.language())
        lacking = missing(fields, found) if all_required else []
        if lacking:
            raise BadInput(f"custom_{lacking[0].type}", "required", name=lacking[0].name)
        return found

    @needs(Right.LEAD_CREATE)
    async def set_value(
        self, member: Member, lead_id: UUID, key: str, typed: str, seen: str | None = None
    ) -> Lead:
        """Give a field of a lead a value, with all that Leads.change does; an empty text empties it.

        `seen` is the kept value that the member saw when asked. Raises BadInput, NotFound for an unknown
        field and what Leads.change raises.
        """
        lead = await self.leads.get(member, lead_id)
        fields = await self.for_member(member, lead.stage.pipeline_id)
        one = next((one for one in fields if one.key == key), None)
        if one is None:
            raise NotFound(what="field")
        value = read_value(one, typed, member.region, self.language())
        before = {one.path: seen} if seen is not None else None
        return await self.leads.change(member, lead_id, {one.path: value}, before)

    @needs(Right.ORGANIZATION_EDIT)
    async def every(self, member: Member) -> Sequence[CustomField]:
        """All fields in order, the archived ones at the end."""
        async with self.db.reading(member.organization_id) as s:
            found = await rows.list_fields(s, archived=True)
        return sorted(found, key=lambda one: one.archived)

    @needs(Right.ORGANIZATION_EDIT)
    async def get(self, member: Member, field_id: UUID) -> CustomField:
        """One field, archived or not. Raises NotFound."""
        async with self.db.reading(member.organization_id) as s:
            return await _must_get(s, field_id)

    @needs(Right.ORGANIZATION_EDIT)
    async def add(
        self, member: Member, name: str, kind: FieldType, choices: Sequence[str] = (), key: str = ""
    ) -> CustomField:
        """A new field at the end. Without a key it gets one of its own. Raises BadInput for a name that is
        taken, bad choices, or one field too many."""
        async with self.db.transaction(member.organization_id) as s:
            known = await rows.list_fields(s, archived=True)
            name = _read_name(name, known)
            if len([one for one in known if not one.archived]) >= FIELDS_LIMIT:
                raise BadInput("field_name", "too_many", limit=FIELDS_LIMIT)
            one = CustomField(
                id=new_id(),
                key=read_key(key) if key else _free_key(known),
                name=name,
                type=kind,
                choices=read_choices(choices) if kind in CHOOSING else (),
                position=1 + max((one.position for one in known), default=0),
            )
            if any(one.key == other.key for other in known):
                raise BadInput("field_key", "taken", name=name)
            field_id = await rows.add(s, one, self.clock())
            await self._audit(s, member, "add", field_id)
            return await _must_get(s, field_id)

    @needs(Right.ORGANIZATION_EDIT)
    async def add_preset(self, member: Member, wanted: Sequence[Wanted]) -> int:
        """Add those fields of a preset whose key and name are free, and bring archived ones back; returns how
        many there are now that were not there before."""
        done = 0
        async with self.db.transaction(member.organization_id) as s:
            known = await rows.list_fields(s, archived=True)
            room = FIELDS_LIMIT - len([one for one in known if not one.archived])
            position = max((one.position for one in known), default=0)
            for key, name, kind, choices in wanted:
                one = CustomField(new_id(), read_key(key), name, kind, choices)
                same = next((other for other in known if other.key == one.key), None)
                if done >= room or (same is not None and not same.archived):
                    continue
                if same is not None:
                    await rows.archive(s, same.id, None)
                elif not any(folded(other.name) == folded(one.name) for other in known):
                    position += 1
                    await rows.add(s, replace(one, position=position), self.clock())
                else:
                    continue
                done += 1
            await self._audit(s, member, "preset", None)
        return done

    @needs(Right.ORGANIZATION_EDIT)
    async def change(
        self,
        member: Member,
        field_id: UUID,
        *,
        name: str | None = None,
        choices: Sequence[str] | None = None,
        required: bool | None = None,
    ) -> CustomField:
        """Rename a field, offer other choices, ask for it or not. Values that leads have stay as they are."""
        async with self.db.transaction(member.organization_id) as s:
            one = await _must_get(s, field_id)
            others = [other for other in await rows.list_fields(s, archived=True) if other.id != field_id]
            one = replace(
                one,
                name=_read_name(name, others) if name is not None else one.name,
                choices=read_choices(choices) if choices is not None else one.choices,
                required=one.required if required is None else required,
            )
            return await self._write(s, member, one)

    @needs(Right.ORGANIZATION_EDIT)
    async def place(self, member: Member, field_id: UUID, pipeline_id: UUID | None) -> CustomField:
        """Ask for the field in one pipeline only; None: in every one."""
        async with self.db.transaction(member.organization_id) as s:
            one = await _must_get(s, field_id)
            return await self._write(s, member, replace(one, pipeline_id=pipeline_id))

    @needs(Right.ORGANIZATION_EDIT)
    async def show_to(self, member: Member, field_id: UUID, role: Role, *, shown: bool) -> CustomField:
        """Let a role see the field or not. Owners and admins always see it."""
        async with self.db.transaction(member.organization_id) as s:
            one = await _must_get(s, field_id)
            seeing = {other for other in Role if one.seen_by(other)}
            seeing = (seeing | {role}) if shown else (seeing - {role})
            roles = frozenset() if seeing == set(Role) else frozenset(seeing | {Role.OWNER, Role.ADMIN})
            return await self._write(s, member, replace(one, roles=roles))

    @needs(Right.ORGANIZATION_EDIT)
    async def shift(self, member: Member, field_id: UUID, by: int) -> CustomField:
        """Move the field up (-1) or down (1) among those in use; at the end of the list nothing happens."""
        async with self.db.transaction(member.organization_id) as s:
            one = await _must_get(s, field_id)
            known = await rows.list_fields(s)
            order = [other.id for other in known]
            if one.id in order:
                at = order.index(one.id)
                to = min(max(at + by, 0), len(order) - 1)
                order.insert(to, order.pop(at))
                by_id = {other.id: other for other in known}
                for position, other_id in enumerate(order):
                    await rows.replace(s, replace(by_id[other_id], position=position))
                await self._audit(s, member, "order", one.id)
            return await _must_get(s, field_id)

    @needs(Right.ORGANIZATION_EDIT)
    async def archive(self, member: Member, field_id: UUID, *, archived: bool = True) -> CustomField:
        """Put the field away: no form asks for it and no card shows it, but leads keep their values."""
        async with self.db.transaction(member.organization_id) as s:
            one = await _must_get(s, field_id)
            await rows.archive(s, one.id, self.clock() if archived else None)
            await self._audit(s, member, "archive" if archived else "restore", one.id)
            return await _must_get(s, field_id)

    @open_to("use cases that write leads")
    async def fields_of(self, s: Session) -> list[CustomField]:
        """Every field in use, for jobs that have no member."""
        return await rows.list_fields(s)

    async def _write(self, s: Session, member: Member, one: CustomField) -> CustomField:
        await rows.replace(s, one)
        await self._audit(s, member, "change", one.id)
        return await _must_get(s, one.id)

    async def _audit(self, s: Session, member: Member, what: str, field_id: UUID | None) -> None:
        await audit_rows.add_audit(s, member.id, f"field.{what}", "field", field_id, self.clock())


async def _must_get(s: Session, field_id: UUID) -> CustomField:
    found = await rows.list_fields(s, archived=True)
    one = next((one for one in found if one.id == field_id), None)
    if one is None:
        raise NotFound(what="field")
    return one


def _read_name(typed: str, others: Sequence[CustomField]) -> str:
    name = read_text("field_name", typed, NAME_LIMIT)
    same = next((one for one in others if folded(one.name) == folded(name)), None)
    if same is not None:
        raise BadInput("field_name", "archived" if same.archived else "taken", name=same.name)
    return name


def _free_key(known: Sequence[CustomField]) -> str:
    taken = {one.key for one in known}
    return next(key for number in range(1, len(known) + 2) if (key := f"field_{number}") not in taken)
