"""What an owner gives to connect a base of 1C: its publication, a user or an OAuth2 client, and what to read.

With `service` the base's own HTTP service is asked, without it the standard OData interface.
"""

import re
from collections.abc import Mapping

from crm_adapters.base import Setting, Way
from crm_adapters.egress import check_url
from crm_adapters.purchase_values import own_of
from domain.errors import BadInput

ODATA = "/odata/standard.odata"
SETTINGS = (
    Setting("url"),
    Setting("login", required=False),
    Setting("password", secret=True, required=False),
    Setting("client_id", required=False),
    Setting("client_secret", secret=True, required=False),
    Setting("token_url", required=False),
    Setting("service", required=False),
    Setting("database", required=False),
    Setting("documents", required=False),
    Setting("webhook_secret", secret=True, required=False),
)
WAYS = (
    Way("odata", ("url", "login", "password")),
    Way("service", ("url", "service", "login", "password")),
    Way("oauth", ("url", "service", "token_url", "client_id", "client_secret")),
)
EXTRAS = ("database", "documents", "webhook_secret")

_PATH = re.compile(r"(?:/[\w.~%-]{1,80}){1,12}")
_DATABASE = re.compile(r"[\w.~%-]{1,80}")


def publication_of(url: str) -> str:
    """The publication's address from any address below it that people copy."""
    text = url.strip().partition("?")[0].rstrip("/")
    return text.partition(ODATA)[0].rstrip("/")


def root_of(settings: Mapping[str, str]) -> str:
    """The publication with its database, where that is given apart."""
    database = settings.get("database", "").strip("/ ")
    return publication_of(settings["url"]) + (f"/{database}" if database else "")


def service_of(settings: Mapping[str, str]) -> str:
    """The path of the HTTP service below the publication, empty for OData."""
    path = settings.get("service", "").strip().rstrip("/")
    return path if not path or path.startswith("/") else f"/{path}"


def chosen_documents(settings: Mapping[str, str]) -> tuple[str, ...]:
    """The documents that the owner names, with the prefix that they have in OData."""
    names = [name for part in settings.get("documents", "").split(",") if (name := part.strip())]
    return tuple(name if name.startswith("Document_") else f"Document_{name}" for name in names)


def check_settings(settings: Mapping[str, str]) -> None:
    """Raise BadInput for the first setting that cannot be right. Needed are url, and either login (a
    password may be empty) or all of token_url, client_id and client_secret. A login may be in any script."""
    check_url(publication_of(settings.get("url", "")))
    if service_of(settings) and not _PATH.fullmatch(service_of(settings)):
        raise BadInput("service", "invalid")
    if settings.get("database") and not _DATABASE.fullmatch(settings["database"].strip("/ ")):
        raise BadInput("database", "invalid")
    for name in chosen_documents(settings):
        if not name.isidentifier():
            raise BadInput("documents", "invalid")
    _check_keys(settings)
    own_of(settings)


def _check_keys(settings: Mapping[str, str]) -> None:
    if ":" in settings.get("login", "") or not settings.get("login", "").isprintable():
        raise BadInput("login", "invalid")
    if not settings.get("password", "").isprintable():
        raise BadInput("password", "invalid")
    if settings.get("login"):
        return
    if not settings.get("token_url"):
        raise BadInput("login", "required")
    try:
        check_url(settings["token_url"])
    except BadInput:
        raise BadInput("token_url", "invalid") from None
    if not settings.get("client_id"):
        raise BadInput("client_id", "required")
    if not settings.get("client_secret"):
        raise BadInput("client_secret", "required")
    for name, value in settings.items():
        if name in ("client_id", "client_secret", "webhook_secret") and not value.isascii():
            raise BadInput(name, "invalid")
