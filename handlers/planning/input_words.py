"""What may be wrong with a plan, in words."""

from locales import N_

PLAN_INPUT: dict[tuple[str, str], str] = {
    ("when", "unreadable"): N_(
        "I could not read the time. Examples: tomorrow at 15, in 2 hours, Fri 10:30, 25.12 at 9"
    ),
    ("when", "no_such_day"): N_("There is no such day. Please check the date."),
    ("when", "too_far"): N_("That is too far ahead: at most five years."),
    ("when", "past"): N_("That moment is past. Please choose one that is still to come."),
    ("reminder", "past"): N_("It is too late for that reminder. Choose a shorter time before."),
    ("duration", "invalid"): N_("Please choose one of the buttons."),
    ("result", "invalid"): N_("Please choose one of the buttons."),
    ("type", "invalid"): N_("Please choose one of the buttons."),
}
PLAN_TOO_LATE = {
    "plan_done": N_("This is ended already. You can open it again."),
    "plan_open": N_("This is open again already."),
    "plan_moved": N_("Somebody has changed this meanwhile. Here is how it stands now."),
}
