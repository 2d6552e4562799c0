"""What is said about second factors in more than one place."""

from datetime import timedelta

from babel.dates import format_timedelta

from locales import N_, current_language

SECURITY_INPUT: dict[tuple[str, str], str] = {
    ("code", "wrong"): N_("❌ This code is wrong. Type the six digits that the app shows right now."),
}
SECURITY_TOO_LATE: dict[str, str] = {
    "factor_on": N_("Your second factor is on already."),
    "factor_gone": N_("Your second factor is off. Turn it on first: /security"),
}


def wait_in_words(wait: timedelta) -> str:
    """When it is worth coming again: in 30 seconds."""
    rounded = timedelta(seconds=max(1, round(wait.total_seconds())))
    said: str = format_timedelta(rounded, add_direction=True, threshold=1.2, locale=current_language())
    return said
