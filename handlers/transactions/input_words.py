"""What is wrong with an answer about purchases and bonuses, and what to do."""

from collections.abc import Mapping

from locales import N_

_PERCENT = N_("A percentage is between 0 and 100, for example: 5 or 7.5")
_STEPS = N_("Please write steps as sum=percent, separated by semicolons: 10000=7; 50000=10")
_WHEN = N_("I could not read when. Example: 21.11.2026 14:30")

PURCHASE_INPUT: Mapping[tuple[str, str], str] = {
    ("amount", "required"): N_("Please type the amount, for example: 1 500"),
    ("amount", "negative"): N_("Without a minus, please: choose “A refund” for what went back."),
    ("amount", "currency"): N_("The amount names another currency. Please type the number alone."),
    ("amount", "not_enough"): N_("There are not so many bonuses. Please choose less."),
    ("happened_at", "required"): _WHEN,
    ("happened_at", "invalid"): _WHEN,
    ("happened_at", "out_of_range"): _WHEN,
    ("happened_at", "in_future"): N_("That lies in the future. Please check the date."),
    ("kind", "invalid"): N_("Please choose one of the buttons."),
    ("percent", "invalid"): _PERCENT,
    ("percent", "out_of_range"): _PERCENT,
    ("steps", "invalid"): _STEPS,
    ("steps", "out_of_range"): _STEPS,
    ("steps", "doubled"): N_("Two steps begin at one sum. Please write each once."),
    ("steps", "too_many"): N_("At most 20 steps, please."),
    ("least", "invalid"): N_("Please type a sum, for example: 500"),
    ("least", "out_of_range"): N_("Please type a sum, for example: 500"),
    ("most", "invalid"): N_("Please type how many bonuses at most, for example: 1000"),
    ("most", "out_of_range"): N_("Please type how many bonuses at most, for example: 1000"),
    ("days", "invalid"): N_("Please type a number of days, for example: 180"),
    ("days", "out_of_range"): N_("Between 1 day and ten years, please."),
    ("starts_at", "invalid"): _WHEN,
    ("starts_at", "required"): _WHEN,
    ("starts_at", "out_of_range"): _WHEN,
    ("starts_at", "in_past"): N_("A rule does not reach back. Please choose now, or a later moment."),
    ("ends_at", "invalid"): _WHEN,
    ("ends_at", "required"): _WHEN,
    ("ends_at", "out_of_range"): _WHEN,
    ("ends_at", "in_past"): N_("That is past already."),
    ("ends_at", "before_start"): N_("It would end before it begins."),
    ("without_items", "too_many"): N_("At most 1000 items, please."),
    ("without_groups", "too_many"): N_("At most 1000 groups, please."),
    ("provider", "invalid"): N_("Please choose one of the buttons."),
    ("mapping", "invalid"): N_("This cannot be followed: {at}. Please choose another place for it."),
    ("system", "required"): N_("Please write where the table comes from, for example: the till in Omsk"),
    ("system", "too_long"): N_("At most {limit} characters, please."),
    ("table", "no_date"): N_("Tell me which column is the date."),
    ("table", "no_amount"): N_("Tell me which column is the amount."),
}
PURCHASE_TOO_LATE: Mapping[str, str] = {
    "stopped": N_("This source is stopped. Let it go on first."),
    "released": N_("These bonuses have been given back already."),
    "confirmed": N_("These bonuses have been spent already."),
    "ended": N_("This rule has ended already."),
}
