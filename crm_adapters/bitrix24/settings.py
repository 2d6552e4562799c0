"""What an admin pastes: the portal's address, and an inbound webhook or the keys of an application."""

import re
from collections.abc import Mapping

import httpx

from crm_adapters.base import Setting, Way
from crm_adapters.egress import check_url
from domain.errors import BadInput

LEAD, DEAL = "lead", "deal"
SETTINGS = (
    Setting("url"),
    Setting("api_key", secret=True, required=False),
    Setting("client_id", required=False),
    Setting("client_secret", secret=True, required=False),
    Setting("refresh_token", secret=True, required=False),
    Setting("access_token", secret=True, required=False),
    Setting("application_token", secret=True, required=False),
    Setting("oauth_url", required=False),
    Setting("entity", required=False),
)

WAYS = (
    Way("hook", ("api_key",)),
    Way("app", ("url", "client_id", "client_secret"), login=True),
)

# Portals of the Russian region renew their tokens at a host of their own; so both official SDKs do.
_EAST = (".bitrix24.ru", ".bitrix24.by", ".bitrix24.kz", ".bitrix24.tech")
EAST_OAUTH, WORLD_OAUTH = "https://oauth.bitrix24.tech", "https://oauth.bitrix.info"
_HOOK = re.compile(
    r"(?:(?P<site>https?://[^/\s]+)/rest/)?(?P<user>\d{1,18})/(?P<code>[A-Za-z0-9]{6,128})(?:/.*)?"
)
_OF_APP = ("client_id", "client_secret", "refresh_token")


def portal_of(url: str) -> str:
    """scheme://host of the portal, from whatever page of it people copy."""
    parsed = httpx.URL(url.strip())
    return f"{parsed.scheme}://{parsed.netloc.decode('ascii')}"


def completed(settings: Mapping[str, str]) -> Mapping[str, str]:
    """With the portal's address out of the inbound webhook's, which holds it."""
    found = _HOOK.fullmatch(settings.get("api_key", "").strip())
    if settings.get("url") or found is None or not found["site"]:
        return dict(settings)
    return {**settings, "url": portal_of(found["site"])}


def hook_of(api_key: str) -> tuple[str, str]:
    """(user, code) of an inbound webhook: its whole address, or `user/code`. Raises BadInput."""
    found = _HOOK.fullmatch(api_key.strip())
    if found is None:
        raise BadInput("api_key", "invalid")
    return found["user"], found["code"]


def oauth_of(settings: Mapping[str, str]) -> str:
    """The server where tokens are renewed."""
    if settings.get("oauth_url"):
        return settings["oauth_url"].strip().rstrip("/")
    return EAST_OAUTH if httpx.URL(portal_of(settings["url"])).host.endswith(_EAST) else WORLD_OAUTH


def entity_of(settings: Mapping[str, str]) -> str:
    """What a lead of ours is there: `lead`, or `deal` on portals without leads."""
    return settings.get("entity", "").strip().casefold() or LEAD


def check_settings(settings: Mapping[str, str]) -> None:
    """Raise BadInput for the first setting that cannot be right."""
    url = settings.get("url", "").strip().partition("#")[0].partition("?")[0]
    check_url(url)
    if "/rest/" in url:
        # The address of a webhook is a secret; `url` is shown and kept in clear.
        raise BadInput("url", "has_key")
    if settings.get("api_key"):
        _check_hook(settings["api_key"], url)
    elif any(settings.get(name) for name in _OF_APP):
        _check_app(settings)
    else:
        raise BadInput("api_key", "required")
    for name, value in settings.items():
        if not value.isascii() or not value.isprintable():
            raise BadInput(name, "invalid")
    if entity_of(settings) not in (LEAD, DEAL):
        raise BadInput("entity", "invalid")


def _check_hook(api_key: str, url: str) -> None:
    hook_of(api_key)
    found = _HOOK.fullmatch(api_key.strip())
    if found is not None and found["site"] and portal_of(found["site"]) != portal_of(url):
        raise BadInput("api_key", "other_portal")


def _check_app(settings: Mapping[str, str]) -> None:
    for name in _OF_APP:
        if not settings.get(name):
            raise BadInput(name, "required")
    if settings.get("oauth_url"):
        check_url(settings["oauth_url"].strip())
