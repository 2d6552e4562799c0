"""What an admin gives to connect: the account's address, and a long-lived token or an OAuth integration."""

import re
from collections.abc import Mapping

import httpx

from crm_adapters.base import Setting, Way
from crm_adapters.egress import check_url
from domain.errors import BadInput

SETTINGS = (
    Setting("url"),
    Setting("api_key", secret=True, required=False),
    Setting("client_id", required=False),
    Setting("client_secret", secret=True, required=False),
    Setting("redirect_uri", required=False),
    Setting("auth_code", secret=True, required=False),
    Setting("refresh_token", secret=True, required=False),
    Setting("access_token", secret=True, required=False),
    Setting("expires_at", secret=True, required=False),
    Setting("won_statuses", required=False),
)
WAYS = (
    Way("token", ("url", "api_key")),
    Way("oauth", ("url", "client_id", "client_secret", "redirect_uri"), login=True),
)
_STATUSES = re.compile(r"\s*\d{1,12}(?::\d{1,12})?(?:\s*,\s*\d{1,12}(?::\d{1,12})?){0,49}\s*", re.ASCII)
OAUTH = ("client_id", "client_secret", "redirect_uri")


def account_of(url: str) -> str:
    """The account's address from whatever people copy out of the browser: scheme and host, no path."""
    text = url.strip()
    try:
        parsed = httpx.URL(text)
    except httpx.InvalidURL:
        return text
    if parsed.scheme not in ("http", "https") or "@" in text:
        return text
    return f"{parsed.scheme}://{parsed.netloc.decode('ascii')}"


def check_settings(settings: Mapping[str, str]) -> None:
    """Raise BadInput for the first setting that cannot be right.

    Needed are `url` and either `api_key` or all of OAuth: client_id, client_secret, redirect_uri, and a
    refresh_token or a fresh auth_code.
    """
    check_url(account_of(settings.get("url", "")))
    for setting in SETTINGS[1:-1]:
        value = settings.get(setting.name, "")
        if not value.isascii() or not value.isprintable() or " " in value:
            raise BadInput(setting.name, "invalid")
    if settings.get("won_statuses") and not _STATUSES.fullmatch(settings["won_statuses"]):
        raise BadInput("won_statuses", "invalid")
    if settings.get("api_key"):
        return
    if not any(settings.get(name) for name in OAUTH):
        raise BadInput("api_key", "required")
    for name in OAUTH:
        if not settings.get(name):
            raise BadInput(name, "required")
    if not settings.get("refresh_token") and not settings.get("auth_code"):
        raise BadInput("auth_code", "required")
