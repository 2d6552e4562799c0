"""What is wrong with a setting of a CRM and what to do, by setting and reason."""

from collections.abc import Mapping

from locales import N_

_ONE_WORD = N_("This must be one word of Latin letters and digits, without spaces. Please copy it once more.")

CRM_INPUT: Mapping[tuple[str, str], str] = {
    ("url", "required"): N_("Please send the address of the CRM, for example https://crm.example.com"),
    ("url", "invalid"): N_("This is not a web address. Example: https://crm.example.com"),
    ("url", "scheme"): N_("The address must begin with https://. Please copy it from the browser."),
    ("url", "host"): N_("There is no host in this address. Example: https://crm.example.com"),
    ("url", "port"): N_("The number after the colon is no port. Please copy the address from the browser."),
    ("url", "userinfo"): N_("There is a name or password before the @ in this address: leave it out."),
    ("url", "query"): N_("Please leave out everything after the question mark of the address."),
    ("url", "has_key"): N_(
        "This is the webhook's address, and it holds its secret: I have taken the message out of the chat. "
        "Here only the portal's address is needed, for example https://acme.bitrix24.com"
    ),
    ("url", "already_connected"): N_(
        "This account is connected already. Open that connection to mend it or make it active; two "
        "connections with one account would write every lead twice."
    ),
    ("url", "other_account"): N_(
        "You have agreed for another account than the one whose address you gave. Log in once more and "
        "choose that one, or mend the address."
    ),
    ("api_key", "required"): N_("Please send the key."),
    ("api_key", "invalid"): N_(
        "This key cannot be read: it is one piece without spaces. Please copy the whole of it once more; of "
        "an inbound webhook the whole address, as https://acme.bitrix24.com/rest/1/a1b2c3d4e5f6/"
    ),
    ("api_key", "other_portal"): N_(
        "This webhook is of another portal than the address you gave. Please mend one of the two."
    ),
    ("secret", "invalid"): _ONE_WORD,
    ("secret", "required"): N_("Please send the secret of the API user."),
    ("client_id", "invalid"): _ONE_WORD,
    ("client_id", "required"): N_("Please send the id of the application."),
    ("client_secret", "invalid"): _ONE_WORD,
    ("client_secret", "required"): N_("Please send the key of the application."),
    ("redirect_uri", "invalid"): N_("This is not a web address. Please copy it from the integration."),
    ("redirect_uri", "required"): N_("Please send the redirect address of the integration."),
    ("auth_code", "required"): N_("Please log in to the CRM, or paste the code that it gives."),
    ("auth_code", "invalid"): N_(
        "There is no code in this. Paste the code, or the whole address at which the browser ended."
    ),
    ("auth_code", "declined"): N_("The CRM gave no access: on its page you have to agree. Try once more."),
    ("refresh_token", "invalid"): N_("The login has brought no usable key. Please log in once more."),
    ("refresh_token", "required"): N_("Please log in to the CRM by the button."),
    ("access_token", "invalid"): N_("The login has brought no usable key. Please log in once more."),
    ("expires_at", "invalid"): N_("The login has brought no usable key. Please log in once more."),
    ("oauth_url", "invalid"): N_("The address of the login server is no web address."),
    ("application_token", "invalid"): _ONE_WORD,
    ("webhook_secret", "invalid"): _ONE_WORD,
    ("webhook_secret", "too_short"): N_("That is too easy to guess: at least 16 Latin letters and digits."),
    ("partner_token", "required"): N_("Please send the partner token."),
    ("partner_token", "invalid"): _ONE_WORD,
    ("user_token", "required"): N_("Please send the user token."),
    ("user_token", "invalid"): _ONE_WORD,
    ("company", "required"): N_("Please send the number of the branch."),
    ("company", "invalid"): N_("The branch's number has digits only, for example: 4102"),
    ("api_login", "required"): N_("Please send the API login."),
    ("api_login", "invalid"): _ONE_WORD,
    ("app_id", "required"): N_("Please send the id of the application."),
    ("app_id", "invalid"): _ONE_WORD,
    ("organizations", "invalid"): N_(
        "Ids of restaurants look like 7bc05553-4b68-44e8-b7bc-37be63c6d9e9, separated by commas."
    ),
    ("login", "required"): N_("Please send the name of the user of 1C, or connect by OAuth2."),
    ("login", "invalid"): N_("A user's name has no colon and no line breaks. Please copy it once more."),
    ("password", "invalid"): N_("This password cannot be read. Please copy it once more."),
    ("token_url", "invalid"): N_("The address of the login server is no web address."),
    ("service", "invalid"): N_("A path has Latin letters, digits, / - and _ only: /hs/crm/v1/documents"),
    ("database", "invalid"): N_("A database's name has Latin letters, digits, - and _ only: trade"),
    ("documents", "invalid"): N_(
        "Please write the names of documents as in the configurator, separated by commas and without spaces "
        "inside."
    ),
    ("clinic_id", "invalid"): N_("A clinic's number has digits only, for example: 3"),
    ("read_from", "invalid"): N_("Please write visits or invoices."),
    ("won_statuses", "invalid"): N_(
        "Numbers of statuses, separated by commas, with the pipeline's before a colon: 5001:43005, 43006"
    ),
    ("auth", "invalid"): N_("Please choose one of the buttons."),
    ("password", "required"): N_("Please send the password."),
    ("header", "required"): N_("Please send the name of the header that bears the key."),
    ("header", "invalid"): N_("A header's name has Latin letters, digits and - only, for example: X-API-Key"),
    ("token_url", "required"): N_("Please send the address of the login server."),
    ("external_id", "required"): N_("It has no number of its own."),
    ("external_id", "invalid"): N_("Its number cannot be read."),
    ("happened_at", "future"): N_("That lies in the future."),
    ("zone", "invalid"): N_("There is no such time zone. Example: Europe/Moscow"),
    ("currency", "invalid"): N_("A currency is written with three letters, for example RUB."),
    ("site", "invalid"): N_("A shop's code has Latin letters, digits, - and _ only, for example: main"),
    ("entity", "invalid"): N_("Please write lead or deal."),
    ("way", "invalid"): N_("Please choose one of the buttons."),
    ("body", "invalid"): N_("The CRM sent something that cannot be read."),
    ("EGRESS_ALLOW", "invalid"): N_("EGRESS_ALLOW must be host:port pairs separated by commas."),
    ("mode", "invalid"): N_("Please choose one of the buttons."),
    ("secret", "does_not_open"): N_("What you gave can no longer be read here. Please give it once more."),
}
