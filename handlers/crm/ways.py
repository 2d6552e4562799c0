"""Ways to sign in to each CRM and what is asked for, in words: where to find it, and an example.

Menu paths are those of the vendor's own pages in the language of the reader. What is not listed here, as of
a CRM that is new, is asked for by its plain name.
"""

from collections.abc import Mapping

from locales import N_, _

WAYS: Mapping[tuple[str, str], str] = {
    ("espocrm", "key"): N_("🔑 API key (simplest)"),
    ("espocrm", "hmac"): N_("🔏 Key and secret (HMAC)"),
    ("bitrix24", "hook"): N_("🔗 Inbound webhook (simplest)"),
    ("bitrix24", "app"): N_("🔐 Local application (OAuth)"),
    ("amocrm", "token"): N_("🔑 Long-lived token (simplest)"),
    ("amocrm", "oauth"): N_("🔐 Log in with amoCRM (OAuth)"),
    ("custom", "none"): N_("🌐 Address alone"),
    ("custom", "basic"): N_("👤 User and password"),
    ("custom", "bearer"): N_("🔑 Token (Bearer)"),
    ("custom", "header"): N_("🏷 Key in a header"),
    ("custom", "oauth"): N_("🔐 OAuth2"),
    ("onec", "odata"): N_("🔑 OData interface (simplest)"),
    ("onec", "service"): N_("🔗 HTTP service of our own"),
    ("onec", "oauth"): N_("🔐 OAuth2"),
    ("iiko", "login"): N_("🔑 API login (simplest)"),
    ("iiko", "key"): N_("🔐 API key and application"),
}
WAY_ELSE = N_("🔑 Key")

CHOOSE = {
    "espocrm": N_(
        "How shall I sign in to {title}?\n\n🔑 <b>API key</b>: one key, a minute of work.\n🔏 <b>HMAC</b>: "
        "each request is signed, and the secret never travels."
    ),
    "bitrix24": N_(
        "How shall I sign in to {title}?\n\n🔗 <b>Inbound webhook</b>: you copy one address, a minute of "
        "work. Changes made in Bitrix24 reach me after one more step by hand.\n🔐 <b>Local application</b>: "
        "you log in by a button, and changes reach me by themselves."
    ),
    "amocrm": N_(
        "How shall I sign in to {title}?\n\n🔑 <b>Long-lived token</b>: you copy one token and renew it "
        "before it ends.\n🔐 <b>OAuth</b>: you log in by a button, and I renew the keys myself."
    ),
}
CHOOSE_ELSE = N_("How shall I sign in to {title}?")

_GONE = N_("I take your message out of the chat at once and keep it encrypted.")

ASKED: Mapping[tuple[str, str], str] = {
    ("", "url"): N_("🌐 The address of your {title}, for example https://crm.example.com"),
    ("bitrix24", "url"): N_(
        "🌐 The address of your {title} portal, as it stands in the browser, for example "
        "https://acme.bitrix24.com"
    ),
    ("amocrm", "url"): N_(
        "🌐 The address of your {title} account, as it stands in the browser, for example "
        "https://acme.amocrm.ru"
    ),
    ("retailcrm", "url"): N_(
        "🌐 The address of your {title}, as it stands in the browser, for example https://acme.retailcrm.ru"
    ),
    ("twenty", "url"): N_(
        "🌐 The address of your {title} workspace, as it stands in the browser, for example "
        "https://acme.twenty.com"
    ),
    ("", "api_key"): N_("🔑 The API key of your {title}."),
    ("espocrm", "api_key"): N_(
        "🔑 The API key of your {title}.\n\nYou find it in {title} under <b>Administration → API Users</b>: "
        "create a user with the method “API Key” (or “HMAC”) and a role that may create, read and edit all "
        "leads. Example: <code>9f86d081884c7d659a2feaa0c55ad015</code>"
    ),
    ("espocrm", "secret"): N_(
        "🔏 The secret of the API user.\n\nYou find it under <b>Administration → API Users</b> beside the "
        "key of a user with the method “HMAC”."
    ),
    ("bitrix24", "api_key"): N_(
        "🔗 The address of the inbound webhook.\n\nIn {title}: <b>Developer resources → Other → Inbound "
        "webhook</b>. Best as an administrator; tick <b>CRM (crm)</b> and <b>Users (user)</b>, save, and "
        "copy the whole address. Example: <code>https://acme.bitrix24.com/rest/1/a1b2c3d4e5f6/</code>"
    ),
    ("bitrix24", "client_id"): N_(
        "🆔 The application's id (client_id).\n\nIn {title}: <b>Developer resources → Other → Local "
        "application</b>, type “Server”, rights <b>CRM (crm)</b> and <b>Users (user)</b>.{redirect} Save it "
        "and copy the id. Example: <code>local.5f3a8c1d9e2b47.12345678</code>"
    ),
    ("bitrix24", "client_secret"): N_(
        "🔏 The application's key (client_secret): it stands below the id on the same page."
    ),
    ("bitrix24", "application_token"): N_(
        "🔏 The application token of the outgoing webhook.\n\nIn {title}: <b>Developer resources → Other → "
        "Outgoing webhook</b>; it is shown there as soon as the webhook is saved."
    ),
    ("bitrix24", "entity"): N_("⚙️ What my leads become in {title}: lead or deal (for a CRM without leads)."),
    ("amocrm", "api_key"): N_(
        "🔑 The long-lived token.\n\nIn {title} as an administrator: <b>amoMarket → ⋮ → Create integration → "
        "External integration</b>, allow access to the account's data, then the tab <b>Keys and scopes → "
        "Generate long-lived token</b>. It is shown once and is very long: copy all of it."
    ),
    ("amocrm", "client_id"): N_(
        "🆔 The integration's id.\n\nIn {title} as an administrator: <b>amoMarket → ⋮ → Create integration → "
        "External integration</b>.{redirect} Allow access to the account's data, save, and copy the id from "
        "the tab <b>Keys and scopes</b>. Example: <code>f1c2a3b4-5d6e-4f70-8a9b-0c1d2e3f4a5b</code>"
    ),
    ("amocrm", "client_secret"): N_("🔏 The integration's secret key: it stands on the same tab."),
    ("amocrm", "redirect_uri"): N_(
        "↩️ The redirect address that you gave to the integration, exactly as it stands there. Example: "
        "<code>https://example.com/</code>"
    ),
    ("retailcrm", "api_key"): N_(
        "🔑 The API key of your {title}.\n\nIn {title}: <b>Settings → Integration → API access keys → "
        "Add</b>. Allow reading and writing of orders and customers, reading of references, custom fields "
        "and users. Example: <code>hGf8sLq2vNpX0aZc7RtYbEuKd4WmJi1o</code>"
    ),
    ("retailcrm", "site"): N_(
        "🏬 The code of the shop that leads go to (<b>Settings → Shops</b>), for example: main\n\nPress Skip "
        "when your key sees one shop only."
    ),
    ("retailcrm", "webhook_secret"): N_(
        "🔏 A word of your own: put it into the trigger as the parameter <code>secret</code>, and I believe "
        "no call without it. At least 16 Latin letters and digits."
    ),
    ("yclients", "partner_token"): N_(
        "🔑 The partner token.\n\nIn your account for developers on the page of the YCLIENTS marketplace "
        "(<b>yclients.com/appstore/developers</b>) under the account's settings. It is one for all branches."
    ),
    ("yclients", "user_token"): N_(
        "🔑 The user token of somebody who manages the branch and may see visits, finances and clients' "
        "phones. It ends when that person's password is changed."
    ),
    ("yclients", "company"): N_(
        "🏬 The number of the branch: it stands in the address of its pages, as in "
        "<code>yclients.com/timetable/4102</code>"
    ),
    ("iiko", "api_login"): N_(
        "🔑 The API login.\n\nIn iikoWeb: <b>Cloud API settings</b>, add or choose an integration with your "
        "restaurants, and copy its login. Example: <code>a1b2c3d4-e5f</code>"
    ),
    ("iiko", "api_key"): N_(
        "🔑 The API key of your restaurant.\n\nIn iikoWeb: <b>Integrations → API keys</b>."
    ),
    ("iiko", "app_id"): N_(
        "🆔 The id of the application that is registered in iiko's portal for developers."
    ),
    ("iiko", "client_secret"): N_("🔏 The secret of that application. It is shown once."),
    ("iiko", "organizations"): N_(
        "🏬 Ids of the restaurants, separated by commas, if not all that the key sees are wanted."
    ),
    ("onec", "url"): N_(
        "🌐 The address at which your {title} is published, without /odata, for example "
        "<code>https://1c.example.com/trade</code>"
    ),
    ("onec", "login"): N_(
        "👤 The name of a user of {title} who may read sales, buyers and goods. Best is a user of its own "
        "for me."
    ),
    ("onec", "password"): N_("🔏 The password of that user."),
    ("onec", "service"): N_(
        "🔗 The path of the HTTP service below the address, for example <code>/hs/crm/v1/documents</code> or "
        "<code>/api/transactions</code>. Press Skip for the OData interface."
    ),
    ("onec", "token_url"): N_("🌐 The address of the login server that gives tokens (OAuth2)."),
    ("onec", "client_id"): N_("🆔 The id of the OAuth2 client."),
    ("onec", "client_secret"): N_("🔏 The secret of the OAuth2 client."),
    ("onec", "database"): N_("🗄 The name of the database, if the address is that of the server alone."),
    ("onec", "documents"): N_(
        "📄 The documents that are purchases, as the configurator calls them, separated by commas. Without "
        "them I take those of the usual configurations."
    ),
    ("onec", "webhook_secret"): N_(
        "🔏 A word of your own with which {title} signs what it sends. At least 16 Latin letters and digits."
    ),
    ("custom", "url"): N_(
        "🌐 The address that answers with purchases in JSON or XML, without what follows the question mark, "
        "for example <code>https://shop.example.com/api/orders</code>"
    ),
    ("custom", "login"): N_("👤 The user's name."),
    ("custom", "password"): N_("🔏 The user's password."),
    ("custom", "api_key"): N_("🔑 The key or token."),
    ("custom", "header"): N_(
        "🏷 The name of the header that bears the key, for example <code>X-API-Key</code>"
    ),
    ("custom", "token_url"): N_("🌐 The address of the login server that gives tokens (OAuth2)."),
    ("custom", "client_id"): N_("🆔 The id of the OAuth2 client."),
    ("custom", "client_secret"): N_("🔏 The secret of the OAuth2 client."),
    ("custom", "webhook_secret"): N_(
        "🔏 A word of your own with which the system signs what it sends. At least 16 Latin letters and "
        "digits."
    ),
    ("renovatio", "url"): N_(
        "🌐 The address of your {title}, for example https://app.rnova.org. Press Skip if it is this one."
    ),
    ("renovatio", "api_key"): N_(
        "🔑 The API key of your clinic. It must be allowed: getClinics, getAppointments and, for invoices, "
        "getInvoices and getPatient."
    ),
    ("renovatio", "clinic_id"): N_("🏥 The number of the clinic, if not all that the key sees are wanted."),
    ("renovatio", "read_from"): N_("🧾 What counts as a purchase: visits that took place, or invoices."),
    ("amocrm", "won_statuses"): N_(
        "🏁 Statuses that count as sold besides the won one, by number: <code>5001:43005</code>"
    ),
    ("twenty", "api_key"): N_(
        "🔑 The API key of your {title}.\n\nIn {title}: <b>Settings → APIs &amp; Webhooks → Create key</b>. "
        "Its role may see and edit opportunities, people, companies, notes and tasks, and see workspace "
        "members and the data model. The key is shown once."
    ),
}
ASKED_ELSE = N_("⚙️ {title}: please send “{name}”.")
REDIRECT = N_(" As redirect address (handler path) enter <code>{address}</code>.")

NAMES = {
    "url": N_("Address"),
    "api_key": N_("Key"),
    "secret": N_("Secret"),
    "client_id": N_("Application id"),
    "client_secret": N_("Application key"),
    "redirect_uri": N_("Redirect address"),
    "application_token": N_("Webhook token"),
    "webhook_secret": N_("Trigger's word"),
    "site": N_("Shop"),
    "login": N_("User"),
    "password": N_("Password"),
    "token_url": N_("Login server"),
    "header": N_("Header"),
    "service": N_("HTTP service"),
    "database": N_("Database"),
    "documents": N_("Documents"),
    "clinic_id": N_("Clinic"),
    "read_from": N_("Purchases are"),
    "won_statuses": N_("Sold at statuses"),
    "entity": N_("Leads become"),
    "partner_token": N_("Partner token"),
    "user_token": N_("User token"),
    "company": N_("Branch"),
    "api_login": N_("API login"),
    "app_id": N_("Application id"),
    "organizations": N_("Restaurants"),
}


def way_label(provider: str, way: str) -> str:
    return _(WAYS.get((provider, way), WAY_ELSE))


def choose_text(provider: str, title: str) -> str:
    """The question which way to sign in; HTML."""
    return _(CHOOSE.get(provider, CHOOSE_ELSE)).format(title=title)


def ask_text(provider: str, name: str, title: str, *, secret: bool, redirect: str = "") -> str:
    """The question for one setting; HTML. `title` is safe in it, `redirect` our address to enter there."""
    text = ASKED.get((provider, name)) or ASKED.get(("", name)) or ASKED_ELSE
    there = _(REDIRECT).format(address=redirect) if redirect else ""
    words = _(text).format(title=title, name=name, redirect=there)
    return f"{words}\n\n{_(_GONE)}" if secret else words


def setting_name(name: str) -> str:
    """A setting in a word or two; plain text."""
    return _(NAMES[name]) if name in NAMES else name
