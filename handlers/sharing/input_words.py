"""What is wrong with an answer about rules, absence and answer times, in words."""

from locales import N_

SHARING_INPUT: dict[tuple[str, str], str] = {
    ("rule", "taken"): N_("There is a rule “{name}” already. Please choose another name."),
    ("rule", "too_many"): N_("There can be {limit} rules at most. Delete one first."),
    ("condition", "invalid"): N_("I could not read this. Please choose one of the buttons."),
    ("condition", "too_many"): N_("A condition has {limit} values at most. Take one off first."),
    ("members", "too_many"): N_("A rule has {limit} people at most. Take somebody off first."),
    ("weight", "invalid"): N_("Somebody has from 1 to {limit} shares in a rule."),
    ("cap", "invalid"): N_("At most {limit} leads a day. Please choose one of the buttons."),
    ("away", "past"): N_("This moment is past. Please choose a later one."),
    ("away", "too_far"): N_("That is more than a year ahead. Please choose an earlier day."),
    ("minutes", "invalid"): N_("Please type a number of minutes from 1 to 10080, which is a week."),
}
SHARING_TOO_LATE: dict[str, str] = {
    "rule_gone": N_("This rule is not there any more. Here are those there are."),
}
