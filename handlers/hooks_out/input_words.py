"""What is wrong with an answer about webhooks, in words."""

from locales import N_

HOOKS_INPUT: dict[tuple[str, str], str] = {
    ("hook_name", "required"): N_("Please give it a name, so that you know it later."),
    ("hook_url", "invalid"): N_("This is no address. Example: https://example.com/voronka"),
    ("hook_url", "host"): N_("This is no address. Example: https://example.com/voronka"),
    ("hook_url", "https"): N_("The address must begin with https://, so that nobody on the way can read it."),
    ("hook_url", "too_long"): N_("This address is too long for me. Please give a shorter one."),
    ("hook_url", "port"): N_("I send to the ports 443 and 8443 only. Please leave the port out."),
    ("hook_url", "userinfo"): N_("Please leave the name and password before the @ out of the address."),
    ("hook_events", "required"): N_("Tick at least one event."),
    ("hook_events", "invalid"): N_("Please choose one of the buttons."),
    ("hooks", "too_many"): N_("There can be {limit} webhooks at most. Remove one first."),
}
HOOKS_TOO_LATE: dict[str, str] = {
    "hook_off": N_("This webhook is off. Switch it on first."),
}
