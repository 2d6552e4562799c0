"""Rules, turns and clocks in words."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.leads import Lead
from domain.members import Member, Right
from domain.pipelines import Pipeline
from domain.sharing import CONDITIONS, Choice, Rule, Share
from handlers.cards import SOURCES, clip
from handlers.pipelines.words import pipeline_name
from handlers.screens import esc
from locales import N_, _, ngettext

NAME_ROOM = 40
MORE_SOURCES: dict[str, str] = {"import": N_("an import"), "crm": N_("the CRM")}
CONDITION_WORDS: dict[str, str] = {
    "source": N_("Source"),
    "segment": N_("Segment"),
    "product": N_("Product"),
    "region": N_("Region"),
    "pipeline": N_("Pipeline"),
}
PROBLEMS: dict[str, str] = {
    "nobody": N_("⚠️ This rule matches nobody: none of its people can get leads. Press People and add some."),
    "no_pipeline": N_("⚠️ This rule matches no lead: its pipelines are archived. Press For which leads."),
    "hidden": N_("⚠️ This rule is never asked: an earlier one takes all leads. Move this one up."),
}
SKIPPED: dict[str, str] = {
    "gone": N_("{name} is not here any more"),
    "suspended": N_("{name} is paused"),
    "blocked": N_("{name} has blocked the bot"),
    "no_right": N_("{name} may not work on leads"),
    "away": N_("{name} is away"),
    "hours": N_("{name} does not work at this hour"),
    "cap": N_("{name} has today's number already"),
}
STEP_WORDS: dict[str, str] = {
    "assignee": N_("whoever is responsible was reminded"),
    "head": N_("the head of the pipeline was told"),
    "all": N_("everybody may take it now"),
}


def condition_word(name: str) -> str:
    return _(CONDITION_WORDS[name])


def value_word(name: str, value: str, roads: Mapping[str, str]) -> str:
    """A value of a condition, plain text; `roads` are the pipelines' names by id."""
    if name == "pipeline":
        return roads.get(value, "—")
    known = {**SOURCES, **MORE_SOURCES}
    return _(known[value]) if name == "source" and value in known else value


def roads_of(pipelines: Sequence[Pipeline]) -> dict[str, str]:
    return {str(one.id): pipeline_name(one) for one in pipelines}


def asks_lines(rule: Rule, roads: Mapping[str, str]) -> list[str]:
    """For which leads, as HTML."""
    lines = []
    for name in CONDITIONS:
        values = [value_word(name, value, roads) for value in rule.conditions.get(name, ())]
        if values:
            lines.append(f"• {condition_word(name)}: <b>{esc(', '.join(values))}</b>")
    return lines or ["• " + _("all leads")]


def share_word(share: Share) -> str:
    """ "3 shares, at most 5 a day"."""
    parts = [ngettext("{count} share", "{count} shares", share.weight).format(count=share.weight)]
    if share.cap:
        parts.append(_("at most {count} a day").format(count=share.cap))
    return ", ".join(parts)


def share_lines(rule: Rule, names: Mapping[UUID, str]) -> list[str]:
    lines = [f"• {clip(names.get(one.member_id, '—'), 60)} — {share_word(one)}" for one in rule.shares]
    return lines or ["• —"]


def skipped_words(skipped: Sequence[Mapping[str, Any]]) -> str:
    """ "Anna is away, Boris is paused", as HTML; empty when nobody was skipped."""
    return ", ".join(
        _(SKIPPED[str(one["why"])]).format(name=clip(str(one.get("name", "")), 60) or "—")
        for one in skipped
        if one.get("why") in SKIPPED
    )


def why_text(why: Mapping[str, Any]) -> str:
    """Why somebody has a lead, out of leads.assigned_by, as HTML; empty where nothing was kept."""
    if "rule" not in why:
        by = clip(str(why.get("name", "")), 60)
        return _("{name} has given it.").format(name=by) if by else ""
    text = _("By the rule “{rule}”, turn {turn} of {of}.").format(
        rule=clip(str(why["name"]), 60), turn=why.get("turn", 0), of=why.get("of", 0)
    )
    if not why.get("to"):
        text = _("By the rule “{rule}” it is for people who cannot take it now.").format(
            rule=clip(str(why["name"]), 60)
        )
    skipped = skipped_words(why.get("skipped", ()))
    return text + (" " + _("Skipped: {people}.").format(people=skipped) if skipped else "")


def has_why(lead: Lead, member: Member) -> bool:
    """Whether Why me has something to say: what is kept is about who is responsible now."""
    about = str(lead.assigned_by.get("to", "")) == str(lead.assignee_id or "")
    asks = lead.assignee_id == member.id or member.may(Right.LEAD_ASSIGN)
    return about and asks and bool(lead.assigned_by)


def choice_text(choice: Choice | None) -> str:
    """Who would get it, as HTML."""
    if choice is None:
        return _("No rule speaks of such a lead: it is free for everybody who may take it.")
    if choice.member_id is None:
        return _("⚠️ Nobody: ") + why_text(choice.why())
    return f"👤 <b>{clip(choice.name, 60)}</b>\n" + why_text(choice.why())


def clock_lines(lead: Lead, member: Member, now: datetime) -> list[str]:
    """How soon somebody has to answer, for those who work leads."""
    if not member.may(Right.LEAD_WORK) or not lead.is_open:
        return []
    if lead.escalations and lead.is_up_for_all and lead.assignee_id is not None:
        return [_("⏱ <b>Nobody has answered in time: anybody may take it</b>")]
    if lead.escalate_at is None:
        return [_("⏱ <b>Nobody has answered in time</b>")] if lead.escalations else []
    minutes = max(1, round((lead.escalate_at - now).total_seconds() / 60))
    left = minutes_word(minutes)
    if lead.escalations:
        return [_("⏱ <b>Not answered in time</b>, the next one is told in {time}").format(time=left)]
    return [_("⏱ Answer within {time}").format(time=left)]


def minutes_word(minutes: int) -> str:
    """ "12 min", "2 h", "1 h 30 min"."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("{count} min").format(count=rest)
    text = _("{count} h").format(count=hours)
    return f"{text} {_('{count} min').format(count=rest)}" if rest else text


def time_word(pipeline: Pipeline) -> str:
    """How soon its leads are to be answered."""
    return minutes_word(pipeline.answer.minutes) if pipeline.answer is not None else _("off")


def late_word(step: str) -> str:
    """A step in the history."""
    return _(STEP_WORDS[step]) if step in STEP_WORDS else step
