"""What is wrong with an answer about people, in words."""

from locales import N_

PEOPLE_INPUT: dict[tuple[str, str], str] = {
    ("role", "owner_only"): N_("Only an owner can make an owner."),
    ("role", "above_yours"): N_("This role may more than you may yourself: ask an owner."),
    ("rights", "above_yours"): N_("You can give or take only what you may yourself: ask an owner."),
    ("rights", "yourself"): N_("Your own rights are changed by others: ask an owner."),
    ("rights", "owner"): N_("An owner may always do everything. Change the role first."),
    ("rights", "unknown"): N_("This right is no longer there. Open the screen anew: /roles"),
    ("member", "yourself"): N_("This is you. Others change your place; to leave: /profile, My settings."),
    ("member", "above_you"): N_("This person may more than you: only an owner decides about them."),
    ("member", "last_owner"): N_("This is the last owner. First make somebody else an owner: /people, Role."),
    ("member", "gone"): N_("This person is not an active member any more."),
    ("organization", "owner_only"): N_("Only an owner can make another organization."),
    ("organization", "taken"): N_("You own an organization of this name already. Please choose another."),
    ("organization", "too_many"): N_("You own as many organizations as one person may."),
    ("time", "invalid"): N_("I could not read the time. Examples: 9, 9:30, 18:00"),
    ("span", "invalid"): N_("I could not read the hours. Example: 22:00-08:00"),
    ("span", "empty"): N_("It begins and ends at the same time. Example: 22:00-08:00"),
    ("span", "backwards"): N_("The working day ends before it begins. Example: 9:00-18:00"),
    ("day", "last"): N_("One working day must be left. To have none press Working hours, Off."),
    ("announcement", "required"): N_("Please write the text of the announcement."),
    ("announcement", "nobody"): N_("There is nobody with this role to announce it to. Press Back."),
    ("team", "private"): N_("Write this in a group where I am: /team"),
    ("words", "required"): N_("Please type at least a letter of the name."),
}
