"""What is wrong with an answer about own fields, contacts, files and templates, in words."""

from locales import N_

AROUND_INPUT: dict[tuple[str, str], str] = {
    ("keys", "too_many"): N_("There can be {limit} keys at most. Take one back first."),
    ("key_name", "required"): N_("Please give the key a name, so that you know it later."),
    ("custom_number", "invalid"): N_("“{name}” is a number, for example: 12 or 3.5"),
    ("custom_number", "out_of_range"): N_("This number is too big for “{name}”."),
    ("custom_money", "invalid"): N_(
        "I could not read the amount of “{name}”. Examples: 3 000 000, 1.5 million"
    ),
    ("custom_money", "out_of_range"): N_("The amount must be more than zero and at most a trillion."),
    ("custom_date", "invalid"): N_("“{name}” is a date with a year, for example: 25.12.2026"),
    ("custom_date", "no_such_day"): N_("There is no such day in the calendar. Please check “{name}”."),
    ("custom_yes_no", "invalid"): N_("Please answer yes or no: press a button."),
    ("custom_choice", "no_such_choice"): N_("“{name}” has other choices: {choices}. Please choose one."),
    ("custom_choices", "no_such_choice"): N_("“{name}” has other choices: {choices}. Please tick some."),
    ("custom_phone", "invalid"): N_("This does not look like a phone number. Example: +7 999 123-45-67"),
    ("custom_file", "required"): N_("“{name}” is a file: send a photo, a document or a voice note."),
    **{
        (f"custom_{kind}", "required"): N_("“{name}” must be filled in.")
        for kind in ("text", "number", "money", "date", "yes_no", "choice", "choices", "phone")
    },
    ("field_type", "invalid"): N_("Please choose one of the buttons."),
    ("field_name", "taken"): N_("There is a field “{name}” already. Please choose another name."),
    ("field_name", "archived"): N_(
        "There is a field “{name}” among those that were put away. Bring it back: /fields, or choose another "
        "name."
    ),
    ("field_name", "too_many"): N_("There are {limit} fields already: put one away first."),
    ("choices", "few"): N_("There must be at least two choices."),
    ("choices", "many"): N_("At most {limit} choices fit on the screen."),
    ("choices", "double"): N_("“{choice}” stands there twice."),
    ("choices", "long"): N_("“{choice}…” is too long: a choice has at most {limit} characters."),
    ("choices", "semicolon"): N_("Please leave the semicolon out of “{choice}”."),
    ("contact_name", "required"): N_("Please tell me at least the name, the phone or the e-mail."),
    ("contact_name", "too_many"): N_("A lead has at most {limit} contacts."),
    ("contact_phone", "double"): N_("{name} is among the contacts already, with this phone."),
    ("contact_email", "double"): N_("{name} is among the contacts already, with this e-mail."),
    ("phone", "known"): N_("The lead has this phone already."),
    ("email", "known"): N_("The lead has this e-mail already."),
    ("phone", "too_many"): N_("A lead has at most {limit} phones."),
    ("email", "too_many"): N_("A lead has at most {limit} e-mails."),
    ("points", "last"): N_("This is the only way to reach the person. Add another one first."),
    ("files", "too_many"): N_("A lead has at most {limit} files. Delete some first."),
    ("file", "too_big"): N_("This file is too big: I can read at most {limit} KB."),
    ("file", "not_fetched"): N_("Telegram did not give me the file. Please send it once more."),
    ("file", "no_contact"): N_(
        "I found no person in this file. Send a contact card, or type the name and phone."
    ),
    ("template", "required"): N_("Please write the text."),
    ("template", "unknown_field"): N_("I do not know the field {name}. There are: {known}"),
    ("template", "brace"): N_(
        "A brace is left alone. A field looks like {{name}}; for a brace itself type two."
    ),
    ("template_name", "taken"): N_("There is a template “{name}” already. Please choose another name."),
    ("template_name", "too_many"): N_("There are {limit} templates already: delete one first."),
    ("email", "strange"): N_("The lead has no such address any more. Open the message again."),
}
AROUND_TOO_LATE = {
    "file_gone": N_("It was deleted more than 30 days ago and cannot be brought back."),
    "file_of_another": N_("Somebody else has added this file: ask them, or a manager."),
    "no_mailing": N_("Letters cannot be sent from here: SMTP is not set up. Use your own mail program."),
}
