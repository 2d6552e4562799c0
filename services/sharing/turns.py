"""Whose turn it is: rules asked in order, people by weight, and why others were passed over.

The state of the turns is read and written under the rules' row locks, so that leads which come in together,
in bulk or over several processes, are shared out exactly by the weights. Who calls this in a transaction that
also takes a lead's number takes the number first: two who hold both never wait for one another.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.leads import Lead
from domain.members import Member, MemberStatus, Right
from domain.own_settings import span_of
from domain.sharing import Choice, Rule, Share, Skip, Subject, first_that_holds, next_turn, of_today, within
from services.access import open_to
from services.clock import Clock
from storage.db import Session
from storage.people import members as member_rows
from storage.pipelines import sharing as rows


@dataclass(frozen=True, slots=True)
class _Standing:
    """Somebody of a rule as they stand now; `given` counts what they got by the rule today."""

    member: Member | None
    blocked: bool
    share: Share
    given: int
    now: datetime


def _out_of_hours(one: _Standing) -> bool:
    assert one.member is not None
    hours = span_of(one.member.settings, "hours")
    return hours is not None and not within(hours, one.now, one.member.time_zone)


_IN = (MemberStatus.ACTIVE, MemberStatus.SUSPENDED)

_REASONS: tuple[tuple[str, Callable[[_Standing], bool]], ...] = (
    ("gone", lambda one: one.member is None or one.member.status not in _IN),
    ("suspended", lambda one: one.member is not None and one.member.status is MemberStatus.SUSPENDED),
    ("blocked", lambda one: one.blocked),
    ("no_right", lambda one: one.member is not None and not one.member.may(Right.LEAD_WORK)),
    ("away", lambda one: one.member is not None and is_away(one.member, one.now)),
    ("hours", _out_of_hours),
    ("cap", lambda one: 0 < one.share.cap <= one.given),
)
"""Why somebody is passed over, in the order in which it is asked."""


def is_away(member: Member, now: datetime) -> bool:
    return member.away_until is not None and member.away_until > now


def subject_of(lead: Lead) -> Subject:
    """The lead as rules look at it."""
    return {
        "source": lead.source,
        "segment": lead.segment,
        "product": lead.product,
        "region": lead.region,
        "pipeline": str(lead.stage.pipeline_id or ""),
    }


class Turns:
    """Chooses by the rules, in the caller's transaction."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    @open_to("services")
    async def choose(
        self, s: Session, subjects: Sequence[Subject], besides: UUID | None = None
    ) -> list[Choice | None]:
        """Who gets each of the leads, in order: None where no rule speaks of it. `besides` gets nothing."""
        if not await rows.enabled_rules(s):
            return [None] * len(subjects)
        rules = {rule.id: rule for rule in await rows.enabled_rules(s, hold=True)}
        before = dict(rules)
        people = await self._people(s, rules)
        organization = await member_rows.get_organization(s, s.tenant)
        assert organization is not None
        now, zone = self.clock(), organization.time_zone
        chosen: list[Choice | None] = []
        for subject in subjects:
            rule = first_that_holds(list(rules.values()), subject, now, zone)
            if rule is None:
                chosen.append(None)
                continue
            choice = choice_by(rule, people, now, zone, besides)
            rules[rule.id] = choice.rule
            chosen.append(choice)
        for rule_id, rule in rules.items():
            if rule.turns != before[rule_id].turns:
                await rows.change_rule(s, rule_id, turns=dict(rule.turns))
        return chosen

    @open_to("services")
    async def would_get(self, s: Session, subject: Subject) -> Choice | None:
        """Who would get such a lead now; nobody's turn moves."""
        rules = await rows.enabled_rules(s)
        organization = await member_rows.get_organization(s, s.tenant)
        assert organization is not None
        now, zone = self.clock(), organization.time_zone
        rule = first_that_holds(rules, subject, now, zone)
        if rule is None:
            return None
        return choice_by(rule, await self._people(s, {rule.id: rule}), now, zone)

    async def _people(self, s: Session, rules: Mapping[UUID, Rule]) -> Mapping[UUID, tuple[Member, bool]]:
        named = {share.member_id for rule in rules.values() for share in rule.shares}
        return await rows.standing_of(s, named) if named else {}


def choice_by(
    rule: Rule, people: Mapping[UUID, tuple[Member, bool]], now: datetime, zone: str,
    besides: UUID | None = None,
) -> Choice:  # fmt: skip
    """Whose turn it is by this rule; the choice holds the rule with its turns after that."""
    day = now.astimezone(ZoneInfo(zone)).date().isoformat()
    given, able, skipped = of_today(rule.turns, day), list[Share](), list[Skip]()
    for share in rule.shares:
        member, blocked = people.get(share.member_id, (None, False))
        standing = _Standing(member, blocked, share, given.get(str(share.member_id), 0), now)
        why = next((name for name, holds in _REASONS if holds(standing)), "")
        if share.member_id == besides:
            continue
        if why:
            skipped.append(Skip(share.member_id, member.name if member is not None else "", why))
        else:
            able.append(share)
    if not able:
        return Choice(rule, None, skipped=tuple(skipped))
    share, turn, turns = next_turn(able, rule.turns, day)
    name = people[share.member_id][0].name
    of = sum(one.weight for one in able)
    return Choice(replace(rule, turns=turns), share.member_id, name, turn, of, tuple(skipped))
