"""What is wrong with words, filters, views and tags: by field and reason, as in handlers/errors.py."""

from locales import N_

FINDING: dict[tuple[str, str], str] = {
    ("find", "required"): N_("Please write a name, a company, a phone, an e-mail or the lead's number."),
    ("period", "invalid"): N_("I could not read these days. Example: 01.03.2026 - 15.03.2026"),
    ("view", "required"): N_("Please give the view a name."),
    ("view", "taken"): N_("There is a view with this name already. Please choose another name."),
    ("view", "too_many"): N_("You have {limit} views: please delete one first."),
    ("tag", "required"): N_("Please type a tag, for example: mortgage"),
    ("picked", "too_many"): N_(
        "At most {limit} leads can be picked one by one. For more choose a filter and take all of it."
    ),
}
