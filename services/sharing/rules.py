"""The rules by which leads are shared out, as admins set them up."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from domain.errors import BadInput, NotFound, TooLate
from domain.members import Member, Right
from domain.own_settings import WEEK, WORKDAYS, read_span
from domain.pipelines import read_title
from domain.sharing import (
    CONDITIONS,
    HEAVIEST,
    HIGHEST_CAP,
    MOST_MEMBERS,
    MOST_RULES,
    MOST_VALUES,
    NAME_LIMIT,
    Choice,
    Rule,
    Share,
    Subject,
)
from domain.words import fold
from services.access import needs
from services.clock import Clock
from services.sharing.new_leads import shares_chat
from services.sharing.turns import Turns
from storage.db import Database, Session
from storage.leads import lead_tags
from storage.people import members as member_rows
from storage.people import people
from storage.pipelines import sharing as rows
from storage.planning import activities as audit_rows

IN_USE = 12


@dataclass(frozen=True, slots=True)
class Seen:
    """A rule as an admin sees it. `problem` says why it never gives a lead to anybody: nobody (no member of
    it can take leads), no_pipeline (those it asks for are archived), hidden (an earlier rule takes all), or
    is empty. `names` are its members by id."""

    rule: Rule
    problem: str
    names: dict[UUID, str]


class Rules:
    """Use cases of admins on rules."""

    def __init__(self, db: Database, clock: Clock, turns: Turns) -> None:
        self.db, self.clock, self.turns = db, clock, turns

    @needs(Right.ORGANIZATION_EDIT)
    async def all(self, member: Member) -> tuple[Seen, ...]:
        """Every rule in the order in which they are asked."""
        async with self.db.reading(member.organization_id) as s:
            return await _seen(s)

    @needs(Right.ORGANIZATION_EDIT)
    async def get(self, member: Member, rule_id: UUID) -> Seen:
        """Raises TooLate("rule_gone") for one that was deleted, or never was here."""
        async with self.db.reading(member.organization_id) as s:
            return _found(await _seen(s), rule_id)

    @needs(Right.ORGANIZATION_EDIT)
    async def people(self, member: Member) -> Sequence[Member]:
        """Who can be named in a rule, by name."""
        async with self.db.reading(member.organization_id) as s:
            able = await member_rows.active_with(s, Right.LEAD_WORK)
        return sorted(able, key=lambda one: one.name.casefold())

    @needs(Right.ORGANIZATION_EDIT)
    async def add(self, member: Member, name: str, shared_by: Sequence[UUID] = ()) -> Seen:
        """A rule for all leads, last in order, that shares them out evenly.

        Raises BadInput: rule taken, required, too_long or too_many; NotFound for somebody who cannot get
        leads.
        """
        async with self.db.transaction(member.organization_id) as s:
            known = await rows.all_rules(s)
            if len(known) >= MOST_RULES:
                raise BadInput("rule", "too_many", limit=MOST_RULES)
            title = read_title("rule", name, NAME_LIMIT, [one.name for one in known])
            able = {one.id for one in await member_rows.active_with(s, Right.LEAD_WORK)}
            if not set(shared_by) <= able:
                raise NotFound(what="member")
            last = max((one.position for one in known), default=-1)
            shares = tuple(Share(one) for one in shared_by)
            made = await rows.add_rule(s, Rule(member.id, title, last + 1, shares=shares), self.clock())
            await self._note(s, member, "add", made)
            return _found(await _seen(s), made)

    @needs(Right.ORGANIZATION_EDIT)
    async def rename(self, member: Member, rule_id: UUID, name: str) -> Seen:
        async with self.db.transaction(member.organization_id) as s:
            others = [one.name for one in await rows.all_rules(s) if one.id != rule_id]
            title = read_title("rule", name, NAME_LIMIT, others)
            return await self._change(s, member, rule_id, lambda rule: replace(rule, name=title))

    @needs(Right.ORGANIZATION_EDIT)
    async def turn(self, member: Member, rule_id: UUID, *, on: bool) -> Seen:
        """Use the rule, or leave it aside."""
        async with self.db.transaction(member.organization_id) as s:
            return await self._change(s, member, rule_id, lambda rule: replace(rule, enabled=on))

    @needs(Right.ORGANIZATION_EDIT)
    async def shift(self, member: Member, rule_id: UUID, by: int) -> Seen:
        """Ask it earlier (negative) or later."""
        async with self.db.transaction(member.organization_id) as s:
            order = [one.id for one in await rows.all_rules(s)]
            if rule_id not in order:
                raise TooLate("rule_gone")
            place = order.index(rule_id)
            order.insert(max(0, min(place + by, len(order) - 1)), order.pop(place))
            await rows.put_in_order(s, order)
            await self._note(s, member, "order", rule_id)
            return _found(await _seen(s), rule_id)

    @needs(Right.ORGANIZATION_EDIT)
    async def drop(self, member: Member, rule_id: UUID) -> None:
        """Delete it; leads that it gave away stay where they are. Raises TooLate("rule_gone")."""
        async with self.db.transaction(member.organization_id) as s:
            if not await rows.drop_rule(s, rule_id):
                raise TooLate("rule_gone")
            await self._note(s, member, "drop", rule_id)

    @needs(Right.ORGANIZATION_EDIT)
    async def turn_value(self, member: Member, rule_id: UUID, name: str, value: str) -> Seen:
        """Ask for a value of a condition, or ask no more for it. Raises BadInput("condition", ...)."""
        wanted = " ".join(value.split())[:64]
        if name not in CONDITIONS or not wanted:
            raise BadInput("condition", "invalid")

        def turned(rule: Rule) -> Rule:
            held = rule.conditions.get(name, ())
            kept = tuple(one for one in held if fold(one) != fold(wanted))
            values = kept if len(kept) < len(held) else (*held, wanted)
            if len(values) > MOST_VALUES:
                raise BadInput("condition", "too_many", limit=MOST_VALUES)
            return replace(rule, conditions={**rule.conditions, name: values})

        async with self.db.transaction(member.organization_id) as s:
            if name == "pipeline" and wanted not in {str(one) for one in await rows.pipelines_in_use(s)}:
                raise NotFound(what="pipeline")
            return await self._change(s, member, rule_id, turned)

    @needs(Right.ORGANIZATION_EDIT)
    async def clear(self, member: Member, rule_id: UUID, name: str) -> Seen:
        """Any value will do."""
        async with self.db.transaction(member.organization_id) as s:
            return await self._change(
                s, member, rule_id, lambda rule: replace(rule, conditions={**rule.conditions, name: ()})
            )

    @needs(Right.ORGANIZATION_EDIT)
    async def set_share(self, member: Member, rule_id: UUID, share: Share) -> Seen:
        """Somebody's part in the rule; weight 0 takes them off. The round begins anew.

        Raises BadInput: weight or cap invalid, members too_many; NotFound for somebody who cannot get leads.
        """
        if not 0 <= share.weight <= HEAVIEST:
            raise BadInput("weight", "invalid", limit=HEAVIEST)
        if not 0 <= share.cap <= HIGHEST_CAP:
            raise BadInput("cap", "invalid", limit=HIGHEST_CAP)

        def turned(rule: Rule) -> Rule:
            kept = [share if one.member_id == share.member_id else one for one in rule.shares]
            if rule.share_of(share.member_id) is None:
                kept.append(share)
            if len(kept) > MOST_MEMBERS:
                raise BadInput("members", "too_many", limit=MOST_MEMBERS)
            state = {name: value for name, value in rule.turns.items() if name in ("day", "given")}
            return replace(rule, shares=tuple(one for one in kept if one.weight), turns=state)

        async with self.db.transaction(member.organization_id) as s:
            able = {one.id for one in await member_rows.active_with(s, Right.LEAD_WORK)}
            if share.weight and share.member_id not in able:
                raise NotFound(what="member")
            return await self._change(s, member, rule_id, turned)

    @needs(Right.ORGANIZATION_EDIT)
    async def set_hours(self, member: Member, rule_id: UUID, typed: str) -> Seen:
        """When the rule is asked, in the organization's time zone; an empty text: always."""
        span = read_span(typed) if typed.strip() else None

        def turned(rule: Rule) -> Rule:
            days = rule.hours.days if rule.hours else WORKDAYS
            return replace(rule, hours=replace(span, days=days) if span else None)

        async with self.db.transaction(member.organization_id) as s:
            return await self._change(s, member, rule_id, turned)

    @needs(Right.ORGANIZATION_EDIT)
    async def turn_day(self, member: Member, rule_id: UUID, day: int) -> Seen:
        """Ask it on a day of the week (0 is Monday), or not. Raises BadInput("day", ...)."""

        def turned(rule: Rule) -> Rule:
            if rule.hours is None or day not in WEEK:
                raise BadInput("day", "invalid")
            days = tuple(sorted(set(rule.hours.days) ^ {day}))
            if not days:
                raise BadInput("day", "last")
            return replace(rule, hours=replace(rule.hours, days=days))

        async with self.db.transaction(member.organization_id) as s:
            return await self._change(s, member, rule_id, turned)

    @needs(Right.ORGANIZATION_EDIT)
    async def try_out(self, member: Member, sample: Subject) -> Choice | None:
        """Who would get such a lead now; None: no rule speaks of it. Nobody's turn moves."""
        async with self.db.reading(member.organization_id) as s:
            return await self.turns.would_get(s, sample)

    @needs(Right.ORGANIZATION_EDIT)
    async def in_use(self, member: Member, name: str) -> Sequence[str]:
        """Values that leads have for a condition, the most frequent first."""
        async with self.db.reading(member.organization_id) as s:
            return await lead_tags.values_in_use(s, name, IN_USE)

    @needs(Right.ORGANIZATION_EDIT)
    async def chat_shared(self, member: Member) -> bool:
        """Whether leads from the chat are shared out, too."""
        async with self.db.reading(member.organization_id) as s:
            return await shares_chat(s)

    @needs(Right.ORGANIZATION_EDIT)
    async def share_chat(self, member: Member, *, on: bool) -> None:
        async with self.db.transaction(member.organization_id) as s:
            settings = await people.organization_settings(s, hold=True)
            await people.keep_organization_settings(s, {**settings, "sharing": {"chat": on}})
            await self._note(s, member, "chat_on" if on else "chat_off", member.organization_id)

    async def _change(
        self, s: Session, member: Member, rule_id: UUID, turned: Callable[[Rule], Rule]
    ) -> Seen:
        held = await rows.held_rule(s, rule_id)
        if held is None:
            raise TooLate("rule_gone")
        rule = turned(held)
        await rows.change_rule(s, rule_id, turns=dict(rule.turns), **rows.columns_of(rule))
        await self._note(s, member, "change", rule_id)
        return _found(await _seen(s), rule_id)

    async def _note(self, s: Session, member: Member, what: str, rule_id: UUID) -> None:
        await audit_rows.add_audit(s, member.id, f"rule.{what}", "rule", rule_id, self.clock())


def _found(seen: Sequence[Seen], rule_id: UUID) -> Seen:
    one = next((one for one in seen if one.rule.id == rule_id), None)
    if one is None:
        raise TooLate("rule_gone")
    return one


async def _seen(s: Session) -> tuple[Seen, ...]:
    rules, roads = await rows.all_rules(s), {str(one) for one in await rows.pipelines_in_use(s)}
    standing = await rows.standing_of(s, {share.member_id for rule in rules for share in rule.shares})
    names = {member_id: member.name for member_id, (member, _blocked) in standing.items()}
    able = {one for one, (member, blocked) in standing.items() if not blocked and member.may(Right.LEAD_WORK)}
    found, taken = list[Seen](), False
    for rule in rules:
        asked = rule.conditions.get("pipeline", ())
        problems = {
            "nobody": not able & {share.member_id for share in rule.shares},
            "no_pipeline": bool(asked) and not roads & set(asked),
            "hidden": taken,
        }
        found.append(Seen(rule, next((name for name, holds in problems.items() if holds), ""), names))
        taken = taken or (rule.enabled and not any(rule.conditions.values()) and rule.hours is None)
    return tuple(found)
