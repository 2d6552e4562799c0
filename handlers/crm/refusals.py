"""Why a CRM refuses us, more exactly than by its class: what to mend, by the reason an adapter gives."""

from collections.abc import Mapping

from locales import N_

_AGAIN = N_("The CRM no longer accepts the login: too old, used or revoked. Please log in once more.")
_KEY = N_("The CRM refuses the key: it is wrong, was revoked or has expired. Make a new one and send it.")
_RIGHT = N_("The key lacks a right. Give its user the rights named in the instructions, then test again.")
_PAID = N_("The CRM's plan does not include the API, or is not paid. Its owner can change that.")
_ADDRESS = N_("At this address there is no such CRM. Please check the address.")

REASONS: Mapping[str, str] = {
    "key refused": _KEY,
    "key expired": _KEY,
    "no_auth_found": _KEY,
    "invalid_token": _KEY,
    "invalid_credentials": _KEY,
    "expired_token": _AGAIN,
    "grant_lost": _AGAIN,
    "refresh token used up, expired or revoked": _AGAIN,
    "invalid_grant": N_("The code is too old or has been used. Please log in once more."),
    "no token came back": _AGAIN,
    "no token yet": _AGAIN,
    "invalid_client": N_("The application's id or key is wrong. Please copy both once more."),
    "wrong_client": N_("The application's id or key is wrong. Please copy both once more."),
    "not_installed": N_("The application is not installed on the portal. Install it, then log in once more."),
    "invalid_scope": _RIGHT,
    "insufficient_scope": _RIGHT,
    "access denied": _RIGHT,
    "access_denied": _RIGHT,
    "user_access_error": _RIGHT,
    "allowed_only_intranet_user": N_("The key must be of an employee of the portal, not of a guest."),
    "method_confirm_waiting": N_("An administrator of the portal has to confirm the access first."),
    "wrong_auth_type": N_("This needs a local application: an inbound webhook is not allowed to do it."),
    "no right, or shut out": N_(
        "The CRM has shut us out: the user lacks a right, this server's address is not on the account's "
        "list, or too many requests were made. Check the rights and the list of addresses."
    ),
    "account or feature not paid": _PAID,
    "no right, or not paid": N_(
        "YCLIENTS lets us in, but not here: the branch's licence is not paid, the application is not "
        "connected to the branch, or the user lacks a right."
    ),
    "method not granted": N_(
        "The key is good, but this is not granted to it. Tick the group of methods for the key in iikoWeb."
    ),
    "webhook taken by another address": N_(
        "Another integrator gets the events of this key already, and mine would put it out of work. Make "
        "a key of its own for me in iikoWeb."
    ),
    "restaurants not visible": N_("The key does not see the restaurants that were chosen."),
    "payment_required": _PAID,
    "overload_limit": N_("The portal has been blocked for overload. Write to the vendor's support."),
    "portal_deleted": N_("This portal has been deleted."),
    "portal renamed": N_("The portal has moved to another address. Mend the address in the settings."),
    "no such account": _ADDRESS,
    "no EspoCRM at this address": _ADDRESS,
    "no Bitrix24 at this address": _ADDRESS,
    "no amoCRM at this address": _ADDRESS,
    "no RetailCRM at this address": _ADDRESS,
    "no Twenty at this address": _ADDRESS,
    "no YCLIENTS at this address": _ADDRESS,
    "no 1C at this address": N_(
        "At this address 1C publishes no OData interface, or the service is not there. Please check the "
        "address with the administrator of 1C."
    ),
    "no Renovatio at this address": _ADDRESS,
    "nothing at this address": _ADDRESS,
    "object not published": N_(
        "1C does not show an object that I need: its administrator adds it to the list of the OData "
        "interface."
    ),
    "no iiko at this address": _ADDRESS,
    "redirected": N_(
        "This address leads elsewhere. Please copy it from the browser as it stands there in the end."
    ),
    "address not allowed": N_(
        "This address is inside a private network. The server's operator can open it by EGRESS_ALLOW."
    ),
    "request cannot be sent": N_("A request to this address cannot be made. Please check the address."),
}
