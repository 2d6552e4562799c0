"""The settings of a connection: read, checked, split into what is shown and what is sealed. Pure."""

import hashlib
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from crm_adapters import PROVIDERS
from crm_adapters.base import Manifest, Provider, Way
from domain.errors import BadInput, CrmUnsupported
from storage.delivery.integrations import Integration

ONLY_WAY = "all"
TOKEN = "refresh_token"  # noqa: S105 - a setting's name
PENDING = "pending"
"""Stands for the token that a login is still to bring, while the other settings are checked."""

PLACE = frozenset({"zone", "region", "currency"})
"""Settings that say where the business is, and not which account is meant."""

WITHIN = ("site", "company", "clinic_id", "organization", "database", "account")
"""Settings that tell apart what one address holds: shops, branches, databases."""

DEFAULT_PORTS = {"http": 80, "https": 443}


def kind_of(provider: str) -> Provider:
    """Everything known of a provider. Raises CrmUnsupported."""
    if provider not in PROVIDERS:
        raise CrmUnsupported("unknown provider")
    return PROVIDERS[provider]


def ways_of(manifest: Manifest) -> tuple[Way, ...]:
    """The ways to sign in; the one of all settings, what is required first, where none is declared."""
    if manifest.ways:
        return manifest.ways
    ordered = sorted(manifest.settings, key=lambda one: not one.required)
    return (Way(ONLY_WAY, tuple(one.name for one in ordered)),)


def way_of(manifest: Manifest, names: Sequence[str]) -> Way:
    """The way that settings of these names are of: most of its own among them, the fewest missing."""
    given = set(names)

    def fits(way: Way) -> tuple[int, int]:
        return len(given & set(way.settings)), -len(set(way.settings) - given)

    return max(ways_of(manifest), key=fits)


def read_settings(provider: str, settings: Mapping[str, str]) -> dict[str, str]:
    """The settings that the provider knows, without empty ones, the address as short as it can be.
    Raises BadInput, CrmUnsupported."""
    kind = kind_of(provider)
    given = _known(kind, settings)
    kind.check_settings(given)
    return _addressed(kind, given)


def read_before_login(provider: str, settings: Mapping[str, str]) -> dict[str, str]:
    """The same for settings that lack what the login will bring."""
    kind = kind_of(provider)
    given = _known(kind, settings)
    kind.check_settings({**given, TOKEN: PENDING})
    return _addressed(kind, given)


def _known(kind: Provider, settings: Mapping[str, str]) -> dict[str, str]:
    place = sorted(PLACE) if "transactions" in kind.manifest.serves else ()
    known = [*(one.name for one in kind.manifest.settings), *place]
    given = {name: settings[name].strip() for name in known if settings.get(name, "").strip()}
    return dict(kind.completed(given))


def _addressed(kind: Provider, given: dict[str, str]) -> dict[str, str]:
    return {**given, "url": kind.address(given["url"])} if given.get("url") else given


def read_address(provider: str, typed: str) -> str:
    """The account's address in whatever was typed. Raises BadInput("url", reason)."""
    kind = kind_of(provider)
    url = typed.strip()
    url = url if "://" in url else f"https://{url}"
    if not urlsplit(url).hostname:
        raise BadInput("url", "invalid")
    try:
        kind.check_settings({"url": url})
    except BadInput as error:
        # what else is missing will be asked for
        if error.field == "url":
            raise
    return kind.address(url)


def split(provider: str, given: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """(what is shown to admins, what is sealed)."""
    secret = {one.name for one in kind_of(provider).manifest.settings if one.secret}
    shown = {name: value for name, value in given.items() if name not in secret}
    return shown, {name: value for name, value in given.items() if name in secret}


def account_of(provider: str, settings: Mapping[str, str]) -> str:
    """What two connections with the same account have in common: provider, address, shop. The settings of a
    provider without an address are the account."""
    kind = kind_of(provider)
    url = settings.get("url", "")
    if not url:
        named = sorted(settings.keys() - PLACE)
        return "\n".join([provider, *(f"{name}={settings[name]}" for name in named)])
    parts = urlsplit(kind.address(url))
    try:
        port = parts.port
    except ValueError:
        port = None
    place = f"{(parts.hostname or '').rstrip('.')}:{port or DEFAULT_PORTS.get(parts.scheme, 0)}"
    place = place.removesuffix(":80").removesuffix(":443")
    within = [settings[name] for name in WITHIN if settings.get(name)]
    return "\n".join([provider, place, parts.path.rstrip("/"), *(within or [""])])


def account_mark(provider: str, settings: Mapping[str, str]) -> str:
    """The same of two connections with one account, and nothing that tells which account it is."""
    told = account_of(provider, split(provider, settings)[0])
    return hashlib.sha256(told.encode()).hexdigest()[:32]


def same_account(
    every: Sequence[Integration], provider: str, settings: Mapping[str, str]
) -> Integration | None:
    """An earlier connection with the account of `settings`, whose links still hold."""
    shown = split(provider, settings)[0]
    wanted = account_of(provider, shown)
    same = (row for row in every if row.provider == provider)
    return next((row for row in same if account_of(provider, row.settings) == wanted), None)


def seeded(provider: str, url: str, api_key: str, secret: str) -> dict[str, str]:
    """The operator's CRM_URL, CRM_API_KEY and CRM_SECRET as settings of the provider."""
    name = kind_of(provider).manifest.seeded_secret
    return {"url": url, "api_key": api_key, **({name: secret} if name else {})}
