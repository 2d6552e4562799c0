"""What is wrong with an answer about personal data, in words."""

from locales import N_

PRIVACY_INPUT: dict[tuple[str, str], str] = {
    ("confirm", "changed"): N_(
        "Something has been added about this person meanwhile. Look once more: /privacy"
    ),
    ("person", "unknown"): N_("Nothing is held on this person."),
    ("person", "forgotten"): N_("I do not remember any more whose data this was. Ask anew: /privacy"),
    ("kept_days", "invalid"): N_("Please send a number of days, for example: 90"),
    ("kept_days", "out_of_range"): N_("From {least} to {most} days, or 0 for ever."),
    ("kind", "unknown"): N_("This is no longer there. Open the screen anew: /retention"),
    ("audit", "empty"): N_("Nothing fits, so there is nothing to write."),
}
