"""What admins see of the rules: the list, one rule, its people, its conditions, its hours."""

from collections.abc import Mapping, Sequence

from domain.members import Member
from domain.sharing import CONDITIONS, HEAVIEST, Rule, Share
from handlers.buttons import MenuButton, short
from handlers.menu import to_menu
from handlers.screens import Button, Screen, esc, grid
from handlers.sharing.buttons import RuleButton, RulesButton, mark_of
from handlers.sharing.words import (
    NAME_ROOM,
    PROBLEMS,
    asks_lines,
    condition_word,
    share_lines,
    share_word,
    value_word,
)
from handlers.span_words import day_word, span_word
from locales import _
from services.sharing.rules import Seen

CAPS = (0, 3, 5, 10, 20, 50)
PEOPLE_SHOWN = 40


def press(text: str, do: str, rule: Rule, extra: str = "") -> Button:
    return Button(text, RuleButton(do=do, id=rule.id, extra=extra))


def to_rule(rule: Rule) -> list[Button]:
    return [press("⬅️ " + rule.name[:NAME_ROOM], "show", rule)]


def to_rules() -> list[Button]:
    return [Button(_("⚖️ Rules"), MenuButton(place="rules")), *to_menu()]


def list_screen(rules: Sequence[Seen], chat: bool, said: str = "") -> Screen:
    """Every rule in its order; those that never give a lead to anybody are marked."""
    lines = [*([said, ""] if said else []), _("⚖️ <b>Rules: who gets new leads</b>")]
    lines.append(_("The first rule that fits a lead decides. People take turns by their shares."))
    if not rules:
        lines += ["", _("There are none yet: a new lead is for whoever takes it first.")]
    rows = [[press(f"{place}. {_mark(one)}{one.rule.name[:NAME_ROOM]}", "show", one.rule)]
            for place, one in enumerate(rules, 1)]  # fmt: skip
    rows.append([Button(_("➕ New rule"), RulesButton(do="new"))])
    if rules:
        rows[-1].append(Button(_("🧪 Try"), RulesButton(do="try")))
        label = _("💬 Leads from the chat: by the rules") if chat else _("💬 Leads from the chat: not shared")
        rows.append([Button(label, RulesButton(do="chat_off" if chat else "chat_on"))])
    return Screen("\n".join(lines), [*rows, to_menu()])


def _mark(seen: Seen) -> str:
    if not seen.rule.enabled:
        return "⏸ "
    return "⚠️ " if seen.problem else ""


def rule_screen(seen: Seen, roads: Mapping[str, str], said: str = "") -> Screen:
    """One rule with all that can be done about it."""
    rule = seen.rule
    lines = [*([said, ""] if said else []), f"⚖️ <b>{esc(rule.name)}</b>" + ("" if rule.enabled else " ⏸")]
    if seen.problem:
        lines.append(_(PROBLEMS[seen.problem]))
    lines += ["", _("🔎 For which leads:"), *asks_lines(rule, roads)]
    lines += [_("👥 Who gets them in turn:"), *share_lines(rule, seen.names)]
    lines.append(_("🕘 When: {hours}").format(hours=span_word(rule.hours, _("always"))))
    turn = press(_("⏸ Turn off"), "off", rule) if rule.enabled else press(_("▶️ Turn on"), "on", rule)
    rows = [
        [press(_("👥 People"), "people", rule), press(_("🔎 For which leads"), "asks", rule)],
        [press(_("🕘 Hours"), "hours", rule), press(_("✏️ Rename"), "rename", rule)],
        [press("⬆️", "up", rule), press("⬇️", "down", rule), turn],
        [Button(_("🧪 Try"), RulesButton(do="try")), press(_("🗑 Delete"), "drop", rule)],
        to_rules(),
    ]
    return Screen("\n".join(lines), rows)


def people_screen(seen: Seen, able: Sequence[Member]) -> Screen:
    """Who may be in the rule; a press opens somebody's part."""
    rule = seen.rule
    text = _("👥 <b>{rule}</b>: who gets leads? Press a name to add them or to change their share.")
    gone = [one for one in rule.shares if one.member_id not in {member.id for member in able}]
    buttons = [
        press(_person(one.name, rule.share_of(one.id)), "person", rule, short(one.id))
        for one in able[:PEOPLE_SHOWN]
    ]
    buttons += [
        press("⚠️ " + seen.names.get(one.member_id, "—")[:NAME_ROOM], "person", rule, short(one.member_id))
        for one in gone
    ]
    return Screen(text.format(rule=esc(rule.name)), [*grid(buttons, 1), to_rule(rule)])


def _person(name: str, share: Share | None) -> str:
    return f"▫️ {name[:NAME_ROOM]}" if share is None else f"✅ {name[:NAME_ROOM]} — {share_word(share)}"


def person_screen(rule: Rule, share: Share, name: str) -> Screen:
    """Somebody's part: more or fewer leads in turn, at most so many a day."""
    mark = short(share.member_id)
    text = _("👤 <b>{name}</b> in “{rule}”: {share}").format(
        name=esc(name), rule=esc(rule.name), share=share_word(share)
    )
    less, more = share.weight - 1, min(share.weight + 1, HEAVIEST)
    weights = [press(f"➖ {less}", "weight", rule, f"{mark}.{less}")] if less else []
    weights.append(press(f"➕ {more}", "weight", rule, f"{mark}.{more}"))
    caps = [
        press(("• " if cap == share.cap else "") + (str(cap) if cap else "∞"), "cap", rule, f"{mark}.{cap}")
        for cap in CAPS
    ]
    text += "\n" + _("Shares with ➖ and ➕; below, the most leads a day by this rule.")
    off = [press(_("🗑 Take off the rule"), "weight", rule, f"{mark}.0")]
    back = [press(_("⬅️ People"), "people", rule)]
    return Screen(text, [weights, *grid(caps, 6), off, back])


def asks_screen(rule: Rule, roads: Mapping[str, str]) -> Screen:
    """The conditions, each a button."""
    text = _("🔎 <b>{rule}</b>: for which leads? All conditions must hold, of each one value.")
    lines = [text.format(rule=esc(rule.name)), "", *asks_lines(rule, roads)]
    buttons = [press(condition_word(name), "ask", rule, name) for name in CONDITIONS]
    return Screen("\n".join(lines), [*grid(buttons, 2), to_rule(rule)])


def ask_screen(rule: Rule, name: str, offered: Sequence[str], roads: Mapping[str, str]) -> Screen:
    """The values of one condition, ticked or not."""
    held = {mark_of(value) for value in rule.conditions.get(name, ())}
    text = _("🔎 <b>{condition}</b>: which ones? Nothing ticked: any.").format(condition=condition_word(name))
    buttons = [
        press(
            ("☑️ " if mark_of(value) in held else "▫️ ") + value_word(name, value, roads)[:NAME_ROOM],
            "value", rule, f"{name}.{mark_of(value)}",
        )
        for value in offered
    ]  # fmt: skip
    more = [] if name == "pipeline" else [press(_("✏️ Another one"), "type", rule, name)]
    if held:
        more.append(press(_("Any"), "any", rule, name))
    back = [press(_("⬅️ For which leads"), "asks", rule)]
    return Screen(text, [*grid(buttons, 2), more, back])


def hours_screen(rule: Rule) -> Screen:
    """When the rule is asked."""
    text = _(
        "🕘 <b>{rule}</b>: when is it asked? Now: {hours}. Outside of these hours the next rule is asked."
    )
    rows = [[press(_("✏️ Set hours"), "set_hours", rule)]]
    if rule.hours is not None:
        days = [press(("✅" if day in rule.hours.days else "▫️") + day_word(day), "day", rule, str(day))
                for day in range(7)]  # fmt: skip
        rows[0].append(press(_("Always"), "always", rule))
        rows += grid(days, 4)
    shown = text.format(rule=esc(rule.name), hours=span_word(rule.hours, _("always")))
    return Screen(shown, [*rows, to_rule(rule)])


def drop_screen(rule: Rule) -> Screen:
    text = _("🗑 Delete the rule “{rule}”? Leads that it has given away stay where they are.")
    rows = [[press(_("🗑 Yes, delete"), "really_drop", rule)], to_rule(rule)]
    return Screen(text.format(rule=esc(rule.name)), rows)
